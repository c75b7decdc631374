"""Run again: only what is missing is done, and nothing is bought twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import Job, Landed, read_rows, sha256, write_invoices

from emulators.gemini import GeminiEndpoint

TYPE: dict[str, Any] = {
    "name": "slip",
    "version": "1",
    "prompt": "Read the slip.",
    "schema": {
        "type": "object",
        "required": ["invoice_id"],
        "properties": {"invoice_id": {"type": "string"}, "total": {"type": "number"}},
    },
}


def type_file(folder: Path, **changes: Any) -> str:
    """Write a document type with some of it changed."""
    path = folder / "slip.yaml"
    path.write_text(json.dumps({**TYPE, **changes}))
    return str(path)


def with_field(**field: Any) -> dict[str, Any]:
    """Return the type's schema with one more optional field."""
    properties = {**TYPE["schema"]["properties"], **field}
    return {**TYPE["schema"], "properties": properties}


def counts(landed: Landed) -> tuple[int, int, int, int]:
    """Return matched documents, rows, skipped, and calls."""
    summary = landed.summary
    assert summary.balanced
    assert len(landed.rows) == summary.rows
    return summary.matched, summary.rows, summary.skipped, summary.calls


def current(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the current rows of all runs by document, as README says how."""
    rows = [row for run in (folder / "out/rows").iterdir() for row in read_rows(f"{run}/*.avro")]
    return {row["document_uri"]: row for row in sorted(rows, key=lambda row: row["processed_at"])}


def test_only_what_is_missing_or_changed_is_done(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Nothing, then one new and one changed document, then nothing; overlapping patterns too."""
    first, second, _third = write_invoices(tmp_path / "in", 3)
    settings = {"input": f"{tmp_path}/in/**,{tmp_path}/in/*.pdf"}
    assert counts(job(**settings)) == (3, 3, 0, 3)
    again = job(**settings)
    assert counts(again) == (3, 0, 3, 0)
    assert again.summary.cost_usd == "0"

    first.write_bytes(first.read_bytes() + b"\n% changed")
    (new,) = write_invoices(tmp_path / "in", 1, first=7)
    landed = job(**settings)
    assert counts(landed) == (4, 2, 2, 2)
    assert set(landed.extracted) == {str(first), str(new)}
    assert counts(job(**settings)) == (4, 0, 4, 0)
    assert len(current(tmp_path)) == 4

    # Changed back: its current row is the wrong one, and the journal still has the right answer.
    first.write_bytes(second.read_bytes())
    landed = job(**settings)
    assert counts(landed) == (4, 1, 3, 0)
    assert landed.extracted[str(first)]["provenance"]["journaled"]
    assert endpoint.stats()["calls"] == 5


def test_one_word_of_the_prompt_redoes_all_and_a_version_is_free(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Another prompt is asked anew; another version of the type makes rows of what was answered."""
    write_invoices(tmp_path / "in", 2)
    kind = type_file(tmp_path)
    settings = {"input": f"{tmp_path}/in/**", "document_type": kind}
    assert counts(job(**settings)) == (2, 2, 0, 2)
    type_file(tmp_path, prompt="Read this slip.")
    assert counts(job(**settings)) == (2, 2, 0, 2)
    assert counts(job(**settings)) == (2, 0, 2, 0)
    type_file(tmp_path, prompt="Read this slip.", version="2")
    landed = job(**settings)
    assert counts(landed) == (2, 2, 0, 0)
    assert {row["provenance"]["document_type_version"] for row in landed.rows} == {"2"}
    # Another type beside it has rows of its own.
    type_file(tmp_path, name="other", prompt="Read this slip.")
    assert counts(job(**settings)) == (2, 2, 0, 0)
    assert endpoint.stats()["calls"] == 4


def test_an_optional_field_is_added_without_a_call(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """--revalidate lands all rows from answers to the earlier schema; then nothing is to do."""
    write_invoices(tmp_path / "in", 2)
    kind = type_file(tmp_path)
    settings = {"input": f"{tmp_path}/in/**", "document_type": kind}
    job(**settings)
    type_file(tmp_path, schema=with_field(iban={"type": "string"}))
    landed = job(**settings, revalidate=True)
    assert counts(landed) == (2, 2, 0, 0)
    for row in landed.rows:
        assert row["iban"] is None
        assert row["provenance"]["journaled"]
        assert row["provenance"]["cost_usd"] == 0
        assert "answered for another schema" in row["provenance"]["warnings"][0]
    assert counts(job(**settings, revalidate=True)) == (2, 0, 2, 0)
    assert counts(job(**settings)) == (2, 0, 2, 0)
    # Who wants the field filled after all asks for it.
    landed = job(**settings, no_resume=True)
    assert counts(landed) == (2, 2, 0, 2)
    assert all(row["iban"] for row in landed.rows)
    assert not any("another schema" in str(row["provenance"]["warnings"]) for row in landed.rows)
    assert endpoint.stats()["calls"] == 4


def test_all_again_from_the_journal_or_not(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """--no_resume makes every row anew for free; with --ignore_journal it pays."""
    paths = write_invoices(tmp_path / "in", 2)
    twin = tmp_path / "in/twin.pdf"
    twin.write_bytes(paths[0].read_bytes())
    settings = {"input": f"{tmp_path}/in/**"}
    assert counts(job(**settings)) == (3, 3, 0, 2)
    free = job(**settings, no_resume=True)
    assert counts(free) == (3, 3, 0, 0)
    assert free.summary.journaled == 3
    assert counts(job(**settings, ignore_journal=True)) == (3, 0, 3, 0)
    assert counts(job(**settings, no_resume=True, ignore_journal=True)) == (3, 3, 0, 2)
    assert endpoint.stats()["calls"] == 4


def test_a_damaged_file_of_rows_costs_nothing(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its documents land again from the journal; the file is named."""
    write_invoices(tmp_path / "in", 2)
    first = job(input=f"{tmp_path}/in/**")
    (path,) = (tmp_path / "out/rows" / first.summary.run_id).glob("rows-*.avro")
    path.write_bytes(path.read_bytes()[:-30])
    assert counts(job(input=f"{tmp_path}/in/**")) == (2, 2, 0, 0)
    assert str(path) in caplog.text


def test_refused_newcomers_are_not_taken_for_a_refused_job(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """What landed is skipped and proves nothing any more; that it once did is remembered."""
    write_invoices(tmp_path / "in", 2)
    settings = {"input": f"{tmp_path}/in/**"}
    job(**settings)
    newcomers = write_invoices(tmp_path / "in", 12, first=20)
    message = "Request contains an invalid argument."
    fault = {"fault": "http_400_document", "message": message}
    endpoint.set_behaviour(faults=[{**fault, "match": sha256(path)} for path in newcomers])
    landed = job(**settings)
    assert landed.summary.failures_by_code == {"document_rejected": 12}
    assert landed.summary.skipped == 2
