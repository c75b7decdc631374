"""SkipDone: documents are done or to do by the rows of the output, read from files."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
import fastavro
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import avro_schema, table_schema
from sluicegate.gemini.response_schema import question
from sluicegate.landing.earlier_rows import Wanted
from sluicegate.records import Document, FallbackSpend
from transforms.outputs.files import StoredFiles
from transforms.skip_done import SkipDone

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def wanted(document_type: DocumentType, model: str) -> Wanted:
    """Return what a run with that type and model wants."""
    return Wanted.of(document_type, question(document_type, model))


WANTED = wanted(INVOICE, "m")
SCHEMA = fastavro.parse_schema(avro_schema(table_schema(INVOICE.fields), "Row"))


def document(name: str, content: str = "") -> Document:
    """Return a document with a content."""
    return Document(name, 1, "1", digest=f"md5:{content or name}")


def row(of: Document, minutes: int = 0, **provenance: Any) -> dict[str, Any]:
    """Return a document's row."""
    origin = {
        "request_identity": WANTED.questions[0].about(of.digest).identity,
        "document_type": "invoice",
        "document_type_version": INVOICE.version,
        "warnings": [],
        **provenance,
    }
    made = NOON + timedelta(minutes=minutes)
    lists: dict[str, Any] = {"line_items": [], "evidence": []}
    return {"document_uri": of.uri, "processed_at": made, **lists, "provenance": origin}


def write(path: Path, *rows: dict[str, Any]) -> None:
    """Write a file of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        fastavro.writer(file, SCHEMA, rows)


def check(folder: Path, documents: list[Document], todo: str, skipped: str) -> None:
    """Run the step over the folder's rows; check the names that come out on either side."""
    with Pipeline() as pipeline:
        found = (
            pipeline
            | beam.Create(documents)
            | SkipDone(StoredFiles(f"{folder}/*/rows-*.{{avro,parquet,jsonl}}"), WANTED, "r")
        )
        for label, names, side in (("todo", todo, found.ok), ("skipped", skipped, found.skipped)):
            uris = side | f"Names {label}" >> beam.Map(lambda document: document.uri)
            assert_that(uris, equal_to(sorted(names)), label)


def test_documents_are_sorted_by_their_current_rows(tmp_path: Path) -> None:
    """Done, changed, never seen, landed in several runs: each goes where it belongs."""
    a, b, c, d = (document(name) for name in "abcd")
    write(tmp_path / "r1/rows-00000-of-00002.avro", row(a), row(document("b", "older")), row(d, 9))
    write(tmp_path / "r1/rows-00001-of-00002.avro", row(document("gone")))
    write(tmp_path / "r2/rows-00000-of-00001.avro", row(d, 5, request_identity="old"))
    check(tmp_path, [a, b, c, d], todo="bc", skipped="ad")


def test_a_damaged_file_counts_as_absent_and_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even its first rows count: the advice in the log is to delete it."""
    a, b = document("a"), document("b")
    write(tmp_path / "r1/rows-0.avro", row(a))
    write(tmp_path / "r2/rows-0.avro", *[row(b)] * 500)
    path = tmp_path / "r2/rows-0.avro"
    path.write_bytes(path.read_bytes()[:-5])
    with caplog.at_level(logging.WARNING, "sluicegate"):
        check(tmp_path, [a, b], todo="b", skipped="a")
    assert str(path) in caplog.text
    assert "its documents are done again" in caplog.text


def test_a_file_of_many_rows_is_read_again_and_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All of its rows count, or none: one that is damaged near its end counts as absent."""
    monkeypatch.setattr("transforms.outputs.files._MARKS_HELD", 3)
    write(tmp_path / "r1/rows-0.avro", *map(row, map(document, "abc")))
    write(tmp_path / "r2/rows-0.avro", *map(row, map(document, "defgh")))
    write(tmp_path / "r3/rows-0.avro", *map(row, map(document, "ijkl")))
    path = tmp_path / "r3/rows-0.avro"
    path.write_bytes(path.read_bytes()[:-5])
    with caplog.at_level(logging.WARNING, "sluicegate"):
        check(tmp_path, [*map(document, "abcdefghijkl")], todo="ijkl", skipped="abcdefgh")
    assert caplog.text.count("counts as absent") == 1


def test_a_document_comes_out_of_the_join_as_it_went_in(tmp_path: Path) -> None:
    """It passes a shuffle in parts, and nothing of it is lost."""
    whole = Document("a", 7, "9", "image/png", "md5:ab", FallbackSpend(attempts=2, remarks=("m",)))
    bare = Document("b", 0)
    write(tmp_path / "r1/rows-0.avro", row(whole))
    with Pipeline() as pipeline:
        landed = StoredFiles(f"{tmp_path}/*/rows-*.avro")
        found = pipeline | beam.Create([whole, bare]) | SkipDone(landed, WANTED, "r")
        assert_that(found.ok, equal_to([bare]), "todo")
        assert_that(found.skipped, equal_to([whole]), "skipped")


def test_what_was_being_written_when_a_run_was_killed_is_not_read(tmp_path: Path) -> None:
    """Neither Beam's temporary files nor other files of the folder."""
    a = document("a")
    write(tmp_path / "r1/beam-temp-rows-3f/1a.rows.avro", row(a))
    write(tmp_path / "r1/rows-0.avro.part", row(a))
    check(tmp_path, [a], todo="a", skipped="")


def test_the_same_file_twice_among_the_documents_is_decided_twice(tmp_path: Path) -> None:
    """Nothing is lost in the join, whatever the step is given."""
    a = document("a")
    write(tmp_path / "r1/rows-0.avro", row(a))
    check(tmp_path, [a, a, document("b"), document("b")], todo="bb", skipped="aa")


def test_an_output_that_cannot_be_read_is_the_jobs_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every document would be done again without a word."""
    write(tmp_path / "r1/rows-0.avro", row(document("a")))

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr("transforms.outputs.files.FileSystems.open", refuse)
    with pytest.raises(Exception, match="output_unreadable"):
        check(tmp_path, [document("a")], todo="a", skipped="")
