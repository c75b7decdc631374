"""The table of failures, row by row: what the next run does, and what was paid for twice.

Rows 1, 2, 4, 8 and 9, a run that is killed at a moment, are in test_crash_table.py, at every moment
there is; two runs at once, row 13, in tests/torture; a deleted journal, row 17, in
tests/pipeline/test_batch.py; a replaced document, row 18, in test_vertex_batches.py.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batching import Laboratory, Ran, described
from support import write_invoices

from emulators.gemini import GeminiEndpoint
from sluicegate.batch.collecting import Patience
from sluicegate.batch.connect import BatchSettings

_DOCUMENTS = 5


@pytest.fixture
def lab(tmp_path: Path, endpoint: GeminiEndpoint, api_key: str) -> Laboratory:
    """Return a laboratory with five documents, in jobs of at most five."""
    documents = described(write_invoices(tmp_path / "in", _DOCUMENTS))
    settings = BatchSettings(canary=0, most_documents=5)
    return Laboratory(tmp_path, endpoint, documents, settings)


def faults(lab: Laboratory, *rules: dict[str, Any], **changes: Any) -> None:
    """Have the stand-in behave so."""
    lab.endpoint.set_behaviour(batch_faults=rules, **changes)


def after(lab: Laboratory, minutes: float, **more: Any) -> Ran:
    """Run again after so many minutes, when jobs have ended."""
    lab.settle()
    lab.minutes += minutes
    return lab.run(**more)


def all_of(lab: Laboratory) -> set[str]:
    """Return the names of all documents."""
    return {document.uri for document in lab.documents}


def assert_paid_once(lab: Laboratory) -> None:
    """Check that each document was answered once."""
    assert list(lab.paid().values()) == [1] * _DOCUMENTS


def test_row_3_a_create_whose_reply_was_lost_is_adopted(lab: Laboratory) -> None:
    """The job is found by its display name; no second one is created."""
    faults(lab, {"fault": "reply_lost", "next": 1})
    first = lab.run()
    assert first.waiting == all_of(lab)
    assert "no clear answer" in first.warnings[0]
    assert after(lab, 1).answered == all_of(lab)
    assert len(lab.endpoint.batch_jobs()) == 1
    assert_paid_once(lab)


def test_row_3_a_list_that_lags_less_than_the_settling_time_costs_nothing(
    lab: Laboratory,
) -> None:
    """Until a quarter of an hour has passed, a job that is not listed is not asked for again."""
    faults(lab, {"fault": "reply_lost", "next": 1}, batch_list_lag=3600.0)
    lab.run()
    for _ in range(6):
        ran = after(lab, 2)
        assert ran.waiting == all_of(lab)
    faults(lab, batch_list_lag=0.0)
    assert after(lab, 2).answered == all_of(lab)
    assert_paid_once(lab)


def test_row_3_a_list_that_lags_longer_pays_for_the_shard_and_says_so(lab: Laboratory) -> None:
    """The one exception of the table: the first job is found beside the second, and cancelled."""
    faults(lab, {"fault": "reply_lost", "next": 1}, batch_list_lag=3600.0, batch_pending=0.0)
    lab.run()
    after(lab, 14)
    after(lab, 14)  # two looks, more than a quarter of an hour
    assert len(lab.endpoint.batch_jobs()) == 2
    assert after(lab, 5).answered == all_of(lab)
    assert list(lab.paid().values()) == [2] * _DOCUMENTS


def test_row_2_a_create_that_never_arrived_is_made_after_the_settling_time(
    lab: Laboratory,
) -> None:
    """An error of the server is no answer: the job is looked for, twice, and then made."""
    faults(lab, {"fault": "no_job_503", "next": 1})
    assert lab.run().waiting == all_of(lab)
    for minutes in (5, 5):
        assert after(lab, minutes).waiting == all_of(lab)
        assert not lab.endpoint.batch_jobs()
    after(lab, 6)
    (job,) = lab.endpoint.batch_jobs()
    assert job["display_name"].endswith("-a2")
    assert after(lab, 1).answered == all_of(lab)
    assert_paid_once(lab)


def test_row_5_a_job_that_runs_for_days_is_waited_for(lab: Laboratory) -> None:
    """Each run looks by name, asks for nothing, and says how old the job is."""
    faults(lab, {"fault": "stuck"})
    lab.run()
    for hours in (1, 10, 13):
        ran = after(lab, 60 * hours)
        assert ran.waiting == all_of(lab)
    assert "is pending since 24 hours" in ran.warnings[0]
    assert len(lab.endpoint.batch_jobs()) == 1


def test_row_5_a_job_that_cannot_be_looked_at_is_waited_for(lab: Laboratory) -> None:
    """A 503 on the job's own resource says nothing of its rows."""
    faults(lab, {"fault": "get_503"}, batch_running=0.3)
    lab.run()
    lab.minutes += 1
    ran = lab.run()
    assert ran.waiting == all_of(lab)
    assert "cannot be looked at now" in ran.warnings[0]
    assert after(lab, 1).answered == all_of(lab)
    assert_paid_once(lab)


