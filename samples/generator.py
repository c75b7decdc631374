"""Samples by number: the same seed and index always give the same document."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from samples.boxes import Boxes
from samples.plan import FORMATS, draw_plan, make

_CHUNK = 50  # documents handed to a process at a time


@dataclass(frozen=True, slots=True)
class Sample:
    """A document: its name, its bytes, what is true of it, where it is printed (plan.make)."""

    name: str
    data: bytes
    truth: dict[str, Any]
    boxes: Boxes


def generate(
    seed: int,
    index: int,
    *,
    formats: Sequence[str] = FORMATS,
    broken: float = 0.0,
    small: bool = False,
) -> Sample:
    """Return sample number `index` of a seed; below a million, no two share an invoice number.

    `formats` are some of FORMATS, `broken` the share of flawed files from 0 to 1, `small` asks for
    a few kilobytes a PDF. Raises ValueError for a format that is none or a share out of range.
    """
    unknown = set(formats) - set(FORMATS)
    if unknown or not formats:
        named = ", ".join(sorted(unknown)) or "none"
        raise ValueError(f"unknown formats: {named}; choose from {', '.join(FORMATS)}")
    if not 0 <= broken <= 1:
        raise ValueError(f"the share of broken files is {broken}; it lies between 0 and 1")
    # A string seed is hashed by SHA-512, alike in every process and on every machine.
    rng = Random(f"{seed}/{index}")
    plan = draw_plan(rng, formats=formats, broken=broken, small=small)
    data, truth, boxes = make(plan, rng, index)
    name = f"document-{index:06}.{plan.suffix}"
    return Sample(name, data, {"file": name, **truth}, boxes)


def write(
    out: Path,
    count: int,
    *,
    seed: int = 0,
    first: int = 0,
    formats: Sequence[str] = FORMATS,
    broken: float = 0.0,
    small: bool = False,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Counter[str]:
    """Write samples `first` to `first + count - 1` and `truth.jsonl` into a folder.

    Documents are written as they are made, by `jobs` processes; `progress` is told how many there
    are so far. Returns how many there are of each expectation. Raises ValueError as generate does.
    """
    out.mkdir(parents=True, exist_ok=True)
    make_one = partial(
        _write_one, out=out, seed=seed, formats=tuple(formats), broken=broken, small=small
    )
    tally: Counter[str] = Counter()
    with ExitStack() as stack:
        truths = stack.enter_context((out / "truth.jsonl").open("w", encoding="utf-8"))
        numbers = range(first, first + count)
        made: Iterator[dict[str, Any]] = map(make_one, numbers)
        if jobs > 1:
            pool = stack.enter_context(get_context("spawn").Pool(jobs))
            made = pool.imap(make_one, numbers, chunksize=_CHUNK)
        for done, truth in enumerate(made, start=1):
            truths.write(as_line(truth))
            tally[truth["expect"]] += 1
            if progress:
                progress(done)
    return tally


def as_line(truth: dict[str, Any]) -> str:
    """Return a truth as one line of JSON."""
    return json.dumps(truth, ensure_ascii=False) + "\n"


def _write_one(
    index: int, *, out: Path, seed: int, formats: tuple[str, ...], broken: float, small: bool
) -> dict[str, Any]:
    sample = generate(seed, index, formats=formats, broken=broken, small=small)
    (out / sample.name).write_bytes(sample.data)
    return sample.truth
