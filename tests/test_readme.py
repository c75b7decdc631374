"""What README and the page on running it show is what is: measured figures, and the example."""

import functools
import re
import shutil
from pathlib import Path

import pytest

import pipeline
from emulators.gemini import GeminiEndpoint

REPOSITORY = Path(__file__).parents[1]
CELL = re.compile(r" ([\d.]+) / ([\d.]+)(?:, ([\d,]+) lost)? \|")


@pytest.mark.parametrize(("page", "cells"), [("README.md", 13), ("docs/quotas.md", 73)])
def test_measured_figures_are_the_published_ones(page: str, cells: int) -> None:
    """Each cell of a table of measurements is a line of the published results."""
    published = (REPOSITORY / "benchmarks/README.md").read_text("utf-8")
    lines = [line.split("|")[2:] for line in published.splitlines() if line.startswith("| ")]
    known = {(line[0].strip(), line[2].strip()) for line in lines}
    table = (REPOSITORY / page).read_text("utf-8").partition("## Measured")[2]
    found = CELL.findall(table)
    assert len(found) >= cells
    for goodput, waste, lost in found:
        assert (f"{float(goodput):.3f}", f"{float(waste):.3f}") in known
        assert not lost or f"| {lost} |" in published


def test_the_python_example_runs(
    endpoint: GeminiEndpoint,
    api_key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The example prints, file by file, the total or why it failed."""
    page = (REPOSITORY / "docs/running.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    documents = REPOSITORY / "samples" / "documents"
    (tmp_path / "invoices").mkdir()
    for name in ("invoice.pdf", "facture.pdf", "broken/encrypted.pdf"):
        shutil.copy(documents / name, tmp_path / "invoices")
    monkeypatch.chdir(tmp_path)
    local = functools.partial(pipeline.run, gemini_endpoint=endpoint.url)
    monkeypatch.setattr(pipeline, "run", local)
    exec(compile(example, "running.md", "exec"), {})
    printed = capsys.readouterr().out
    assert re.search(r"invoices/invoice\.pdf \d+\.\d+ [A-Z]{3}", printed)
    assert "invoices/encrypted.pdf FAILED: encrypted the PDF needs a password" in printed
    assert "2 rows, 1 failures, $0.0" in printed