def test_row_6_a_create_that_is_refused_for_the_quota_is_planned_again(lab: Laboratory) -> None:
    """A 429 creates nothing; the documents wait, and the next run asks."""
    faults(lab, {"fault": "too_many", "next": 1})
    first = lab.run()
    assert [each.code for each in first.placed] == ["batch_held"]
    second = after(lab, 1)
    assert [each.code for each in second.placed] == ["batch_waiting"]
    assert after(lab, 1).answered == all_of(lab)
    assert_paid_once(lab)


def test_row_6_a_create_that_is_refused_for_its_input_is_the_jobs_fault(lab: Laboratory) -> None:
    """A 400 creates nothing, is said, and ends what would be created after it."""
    lab.settings = replace(lab.settings, most_documents=2)
    faults(lab, {"fault": "refused_400", "next": 1})
    first = lab.run()
    assert {each.code for each in first.placed} == {"request_refused"}
    assert "malformed" in first.placed[0].message
    assert not lab.endpoint.batch_jobs()
    lab.until_done()
    assert_paid_once(lab)


def test_row_7_results_are_read_days_later(lab: Laboratory) -> None:
    """As long as the service keeps them."""
    lab.run()
    assert after(lab, 5 * 24 * 60).answered == all_of(lab)
    assert_paid_once(lab)


def test_row_7_deleted_results_are_a_fault_and_nothing_is_bought_again(lab: Laboratory) -> None:
    """Until somebody says that they are to be forgotten."""
    faults(lab, {"fault": "results_deleted", "next": 1})
    lab.run()
    for _ in range(2):
        ran = after(lab, 60)
        (trouble,) = ran.troubles
        assert trouble.code == "batch_unreachable"
        assert ran.waiting == all_of(lab)
    (job,) = lab.endpoint.batch_jobs()
    assert f"--batch_forget={job['name']}" in trouble.message
    after(lab, 60, patience=Patience(forget=(job["name"],)))
    assert after(lab, 60).answered == all_of(lab)
    assert list(lab.paid().values()) == [2] * _DOCUMENTS


def test_row_10_failed_and_missing_rows_are_left_for_calls(lab: Laboratory) -> None:
    """Only those; the others are answered, and no job asks for them again."""
    faults(lab, {"fault": "failed_rows", "share": 0.3}, {"fault": "missing", "share": 0.3})
    lab.run()
    ran = after(lab, 1)
    assert ran.answered == all_of(lab)  # by the journal, or by calls
    (job,) = lab.endpoint.batch_jobs()
    assert 0 < job["failed"] < _DOCUMENTS
    assert "left over" in ran.warnings[0]
    assert set(lab.paid().values()) == {1}


