"""Rows to a BigQuery table: Avro files first, then as few load jobs as the limits allow.

    Rows ── Files ──> which files count ── Commit ──> parts ── Load ──> ids of load jobs

A file counts once its bundle has ended: what a bundle that failed left behind has a name that
nobody hears of. Which files are the run's is written once, under `--temp_location`, before the
first load job: a runner that makes the rows again, in other files, loads those of the first time.
"""

import io
import json
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, cast

import apache_beam as beam
import fastavro
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import AsIter, PCollection
from apache_beam.transforms.combiners import ToList
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue
from fastavro.write import Writer

from sluicegate.document_types.table_fit import Columns
from sluicegate.document_types.table_schema import avro_schema, is_written
from sluicegate.faults import JobFault
from sluicegate.log import EventKind, log_event
from sluicegate.records import Row
from sluicegate.storage import StoreError, join, store_for
from sluicegate.storage.load_files import remove, write_first
from sluicegate.storage.load_job import LoadRefused, LoadTarget, load_avro
from sluicegate.storage.load_parts import LoadLimits, RowFile, load_parts
from sluicegate.storage.open_loads import OpenLoads


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One launch's load: where to, by way of what, under which ids. Plain data.

    `token` keeps two launches of one run id apart.
    """

    target: LoadTarget
    columns: Columns
    run_id: str
    temp_location: str
    limits: LoadLimits = field(default_factory=LoadLimits)
    token: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def name(self) -> str:
        """How ids of load jobs begin: letters, digits, `-` and `_` are all they may have."""
        return f"sluicegate-{self.run_id.replace('.', '_')}-{self.token}"

    @property
    def folder(self) -> str:
        """Where the launch's files lie."""
        return join(self.temp_location, self.name)

    @property
    def open_loads(self) -> OpenLoads:
        """Where the launch's loads are noted while they are open."""
        return OpenLoads(self.target, self.temp_location)

    @property
    def schema(self) -> dict[str, Any]:
        """The Avro schema of the files: the columns that rows can have values for."""
        return avro_schema({"fields": written(self.columns)}, "Row")


def written(columns: Columns) -> Columns:
    """Return the columns without those of types that no row has; they are null in new rows."""
    return [
        {**column, "fields": written(column["fields"])} if column.get("fields") else column
        for column in columns
        if is_written(column)
    ]


def try_load(plan: LoadPlan, what: str) -> None:
    """Load no rows, in the very way that the run's rows will go. Free of charge.

    `what` parts the ids of several tries. Raises StoreError.
    """
    uri = join(plan.folder, f"try-{what}.avro")
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(plan.schema), [])
    store_for(uri).write(uri, file.getvalue())
    try:
        load_avro(plan.target, f"{plan.name}-try-{what}", [uri], sleep=time.sleep)
    finally:
        remove([uri])


class TryLoad(beam.PTransform):
    """Pass elements once a load of no rows has succeeded, as the worker that will load them.

    Raises JobFault on the worker if it is refused.
    """

    def __init__(self, plan: LoadPlan) -> None:
        super().__init__()
        self._plan = plan

    def expand(self, waiting: PCollection) -> PCollection:
        """Build the step. Elements wait for its side input."""
        tried = (
            waiting.pipeline
            | "Once" >> beam.Create([None], reshuffle=False)
            | "Load no rows" >> beam.Map(_try, self._plan)
        )
        return waiting | "Then" >> beam.Map(_pass, AsIter(tried))


class Load(beam.PTransform):
    """Rows to the ids of the load jobs that have put them into the table."""

    def __init__(self, plan: LoadPlan) -> None:
        super().__init__()
        self._plan = plan

    def expand(self, rows: PCollection[Row]) -> PCollection[str]:
        """Build the step."""
        files = rows | "Files" >> beam.ParDo(WriteFiles(self._plan))
        return files | "Jobs" >> LoadFiles(self._plan)


class LoadFiles(beam.PTransform):
    """Files of rows to the ids of the load jobs that have put them into the table."""

    def __init__(self, plan: LoadPlan) -> None:
        super().__init__()
        self._plan = plan

    def expand(self, files: PCollection[RowFile]) -> PCollection[str]:
        """Build the step. Parts are kept: a load that is repeated is repeated with its files."""
        return (
            files
            | "All files" >> ToList()
            | "Commit" >> beam.FlatMap(_commit, self._plan)
            | "Keep" >> beam.Reshuffle()
            | "Load" >> beam.Map(_load, self._plan)
        )


