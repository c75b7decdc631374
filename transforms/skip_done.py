"""SkipDone: documents to those that are still to do, and those whose current row is right.

    documents ──┐
    rows ───────┼─ joined by URI ─ are the current rows what would be made again? ─ yes: skipped
    failures ───┘                                                                 └─ no: ok

Rows are read from the output itself, the few columns that matter, in one pass and at scale. Of a
type for many records, failures are read that are of single records: a document that landed in part
is done where its failures are recorded.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PBegin, PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from sluicegate import metrics
from sluicegate.landing.earlier_rows import Mark, Wanted
from sluicegate.landing.failed_records import FailedRecord
from sluicegate.landing.prefixes import Folders, prefixes_of, seen, together
from sluicegate.progress import count
from sluicegate.records import Document
from transforms.document_coder import DocumentOrOther
from transforms.outputs.output import StoredRows
from transforms.tagged import OK, SKIPPED


class Todo(NamedTuple):
    """Documents still to do, and those that are done. Both must be consumed."""

    ok: PCollection[Document]
    skipped: PCollection[Document]


class SkipDone(beam.PTransform):
    """Documents to those to do (`ok`) and those done before (`skipped`).

    A file of rows that is damaged counts as absent, with a warning: its documents are done again.
    `failed` reads pairs of a document and a FailedRecord; None where documents have one record.
    Raises JobFault on the worker if the output cannot be read.
    """

    def __init__(
        self,
        landed: StoredRows,
        wanted: Wanted,
        run_id: str,
        failed: beam.PTransform | None = None,
    ) -> None:
        super().__init__()
        self._landed, self._wanted, self._run_id = landed, wanted, run_id
        self._failed = failed

    @no_annotations
    def expand(self, documents: PCollection[Document]) -> Todo:
        """Build the step."""
        # Where the documents lie says what need be read: of a night's 500 files one folder.
        prefixes = (
            documents
            | "URIs" >> beam.Map(lambda document: document.uri)
            | "Prefixes" >> beam.CombineGlobally(_Prefixes())
        )
        begin = PBegin(documents.pipeline)
        marks = self._landed.marks(begin, self._wanted, self._run_id, prefixes)
        joined = [
            documents | "By URI" >> beam.Map(_by_uri).with_output_types(_KEYED_HINT),
            marks | "With documents" >> beam.Map(_as_it_is).with_output_types(_KEYED_HINT),
        ]
        if self._failed:
            failed = begin | "Failed records" >> self._failed
            joined.append(
                failed | "With rows" >> beam.Map(_as_it_is).with_output_types(_KEYED_HINT)
            )
        decided = (
            joined
            | "Both" >> beam.Flatten()
            | "Join" >> beam.GroupByKey()
            | "Decide"
            >> beam.ParDo(_Decide(self._wanted, self._run_id))
            .with_input_types(tuple[str, Iterable[DocumentOrOther]])
            .with_outputs(SKIPPED, main=OK)
        )
        return Todo(decided[OK], decided[SKIPPED])


# Beam's CoGroupByKey writes a name before each element, and knows no coder of a mixture.
_KEYED_HINT = tuple[str, DocumentOrOther]
_MARK_LENGTH: Final = 7  # of a mark of a row; a failed record has 3


def _by_uri(document: Document) -> tuple[str, Document]:
    return document.uri, document


def _as_it_is(keyed: tuple[str, Any]) -> tuple[str, Any]:
    return keyed


class _Prefixes(beam.CombineFn):
    """Names of documents to the few prefixes that they have."""

    def create_accumulator(self) -> Folders:
        return {}

    def add_input(self, folders: Folders, uri: str) -> Folders:
        return seen(folders, uri)

    def merge_accumulators(self, several: Iterable[Folders]) -> Folders:
        return together(several)

    def extract_output(self, folders: Folders) -> tuple[str, ...]:
        return prefixes_of(folders)


class _Decide(beam.DoFn):
    def __init__(self, wanted: Wanted, run_id: str) -> None:
        self._wanted, self._run_id = wanted, run_id
        self._skipped = Metrics.counter(metrics.NAMESPACE, metrics.SKIPPED)

    def process(
        self, joined: tuple[str, Iterable[Document | Mark | FailedRecord]]
    ) -> Iterator[Document | TaggedOutput[Literal["skipped"], Document]]:
        documents: list[Document] = []
        marks: list[Mark] = []
        failed: list[FailedRecord] = []
        for found in joined[1]:
            if isinstance(found, Document):
                documents.append(found)
            elif len(found) == _MARK_LENGTH:
                marks.append(found)
            else:
                failed.append(found)
        for document in documents:
            if self._wanted.is_done(document, marks, failed):
                self._skipped.inc()
                count(self._run_id, skipped=1)
                yield TaggedOutput(SKIPPED, document)
            else:
                yield document
