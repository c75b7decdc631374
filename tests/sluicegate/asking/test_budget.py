"""The budget of a run: parts of one sum, whoever takes them."""

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.budget import RunBudget
from sluicegate.faults import JobFault
from sluicegate.storage import Changed, StoreError, Unavailable, store_for

LIMIT = Decimal(10)


def budget(folder: Path, sharers: int = 1, run_id: str = "r", limit: Decimal = LIMIT) -> RunBudget:
    """Return one process's view of a budget."""
    return RunBudget(store_for(str(folder)), str(folder), run_id, limit, sharers)


def test_parts_shrink_as_less_is_left(tmp_path: Path) -> None:
    """A quarter of the rest, by the processes; at least what is needed, nothing beyond the sum."""
    mine = budget(tmp_path, sharers=2)
    taken = [mine.take(Decimal("0.1")) for _ in range(3)]
    assert [each.usd for each in taken] == [
        Decimal("1.25"),
        Decimal("1.09375"),
        Decimal("0.95703125"),
    ]
    assert taken[-1].left_usd == mine.left() == LIMIT - sum(each.usd for each in taken)
    assert mine.take(Decimal(4)).usd == 4
    before = mine.left()
    nothing = mine.take(Decimal(3))
    assert (nothing.usd, nothing.left_usd) == (0, before)


def test_what_is_created_as_a_whole_takes_just_that(tmp_path: Path) -> None:
    """All or nothing, and what was not paid is given back."""
    mine = budget(tmp_path)
    assert mine.take_exactly(Decimal(7))
    assert not mine.take_exactly(Decimal("3.01"))
    mine.give_back(Decimal(5))
    assert mine.take_exactly(Decimal("3.01"))
    assert mine.left() == Decimal("4.99")


def test_a_restarted_run_goes_on_with_what_was_taken(tmp_path: Path) -> None:
    """Attempts of one run share the sum, whatever ceiling each has; another run has its own."""
    assert budget(tmp_path).take_exactly(Decimal(9))
    assert not budget(tmp_path).take_exactly(Decimal(2))
    assert budget(tmp_path, limit=Decimal(12)).take_exactly(Decimal(2))
    assert budget(tmp_path, run_id="other").take_exactly(Decimal(10))


def test_processes_that_take_at_once_never_get_more_than_there_is(tmp_path: Path) -> None:
    """Eight threads take until nothing is left: the parts add up to the sum."""
    got: list[Decimal] = []

    def take_all() -> None:
        mine = budget(tmp_path, sharers=8)
        while True:
            try:
                taken = mine.take(Decimal("0.25"))
            except Unavailable:
                continue
            if not taken.usd:
                return
            got.append(taken.usd)

    threads = [threading.Thread(target=take_all) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert LIMIT - Decimal("0.25") < sum(got) <= LIMIT
    stored = json.loads((tmp_path / "runs/r/budget.json").read_text())
    assert Decimal(stored["taken_usd"]) == sum(got)


class _Store:
    """A store whose reads or writes fail."""

    def __init__(self, folder: Path, **fails: Exception) -> None:
        self._store: Any = store_for(str(folder))
        self._fails = fails

    def __getattr__(self, name: str) -> Any:
        if name in self._fails:
            return self._raises(self._fails[name])
        return getattr(self._store, name)

    def _raises(self, error: Exception) -> Callable[..., Any]:
        def fail(*_: Any) -> Any:
            raise error

        return fail


@pytest.mark.parametrize(
    ("fails", "code"),
    [
        ({"look": StoreError("no permission")}, "journal_unreadable"),
        ({"write_if": StoreError("disk full")}, "journal_unwritable"),
    ],
)
def test_a_journal_that_cannot_be_used_stops_the_job(
    fails: dict[str, Exception], code: str, tmp_path: Path
) -> None:
    """Without it nobody knows what may be paid."""
    mine = RunBudget(_Store(tmp_path, **fails), str(tmp_path), "r", LIMIT)  # type: ignore[arg-type]
    with pytest.raises(JobFault) as failed:
        mine.take(Decimal(1))
    assert failed.value.code == code


@pytest.mark.parametrize("name", ["look", "write_if"])
def test_a_store_that_is_away_may_be_back_later(name: str, tmp_path: Path) -> None:
    """So does an object that others always write first."""
    for error in (Unavailable("away"), Changed("by another")):
        if name == "look" and isinstance(error, Changed):
            continue
        mine = RunBudget(_Store(tmp_path, **{name: error}), str(tmp_path), "r", LIMIT)  # type: ignore[arg-type]
        with pytest.raises(Unavailable):
            mine.take(Decimal(1))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"taken_usd": "x"}', b'{"taken_usd": null}'])
def test_a_damaged_budget_is_not_taken_for_an_empty_one(data: bytes, tmp_path: Path) -> None:
    """It could be paid twice over: the job stops, and says what to do."""
    path = tmp_path / "runs/r/budget.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    with pytest.raises(JobFault, match="give another --run_id"):
        budget(tmp_path).take(Decimal(1))