def test_row_10_leftovers_may_go_into_another_job(lab: Laboratory) -> None:
    """With --batch_leftovers=batch, and never those that were answered."""
    lab.settings = replace(lab.settings, leftovers="batch")
    faults(lab, {"fault": "all_failed", "next": 1})
    lab.run()
    ran = after(lab, 1)
    assert ran.waiting == all_of(lab)
    assert after(lab, 1).answered == all_of(lab)
    first, second = lab.endpoint.batch_jobs()
    assert first["failed"] == second["answered"] == _DOCUMENTS
    assert first["display_name"] != second["display_name"]
    assert_paid_once(lab)


def test_a_job_whose_every_row_failed_has_no_answers(lab: Laboratory) -> None:
    """Its success says nothing."""
    faults(lab, {"fault": "all_failed", "next": 1})
    lab.run()
    assert after(lab, 1).answered == all_of(lab)
    (job,) = lab.endpoint.batch_jobs()
    assert (job["state"], job["answered"]) == ("SUCCEEDED", 0)
    assert not lab.paid()


def test_a_failed_job_leaves_all_to_calls(lab: Laboratory) -> None:
    """And its reason is said."""
    faults(lab, {"fault": "failed", "next": 1})
    lab.run()
    ran = after(lab, 1)
    assert ran.answered == all_of(lab)
    assert "before any request was made" in ran.warnings[0]


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_row_11_an_expired_job_returns_nothing_and_leaves_all(lab: Laboratory, end: str) -> None:
    """On the Developer API: what had run may be billed, which the table says."""
    faults(lab, {"fault": end, "next": 1})
    lab.run()
    ran = after(lab, 48 * 60)
    assert ran.answered == all_of(lab)
    assert f"ended as {end}" in ran.warnings[0]
    assert "5 left over" in ran.warnings[0]


def test_row_12_a_job_that_finishes_though_cancelled_is_collected(lab: Laboratory) -> None:
    """A cancel is no end: nothing is asked for again before the job has ended."""
    faults(lab, {"fault": "stuck", "next": 1}, {"fault": "finishes_when_cancelled", "next": 1})
    lab.run()
    ran = after(lab, 27 * 60)
    assert "is cancelled" in " ".join(ran.warnings)
    assert ran.waiting == all_of(lab)
    lab.endpoint.set_behaviour(batch_faults=[])
    assert after(lab, 1).answered == all_of(lab)
    assert len(lab.endpoint.batch_jobs()) == 1


def test_row_12_a_job_that_has_answered_is_not_cancelled_where_that_loses_it(
    lab: Laboratory,
) -> None:
    """The Developer API returns nothing of a cancelled job: it is left to end by itself."""
    faults(lab, batch_running=0.5)
    lab.run()
    lab.wait_until(lambda: lab.endpoint.batch_jobs()[0]["answered"] == _DOCUMENTS)
    lab.minutes += 27 * 60
    ran = lab.run()
    assert ran.waiting == all_of(lab)
    assert "cancelled" not in " ".join(ran.warnings)
    assert after(lab, 1).answered == all_of(lab)
    assert_paid_once(lab)


class Paused:
    """A service at one of whose steps a process stands still, while others go on."""

    def __init__(self, inner: Any, step: str, meanwhile: Callable[[], object]) -> None:
        self._inner, self._step, self._meanwhile = inner, step, meanwhile

    def __getattr__(self, name: str) -> Any:
        if name == self._step:
            self._step = ""
            self._meanwhile()
        return getattr(self._inner, name)


def test_row_14_a_claimer_that_stood_still_creates_nothing(lab: Laboratory) -> None:
    """Another run has taken the shard by then, which it sees right before it would create."""

    def meanwhile() -> None:
        after(lab, 16)

    paused = lab.run(wrap_service=lambda inner: Paused(inner, "send_input", meanwhile))
    assert [each.code for each in paused.placed] == ["batch_waiting"]
    assert len(lab.endpoint.batch_jobs()) == 1
    assert after(lab, 1).answered == all_of(lab)
    assert_paid_once(lab)


def test_row_14_one_that_stood_still_after_the_check_pays_for_a_shard_and_says_so(
    lab: Laboratory,
) -> None:
    """The other exception of the table: between the last look and the request is no time."""

    def meanwhile() -> None:
        for _ in range(3):
            after(lab, 10)

    paused = lab.run(wrap_service=lambda inner: Paused(inner, "create", meanwhile))
    assert "given up" in " ".join(paused.warnings)
    assert len(lab.endpoint.batch_jobs()) == 2
    assert after(lab, 1).answered == all_of(lab)


