"""Faults of the job, as documents meet them."""

from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.response import ApiError
from sluicegate.faults import JobFault
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.storage import StoreError
from sluicegate.storage.store import Store
from tests.sluicegate.live.in_memory import (
    Gemini,
    document,
)
from tests.sluicegate.live.rig import Make, Rig, png


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
    broken_journal(rig, reading=reading)
    documents = [document(tmp_path, f"{n}.png", png(n)) for n in range(20)]
    results = rig.process(*documents)
    assert [type(result) for result in results] == [JobFault] * 20
    assert {result.code for result in results} == {code}
    # The next calls start while the first answer is being written.
    assert len(rig.client.calls) <= calls
    assert rig.worker.retry_loop.fault.code == code


def test_after_a_job_fault_no_document_is_processed(make: Make, tmp_path: Path) -> None:
    """Those that come later get the same fault at once."""
    rig = make(Gemini(always=ApiError(404, {"message": "model not found"})))
    documents = [document(tmp_path, f"{n}.png", png(n)) for n in range(4)]
    results = rig.process(*documents, gap=1.0)
    assert [result.code for result in results] == ["unknown_model"] * 4
    assert len(rig.client.calls) == 1
