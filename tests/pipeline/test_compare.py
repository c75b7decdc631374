"""`python -m pipeline.compare` over outputs that the real pipeline wrote."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pages import Holdings
from support import Job, sha256, write_invoices

from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.gemini.exact_json import Verbatim
from pipeline.comparison.command import compare, evaluate
from tests.pipeline.test_bigquery import run_on_bigquery

ANSWER = {
    "invoice_id": "A-1",
    "vendor_name": "Vendor GmbH",
    "invoice_date": "2026-02-28",
    "currency": "EUR",
    "total_amount": 30,
    "line_items": [
        {"description": "Bolts", "quantity": 1, "total": 10},
        {"description": "Nuts", "quantity": 2, "total": 20},
    ],
}
# What each document answers before and after: every way a document can turn.
NOTHING = dict.fromkeys(("invoice_id", "vendor_name", "total_amount"))
BEFORE: list[dict[str, Any]] = [{}, {}, {}, {}, NOTHING, {"currency": "EURO"}]
AFTER: list[dict[str, Any]] = [
    {},
    {"vendor_name": "VENDOR GMBH", "line_items": ANSWER["line_items"][::-1]},  # type: ignore[index]
    {"total_amount": "thirty"},
    {"invoice_date": None, "total_amount": 300, "line_items": ANSWER["line_items"][1:]},  # type: ignore[index]
    {},
    {},
]


def answering(paths: Sequence[Path], changes: Sequence[dict[str, Any]]) -> GeminiEndpoint:
    """Return a stand-in that gives each document its own answer."""
    texts = {
        sha256(path): json.dumps({**ANSWER, **change})
        for path, change in zip(paths, changes, strict=True)
    }

    def read(parts: Sequence[tuple[str, bytes]], schema: dict[str, Any]) -> Verbatim:
        return Verbatim(texts[hashlib.sha256(parts[0][1]).hexdigest()])

    return GeminiEndpoint(Behaviour(), reader=read)


@pytest.fixture
def two_runs(tmp_path: Path, job: Job) -> tuple[str, str]:
    """Run the pipeline twice over the same documents; return the two summaries."""
    paths = write_invoices(tmp_path / "in", len(BEFORE))
    for run_id, changes in (("one", BEFORE), ("two", AFTER)):
        with answering(paths, changes) as endpoint:
            job(
                input=str(tmp_path / "in" / "**"),
                run_id=run_id,
                journal=str(tmp_path / f"journal-{run_id}"),
                resume=False,
                gemini_endpoint=endpoint.url,
            )
    folder = tmp_path / "out" / "summaries"
    return str(folder / "one.json"), str(folder / "two.json")


def report(prefix: Path) -> dict[str, Any]:
    """Read a report, and see that its page is whole."""
    page = Holdings(prefix.with_suffix(".html").read_text("utf-8"))
    assert page.open == []
    found: dict[str, Any] = json.loads(prefix.with_suffix(".json").read_text("utf-8"))
    return found


def test_two_runs_are_compared_document_by_document(
    two_runs: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every document is told as what it turned to, every field with its counts and examples."""
    before, after = two_runs
    prefix = tmp_path / "reports" / "both"
    code = compare([f"--before={before}", f"--after={after}", f"--report={prefix}"])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    found = report(prefix)
    assert (found["documents"], found["in_both"], found["both_rows"]) == (6, 6, 4)
    assert (found["rows_same"], found["rows_spelling"], found["rows_changed"]) == (1, 1, 2)
    assert found["failed"]["by_kind"] == {"schema_mismatch": 1}
    assert found["recovered"]["by_kind"] == {"nothing_extracted": 1}
    assert found["gone_warnings"]["by_kind"] == {"currency … is not an ISO … code": 1}
    assert found["new_warnings"]["documents"] == 1  # the lines no longer add up
    assert (found["regressions"], found["improvements"]) == (2, 2)
    fields = {field["field"]: field for field in found["fields"]}
    assert fields["vendor_name"]["spelling"] == 1
    assert fields["invoice_date"]["lost"] == 1
    assert fields["line_items"]["lost"] == 1
    assert fields["line_items"]["same"] == 7  # in another order they are the same lines
    total = fields["total_amount"]
    assert (total["same"], total["changed"]) == (3, 1)
    example = total["examples"][0]
    assert (example["before"], example["after"]) == ("30", "300")
    assert Decimal(found["before"]["cost_usd"]) > 0
    assert found["before"]["runs"] == {"one": 6}
    assert "2 documents regressed, 2 improved" in printed.out
    assert f"{prefix}.html" in printed.out