def test_row_16_a_schema_that_changed_is_new_work_and_the_old_is_kept(lab: Laboratory) -> None:
    """What was asked before is collected under its own identity."""
    lab.run()
    lab.document_type = "receipt"
    ran = after(lab, 1)
    assert ran.waiting == all_of(lab)
    assert after(lab, 1).answered == all_of(lab)
    lab.document_type = "invoice"
    assert after(lab, 1).answered == all_of(lab)
    assert len(lab.endpoint.batch_jobs()) == 2
    assert list(lab.paid().values()) == [2] * _DOCUMENTS  # two questions


def test_row_15_another_project_is_a_fault_and_asks_for_nothing(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of another project sees no job; with the right one all goes on."""
    lab.run()
    mine = lab.connect("any").service().key
    monkeypatch.setenv("GEMINI_API_KEY", "another.key")
    for _ in range(2):
        ran = after(lab, 60)
        (trouble,) = ran.troubles
        assert trouble.code == "batch_unreachable"
        assert mine in trouble.message
        assert "another.key" not in trouble.message
        assert ran.waiting == all_of(lab)
    assert len(lab.endpoint.batch_jobs()) == 1
    monkeypatch.setenv("GEMINI_API_KEY", lab.key)
    assert after(lab, 1).answered == all_of(lab)
    assert_paid_once(lab)


def test_rows_that_come_twice_are_one_and_their_order_says_nothing(lab: Laboratory) -> None:
    """Lines are shuffled, always, and some doubled."""
    faults(lab, {"fault": "doubled", "share": 0.6})
    lab.run()
    assert after(lab, 1).answered == all_of(lab)
    assert_paid_once(lab)


@pytest.mark.parametrize(
    ("fault", "says"), [("contradicting", "different things"), ("foreign_key", "was not asked")]
)
def test_results_that_cannot_be_trusted_are_refused_as_a_whole(
    lab: Laboratory, fault: str, says: str
) -> None:
    """No answer of such a file is taken, and none is bought again by itself."""
    faults(lab, {"fault": fault, "share": 0.6})
    lab.run()
    ran = after(lab, 1)
    (trouble,) = ran.troubles
    assert trouble.code == "batch_unusable"
    assert says in trouble.message
    assert ran.waiting == all_of(lab)
    after(lab, 1)
    assert_paid_once(lab)


def test_a_canary_that_gives_no_answers_ends_it(lab: Laboratory) -> None:
    """No further job is created, until somebody says so."""
    lab.settings = BatchSettings(canary=2, most_documents=5)
    documents = described(write_invoices(lab.folder / "in", 40))
    lab.documents = documents
    lab.endpoint.set_behaviour(faults=[{"fault": "finish_SAFETY"}])
    lab.run()
    (canary,) = lab.endpoint.batch_jobs()
    assert 0 < canary["rows"] < 8
    ran = after(lab, 1)
    assert ran.board is not None
    assert ran.board.canary == "failed"
    assert "0 gave a valid answer" in ran.board.canary_says
    assert len(lab.endpoint.batch_jobs()) == 1
    lab.settings = BatchSettings(canary=0, most_documents=40)
    after(lab, 1)
    assert len(lab.endpoint.batch_jobs()) == 2


def test_a_canary_that_answers_lets_the_others_follow(lab: Laboratory) -> None:
    """First a few, then all."""
    lab.settings = BatchSettings(canary=4, most_documents=40)
    lab.documents = described(write_invoices(lab.folder / "in", 40))
    held = lab.run()
    assert len(held.waiting) == 40
    assert after(lab, 1).waiting
    runs = lab.until_done()
    assert len(runs[-1].answered) == 40
    assert len(lab.endpoint.batch_jobs()) == 2
    assert set(lab.paid().values()) == {1}
