"""The table of crash points: a run killed at any of its steps, and what the next ones do.

Every write to the store and every request to the service is a point, before and after it.
"""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from batching import Laboratory, described
from support import write_invoices

from emulators.gemini import GeminiEndpoint
from sluicegate.batch.connect import BatchSettings

_DOCUMENTS = 3  # in two shards


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Killer:
    """Counts points and kills at one of them."""

    def __init__(self, at: int = -1) -> None:
        self.at, self.points = at, list[str]()

    def pass_by(self, name: str) -> None:
        """Go past a point, or end here."""
        self.points.append(name)
        if len(self.points) - 1 == self.at:
            raise Killed(name)


class Watched:
    """Something whose steps are points, before and after each."""

    def __init__(self, inner: Any, killer: Killer, names: tuple[str, ...]) -> None:
        self._inner, self._killer, self._names = inner, killer, names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._names:
            return found

        def step(*arguments: Any, **more: Any) -> Any:
            said = f"{name} {_brief(arguments)}"
            self._killer.pass_by(f"before {said}")
            returned = found(*arguments, **more)
            self._killer.pass_by(f"after {said}")
            return returned

        return step


def _brief(arguments: tuple[Any, ...]) -> str:
    return str(arguments[0]).rpartition("/")[2][:40] if arguments else ""


def wrapped(killer: Killer) -> dict[str, Callable[[Any], Any]]:
    """Return how a laboratory's run passes the killer."""
    return {
        "wrap_store": lambda store: Watched(store, killer, ("write", "write_if")),
        "wrap_service": lambda service: Watched(
            service, killer, ("send_input", "create", "get", "find", "results")
        ),
    }


@pytest.fixture
def laboratory(tmp_path: Path, endpoint: GeminiEndpoint, api_key: str) -> Callable[[], Laboratory]:
    """Return what makes a laboratory with a journal of its own, and counts from nothing."""
    documents = described(write_invoices(tmp_path / "in", _DOCUMENTS))
    numbers = count(1)

    def make() -> Laboratory:
        endpoint.reset()
        settings = BatchSettings(canary=0, most_documents=2)
        return Laboratory(tmp_path / f"lab-{next(numbers)}", endpoint, documents, settings)

    return make


def kill_and_go_on(
    laboratory: Laboratory, at: int, run: int, every: float = 20.0
) -> tuple[str, list[str]]:
    """Kill the given run of a life at a point; return its name, and warnings of the later runs."""
    warnings: list[str] = []
    name, done = "", False
    for number in range(14):
        laboratory.minutes += every
        killer = Killer(at if number == run else -1)
        try:
            ran = laboratory.run(**wrapped(killer))
        except Killed as killed:
            name = str(killed)
            laboratory.settle()
            continue
        laboratory.settle()
        warnings += ran.warnings
        done = not ran.waiting
        if done and number > run:
            assert ran.answered == {document.uri for document in laboratory.documents}
            return name, warnings
    raise AssertionError(f"no end after 14 runs; killed at {name!r}")


def points_of(laboratory: Laboratory, run: int) -> list[str]:
    """Return the points of the given run of a life that nothing disturbs."""
    for _ in range(run + 1):
        laboratory.minutes += 20
        killer = Killer()
        laboratory.run(**wrapped(killer))
        laboratory.settle()
    return killer.points


@pytest.mark.parametrize("run", [0, 1], ids=["while jobs are created", "while they are collected"])
def test_a_run_killed_at_any_point_goes_on_and_pays_once(
    laboratory: Callable[[], Laboratory], run: int
) -> None:
    """No answer is bought twice, whatever the moment; every document is answered."""
    names = points_of(laboratory(), run)
    assert len(names) > 10
    for at, expected in enumerate(names):
        lab = laboratory()
        name, _ = kill_and_go_on(lab, at, run)
        assert name.split()[:2] == expected.split()[:2]  # jobs' names are drawn
        paid = lab.paid()
        assert len(paid) == _DOCUMENTS, name
        assert set(paid.values()) == {1}, name
