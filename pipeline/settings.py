"""From flags to frozen settings: every value judged, every default decided, nothing launched."""

import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions

from pipeline.connection import read_connection
from pipeline.models import read_models
from pipeline.rate_limits import read_rate_limits
from pipeline.reprocessing import Reprocessing, read_reprocessing
from pipeline.values import number, patterns, whole
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import load_document_type
from sluicegate.document_types.table_schema import table_schema
from sluicegate.faults import UsageFault
from sluicegate.gemini.catalogue import Model
from sluicegate.landing.earlier_rows import Landed, Wanted
from sluicegate.live.connect import Connect
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.sources.excluding import Exclude, read_exclude
from sluicegate.storage import is_gcs, join

_TABLE = re.compile(
    r"(?P<project>(?:[\w.-]+\.[\w-]+:)?[\w-]+)[:.](?P<dataset>\w+)\.(?P<table>[\w-]+)"
)
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Table:
    """A BigQuery table."""

    project: str
    dataset: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.name}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run needs to know. Frozen, and free of secrets."""

    run_id: str
    started_at: datetime
    input: tuple[str, ...]
    output: Table | str  # a table, or a path prefix
    failures: str
    journal: str
    summary: str
    temp_location: str
    connect: Connect
    max_failure_ratio: float
    columns: dict[str, Any]  # the table's schema, as BigQuery's JSON
    reprocessing: Reprocessing = field(default_factory=Reprocessing)
    landed: Landed | None = None  # rows of earlier runs to look at; None where there are none
    warnings: tuple[str, ...] = ()
    worker_processes: int = 1  # how many share the job's quota
    fallbacks: tuple[Connect, ...] = ()  # models asked in turn where one gave no usable answer
    exclude: Exclude = field(default_factory=Exclude)  # files that are left out

    def shared_among(self, processes: int) -> "Settings":
        """Return the settings for workers of which so many share the quota of the job evenly."""
        return replace(
            self,
            connect=_shared(self.connect, processes),
            fallbacks=tuple(_shared(each, processes) for each in self.fallbacks),
            worker_processes=processes,
        )

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
        return Wanted.of(self.document_type, *asked)

    @property
    def rows_uri(self) -> str:
        """Where this run's rows are: a table, or a glob of Avro files."""
        if isinstance(self.output, Table):
            return str(self.output)
        return join(self.rows_prefix, f"{self.run_id}/rows-*.avro")

    @property
    def rows_prefix(self) -> str:
        """The prefix of row files, where the output is a path."""
        return join(str(self.output), "rows")

    @property
    def failures_uri(self) -> str:
        """A glob of this run's failure files."""
        return join(self.failures, f"{self.run_id}/failures-*.jsonl")

    def describe(self) -> dict[str, Any]:
        """Return the settings as plain JSON, for the summary."""
        engine, connection = self.connect.engine, self.connect.connection
        return {
            "input": list(self.input),
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
            "requests_per_minute": _times(engine.pacer.requests_per_minute, self.worker_processes),
            "tokens_per_minute": _times(engine.pacer.tokens_per_minute, self.worker_processes),
            "worker_processes": self.worker_processes,
            "max_in_flight": engine.pacer.max_in_flight,
            "rate_limit_service": str(self.connect.rate_limits or "") or None,
            **self.reprocessing.describe(),
        }


def read_settings(flags: dict[str, Any], options: PipelineOptions) -> Settings:
    """Judge all flags; raise UsageFault with one sentence for the first that is wrong."""
    flags = {name: value for name, value in flags.items() if value not in (None, "", [])}
    cloud = options.view_as(GoogleCloudOptions)
    started_at = datetime.now(UTC)
    output = _output(flags.get("output", ""))
    failures = _failures(flags, output)
    run_id = _run_id(flags, started_at)
    models, warnings = read_models(flags, started_at.date())
    connection = read_connection(flags, cloud)
    journal = _prefix(flags, "journal", beside(failures, "journal"))
    document_type = load_document_type(flags.get("document_type", "invoice"))
    reprocessing = read_reprocessing(flags)
    first, *others = (
        Connect(
            _engine(flags, document_type, model, by_reference=connection.is_vertex),
            connection,
            journal,
            run_id,
            read_rate_limits(flags, model, run_id),
            reprocessing.journal_use,
        )
        for model in models
    )
    return Settings(
        run_id=run_id,
        started_at=started_at,
        input=_input(flags, needed=not reprocessing.replay),
        output=output,
        failures=failures,
        journal=journal,
        summary=_prefix(flags, "summary", beside(failures, f"summaries/{run_id}.json")),
        temp_location=_temp_location(cloud, output, failures),
        connect=first,
        fallbacks=tuple(others),
        max_failure_ratio=number(flags, "max_failure_ratio", 1, low=0, high=1),
        exclude=read_exclude(patterns(flags, "exclude")),
        columns=table_schema(document_type.fields),
        reprocessing=reprocessing,
        warnings=tuple(warnings),
    )