def test_a_gate_for_regressions(
    two_runs: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With more regressions than allowed the exit code is 1, after the report."""
    before, after = two_runs
    both = [f"--before={before}", f"--after={after}"]
    assert compare([*both, "--max_regressions=2"]) == 0
    assert compare([*both, "--max_regressions=1"]) == 1
    printed = capsys.readouterr()
    assert "failed: 2 documents regressed; --max_regressions allows 1" in printed.err
    assert compare([f"--before={after}", f"--after={after}", "--max_regressions=0"]) == 0
    assert "nothing regressed" in capsys.readouterr().out


def test_outputs_are_compared_without_their_summaries(
    two_runs: tuple[str, str], tmp_path: Path
) -> None:
    """An Avro prefix, a pattern with brackets in its way, and one run of several in an output."""
    odd = tmp_path / "a folder [1] {x}"
    shutil.copytree(tmp_path / "out" / "rows" / "one", odd)
    out = tmp_path / "out"
    prefix = tmp_path / "report"
    arguments = [f"--before={odd}", f"--after={out}", "--after_run_id=two", f"--report={prefix}"]
    assert compare(arguments) == 0
    found = report(prefix)
    assert (found["before"]["rows"], found["before"]["failures"]) == (5, 0)
    assert (found["after"]["rows"], found["after"]["failures"]) == (5, 1)  # failures lie beside
    assert found["only_after"]["by_kind"] == {"row": 1, "failure": 0}
    failures = out / "failures" / "one"
    assert compare([*arguments, f"--before_failures={failures}"]) == 0
    found = report(prefix)
    assert found["before"]["failures"] == 1
    assert found["only_after"]["documents"] == 0
    # Without a choice of run the latest row of each document counts.
    assert compare([f"--before={out}", f"--after={out}/rows/two/*.avro", *arguments[3:]]) == 0
    found = report(prefix)
    assert found["before"]["superseded"] == 6
    assert (found["before"]["rows"], found["rows_same"]) == (5, 5)


def test_a_table_holds_several_runs(
    cloud: LocalCloud, api_key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two runs in one BigQuery table are told apart, and equal a run's own Avro rows."""
    paths = write_invoices(tmp_path / "in", len(BEFORE))
    table = f"{cloud.project}:tests.compared"
    names = {}
    for run_id, changes in (("one", BEFORE), ("two", AFTER)):
        with answering(paths, changes) as endpoint:
            _, _, names[run_id] = run_on_bigquery(
                cloud, tmp_path / "in", endpoint.url, output=table, run_id=run_id,
                input=f"{tmp_path}/in/**", resume=False,
            )  # fmt: skip
    prefix = f"gs://sluicegate/{names['two']}/reports/both"
    code = compare(
        [
            f"--before={table}",
            "--before_run_id=one",
            f"--before_failures=gs://sluicegate/{names['one']}/failures",
            f"--after=gs://sluicegate/{names['two']}/summaries/two.json",
            f"--report={prefix}",
            f"--project={cloud.project}",
        ]
    )
    assert code == 0, capsys.readouterr().err
    bucket = cloud.storage_client().bucket("sluicegate")
    blob = bucket.blob(f"{names['two']}/reports/both.json")
    found = json.loads(blob.download_as_text())
    assert (found["before"]["runs"], found["after"]["runs"]) == ({"one": 6}, {"two": 6})
    assert (found["rows_same"], found["rows_spelling"], found["rows_changed"]) == (1, 1, 2)
    assert (found["regressions"], found["improvements"]) == (2, 2)
    # The same run, from the table and by its rows' values: no type differs on the way.
    again = [f"--before={table}", "--before_run_id=two", f"--after={table}", "--after_run_id=two"]
    capsys.readouterr()
    assert compare([*again, "--max_regressions=0"]) == 0
    assert "0 of 5 rows differ" in capsys.readouterr().out
    # Of all runs in the table the latest row of each document counts.
    assert compare([f"--before={table}", f"--after={table}", "--after_run_id=two"]) == 0
    assert "4 further rows or failures" in capsys.readouterr().out
    # A field that the table has not is refused by its columns.
    truth = tmp_path / "truth.jsonl"
    truth.write_text(json.dumps({"document": paths[0].name, "invoice_id": "A-1"}))
    assert evaluate([f"--rows={table}", f"--truth={truth}", "--fields=invoice_no"]) == 2
    assert "no column 'invoice_no'; did you mean 'invoice_id'?" in capsys.readouterr().err


def bad_usage(tmp_path: Path) -> dict[str, list[str]]:
    """Return commands that cannot be run, by what is said of them."""
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "a.avro").write_bytes(b"")
    (tmp_path / "no.json").write_text("[1]")
    ok = f"--before={tmp_path}/rows"
    return {
        "--before is required": ["--after=x"],
        "matches no files": [ok, f"--after={tmp_path}/nothing"],
        "there is no summary": [ok, f"--after={tmp_path}/none.json"],
        "is not the summary of a run": [ok, f"--after={tmp_path}/no.json"],
        "letters, digits": [ok, f"--after={tmp_path}/rows", "--after_run_id=a' OR 'a"],
        "--examples": [ok, f"--after={tmp_path}/rows", "--examples=51"],
        "'many' is not a number": [ok, f"--after={tmp_path}/rows", "--max_regressions=many"],
        "unknown flag '--input'": [ok, f"--after={tmp_path}/rows", "--input=x"],
        "given more than once": [ok, ok, f"--after={tmp_path}/rows"],
        "--report=gs://": [ok, f"--after={tmp_path}/rows", "--runner=DataflowRunner"],
        "--before:": [ok, f"--before_failures={tmp_path}/nothing", f"--after={tmp_path}/rows"],
    }


