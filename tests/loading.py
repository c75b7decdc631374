"""The load step by itself, with rows of three documents: what tests of it share."""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import apache_beam as beam
from place import Place

from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import table_schema
from sluicegate.records import Row, Usage
from sluicegate.storage.load_job import LoadTarget
from sluicegate.storage.load_parts import LoadLimits
from transforms.outputs.bigquery_load import LoadFiles, LoadPlan, WriteFiles


def plan_of(place: Place, limits: LoadLimits | None = None) -> LoadPlan:
    """Return a plan for rows of the invoice's columns."""
    return LoadPlan(
        LoadTarget(place.table, place.cloud.project),
        table_schema(INVOICE.fields)["fields"],
        f"r-{place.name}",
        f"gs://sluicegate/{place.name}/temp",
        limits or LoadLimits(),
    )


def run_load(plan: LoadPlan, place: Place, bundles: int = 1) -> list[str]:
    """Load rows of a, b and c, in so many files; return the ids of the load jobs."""
    found = place.folder / f"ids-{uuid.uuid4().hex}"
    with beam.Pipeline() as job:
        files = [
            job
            | f"Names {number}" >> beam.Create([*"abc"], reshuffle=False)
            | f"Rows {number}" >> beam.Map(row)
            | f"Files {number}" >> beam.ParDo(WriteFiles(plan))
            for number in range(bundles)
        ]
        ids = files | beam.Flatten() | LoadFiles(plan) | beam.combiners.ToList()
        _ = ids | "Keep ids" >> beam.Map(lambda ids: found.write_text(json.dumps(sorted(ids))))
    return list(json.loads(found.read_text()))


def row(name: str) -> Row:
    """Return a row with nothing but what every row has."""
    values = {
        "document_uri": name,
        "processed_at": datetime(2026, 11, 26, tzinfo=UTC),
        "provenance": {"warnings": []},
    }
    return Row(name, values, Usage(), Decimal(0), 0, 0, journaled=True)
