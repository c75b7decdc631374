"""WriteFailures: JSON Lines under the prefix and the run."""

import json
from pathlib import Path

import apache_beam as beam
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that

from sluicegate.records import Failure, Usage
from transforms.write_failures import WriteFailures


def test_each_failure_is_one_line_of_its_runs_files(tmp_path: Path) -> None:
    """Odd characters stay on their line; run and time are added; the names are returned."""
    failures = [
        Failure("a\u2028b\n.pdf", "not_json", "two\nlines \ud800", raw_answer="{\n\x00"),
        Failure("c.pdf", "timeout", "slow", attempts=4, paid=Usage(1, 0, 2)),
    ]
    with Pipeline() as pipeline:
        names = pipeline | beam.Create(failures) | WriteFailures(f"{tmp_path}/failures", "r1")

        def check(found: list[str]) -> None:
            assert sorted(found) == sorted(map(str, (tmp_path / "failures/r1").iterdir()))

        assert_that(names, check)
    files = sorted((tmp_path / "failures/r1").glob("failures-*-of-*.jsonl"))
    lines = [line for file in files for line in file.read_bytes().split(b"\n") if line]
    records = {record["document_uri"]: record for record in map(json.loads, lines)}
    assert records.keys() == {"a\u2028b\n.pdf", "c.pdf"}
    assert records["c.pdf"]["attempts"] == 4
    assert records["c.pdf"]["retryable"] is True
    assert records["a\u2028b\n.pdf"]["raw_answer"] == "{\n\x00"
    assert {record["run_id"] for record in records.values()} == {"r1"}
    assert all(record["failed_at"].endswith("+00:00") for record in records.values())


def test_a_run_without_failures_has_an_empty_file(tmp_path: Path) -> None:
    """The glob of a summary finds something to read, with no line in it."""
    with Pipeline() as pipeline:
        _ = pipeline | beam.Create([]) | WriteFailures(str(tmp_path), "r1")
    files = list((tmp_path / "r1").glob("failures-*.jsonl"))
    assert files
    assert b"".join(file.read_bytes() for file in files) == b""


def test_runs_do_not_touch_each_others_files(tmp_path: Path) -> None:
    """Two runs under one prefix keep their own failures."""
    for run_id in ("r1", "r2"):
        with Pipeline() as pipeline:
            failure = Failure(f"{run_id}.pdf", "empty", "zero bytes")
            _ = pipeline | beam.Create([failure]) | WriteFailures(str(tmp_path), run_id)
    for run_id in ("r1", "r2"):
        text = "".join(file.read_text() for file in (tmp_path / run_id).iterdir())
        assert json.loads(text)["document_uri"] == f"{run_id}.pdf"
