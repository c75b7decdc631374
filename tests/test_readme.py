"""README says what is: its tables match the code, and its example runs."""

import functools
import re
import shutil
from pathlib import Path

import pytest

import pipeline
from emulators.gemini import GeminiEndpoint
from sluicegate.document_types.table_schema import PROVENANCE_COLUMNS
from sluicegate.gemini.connection import API_KEY_VARIABLES

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text("utf-8")


def test_nothing_was_left_to_fill_in() -> None:
    """No placeholder stands where real output belongs."""
    assert "@@" not in README


def test_measured_figures_are_those_of_the_page() -> None:
    """Each cell of the table of measurements is a line of the published results."""
    page = (REPOSITORY / "docs/benchmarks.md").read_text("utf-8")
    lines = [line.split("|")[2:] for line in page.splitlines() if line.startswith("| ")]
    published = {(line[0].strip(), line[2].strip()) for line in lines}
    table = README.partition("## Measured beside")[2].partition("Where a script")[0]
    cells = re.findall(r" ([\d.]+) / ([\d.]+)(?:, ([\d,]+) lost)? \|", table)
    assert len(cells) > 20
    for goodput, waste, lost in cells:
        assert (f"{float(goodput):.3f}", f"{float(waste):.3f}") in published
        assert not lost or f"| {lost} |" in page


def test_every_column_of_provenance_is_named() -> None:
    """The reference of rows is complete."""
    for column in PROVENANCE_COLUMNS:
        assert f"`{column['name']}`" in README


def test_the_python_example_runs(
    endpoint: GeminiEndpoint,
    api_key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The example prints, file by file, the total or why it failed."""
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example
    documents = REPOSITORY / "samples" / "documents"
    (tmp_path / "invoices").mkdir()
    for name in ("invoice.pdf", "facture.pdf", "broken/encrypted.pdf"):
        shutil.copy(documents / name, tmp_path / "invoices")
    monkeypatch.chdir(tmp_path)
    local = functools.partial(pipeline.run, gemini_endpoint=endpoint.url)
    monkeypatch.setattr(pipeline, "run", local)
    exec(compile(example.group(1), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert re.search(r"invoices/invoice\.pdf \d+\.\d+ [A-Z]{3}", printed)
    assert "invoices/encrypted.pdf FAILED: encrypted the PDF needs a password" in printed
    assert "2 rows, 1 failures, $0.0" in printed
    assert API_KEY_VARIABLES[0] in README
