"""Two batch runs at once on one journal, step by step in an order that a seed draws.

The lease of a journal keeps a second run away. This is what holds beneath it, where the lease was
lost: a machine that slept, a bundle that runs twice.
"""

import os
import random
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest import mock

from batching import Laboratory, Ran, described
from support import KEY, write_invoices
from torture.place import Violation

from emulators.gemini import GeminiEndpoint
from sluicegate.batch.connect import BatchSettings

_DOCUMENTS = 5
_STEPS = ("write", "write_if", "look", "read", "list", "create", "get", "find", "send_input")


def interleave(folder: Path, seeds: Iterable[int]) -> None:
    """Run over overlapping documents at once, in as many orders; raise `Violation`.

    Every second seed meets the runs while they collect what an earlier one asked for. Each document
    is asked for in one job, whoever comes first.
    """
    documents = described(write_invoices(folder / "interleaved", _DOCUMENTS))
    environment = mock.patch.dict(os.environ, GEMINI_API_KEY=KEY)
    with environment, GeminiEndpoint(reader="canned") as endpoint:
        for seed in seeds:
            endpoint.reset()
            settings = BatchSettings(canary=0, most_documents=3)
            lab = Laboratory(folder / f"lab-{seed}", endpoint, documents, settings)
            if seed % 2:
                lab.run(documents[1:3])
                lab.settle()
                lab.minutes += 1
            _both_at_once(lab, seed, [documents[:4], documents[1:]])
            lab.until_done()
            paid = list(lab.paid().values())
            if paid != [1] * _DOCUMENTS:
                raise Violation(f"seed {seed}: documents were answered {paid} times")


class Turns:
    """Lets one run at a time take its next step; which one, a seed draws."""

    def __init__(self, seed: int, runs: int) -> None:
        self._draw = random.Random(seed)
        self._changed = threading.Condition()
        self._at_work = set(range(runs))  # between two steps
        self._waiting = set[int]()
        self._turn = -1

    def step(self, run: int) -> None:
        """Wait until it is this run's turn."""
        with self._changed:
            self._at_work.discard(run)
            self._waiting.add(run)
            self._choose()
            assert self._changed.wait_for(lambda: self._turn == run, 30)
            self._turn = -1
            self._waiting.discard(run)
            self._at_work.add(run)

    def ended(self, run: int) -> None:
        """Note that a run takes no more steps."""
        with self._changed:
            self._at_work.discard(run)
            self._choose()

    def _choose(self) -> None:
        if not self._at_work and self._waiting and self._turn < 0:
            self._turn = self._draw.choice(sorted(self._waiting))
            self._changed.notify_all()


class Stepping:
    """A store or service each of whose uses is a step of a run."""

    def __init__(self, inner: Any, turns: Turns, run: int) -> None:
        self._inner, self._turns, self._run = inner, turns, run

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in _STEPS:
            return found

        def step(*arguments: Any, **more: Any) -> Any:
            self._turns.step(self._run)
            returned = found(*arguments, **more)
            return iter(list(returned)) if name == "list" else returned

        return step


def _both_at_once(lab: Laboratory, seed: int, parts: list[Any]) -> list[Ran]:
    """Run over each part of the documents at once, in an order of steps that the seed draws."""
    turns = Turns(seed, len(parts))
    ran: list[Ran | BaseException] = [Ran()] * len(parts)

    def work(number: int) -> None:
        def wrap(inner: Any) -> Stepping:
            return Stepping(inner, turns, number)

        try:
            ran[number] = lab.run(parts[number], wrap_store=wrap, wrap_service=wrap)
        except BaseException as error:  # noqa: BLE001 - raised below, on the test's thread
            ran[number] = error
        finally:
            turns.ended(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for each in ran:
        if isinstance(each, BaseException):
            raise each
    return [each for each in ran if isinstance(each, Ran)]
