"""From flags to frozen settings: every value judged, every default decided, nothing launched."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions

from pipeline.batches import read_batches
from pipeline.connection import read_connection, read_last_resort
from pipeline.evidence import read_evidence
from pipeline.flags.flag import described, judge
from pipeline.flags.flow import FlowFlags
from pipeline.flags.run import RunFlags
from pipeline.models import check_priced, left_out, read_models
from pipeline.rate_limits import read_rate_limits
from pipeline.reprocessing import Reprocessing, read_reprocessing
from pipeline.run_names import run_name
from sluicegate.batch.connect import ConnectBatch
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import load_document_type
from sluicegate.document_types.table_fit import Columns
from sluicegate.document_types.table_schema import table_schema
from sluicegate.faults import UsageFault
from sluicegate.gemini.catalogue import Model
from sluicegate.gemini.connection import Connection
from sluicegate.landing.earlier_rows import Wanted
from sluicegate.landing.evidence import EvidenceFinder
from sluicegate.live.connect import Connect
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.sources.excluding import Exclude, read_exclude
from sluicegate.storage import beside, is_gcs, join
from sluicegate.storage.patterns import literal
from transforms.outputs import Output, StoredRows, parse_output


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run needs to know. Frozen, and free of secrets.

    `given` are the judged flags; the other fields are what was decided by them.
    """

    given: RunFlags
    run_id: str
    started_at: datetime
    output: Output
    failures: str
    journal: str
    summary: str
    temp_location: str
    connect: Connect
    columns: Columns  # of the rows, as BigQuery's JSON
    reprocessing: Reprocessing = field(default_factory=Reprocessing)
    landed: StoredRows | None = None  # rows of earlier runs to look at; None where there are none
    warnings: tuple[str, ...] = ()
    worker_processes: int = 1  # how many share the job's quota
    fallbacks: tuple[Connect, ...] = ()  # models asked in turn where one gave no usable answer
    exclude: Exclude = field(default_factory=Exclude)  # files that are left out
    batch: ConnectBatch | None = None  # how the first model is asked in batch jobs, if it is
    evidence: EvidenceFinder | None = None  # None: values are not looked for

    def shared_among(self, processes: int) -> "Settings":
        """Return the settings for workers of which so many share the quota of the job evenly."""
        engines = processes * (1 + len(self.fallbacks))
        return replace(
            self,
            connect=_shared(self.connect, processes, engines),
            fallbacks=tuple(_shared(each, processes, engines) for each in self.fallbacks),
            worker_processes=processes,
        )

    def with_warnings(self, warnings: tuple[str, ...]) -> "Settings":
        """Return the settings with more to tell a person at the launch."""
        return replace(self, warnings=self.warnings + warnings)

    @property
    def input(self) -> tuple[str, ...]:
        """Patterns of the files to read."""
        return self.given.input

    @property
    def max_failure_ratio(self) -> float:
        """Share of failed documents above which the run ends badly."""
        return self.given.max_failure_ratio

    @property
    def document_type(self) -> DocumentType:
        """What is extracted."""
        return self.connect.engine.document_type

    @property
    def model(self) -> Model:
        """Which model is asked."""
        return self.connect.engine.model

    @property
    def wanted(self) -> Wanted:
        """What is about to be made of every document."""
        asked = (each.engine.question for each in (self.connect, *self.fallbacks))
        # A replayed document is one of which something failed: it is to be done again.
        return Wanted.of(self.document_type, *asked, partly=not self.reprocessing.replay)

    @property
    def rows_uri(self) -> str:
        """Where this run's rows are: a table, or a glob of files."""
        return self.output.rows_uri(self.run_id)

    @property
    def failures_uri(self) -> str:
        """A glob of this run's failure files."""
        return join(self.failures, f"{self.run_id}/failures-*.jsonl")

    @property
    def all_failures(self) -> str:
        """A pattern of the failure files of all runs."""
        return join(literal(self.failures), "*/failures-*.jsonl")

    def describe(self) -> dict[str, Any]:
        """Return the settings as plain JSON, for the summary: the flags, and what was decided."""
        connection = self.connect.connection
        return {
            **described(self.given),
            "exclude": list(self.exclude.patterns),
            "output": str(self.output),
            "failures": self.failures,
            "journal": self.journal,
            "document_type": f"{self.document_type.name} {self.document_type.version}",
            "model": self.model.name,
            "fallback_models": [each.engine.model.name for each in self.fallbacks],
            "service": connection.service,
            "location": connection.location if connection.is_vertex else None,
            "endpoint": connection.endpoint or None,
            "call_timeout": connection.timeout_seconds,
            "max_in_flight": self.connect.engine.pacer.max_in_flight,
            "document_deadline": self.connect.engine.retry.deadline_seconds,
            "outage_patience": self.connect.engine.outage_patience_seconds,
            "worker_processes": self.worker_processes,
            "rate_limit_service": str(self.connect.rate_limits or "") or None,
            **self.reprocessing.describe(),
        }


