"""Run again on BigQuery: what landed is read from the table, and the view has one row of each."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from place import Place
from support import write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint

Run = Callable[..., Any]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["invoice_id"],
    "properties": {
        "invoice_id": {"type": "string"},
        "line_items": {
            "type": "array",
            "items": {"type": "object", "properties": {"text": {"type": "string"}}},
        },
    },
}


class RunAgain(Place):
    """A table with documents beside it, and what is asked of both between runs."""

    def kind(self, schema: dict[str, Any], name: str = "slip", prompt: str = "Read it.") -> str:
        """Write a document type and return its file."""
        file = {"name": name, "version": "1", "prompt": prompt, "schema": schema}
        (self.folder / "type.yaml").write_text(json.dumps(file))
        return str(self.folder / "type.yaml")

    def rows(self, table: str = "", columns: str = "*") -> list[dict[str, Any]]:
        """Select from the table, or another one."""
        query = f"SELECT {columns} FROM `{table or self.table}`"
        return [dict(row) for row in self.client.query_and_wait(query)]


@pytest.fixture
def place(cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path) -> RunAgain:
    """Return a place with three documents."""
    write_invoices(tmp_path / "in", 3)
    return RunAgain(cloud, endpoint, tmp_path)


def counts(summary: Any) -> tuple[int, int, int]:
    """Return rows, skipped and calls."""
    assert summary.balanced
    return summary.rows, summary.skipped, summary.calls


def test_reruns_and_changes_leave_one_current_row_of_each(place: RunAgain) -> None:
    """Nothing is done twice; after a new prompt the view shows the new rows, of each type one."""
    first = place.kind(SCHEMA)
    assert counts(place.run(document_type=first)) == (3, 0, 3)
    assert counts(place.run(document_type=first)) == (0, 3, 0)
    assert counts(place.run(document_type=place.kind(SCHEMA, prompt="Read!"))) == (3, 0, 3)
    assert counts(place.run()) == (3, 0, 3), "another type has rows of its own"
    # What two runs at once, or a load that outlived its run, leave behind:
    place.client.query_and_wait(
        f"INSERT INTO `{place.table}` SELECT * FROM `{place.table}` "
        "WHERE provenance.document_type = 'invoice'"
    )
    summary = place.run(document_type=place.kind(SCHEMA, prompt="Read!"))
    assert counts(summary) == (0, 3, 0)
    assert len(place.rows()) == 12
    latest = place.rows(f"{place.table}_latest")
    assert sorted(
        (row["document_uri"], row["provenance"]["document_type"]) for row in latest
    ) == sorted(
        (str(path), kind)
        for path in (place.folder / "in").iterdir()
        for kind in ("invoice", "slip")
    )
    slips = {row["provenance"]["request_identity"] for row in place.rows()
             if row["provenance"]["document_type"] == "slip"}  # fmt: skip
    assert len(slips) == 6
    assert len({row["provenance"]["run_id"] for row in latest}) == 2


def test_optional_fields_extend_the_table_in_records_too(place: RunAgain) -> None:
    """With --revalidate all rows land again from the journal; what was there before is null."""
    place.run(document_type=place.kind(SCHEMA))
    items = SCHEMA["properties"]["line_items"]["items"]["properties"]
    properties = {
        **SCHEMA["properties"],
        "iban": {"type": "string"},
        "line_items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {**items, "unit": {"type": "string"}},
            },
        },
    }
    longer = {**SCHEMA, "properties": properties}
    summary = place.run(document_type=place.kind(longer), revalidate=True)
    assert counts(summary) == (3, 0, 0)
    assert len(place.rows()) == 6
    found = {field.name: field for field in place.client.get_table(place.table).schema}
    assert found["iban"].mode == "NULLABLE"
    assert [field.name for field in found["line_items"].fields] == ["text", "unit"]
    # And back: the table keeps what the type has no longer.
    assert counts(place.run(document_type=place.kind(SCHEMA))) == (3, 0, 0)
    assert counts(place.run(document_type=place.kind(longer), no_resume=True)) == (3, 0, 3)
    rows = place.rows(f"{place.table}_latest")
    assert all(row["iban"] for row in rows)
    assert all(item["unit"] for row in rows for item in row["line_items"])


def test_a_table_that_cannot_take_the_rows_is_refused_with_what_to_run(place: RunAgain) -> None:
    """The statement that mends it, word for word; or another table's name, one that is free."""
    place.client.query_and_wait(
        f"CREATE TABLE `{place.table}` (invoice_id STRING, amount INT64, code STRING NOT NULL)"
    )
    place.client.query_and_wait(f"CREATE TABLE `{place.table}_v2` (x STRING)")
    properties = {"invoice_id": {"type": "string"}, "amount": {"type": "number"}}
    schema = {"type": "object", "required": ["invoice_id"], "properties": properties}
    with pytest.raises(pipeline.UsageFault) as refused:
        place.run(document_type=place.kind(schema))
    said = str(refused.value)
    for statement in (
        f"ALTER TABLE `{place.table}` ALTER COLUMN `amount` SET DATA TYPE NUMERIC",
        f"ALTER TABLE `{place.table}` ALTER COLUMN `code` DROP NOT NULL",
    ):
        assert statement in said
        place.client.query_and_wait(statement)
    assert f"--output={place.cloud.project}:tests.{place.name}_v3" in said
    assert place.endpoint.stats()["calls"] == 0

    text = {**schema, "properties": {**properties, "amount": {"type": "string"}}}
    with pytest.raises(pipeline.UsageFault, match="cannot be altered"):
        place.run(document_type=place.kind(text))


def test_rows_do_not_go_to_a_view_and_a_taken_name_is_left_alone(place: RunAgain) -> None:
    """The view's own name as --output is refused; a table of that name is nobody's to replace."""
    place.client.query_and_wait(f"CREATE TABLE `{place.table}_latest` (x STRING)")
    place.run()
    assert place.rows(f"{place.table}_latest") == []
    place.client.query_and_wait(f"CREATE VIEW `{place.table}_w` AS SELECT 1 AS x")
    with pytest.raises(pipeline.UsageFault, match="is a view"):
        place.run(output=f"{place.cloud.project}:tests.{place.name}_w")
