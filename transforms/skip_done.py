"""SkipDone: documents to those that are still to do, and those whose current row is right.

    documents ──┐
                ├─ joined by URI ─ is the latest row what would be made again? ─ yes: skipped
    rows ───────┘                                                             └─ no: ok

Rows are read from the output itself, the few columns that matter, in one pass and at scale.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import apache_beam as beam
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from sluicegate import metrics
from sluicegate.faults import JobFault
from sluicegate.landing.earlier_rows import COLUMNS, DamagedFile, Landed, Mark, Wanted, read_rows
from sluicegate.log import EventKind, log_event
from sluicegate.progress import count
from sluicegate.records import Document
from sluicegate.storage import StoreError, store_for
from sluicegate.storage.table import open_streams, read_stream
from transforms.tagged import OK, SKIPPED

# Marks of one file that are held until its end is reached, some 40 MB. A local run writes one file,
# of however many rows; such a file is read twice.
_MARKS_HELD = 100_000


class Todo(NamedTuple):
    """Documents still to do, and those that are done. Both must be consumed."""

    ok: PCollection[Document]
    skipped: PCollection[Document]


class SkipDone(beam.PTransform):
    """Documents to those to do (`ok`) and those done before (`skipped`).

    A file of rows that is damaged counts as absent, with a warning: its documents are done again.
    Raises JobFault on the worker if the output cannot be read.
    """

    def __init__(self, landed: Landed, wanted: Wanted, run_id: str) -> None:
        super().__init__()
        self._landed, self._wanted, self._run_id = landed, wanted, run_id

    @no_annotations
    def expand(self, documents: PCollection[Document]) -> Todo:
        """Build the step."""
        begin = documents.pipeline
        marks = self._of_table(begin) if self._landed.table else self._of_files(begin)
        joined = {
            "documents": documents | "By URI" >> beam.Map(Document.as_pair),
            "marks": marks,
        } | beam.CoGroupByKey()
        decided = joined | "Decide" >> beam.ParDo(_Decide(self._wanted, self._run_id)).with_outputs(
            SKIPPED, main=OK
        )
        return Todo(decided[OK], decided[SKIPPED])

    def _of_table(self, begin: beam.Pipeline) -> PCollection[tuple[str, Mark]]:
        return (
            begin
            | "Table" >> beam.Create([self._landed.table], reshuffle=False)
            | "Streams" >> beam.FlatMap(_streams, self._wanted)
            | "Spread" >> beam.Reshuffle()
            | "Rows" >> beam.FlatMap(_rows)
            | "Marks" >> beam.FlatMap(_marks, self._wanted)
        )

    def _of_files(self, begin: beam.Pipeline) -> PCollection[tuple[str, Mark]]:
        return (
            begin
            | "Pattern" >> beam.Create([self._landed.files], reshuffle=False)
            | "List" >> beam.FlatMap(_list)
            | "Spread" >> beam.Reshuffle()
            | "Read" >> beam.ParDo(_Read(self._wanted, self._run_id))
        )


def _marks(row: dict[str, Any], wanted: Wanted) -> Iterator[tuple[str, Mark]]:
    mark = wanted.mark(row)
    if mark:
        yield mark


def _list(pattern: str) -> Iterator[str]:
    try:
        for file in store_for(pattern).list(pattern):
            yield file.uri
    except StoreError as error:
        raise JobFault("output_unreadable", f"earlier rows: {error}") from error


def _streams(table: tuple[str, str, str], wanted: Wanted) -> list[str]:
    # A type's name is letters, digits and underscores: it is judged when it is loaded.
    restriction = f"provenance.document_type = '{wanted.type_name}'"
    try:
        return open_streams(*table, restriction, COLUMNS)
    except StoreError as error:
        raise JobFault("output_unreadable", f"earlier rows: {error}") from error


def _rows(stream: str) -> Iterator[dict[str, Any]]:
    try:
        yield from read_stream(stream)
    except StoreError as error:
        raise JobFault("output_unreadable", f"earlier rows: {error}") from error


class _Read(beam.DoFn):
    """Files of rows to marks. Nothing of a file counts before its last row was read."""

    def __init__(self, wanted: Wanted, run_id: str) -> None:
        self._wanted, self._run_id = wanted, run_id

    def process(self, uri: str) -> Iterator[tuple[str, Mark]]:
        try:
            held = self._held(uri)
        except DamagedFile as damage:
            log_event(
                EventKind.ROWS_DAMAGED,
                f"{uri} is no whole file of rows and counts as absent ({damage}); "
                "its documents are done again, from the journal: remove it",
                self._run_id,
            )
            return
        yield from self._read(uri) if held is None else held

    def _held(self, uri: str) -> list[tuple[str, Mark]] | None:
        """Return a whole file's marks; None if they are too many to hold, and to be read again."""
        held: list[tuple[str, Mark]] = []
        many = False
        for mark in self._read(uri):
            if len(held) == _MARKS_HELD:
                held, many = [], True
            if not many:
                held.append(mark)
        return None if many else held

    def _read(self, uri: str) -> Iterator[tuple[str, Mark]]:
        try:
            with FileSystems.open(uri, compression_type=CompressionTypes.UNCOMPRESSED) as file:
                for row in read_rows(file):
                    yield from _marks(row, self._wanted)
        except OSError as error:
            raise JobFault("output_unreadable", f"earlier rows in {uri}: {error}") from error


class _Decide(beam.DoFn):
    def __init__(self, wanted: Wanted, run_id: str) -> None:
        self._wanted, self._run_id = wanted, run_id
        self._skipped = Metrics.counter(metrics.NAMESPACE, metrics.SKIPPED)

    def process(
        self, joined: tuple[str, dict[str, Iterable[Any]]]
    ) -> Iterator[Document | TaggedOutput[Literal["skipped"], Document]]:
        for packed in joined[1]["documents"]:
            document = Document(joined[0], *packed)
            if self._wanted.is_done(document, joined[1]["marks"]):
                self._skipped.inc()
                count(self._run_id, skipped=1)
                yield TaggedOutput(SKIPPED, document)
            else:
                yield document
