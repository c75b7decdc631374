"""What a whole run writes to its log, and what it does not."""

import json
import logging
from pathlib import Path

import pytest
from support import Job, write_invoices

from sluicegate.log import Event


def test_a_run_is_a_few_lines_without_documents(
    job: Job, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Every line has event and run id; names and contents of documents are in none."""
    caplog.set_level(logging.INFO)
    # A command that ran before in this process may have quietened it.
    caplog.set_level(logging.INFO, logger="sluicegate")
    paths = write_invoices(tmp_path / "in", 30)
    (tmp_path / "in" / "empty-secret-name.pdf").touch()
    landed = job(input=str(tmp_path / "in/*"), run_id="logged")
    assert landed.summary.failures == 1
    lines = [record for record in caplog.records if record.name.startswith("sluicegate")]
    facts = [record.msg.facts for record in lines if isinstance(record.msg, Event)]
    assert len(facts) == len(lines)
    assert [each["event"] for each in facts] == ["engine_started", "run_summarised"]
    assert {each["run_id"] for each in facts} == {"logged"}
    assert facts[-1]["matched"] == 31
    json.dumps(facts)
    for text in ["empty-secret-name", *(path.name for path in paths)]:
        assert text not in caplog.text
    vendors = {row["vendor_name"] for row in landed.rows}
    assert vendors
    assert not [vendor for vendor in vendors if vendor in caplog.text]
