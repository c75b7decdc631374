"""`python -m pipeline.correct`: corrections land beside the rows, and a view prefers them."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from place import Place
from support import read_rows

from pipeline.reviewing.command import review
from pipeline.reviewing.landing import correct


def line(uri: str, verdict: str, **more: Any) -> dict[str, Any]:
    """Return a line of truth as the page writes it."""
    said = {
        "reviewer": "anna", "reviewed_at": "2026-11-27T08:00:00.000Z", "verdict": verdict,
        "queue": "worst", "document_type": "invoice", "document_version": "1",
        "request_identity": "i", "run_id": "r", "looked_at": ["total_amount"],
    }  # fmt: skip
    review = said | more.pop("review", {})
    return {"document_uri": uri, **more, "review": review}


VALUES = {
    "invoice_id": "A-1", "vendor_name": "Nuts GmbH", "invoice_date": "2026-11-01",
    "currency": "EUR", "total_amount": "12.50",
    "line_items": [{"description": "Nuts", "quantity": "2", "total": "12.5"}],
}  # fmt: skip


def write(folder: Path, *lines: dict[str, Any]) -> Path:
    """Write corrections."""
    path = folder / "corrections.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines), "utf-8")
    return path


def test_corrections_land_as_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Values as their columns have them, who said so when, and what was deleted; no others."""
    given = write(
        tmp_path,
        line("a.pdf", "corrected", **VALUES, line_items_scored=False),
        line("b.pdf", "deleted", expect="nothing"),
        line("c.pdf", "right", expect="nothing"),
        line("d.pdf", "unseen", record_index=0, **VALUES),
        line("d.pdf", "added", record_index=1, **VALUES),
        line("d.pdf", "deleted", review={"record_index": 2}),
    )
    code = correct(
        [f"--corrections={given}", f"--output={tmp_path / 'out'}", "--output_format=jsonl"]
    )
    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert "4 corrections are in" in printed.err
    rows = read_rows(f"{next((tmp_path / 'out/rows').iterdir())}/rows-*.jsonl")
    found = {(row["document_uri"], row["record_index"]): row for row in rows}
    assert {key: row["review"]["verdict"] for key, row in found.items()} == {
        ("a.pdf", 0): "corrected",
        ("b.pdf", 0): "deleted",
        ("d.pdf", 1): "added",
        ("d.pdf", 2): "deleted",
    }
    first = found["a.pdf", 0]
    assert (first["total_amount"], first["line_items"][0]["total"]) == ("12.5", "12.5")
    assert first["review"]["reviewed_at"] == "2026-11-27T08:00:00.000000Z"
    assert first["review"]["looked_at"] == ["total_amount"]
    assert first["provenance"]["document_version"] == "1"
    assert found["b.pdf", 0]["invoice_id"] is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('{"document_uri": "a", "total_amount": "1,5", "review": {"verdict": "right"}}',
         "total_amount '1,5' is no decimal"),
        ('{"document_uri": "a", "total_amount": "1e40", "review": {"verdict": "right"}}',
         "does not fit NUMERIC"),
        ('{"document_uri": "a"}', "it is no correction"),
        ("[]", "line 1 is not an object"),
        ("{", "line 1 is not JSON"),
        ("", "has no correction of a record"),
    ],
)  # fmt: skip
def test_what_cannot_be_landed_is_said(
    given: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing lands of a file with a line that is wrong."""
    path = tmp_path / "corrections.jsonl"
    path.write_text(given)
    code = correct([f"--corrections={path}", f"--output={tmp_path / 'out'}"])
    assert code in (1, 2)
    assert says in capsys.readouterr().err
    assert not list(tmp_path.glob("out/rows/*/rows-*"))


@pytest.fixture
def place(place: Place) -> Place:
    """Return a table with the rows of three documents."""
    place.run()
    return place


def test_the_view_prefers_corrections(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Current rows but for those that were corrected or deleted, of the file as it is."""
    columns = "document_uri AS uri, provenance.document_version AS version, total_amount AS total"
    query = f"SELECT {columns} FROM `{place.table}`"
    before = {row["uri"]: dict(row) for row in place.client.query_and_wait(query)}
    corrected, deleted, replaced = sorted(before)
    about = {uri: {"document_version": before[uri]["version"]} for uri in before}
    given = write(
        tmp_path,
        line(corrected, "corrected", **VALUES, review=about[corrected]),
        line(deleted, "deleted", expect="nothing", review=about[deleted]),
        line(replaced, "corrected", **VALUES, review={"document_version": "another"}),
        line("gs://b/failed.pdf", "added", **VALUES),
    )
    name = f"{place.cloud.project}:tests.{place.name}"
    flags = [
        f"--corrections={given}", f"--rows={name}", f"--output={name}_corrections",
        f"--project={place.cloud.project}", f"--temp_location=gs://sluicegate/{place.name}/temp",
    ]  # fmt: skip
    for _ in range(2):  # landed twice they count once
        assert correct(flags) == 0
    assert f"{place.name}_reviewed has the current rows" in capsys.readouterr().err
    query = f"SELECT * FROM `{place.table}_reviewed`"
    rows = [dict(row) for row in place.client.query_and_wait(query)]
    found = {row["document_uri"]: row for row in rows}
    assert len(rows) == 3
    assert set(found) == {corrected, replaced, "gs://b/failed.pdf"}
    assert found[corrected]["total_amount"] == Decimal("12.5")
    assert found[corrected]["review"]["reviewer"] == "anna"
    assert found[replaced]["total_amount"] == before[replaced]["total"]
    assert found[replaced]["review"] is None


def test_a_table_is_reviewed_with_documents_on_cloud_storage(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows by the Storage Read API, pages from where the documents lie now."""
    place.cloud.upload("sluicegate", tmp_path / "in", f"{place.name}/moved")
    for path in (tmp_path / "in").iterdir():
        path.unlink()
    flags = [
        f"--rows={place.cloud.project}:tests.{place.name}", f"--output={tmp_path / 'review'}",
        f"--documents=gs://sluicegate/{place.name}/moved", "--no_ocr",
    ]  # fmt: skip
    assert review(flags) == 0, capsys.readouterr().err
    assert len(list((tmp_path / "review/pages").glob("*-0.webp"))) == 3
    page = (tmp_path / "review/index.html").read_text("utf-8")
    assert page.count('"note":""') == 3
