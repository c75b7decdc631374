"""Preflight: everything about a run that can be known wrong before it is launched."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import google.auth
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery

from pipeline.settings import Settings, Table
from transforms.core.faults import UsageFault
from transforms.core.landed import Landed
from transforms.core.matching import LIST_MARK, check_pattern, reaches
from transforms.core.storage import NotFound, StoreError, is_gcs, join, store_for
from transforms.core.storage.patterns import literal
from transforms.write_rows import PARTITIONING


def check(settings: Settings) -> Settings:
    """Return the settings with the table's columns as they are once this has made it fit.

    Raises UsageFault for input without files, places that cannot be written, no credentials. The
    table is created or extended here: load jobs of a run should find it as they need it.
    """
    for pattern in settings.input:
        check_pattern(pattern)
        _check_apart(pattern, settings)
    for name, place in (("failures", settings.failures), ("journal", settings.journal)):
        _check_place(name, place)
    _check_summary(settings.summary)
    if not isinstance(settings.output, Table):
        _check_place("output", settings.output)
    for pattern in settings.reprocessing.replay:
        check_pattern(pattern, "replay")
    _check_credentials(settings)
    _check_fresh(settings)
    if isinstance(settings.output, Table):
        settings = replace(settings, columns=ensure_table(settings.output, settings.columns))
    return replace(settings, landed=_landed(settings)) if settings.reprocessing.resume else settings


def _landed(settings: Settings) -> Landed | None:
    """Return where rows of earlier runs are; None where there can be none."""
    if isinstance(settings.output, Table):
        return Landed(table=str(settings.output))
    files = join(literal(settings.rows_prefix), "*/rows-*.avro")
    return Landed(files=files) if any_match(files) else None


def any_match(pattern: str) -> bool:
    """Tell whether a pattern matches anything now; one page of listing at most."""
    try:
        return next(iter(store_for(pattern).list(pattern)), None) is not None
    except NotFound:
        return False
    except StoreError as error:
        raise UsageFault(str(error)) from error


def _check_apart(pattern: str, settings: Settings) -> None:
    """Refuse a pattern that would match what the run writes: the next run would read it."""
    if pattern.startswith(LIST_MARK):
        return
    places = {"failures": settings.failures, "journal": settings.journal}
    if not isinstance(settings.output, Table):
        places["output"] = settings.rows_prefix
    for name, place in places.items():
        if reaches(pattern, join(place, "run/part")):
            raise UsageFault(
                f"input {pattern!r} matches what is written under --{name} ({place}); "
                "write outside the input, or name the documents by their ending"
            )


def _check_fresh(settings: Settings) -> None:
    """Refuse a run id that was used before: its rows and failures would be written over."""
    files = [settings.failures_uri]
    if not isinstance(settings.output, Table):
        files.append(settings.rows_uri)
    if settings.run_id in settings.summary:
        files.append(settings.summary)
    try:
        used = [uri for uri in files if next(iter(store_for(uri).list(uri)), None)]
    except StoreError as error:
        raise UsageFault(f"--run_id: {error}") from error
    if used:
        raise UsageFault(
            f"run {settings.run_id!r} was there before: {used[0]} exists; "
            "give another --run_id, or none"
        )


def _check_place(name: str, place: str) -> None:
    try:
        store_for(place).check_writable(place)
    except StoreError as error:
        raise UsageFault(f"--{name}: {error}") from error


def _check_summary(uri: str) -> None:
    _check_place("summary", uri.rpartition("/")[0] or ".")
    if not is_gcs(uri) and Path(uri).is_dir():
        raise UsageFault(f"--summary: {uri!r} is a folder; give the name of a file")


def _check_credentials(settings: Settings) -> None:
    connection = settings.connect.connection
    if not connection.is_vertex or connection.endpoint.startswith("http://"):
        return
    try:
        google.auth.default()
    except auth.DefaultCredentialsError as error:
        raise UsageFault(
            "no Google Cloud credentials for Vertex AI: run "
            "'gcloud auth application-default login', or set GEMINI_API_KEY"
        ) from error


def ensure_table(table: Table, schema: dict[str, Any]) -> dict[str, Any]:
    """Create the table, or add the columns that it lacks, all nullable; return all its columns.

    Raises UsageFault for a missing dataset, for a column that changed its type or mode, and for
    anything BigQuery refuses.
    """
    reference = f"{table.project}.{table.dataset}.{table.name}"
    wanted = [bigquery.SchemaField.from_api_repr(column) for column in schema["fields"]]
    try:
        client = bigquery.Client(project=table.project)
        try:
            existing = client.get_table(reference)
        except api.NotFound:
            _create(client, table, reference, wanted)
            return schema
        # Rows are loaded in the table's order and with all its columns.
        columns = [*existing.schema, *_extend(client, reference, existing.schema, wanted)]
        return {"fields": [column.to_api_repr() for column in columns]}
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        reason = " ".join(str(getattr(error, "message", error)).split())[:300]
        raise UsageFault(f"--output {table}: {reason}") from error


def _create(
    client: bigquery.Client, table: Table, reference: str, wanted: list[bigquery.SchemaField]
) -> None:
    try:
        client.get_dataset(f"{table.project}.{table.dataset}")
    except api.NotFound:
        raise UsageFault(
            f"--output {table}: there is no dataset {table.project}:{table.dataset}; "
            f"create it with: bq mk --dataset {table.project}:{table.dataset}"
        ) from None
    new = bigquery.Table(reference, schema=wanted)
    new.time_partitioning = bigquery.TimePartitioning.from_api_repr(
        PARTITIONING["timePartitioning"]
    )
    client.create_table(new, exists_ok=True)


def _extend(
    client: bigquery.Client,
    reference: str,
    existing: list[bigquery.SchemaField],
    wanted: list[bigquery.SchemaField],
) -> list[bigquery.SchemaField]:
    """Add what is wanted and missing to the end of the table, and return it."""
    have = {field.name.lower(): field for field in existing}
    names = {field.name.lower() for field in wanted}
    for name, field in have.items():
        if field.mode == "REQUIRED" and name not in names:
            raise UsageFault(
                f"--output: table {reference} requires a column {field.name!r} that the document "
                "type does not have; write to another table, or make the column NULLABLE"
            )
    for field in wanted:
        old = have.get(field.name.lower())
        if old is None:
            continue
        difference = _difference(old, field)
        if difference:
            raise UsageFault(
                f"--output: table {reference} does not fit the document type: {difference}; "
                "write to another table, or change the column"
            )
    added = [field for field in wanted if field.name.lower() not in have]
    for field in added:
        client.query_and_wait(
            f"ALTER TABLE `{reference}` ADD COLUMN IF NOT EXISTS `{field.name}` {_ddl(field)}"
        )
    return added


def _difference(old: bigquery.SchemaField, new: bigquery.SchemaField) -> str:
    if _CANONICAL.get(old.field_type, old.field_type) != _CANONICAL.get(
        new.field_type, new.field_type
    ):
        return f"column {new.name!r} is {old.field_type}, the type wants {new.field_type}"
    if (old.mode == "REPEATED") != (new.mode == "REPEATED"):
        return f"column {new.name!r} is {old.mode}, the type wants {new.mode}"
    inner = {field.name.lower(): field for field in old.fields}
    for field in new.fields:
        if field.name.lower() not in inner:
            return f"record {new.name!r} has no field {field.name!r}"
        difference = _difference(inner[field.name.lower()], field)
        if difference:
            return difference
    return ""


_CANONICAL = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}


def _ddl(field: bigquery.SchemaField) -> str:
    kind = _CANONICAL.get(field.field_type, field.field_type)
    if kind == "STRUCT":
        inner = ", ".join(f"`{child.name}` {_ddl(child)}" for child in field.fields)
        kind = f"STRUCT<{inner}>"
    return f"ARRAY<{kind}>" if field.mode == "REPEATED" else str(kind)
