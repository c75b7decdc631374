"""The vocabulary of failures: closed, stable, documented, and asked by behaviour."""

import re
from collections.abc import Callable
from typing import get_args

import pytest

from sluicegate.asking.verdict import AskAgain, FailDocument, FailJob, Retry
from sluicegate.codes import (
    CODES,
    DOCUMENT_CODES,
    JOB_CODES,
    Stage,
    of_document,
    of_job,
    reference,
    stage_of,
)
from sluicegate.faults import DocumentFault, JobFault

DOCUMENTS = {
    "not_found", "unreadable", "changed", "empty", "encrypted", "truncated", "corrupt",
    "decompression_bomb", "unsupported_type", "too_large", "too_many_pages", "document_rejected",
    "blocked", "recitation", "malformed_answer", "answer_cut", "no_answer", "rate_limited",
    "server_error", "timeout", "connection_error", "not_json", "schema_mismatch",
    "nothing_extracted", "value_out_of_range", "check_failed",
}  # fmt: skip
JOBS = {
    "bad_credentials", "rows_unusable", "failures_unusable", "truth_unusable", "input_unreadable",
    "replay_unreadable", "output_unreadable", "storage_unavailable", "journal_unreadable",
    "journal_too_new", "unknown_model", "permission_denied", "request_refused", "service_refused",
    "daily_quota_exhausted", "outage", "rate_limit_service_unavailable", "stopped",
    "journal_unwritable", "summary_unwritable", "report_unwritable", "ledger_unbalanced",
}  # fmt: skip

OF_DOCUMENTS = (DocumentFault, FailDocument, AskAgain, Retry)
OF_JOBS = (JobFault, FailJob)


def test_no_code_is_ever_taken_away() -> None:
    """Tools filter and replay by them; new ones may come."""
    assert set(DOCUMENT_CODES) >= DOCUMENTS
    assert set(JOB_CODES) >= JOBS


def test_a_code_has_one_owner() -> None:
    """No name stands in both tables, and each entry says whose it is."""
    assert not set(DOCUMENT_CODES) & set(JOB_CODES)
    assert {code.blame for code in DOCUMENT_CODES.values()} == {"document"}
    assert {code.blame for code in JOB_CODES.values()} == {"job"}


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_and_what_to_do(code: str) -> None:
    """In words that fit a cell of a table, and with a stage."""
    entry = CODES[code]
    assert re.fullmatch(r"[a-z_]+", code)
    assert entry.meaning
    assert entry.remedy
    assert "|" not in entry.meaning + entry.remedy
    assert stage_of(code) in get_args(Stage)


@pytest.mark.parametrize("maker", OF_DOCUMENTS)
@pytest.mark.parametrize("code", ["strange", "", "outage", "Timeout"])
def test_a_fault_of_a_document_takes_only_its_codes(
    maker: Callable[[str, str], object], code: str
) -> None:
    """A code that is not in the vocabulary would break the sink; a job's is the wrong blame."""
    assert maker("timeout", "said")
    with pytest.raises(ValueError, match=re.escape(repr(code))):
        maker(code, "said")


@pytest.mark.parametrize("maker", OF_JOBS)
@pytest.mark.parametrize("code", ["strange", "", "timeout", "Outage"])
def test_a_fault_of_a_job_takes_only_its_codes(
    maker: Callable[[str, str], object], code: str
) -> None:
    """Whoever sees it in the last line of a run must find it."""
    assert maker("outage", "said")
    with pytest.raises(ValueError, match=re.escape(repr(code))):
        maker(code, "said")


def test_a_code_comes_back_as_it_is() -> None:
    """The checks are filters, for use in place."""
    assert (of_document("timeout"), of_job("outage")) == ("timeout", "outage")


def test_an_unknown_code_has_no_stage() -> None:
    """The vocabulary is closed."""
    with pytest.raises(KeyError):
        stage_of("strange")


@pytest.mark.parametrize("code", CODES)
def test_the_reference_has_every_code(code: str) -> None:
    """With its meaning and its remedy, in one line."""
    (line,) = (line for line in reference().splitlines() if f"`{code}`" in line)
    assert CODES[code].meaning in line
    assert CODES[code].remedy in line
