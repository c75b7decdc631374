"""What a run says in its log."""

import json
import logging
import uuid

import pytest

from sluicegate.log import FAULTS, MAX_LINES, Event, EventKind, log_event, reference


def test_a_line_is_a_sentence_and_its_facts(caplog: pytest.LogCaptureFixture) -> None:
    """Filters find event and run id in the JSON behind the sentence."""
    run_id = uuid.uuid4().hex
    with caplog.at_level(logging.INFO):
        log_event(EventKind.ROWS_DAMAGED, "a sentence; with {braces}", run_id, count=3)
    (record,) = caplog.records
    assert isinstance(record.msg, Event)
    assert record.msg.sentence == "a sentence; with {braces}"
    text = record.getMessage()
    facts = json.loads(text.removeprefix("a sentence; with {braces} "))
    assert facts == {"event": "rows_damaged", "run_id": run_id, "count": 3}


def test_a_million_times_is_twenty_lines(caplog: pytest.LogCaptureFixture) -> None:
    """Of an event of a run so many lines are logged, the last one marked; other events go on."""
    run_id = uuid.uuid4().hex
    with caplog.at_level(logging.INFO):
        for _ in range(3 * MAX_LINES):
            log_event(EventKind.ENGINE_STARTED, "again", run_id)
        log_event(EventKind.RUN_SUMMARISED, "once", run_id)
        log_event(EventKind.ENGINE_STARTED, "another run", uuid.uuid4().hex)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == MAX_LINES + 2
    assert [("more" in line) for line in lines[: MAX_LINES + 1]] == [
        *[False] * (MAX_LINES - 1), True, False,
    ]  # fmt: skip


def test_faults_of_the_job_can_be_muted_by_name(caplog: pytest.LogCaptureFixture) -> None:
    """Errors have a logger of their own: the command prints them itself."""
    with caplog.at_level(logging.INFO):
        log_event(EventKind.JOB_FAULT, "no key", uuid.uuid4().hex, code="bad_credentials")
    assert [record.name for record in caplog.records] == [FAULTS]


def test_every_event_is_in_the_table() -> None:
    """With its level."""
    assert "| `job_fault` | ERROR |" in reference()
    assert reference().count("\n") == 2 + len(EventKind)
