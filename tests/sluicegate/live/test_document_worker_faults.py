"""Faults of the job, as documents meet them."""

from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.response import ApiError
from sluicegate.faults import JobFault
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.records import Usage, Waiting
from sluicegate.storage import StoreError
from sluicegate.storage.store import Store
from tests.sluicegate.live.in_memory import (
    CUT,
    GOOD,
    USAGE,
    Gemini,
    document,
)
from tests.sluicegate.live.rig import COST, Make, Rig, png


def broken_journal(rig: Rig, *, reading: bool) -> None:
    """Make a journal fail as a full or read-only disk does."""

    def refuse(*_: Any) -> Any:
        raise StoreError("no space left")

    class Broken:
        read = staticmethod(refuse) if reading else staticmethod(rig.journal._store.read)
        write = staticmethod(refuse)

    store: Store = Broken()  # type: ignore[assignment]
    rig.journal._store = store


@pytest.mark.parametrize(
    ("reading", "code", "calls"),
    [(True, "journal_unreadable", 0), (False, "journal_unwritable", 4)],
)
def test_a_journal_that_fails_stops_the_job(
    make: Make, tmp_path: Path, *, reading: bool, code: str, calls: int
) -> None:
    """An answer that is paid for and not stored is paid for twice: no further call is made."""
    rig = make(pacer=PacerSettings(max_in_flight=1))
    rig.when_started = lambda: broken_journal(rig, reading=reading)
    documents = [document(tmp_path, f"{n}.png", png(n)) for n in range(20)]
    results = rig.process(*documents)
    assert [type(result) for result in results] == [JobFault] * 20
    assert {result.code for result in results} == {code}
    # The next calls start while the first answer is being written.
    assert len(rig.client.calls) <= calls
    assert rig.worker.retry_loop.fault.code == code


def test_a_journal_is_tried_before_the_first_call(make: Make, tmp_path: Path) -> None:
    """One that can be read and not written stops the engine before anything is paid."""
    rig = make()
    broken_journal(rig, reading=False)
    with pytest.raises(JobFault, match="the journal cannot be written: no space left") as failed:
        rig.process(document(tmp_path, "0.png", png(0)))
    assert failed.value.code == "journal_unwritable"
    assert rig.client.calls == []


def test_an_outage_in_mid_run_leaves_documents_waiting(make: Make, tmp_path: Path) -> None:
    """What came before it is answered, later documents wait: for the same fault, and unpaid."""
    client = Gemini([GOOD] * 5, always=ApiError(503, {"message": "overloaded"}))
    rig = make(client, pacer=PacerSettings(max_in_flight=1), outage_patience_seconds=60.0)
    results = rig.process(*(document(tmp_path, f"{n}.png", png(n)) for n in range(40)))
    kinds = [type(result).__name__ for result in results]
    assert kinds[:5] == ["Answer"] * 5
    assert kinds.count("Waiting") >= 30
    assert set(kinds[5:]) <= {"Waiting", "Failure"}
    waiting = [result for result in results if isinstance(result, Waiting)]
    assert {(each.code, each.paid, each.responses) for each in waiting} == {("outage", Usage(), 0)}
    calls = len(client.calls)
    assert isinstance(rig.worker.retry_loop.fault, JobFault)
    assert sum(each.attempts for each in waiting) <= calls - 5


def test_a_journal_that_fails_after_a_fault_of_the_calls_is_raised(
    make: Make, tmp_path: Path
) -> None:
    """What was paid for and cannot be kept is no document that waits."""
    rig = make()
    rig.process(document(tmp_path, "0.png", png(0)))
    loop = rig.worker.retry_loop
    loop.stop(JobFault("outage", "nobody answers"))
    assert loop.stop(JobFault("journal_unwritable", "full")).code == "journal_unwritable"
    assert loop.stop(JobFault("daily_quota_exhausted", "used up")).code == "journal_unwritable"


def test_a_document_that_is_paid_for_in_part_waits_with_its_cost(
    make: Make, tmp_path: Path
) -> None:
    """Its cut answer is in the journal and in this run's sums; the next run asks for the rest."""
    client = Gemini([GOOD, CUT, JobFault("daily_quota_exhausted", "used up")])
    rig = make(client, pacer=PacerSettings(max_in_flight=1))
    first, second = (document(tmp_path, f"{n}.png", png(n)) for n in range(2))
    _, waits = rig.process(first, second)
    assert isinstance(waits, Waiting)
    assert (waits.document, waits.code) == (second, "daily_quota_exhausted")
    assert (waits.paid, waits.cost_usd, waits.responses, waits.attempts) == (USAGE, COST, 1, 2)
    next_run = make(Gemini([GOOD]))
    (answer,) = next_run.process(second)
    assert (answer.responses, answer.attempts, answer.paid) == (1, 1, USAGE)
    assert answer.usage == USAGE + USAGE


def test_after_a_job_fault_no_document_is_processed(make: Make, tmp_path: Path) -> None:
    """Those that come later get the same fault at once."""
    rig = make(Gemini(always=ApiError(404, {"message": "model not found"})))
    documents = [document(tmp_path, f"{n}.png", png(n)) for n in range(4)]
    results = rig.process(*documents, gap=1.0)
    assert [result.code for result in results] == ["unknown_model"] * 4
    assert len(rig.client.calls) == 1