def test_what_cannot_be_run_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each mistake is exit code 2 and one sentence, before anything is launched."""
    for text, arguments in bad_usage(tmp_path).items():
        assert compare(arguments) == 2, text
        said = capsys.readouterr().err
        assert text in said
        assert said.count("\n") == 1


def test_a_missing_table_is_named(cloud: LocalCloud, capsys: pytest.CaptureFixture[str]) -> None:
    """A table that is not there, or is none of this job's, is a usage error."""
    cloud.bigquery_client().query_and_wait(f"CREATE TABLE `{cloud.project}.tests.other` (a STRING)")
    for name, text in (("absent", "there is no table"), ("other", "no column document_uri")):
        table = f"{cloud.project}:tests.{name}"
        assert compare([f"--before={table}", f"--after={table}"]) == 2
        assert text in capsys.readouterr().err


def test_files_that_are_no_rows_fail_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What only reading can tell is exit code 1 with a sentence."""
    (tmp_path / "a.avro").write_bytes(b"not Avro")
    assert compare([f"--before={tmp_path}", f"--after={tmp_path}"]) == 1
    assert "failed: " in capsys.readouterr().err


@pytest.mark.parametrize("command", ["compare", "evaluate"])
def test_help_teaches(command: str) -> None:
    """As a module of its own, each command says what it does, with examples and exit codes."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", f"pipeline.{command}", "--help"],
        cwd=root, capture_output=True, text=True, timeout=60, env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    assert done.returncode == 0
    for part in ("examples:", "Exit codes:", "--report", "--runner", f"pipeline.{command} --"):
        assert part in done.stdout
    assert not done.stderr
