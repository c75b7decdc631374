"""`python -m pipeline.evaluate` over rows that the real pipeline wrote."""

import json
from pathlib import Path
from typing import Any

import pytest
from pages import Holdings
from support import Job, write_invoices

from pipeline.comparison.command import evaluate
from samples.generator import generate
from tests.pipeline.test_compare import ANSWER, answering

TRUTH = {
    "invoice_id": "A-1",
    "vendor_name": "vendor gmbh",
    "invoice_date": "2026-02-28",
    "currency": None,
    "total_amount": "30.00",
    "tax_amount": "4.00",
    "line_items": [
        {"description": "Nuts", "quantity": "2.0", "total": "20.00"},
        {"description": "Bolts", "quantity": "1", "total": "10.50"},
    ],
}


@pytest.fixture
def rows(tmp_path: Path, job: Job) -> str:
    """Run the pipeline over four documents, of which one fails; return the summary."""
    paths = write_invoices(tmp_path / "in", 4)
    nothing = dict.fromkeys(("invoice_id", "vendor_name", "total_amount"))
    with answering(paths, [{}, {}, nothing, {"invoice_id": "B"}]) as endpoint:
        job(input=str(tmp_path / "in" / "**"), run_id="r", gemini_endpoint=endpoint.url)
    return str(tmp_path / "out" / "summaries" / "r.json")


def write_truth(folder: Path, *truths: dict[str, Any]) -> Path:
    """Write truths, one a line."""
    path = folder / "truth.jsonl"
    path.write_text("".join(json.dumps(truth) + "\n" for truth in truths))
    return path


def names(folder: Path) -> list[str]:
    """Return the documents' file names, in order of making."""
    return [generate(1, i, formats=("pdf",), small=True).name for i in range(4)]


