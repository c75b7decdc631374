"""The graph: a table of contents of the job. Logic lives in the steps, decisions in core."""

from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipeline.settings import Settings
from sluicegate.asking.fallback import as_recorded, waiting_with_fallback_spend
from sluicegate.live.connect import Connect
from sluicegate.records import CallStats, Document, Failure, Row, Waiting
from sluicegate.sources.batching import BatchLimits
from sluicegate.summary import RunInfo
from transforms.batch import Batch
from transforms.collect_jobs import CollectJobs
from transforms.failed_records import FailedRecords
from transforms.fall_back import Fallback
from transforms.generate import Generate
from transforms.locate import Locate
from transforms.match import Match
from transforms.plan_jobs import PlanJobs
from transforms.replay import Replay, Replayed
from transforms.route import Route
from transforms.skip_done import SkipDone, Todo
from transforms.summarise import Summarise
from transforms.validate import Validate
from transforms.write_failures import WriteFailures


def build(root: beam.Pipeline, settings: Settings) -> None:
    """Add every step of a run to the pipeline.

    patterns, ── Match ── Skip done ── Batch ── Generate ── Validate ── Locate ──> table or files
    replayed       │          │                  │ │            │       (evidence)
    failures       │          └─> skipped        │ └─────┬──────┘
                   │                  waiting <──┘       │
                   │                              Fallback ── the next model, and so on
                   └─────────────────────────────────────┴── failures ──> JSON Lines
    all outcomes ── Summarise ──> the ledger; what the run fails with is raised last
    """
    run_id = settings.run_id
    replayed = _replayed(root, settings)
    # An empty collection of replayed documents would cost a local run a pass over all the others.
    found = replayed.found if settings.reprocessing.replay else root
    documents = found | "Match" >> Match(settings.input, run_id, settings.exclude)
    todo = _todo(documents.ok, settings)
    extracted = _extract(_tried(todo.ok, settings), settings)
    rows = _with_evidence(extracted.rows, settings)

    failures = (
        (documents.failed, extracted.failed)
        | "Failures" >> beam.Flatten()
        | "As recorded" >> beam.FlatMap(as_recorded)
    )
    landed = (
        rows
        | "Write rows" >> settings.output.write(settings.columns, run_id, settings.temp_location),
        failures
        | "Write failures" >> WriteFailures(settings.failures, run_id, settings.document_type.name),
    )

    {
        "matched": documents.ok,
        "unmatched": documents.failed,
        "rows": rows,
        "failures": failures,
        "skipped": todo.skipped,
        "excluded": documents.excluded,
        "unusable": replayed.unusable,
        "waiting": extracted.waiting | "Waiting" >> beam.Map(waiting_with_fallback_spend),
        "stats": extracted.stats,
        "landed": (landed[0] | "Rows landed" >> beam.Map(_done), landed[1])
        | "Landed" >> beam.Flatten(),
    } | "Summarise" >> Summarise(
        _run_info(settings), settings.summary, settings.connect.release_journal
    )


def _tried(documents: PCollection[Document], settings: Settings) -> PCollection[Document]:
    """Hold documents back until the output was tried by the worker that will write to it."""
    step = settings.output.try_out(settings.columns, settings.run_id, settings.temp_location)
    return documents | "Try output" >> step if step else documents


class ByJobs(NamedTuple):
    """What is left for calls, and what waits for a batch job."""

    ok: PCollection[Document]
    waiting: tuple[PCollection[Waiting], ...]


def _by_jobs(documents: PCollection[Document], settings: Settings) -> ByJobs:
    """Ask in batch jobs, where that is wanted: first collect, then plan what is missing."""
    connect = settings.batch
    if connect is None:
        return ByJobs(documents, ())
    board = documents.pipeline | "Collect jobs" >> CollectJobs(connect)
    batches = documents | "Batch for jobs" >> Batch(BatchLimits())
    routed = batches | "Route" >> Route(connect, board)
    planned = routed.planned | "Plan jobs" >> PlanJobs(connect, board)
    ok = (routed.ok, planned.unfit, planned.long) | "For calls" >> beam.Flatten()
    return ByJobs(ok, (routed.waiting, planned.waiting))


def _with_evidence(rows: PCollection[Row], settings: Settings) -> PCollection[Row]:
    return rows | "Locate" >> Locate(settings.evidence) if settings.evidence else rows


class Extracted(NamedTuple):
    """What became of documents, and what was done for it."""

    rows: PCollection[Row]
    failed: PCollection[Failure]
    waiting: PCollection[Waiting]
    stats: PCollection[CallStats]


def _extract(documents: PCollection[Document], settings: Settings) -> Extracted:
    """Ask the model and, about what it gave no usable answer to, each further one in turn."""
    asked = _by_jobs(documents, settings)
    first = _ask(asked.ok, settings, settings.connect, "")
    rows, waiting, stats = [first.rows], [first.waiting, *asked.waiting], [first.stats]
    standing, failed = [], first.failed
    before = settings.connect
    for number, connect in enumerate(settings.fallbacks, 2):
        model = before.engine.model.name
        retried = failed | f"Fallback {number}" >> Fallback(model, settings.run_id)
        another = _ask(retried.ok, settings, connect, f" {number}")
        rows.append(another.rows)
        waiting.append(another.waiting)
        stats.append(another.stats)
        standing.append(retried.failed)
        before, failed = connect, another.failed
    if not standing and not asked.waiting:
        return first
    return Extracted(
        rows | "Rows of all models" >> beam.Flatten(),
        [*standing, failed] | "Failures of all models" >> beam.Flatten(),
        waiting | "Waiting of all models" >> beam.Flatten(),
        stats | "Stats of all models" >> beam.Flatten(),
    )


def _ask(
    documents: PCollection[Document], settings: Settings, connect: Connect, number: str
) -> Extracted:
    batches = documents | f"Batch{number}" >> Batch(BatchLimits())
    generated = batches | f"Generate{number}" >> Generate(
        connect, connect.engine.pacer.max_in_flight, settings.run_id
    )
    check = Validate(settings.document_type, settings.run_id)
    rows = generated.ok | f"Validate{number}" >> check
    failed = (generated.failed, rows.failed) | f"Unanswered{number}" >> beam.Flatten()
    return Extracted(rows.ok, failed, generated.waiting, generated.stats)


def _replayed(root: beam.Pipeline, settings: Settings) -> Replayed:
    again = settings.reprocessing
    if again.replay:
        return root | "Replay" >> Replay(again.replay, again.choice, settings.run_id)
    return Replayed(root | "Replay" >> _nothing(), root | "Unusable" >> _nothing())


def _todo(documents: PCollection[Document], settings: Settings) -> Todo:
    if settings.landed:
        kind = settings.document_type
        failed = FailedRecords(settings.all_failures, kind.name) if kind.holds_many else None
        step = SkipDone(settings.landed, settings.wanted, settings.run_id, failed)
        return documents | "Skip done" >> step
    return Todo(documents, documents.pipeline | "Skip done" >> _nothing())


def _nothing() -> beam.PTransform:
    return beam.Create([], reshuffle=False)


def _run_info(settings: Settings) -> RunInfo:
    return RunInfo(
        run_id=settings.run_id,
        started_at=settings.started_at,
        rows_uri=settings.rows_uri,
        failures_uri=settings.failures_uri,
        settings=settings.describe(),
        max_failure_ratio=settings.max_failure_ratio,
    )


def _done(what: Any) -> str:
    return str(what)
