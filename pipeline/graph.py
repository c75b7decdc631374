"""The graph: a table of contents of the job. Logic lives in the steps, decisions in core."""

from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipeline.settings import Settings, Table
from transforms.batch import Batch
from transforms.core.batching import BatchLimits
from transforms.core.records import Document
from transforms.core.summary import RunInfo
from transforms.generate import Generate
from transforms.match import Match
from transforms.replay import Replay, Replayed
from transforms.skip_done import SkipDone, Todo
from transforms.summarise import Summarise
from transforms.validate import Validate
from transforms.write_failures import WriteFailures
from transforms.write_rows import WriteRowsToBigQuery, WriteRowsToFiles


def build(root: beam.Pipeline, settings: Settings) -> None:
    """Add every step of a run to the pipeline.

    patterns, ── Match ── Skip done ── Batch ── Generate ── Validate ── rows ──> table or files
    replayed       │          │                    │            │
    failures       │          └─> skipped          │            │
                   └───────────────────────────────┴────────────┴── failures ──> JSON Lines
    all outcomes ── Summarise ──> the ledger, balanced or the run fails
    """
    run_id = settings.run_id
    replayed = _replayed(root, settings)
    documents = replayed.found | "Match" >> Match(settings.input, run_id)
    todo = _todo(documents.ok, settings)
    batches = todo.ok | "Batch" >> Batch(BatchLimits())
    answers, stats = batches | "Generate" >> Generate(
        settings.connect, settings.connect.engine.pacer.max_in_flight, run_id
    )
    rows = answers.ok | "Validate" >> Validate(settings.document_type, run_id)

    failures = (documents.failed, answers.failed, rows.failed) | "Failures" >> beam.Flatten()
    landed = (
        rows.ok | "Write rows" >> _rows_sink(settings),
        failures
        | "Write failures" >> WriteFailures(settings.failures, run_id, settings.document_type.name),
    )

    {
        "matched": documents.ok,
        "unmatched": documents.failed,
        "rows": rows.ok,
        "failures": failures,
        "skipped": todo.skipped,
        "unusable": replayed.unusable,
        "stats": stats,
        "landed": (landed[0] | "Rows landed" >> beam.Map(_done), landed[1])
        | "Landed" >> beam.Flatten(),
    } | "Summarise" >> Summarise(_run_info(settings), settings.summary)


def _replayed(root: beam.Pipeline, settings: Settings) -> Replayed:
    again = settings.reprocessing
    if again.replay:
        return root | "Replay" >> Replay(again.replay, again.choice, settings.run_id)
    return Replayed(root | "Replay" >> _nothing(), root | "Unusable" >> _nothing())


def _todo(documents: PCollection[Document], settings: Settings) -> Todo:
    if settings.landed:
        step = SkipDone(settings.landed, settings.wanted, settings.run_id)
        return documents | "Skip done" >> step
    return Todo(documents, documents.pipeline | "Skip done" >> _nothing())


def _nothing() -> beam.PTransform:
    return beam.Create([], reshuffle=False)


def _rows_sink(settings: Settings) -> beam.PTransform:
    if isinstance(settings.output, Table):
        return WriteRowsToBigQuery(str(settings.output), settings.columns, settings.temp_location)
    return WriteRowsToFiles(settings.rows_prefix, settings.columns, settings.run_id)


def _run_info(settings: Settings) -> RunInfo:
    return RunInfo(
        run_id=settings.run_id,
        started_at=settings.started_at,
        rows_uri=settings.rows_uri,
        failures_uri=settings.failures_uri,
        settings=settings.describe(),
    )


def _done(what: Any) -> str:
    return str(what)