def beside(prefix: str, name: str) -> str:
    """Return a name in the folder that a prefix is in; in the bucket itself for a whole bucket."""
    if is_gcs(prefix):
        bucket_and_path = prefix.removeprefix("gs://").rpartition("/")
        return join(f"gs://{bucket_and_path[0] or bucket_and_path[2]}", name)
    return str(Path(prefix).parent / name)


def parse_table(text: str) -> Table | None:
    """Read `project:dataset.table`; None for anything else."""
    found = _TABLE.fullmatch(text)
    return Table(*found.group("project", "dataset", "table")) if found else None


def _input(flags: dict[str, Any], *, needed: bool) -> tuple[str, ...]:
    found = patterns(flags, "input")
    if needed and not found:
        raise UsageFault("--input is required: one or several file patterns; or give --replay")
    return found


def _output(text: str) -> Table | str:
    if not text:
        raise UsageFault("--output is required: project:dataset.table, or a path prefix")
    table = parse_table(text)
    if table:
        return table
    if ":" in text and not is_gcs(text):
        raise UsageFault(f"--output {text!r} is neither project:dataset.table nor a path prefix")
    return text.rstrip("/") or "/"


def _failures(flags: dict[str, Any], output: Table | str) -> str:
    given = str(flags.get("failures", "")).rstrip("/")
    if given:
        return given
    if isinstance(output, Table):
        raise UsageFault("--failures is required with a table as --output: a path prefix")
    return join(output, "failures")


def _prefix(flags: dict[str, Any], name: str, default: str) -> str:
    return str(flags.get(name, default)).rstrip("/")


def _run_id(flags: dict[str, Any], started_at: datetime) -> str:
    given = str(flags.get("run_id", ""))
    if given and not _RUN_ID.fullmatch(given):
        raise UsageFault(f"--run_id {given!r}: letters, digits, '-', '_' and '.', at most 100")
    return given or f"{started_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _temp_location(cloud: GoogleCloudOptions, output: Table | str, failures: str) -> str:
    if cloud.temp_location:
        return str(cloud.temp_location)
    if not isinstance(output, Table):
        return ""
    if is_gcs(failures):
        return beside(failures, "temp")
    raise UsageFault("--temp_location=gs://… is needed to load a table when --failures is local")


def _engine(
    flags: dict[str, Any], document_type: DocumentType, model: Model, *, by_reference: bool
) -> EngineSettings:
    return EngineSettings(
        document_type=document_type,
        model=model,
        pacer=PacerSettings(
            max_in_flight=whole(flags, "max_in_flight", 400, low=1, high=10_000),
            requests_per_minute=_rate(flags, "requests_per_minute", low=0.1, high=1e7),
            tokens_per_minute=_rate(flags, "tokens_per_minute", low=1000, high=1e12),
        ),
        retry=RetryPolicy(
            deadline_seconds=number(flags, "document_deadline", 3600, low=1, high=604_800)
        ),
        by_reference=by_reference,
        max_bytes_in_flight=int(
            number(flags, "max_megabytes_in_flight", 1024, low=1, high=1 << 20) * (1 << 20)
        ),
        outage_patience_seconds=number(flags, "outage_patience", 600, low=1, high=604_800),
    )


def _rate(flags: dict[str, Any], name: str, low: float, high: float) -> float | None:
    return number(flags, name, 0, low=low, high=high) if name in flags else None


def _shared(connect: Connect, processes: int) -> Connect:
    pacer = connect.engine.pacer
    share = replace(
        pacer,
        requests_per_minute=_divided(pacer.requests_per_minute, processes),
        tokens_per_minute=_divided(pacer.tokens_per_minute, processes),
    )
    return replace(connect, engine=replace(connect.engine, pacer=share))


def _divided(rate: float | None, processes: int) -> float | None:
    return rate / processes if rate else None


def _times(rate: float | None, processes: int) -> float | None:
    return round(rate * processes, 3) if rate else None