class WriteFiles(beam.DoFn):
    """Rows to one file a bundle, which counts only if the bundle ends well."""

    def __init__(self, plan: LoadPlan) -> None:
        self._plan = plan

    def start_bundle(self) -> None:
        """Forget the file of a bundle that failed."""
        self._file: _OpenFile | None = None

    def process(self, row: Row) -> None:
        """Write a row; the first one opens the file."""
        if self._file is None:
            self._file = _OpenFile(self._plan)
        self._file.add(whole(row.values, self._plan.columns))

    def finish_bundle(self) -> Iterator[WindowedValue]:
        """Yield the file once it is whole."""
        if self._file is not None:
            file, self._file = self._file.close(), None
            window = GlobalWindow()
            yield WindowedValue(file, window.max_timestamp(), (window,))


class _OpenFile:
    """One Avro file that is being written. Not shared."""

    def __init__(self, plan: LoadPlan) -> None:
        self._uri = join(plan.folder, f"rows-{secrets.token_hex(16)}.avro")
        opened = FileSystems.create(self._uri, compression_type=CompressionTypes.UNCOMPRESSED)
        self._file, self._rows = _Counted(opened), 0
        # Deflate is BigQuery's fastest to load of those that fastavro has without more packages.
        self._writer = Writer(
            cast(BinaryIO, self._file), fastavro.parse_schema(plan.schema), "deflate"
        )

    def add(self, values: dict[str, Any]) -> None:
        self._writer.write(values)
        self._rows += 1

    def close(self) -> RowFile:
        self._writer.flush()
        self._file.inner.close()
        return RowFile(self._uri, self._rows, self._file.size_bytes)


class _Counted(io.RawIOBase):
    """A file that counts what is written to it."""

    def __init__(self, inner: IO[bytes]) -> None:
        super().__init__()
        self.inner, self.size_bytes = inner, 0

    def write(self, data: Any) -> int:
        self.inner.write(data)
        self.size_bytes += len(data)
        return len(data)

    def seekable(self) -> bool:
        """Tell fastavro that this file is new."""
        return False

    def flush(self) -> None:
        """Leave it to closing: an object of Cloud Storage appears then, whole."""


def whole(values: dict[str, Any], columns: Columns) -> dict[str, Any]:
    """Return a record with all that the table has of it, which may be more than the type has."""
    record = {}
    for column in columns:
        value, repeated = values.get(column["name"]), column.get("mode") == "REPEATED"
        fields = column.get("fields")
        if value is None:
            value = [] if repeated else None
        elif fields:
            value = [whole(one, fields) for one in value] if repeated else whole(value, fields)
        record[column["name"]] = value
    return record


def _commit(files: Iterable[RowFile], plan: LoadPlan) -> Iterator[tuple[int, list[str]]]:
    """Yield the parts of the run's files, as they were when they were first complete."""
    parts = load_parts((RowFile(*file) for file in files), plan.limits)
    if not parts:
        return
    try:
        kept = write_first(join(plan.folder, "files.json"), json.dumps(parts).encode())
    except StoreError as error:
        raise JobFault("load_failed", str(error)) from error
    yield from enumerate(json.loads(kept))


def _load(part: tuple[int, list[str]], plan: LoadPlan) -> str:
    number, uris = part
    try:
        return plan.open_loads.load(f"{plan.name}-{number}", uris, sleep=time.sleep)
    except StoreError as error:
        raise _fault(error) from error


def finish_open_loads(loads: OpenLoads, run_id: str) -> None:
    """Finish loads that earlier launches left open. Raises JobFault where it cannot be known."""
    try:
        for said in loads.finish(sleep=time.sleep):
            log_event(EventKind.LOAD_LOST, said, run_id)
    except StoreError as error:
        raise _fault(error) from error


def _try(_: None, plan: LoadPlan) -> None:
    try:
        try_load(plan, "worker")
    except StoreError as error:
        raise _fault(error) from error


def _pass(element: Any, _: Iterable[None]) -> Any:
    return element


def _fault(error: StoreError) -> JobFault:
    return JobFault("load_refused" if isinstance(error, LoadRefused) else "load_failed", str(error))
