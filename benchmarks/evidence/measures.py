"""What is measured: values located, values altered, doubt. Sums, and what they come to."""

import datetime as dt
import math
import pickle
import re
import time
from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks.evidence.model_errors import KINDS, USUAL, changed
from benchmarks.evidence.truth import Known, is_right
from sluicegate.document_types.invoice import INVOICE
from sluicegate.evaluation.shares import share
from sluicegate.evidence.evidence import Evidence
from sluicegate.evidence.locate import locate

_POSITION = re.compile(r"\[\d+\]")
_CALLED_EXACT = ("exact", "exact_many")
_TIMES = 5  # that each document is timed; others work on the machine too
# Altered in one document: every value of the header, and so many of its lines' values.
_ALTERED = 6
# Of a stream of documents, so many have an error; which one is drawn.
_WITH_ERROR = 0.3


@dataclass(slots=True)
class Located:
    """Values whose place is known, and how many were located there."""

    right: Counter[str] = field(default_factory=Counter)  # by field
    all: Counter[str] = field(default_factory=Counter)
    given: int = 0  # boxes that were given
    pages_right: int = 0
    pages: int = 0
    seconds: float = 0.0

    def add(self, known: Known) -> None:
        """Locate the right values of a document."""
        self.seconds += _seconds(known)
        found = {each.field: each for each in locate(known.values, known.pages, INVOICE)}
        self.pages += len(known.pages)
        for path, boxes in known.boxes.items():
            name = _POSITION.sub("", path)
            evidence = found.get(path)
            self.all[name] += 1
            if evidence is not None and evidence.x0 is not None:
                self.given += 1
                self.right[name] += is_right(_box(evidence), evidence.page, boxes)
                self.pages_right += any(box.page == evidence.page for box in boxes)

    def report(self) -> dict[str, Any]:
        """Return shares: right boxes, word F1 at IoU .5, pages, CPU."""
        right, total = self.right.total(), self.all.total()
        return {
            "right": share(right, total),
            "word_f1": round(2 * right / (self.given + total), 4) if total else None,
            "page": share(self.pages_right, total),
            "cpu_ms_per_page": round(1000 * self.seconds / max(self.pages, 1), 2),
            "fields": {name: share(self.right[name], count) for name, count in self.all.items()},
        }


def _seconds(known: Known) -> float:
    """Return the CPU of locating a document's values, the least of some times on fresh pages."""
    fresh = pickle.dumps(known.pages)  # what is worked out of a page is kept in it
    least = math.inf
    for _ in range(_TIMES):
        pages = pickle.loads(fresh)
        begun = time.process_time()
        locate(known.values, pages, INVOICE)
        least = min(least, time.process_time() - begun)
    return least


@dataclass(slots=True)
class Altered:
    """Values with one digit or letter changed, and how many were called exact all the same."""

    values: int = 0
    exact: int = 0  # called exact, and printed nowhere
    elsewhere: int = 0  # called exact, and printed: what the change makes is another value there
    examples: list[str] = field(default_factory=list)

    def add(self, known: Known, rng: Random) -> None:
        """Alter some values of a document, one at a time."""
        paths = [path for path in known.values if path != "line_items"]
        lines = [
            f"line_items[{number}].{name}"
            for number, item in enumerate(known.values["line_items"])
            for name in item
        ]
        for path in (*paths, *rng.sample(lines, min(_ALTERED, len(lines)))):
            values = deepcopy(known.values)
            holder, name = _holder(values, path)
            new = changed(holder[name], rng)
            if new is None:
                continue
            holder[name] = new
            self.values += 1
            evidence = next(e for e in locate(values, known.pages, INVOICE) if e.field == path)
            if evidence.found in _CALLED_EXACT:
                printed = _printed(new, str(evidence.text))
                self.elsewhere += printed
                self.exact += not printed
                if not printed:
                    self.examples.append(f"{known.name} {path}: {new} as {evidence.text!r}")

    def report(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "values": self.values,
            "called_exact": self.exact,
            "printed_elsewhere": self.elsewhere,
            "examples": self.examples[:5],
        }


def _holder(values: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    listed, _, name = path.partition(".")
    if not name:
        return values, path
    return values["line_items"][int(listed[len("line_items[") : -1])], name


def _printed(value: object, text: str) -> bool:
    """Tell whether a text has the digits or letters of a value: then the page does print it."""
    if isinstance(value, str):
        return _plain(value) == _plain(text)
    digits = re.sub(r"\D", "", text)
    if isinstance(value, dt.date):
        return str(value.day) in digits and f"{value.year % 100:02}" in digits
    return re.sub(r"\D", "", str(value)).strip("0") == digits.strip("0")


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@dataclass(slots=True)
class Doubted:
    """Errors put into rows, and how many of the wrong values were flagged."""

    wrong: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)  # documents with any flag
    stream: Counter[str] = field(default_factory=Counter)

    def add(self, known: Known, seed: str) -> None:
        """Put an error of each kind into the document, and one or none into the stream's."""
        for kind in KINDS:
            self._enter(known, kind, Random(f"{seed}/{kind}"), into_stream=False)
        rng = Random(f"{seed}/stream")
        kind = rng.choice(USUAL) if rng.random() < _WITH_ERROR else ""
        self._enter(known, kind, rng, into_stream=True)

    def _enter(self, known: Known, kind: str, rng: Random, *, into_stream: bool) -> None:
        error = KINDS[kind](known, rng) if kind else None
        if error is None and not into_stream:
            return
        values = error.values if error else known.values
        found = locate(values, known.pages, INVOICE)
        doubtful = {each.field for each in found if each.doubt}
        fields, missing = (error.fields, error.missing) if error else (frozenset[str](), 0)
        hit = len(fields & doubtful) + (missing if "line_items" in doubtful else 0)
        if into_stream:
            # What is missing from a list is flagged with its list, and counted as so many values.
            extra = missing if "line_items" in doubtful else 0
            lists = "line_items" in doubtful and not missing
            flagged = len(doubtful - {"line_items"}) + extra + lists
            self.stream.update(
                all=sum(each.found != "unread" for each in found if each.field != "line_items")
                + missing,
                flagged=flagged,
                wrong=len(fields) + missing,
                wrong_flagged=hit,
            )
        else:
            self.documents[kind] += 1
            self.seen[kind] += bool(doubtful)
            self.wrong[kind] += len(fields) + missing
            self.flagged[kind] += hit

    def report(self) -> dict[str, Any]:
        """Return by kind and over the stream what is flagged."""
        right = self.stream["all"] - self.stream["wrong"]
        return {
            "kinds": {
                kind: {
                    "values": share(self.flagged[kind], self.wrong[kind]),
                    "documents": share(self.seen[kind], self.documents[kind]),
                }
                for kind in self.wrong
            },
            "stream": {
                "wrong_flagged": share(self.stream["wrong_flagged"], self.stream["wrong"]),
                "load": share(self.stream["flagged"], self.stream["all"]),
                "before": share(right, self.stream["all"]),
                "after": share(right + self.stream["wrong_flagged"], self.stream["all"]),
            },
        }


def located(documents: Iterable[Known]) -> dict[str, Any]:
    """Locate the right values of documents."""
    found = Located()
    for known in documents:
        found.add(known)
    return found.report()


def _box(evidence: Evidence) -> tuple[float, float, float, float] | None:
    edges = evidence.x0, evidence.y0, evidence.x1, evidence.y1
    return None if None in edges else edges  # type: ignore[return-value]