def read_settings(flags: dict[str, Any], options: PipelineOptions) -> Settings:
    """Judge all flags; raise UsageFault with one sentence for the first that is wrong."""
    given = judge(RunFlags, flags)
    if not given.input and not given.replay:
        raise UsageFault("--input is required: one or several file patterns; or give --replay")
    cloud = options.view_as(GoogleCloudOptions)
    started_at = datetime.now(UTC)
    output = parse_output(given.output, given.output_format, str(cloud.project or ""))
    failures = _failures(given.failures, output)
    run_id = given.run_id or run_name(started_at)
    connection = read_connection(given, cloud)
    models, warnings = read_models(given, started_at.date(), connection.service)
    check_priced(given, models, started_at.date())
    journal = _prefix(given.journal, beside(failures, "journal"))
    document_type = load_document_type(
        given.document_type, given.records, given.incomplete, given.window_pages
    )
    warnings += left_out(document_type, models)
    reprocessing = read_reprocessing(given)
    first, *others = (
        Connect(
            replace(
                _engine(given, document_type, model, connection),
                has_fallback=model is not models[-1],
            ),
            connection,
            journal,
            run_id,
            read_rate_limits(given, model, run_id),
            reprocessing.journal_use,
            last_resort=read_last_resort(given, connection),
            max_cost_usd=given.max_cost_usd,
        )
        for model in models
    )
    return Settings(
        given=given,
        run_id=run_id,
        started_at=started_at,
        output=output,
        failures=failures,
        journal=journal,
        summary=_prefix(given.summary, beside(failures, f"summaries/{run_id}.json")),
        temp_location=_temp_location(cloud, output, failures),
        connect=first,
        fallbacks=tuple(others),
        batch=read_batches(given, first),
        columns=table_schema(document_type.fields)["fields"],
        exclude=read_exclude(given.exclude),
        evidence=read_evidence(given, first.engine),
        reprocessing=reprocessing,
        warnings=tuple(warnings),
    )


def _failures(text: str, output: Output) -> str:
    place = text.rstrip("/") or output.default_failures
    if not place:
        raise UsageFault("--failures is required with a table as --output: a path prefix")
    return place


def _prefix(text: str, default: str) -> str:
    return (text or default).rstrip("/")


def _temp_location(cloud: GoogleCloudOptions, output: Output, failures: str) -> str:
    if cloud.temp_location:
        return str(cloud.temp_location)
    if not output.needs_temp_location:
        return ""
    if is_gcs(failures):
        return beside(failures, "temp")
    raise UsageFault("--temp_location=gs://… is needed to load a table when --failures is local")


def _engine(
    given: FlowFlags, document_type: DocumentType, model: Model, connection: Connection
) -> EngineSettings:
    way = connection.way
    return EngineSettings(
        document_type=document_type,
        model=model,
        pacer=PacerSettings(
            max_in_flight=given.max_in_flight or way.max_in_flight,
            requests_per_minute=given.requests_per_minute
            or way.requests_per_minute.get(connection.service),
            tokens_per_minute=given.tokens_per_minute,
        ),
        retry=RetryPolicy(deadline_seconds=given.document_deadline or way.deadline_seconds),
        tier=way.tier,
        by_reference=connection.is_vertex,
        max_bytes_in_flight=int(given.max_megabytes_in_flight * (1 << 20)),
        outage_patience_seconds=given.outage_patience or way.patience_seconds,
    )


def _shared(connect: Connect, processes: int, engines: int) -> Connect:
    pacer = connect.engine.pacer
    share = replace(
        pacer,
        requests_per_minute=_divided(pacer.requests_per_minute, processes),
        tokens_per_minute=_divided(pacer.tokens_per_minute, processes),
    )
    return replace(connect, engine=replace(connect.engine, pacer=share), budget_sharers=engines)


def _divided(rate: float | None, processes: int) -> float | None:
    return rate / processes if rate else None