def test_rows_are_scored_against_the_truth(
    rows: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By full URI, by file name, of a failed document, and of one that was never there."""
    first, second, third, fourth = names(tmp_path)
    truth = write_truth(
        tmp_path,
        {"document_uri": str(tmp_path / "in" / first), **TRUTH},
        {"document": second, "expect": "row", "language": "de", **TRUTH},
        {"file": third, "expect": "blank"},
        {"document": "never.pdf", "invoice_id": "A-1"},
    )
    prefix = tmp_path / "report"
    code = evaluate([f"--rows={rows}", f"--truth={truth}", f"--report={prefix}"])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    found = json.loads(prefix.with_suffix(".json").read_text("utf-8"))
    fields = {field["field"]: field for field in found["fields"]}
    assert set(fields) == {
        "invoice_id", "vendor_name", "invoice_date", "currency", "total_amount", "line_items",
        "line_items.description", "line_items.quantity", "line_items.total",
    }  # fmt: skip
    assert (fields["invoice_id"]["exact"], fields["invoice_id"]["missing"]) == (2, 1)
    assert fields["vendor_name"]["normalised"] == 2
    assert fields["currency"]["extra"] == 2
    assert (fields["line_items"]["exact"], fields["line_items"]["wrong"]) == (2, 2)
    assert (fields["line_items.total"]["exact"], fields["line_items.total"]["wrong"]) == (2, 2)
    assert fields["line_items.quantity"]["exact"] == 4
    assert (found["rows_scored"], found["rows_right"]) == (2, 0)
    assert found["refused"]["by_kind"] == {"nothing_extracted": 1}
    assert found["no_outcome"]["documents"] == 1
    assert "1 truths are about documents that the output has nothing of" in printed.out
    assert found["without_truth"] == 1  # the fourth
    assert fourth not in json.dumps(found)
    right = found["exact"] + found["normalised"]
    assert found["accuracy"] == pytest.approx(right / found["values"], abs=1e-6)
    assert Holdings(prefix.with_suffix(".html").read_text("utf-8")).open == []
    assert f"{found['accuracy']:.1%} right" in printed.out


def test_a_resumed_run_is_scored_with_the_rows_of_earlier_runs(
    job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it skipped is its result too; rows of other documents in the output are not."""
    paths = write_invoices(tmp_path / "in", 3)
    others = write_invoices(tmp_path / "other", 1, seed=2)
    wrong = {"invoice_id": "B"}
    with answering([*paths, *others], [{}, wrong, {}, {}]) as endpoint:
        given = {"gemini_endpoint": endpoint.url}
        job(input=f"{tmp_path}/other/**", run_id="other", **given)
        paths[2].rename(tmp_path / "late.pdf")
        job(input=f"{tmp_path}/in/**", run_id="first", **given)
        (tmp_path / "late.pdf").rename(paths[2])
        resumed = job(input=f"{tmp_path}/in/**", run_id="second", **given)
        nothing = job(input=f"{tmp_path}/in/**", run_id="third", **given)
    assert (resumed.summary.rows, resumed.summary.skipped) == (1, 2)
    assert (nothing.summary.rows, nothing.summary.skipped) == (0, 3)
    truth = write_truth(tmp_path, *({"document": path.name, **TRUTH} for path in paths))
    for run in ("second", "third"):
        summary = tmp_path / "out" / "summaries" / f"{run}.json"
        prefix = tmp_path / f"report-{run}"
        code = evaluate([f"--rows={summary}", f"--truth={truth}", f"--report={prefix}"])
        assert code == 0, capsys.readouterr().err
        found = json.loads(prefix.with_suffix(".json").read_text("utf-8"))
        assert (found["rows_scored"], found["no_row"], found["without_truth"]) == (3, 0, 0)
        assert found["rows"]["documents"] == 3
        fields = {field["field"]: field for field in found["fields"]}
        assert (fields["invoice_id"]["exact"], fields["invoice_id"]["wrong"]) == (2, 1)
        (invoice,) = [each for each in found["wrong_documents"] if "invoice_id" in each["fields"]]
        assert invoice["document_uri"] == str(paths[1])


def test_a_field_that_no_row_has_is_refused(
    rows: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is launched, with what there is; of the paths of a list too."""
    truth = write_truth(tmp_path, {"document": names(tmp_path)[0], **TRUTH})
    for given, hint in {
        "invoice_id,total_amout": "no column 'total_amout'; did you mean 'total_amount'?",
        "line_items.total": "no column 'line_items.total'; did you mean 'line_items'?",
        "provenance": "no column 'provenance'; They have invoice_id, vendor_name",
    }.items():
        assert evaluate([f"--rows={rows}", f"--truth={truth}", f"--fields={given}"]) == 2
        said = capsys.readouterr().err
        assert hint in said
        assert said.count("\n") == 1


def test_a_gate_for_accuracy(rows: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Below the accuracy asked for the exit code is 1; fields and tolerance decide what counts."""
    truth = write_truth(tmp_path, {"document": names(tmp_path)[0], **TRUTH})
    given = [f"--rows={rows}", f"--truth={truth}"]
    assert evaluate([*given, "--min_accuracy=1"]) == 1
    assert "90.00% are right; --min_accuracy asks for 100.00%" in capsys.readouterr().err
    assert evaluate([*given, "--min_accuracy=0.9"]) == 0
    assert evaluate([*given, "--min_accuracy=1", "--fields=invoice_id,total_amount"]) == 0
    assert evaluate([*given, "--min_accuracy=1", "--tolerance=0.5"]) == 0


def test_an_ambiguous_name_is_told_and_not_scored(
    rows: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A truth that contradicts another is no truth; nothing scored is no accuracy."""
    name = names(tmp_path)[0]
    truth = write_truth(tmp_path, {"document": name, "invoice_id": "A-1"},
                        {"document": name, "invoice_id": "A-2"})  # fmt: skip
    assert evaluate([f"--rows={rows}", f"--truth={truth}", "--min_accuracy=0.1"]) == 1
    printed = capsys.readouterr()
    assert "2 truths were not scored" in printed.out
    assert "Nothing could be scored" in printed.out


def test_a_truth_that_cannot_be_read_fails_with_its_line(
    rows: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence shows the line that is wrong."""
    truth = tmp_path / "truth.jsonl"
    truth.write_text('{"total_amount": 1}\n')
    assert evaluate([f"--rows={rows}", f"--truth={truth}"]) == 1
    said = capsys.readouterr().err
    assert "names no document" in said
    assert "(truth_unusable)" in said


def test_what_cannot_be_run_is_said_in_one_line(
    rows: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each mistake is exit code 2 and one sentence, before anything is launched."""
    truth = write_truth(tmp_path, {"document": "a", "invoice_id": "A-1"})
    for text, arguments in {
        "--rows is required": [f"--truth={truth}"],
        "--truth is required": [f"--rows={rows}"],
        "--truth: ": [f"--rows={rows}", f"--truth={tmp_path}/none.jsonl"],
        "--min_accuracy": [f"--rows={rows}", f"--truth={truth}", "--min_accuracy=98"],
        "--tolerance": [f"--rows={rows}", f"--truth={truth}", "--tolerance=-1"],
        "is the summary of run 'r'": [f"--rows={rows}", f"--truth={truth}", "--run_id=s"],
    }.items():
        assert evaluate(arguments) == 2, text
        said = capsys.readouterr().err
        assert text in said
        assert said.count("\n") == 1


def test_the_answer_and_its_truth_agree_on_what_they_are_about() -> None:
    """The truth of these tests has the columns that the answer has."""
    assert set(ANSWER) <= set(TRUTH)
