"""Validate: answers to rows, by the document type's model, its checks and the output's columns.

An answer has one record, or of a type for many as many as it says. Each becomes a row or a failure
with its place in the document. Where none becomes a row, the document has failed, as one failure.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from sluicegate import metrics
from sluicegate.document_types.definition import DocumentType
from sluicegate.landing.found import UNCITED
from sluicegate.landing.rows import RowBuilder
from sluicegate.progress import count
from sluicegate.records import Answer, Failure, Row
from transforms.tagged import FAILED, OK, Tagged


class Validate(beam.PTransform):
    """Answers to Rows (`ok`) and Failures with what could not be used (`failed`)."""

    def __init__(self, document_type: DocumentType, run_id: str) -> None:
        super().__init__()
        self._builder = RowBuilder(document_type, run_id)

    @no_annotations
    def expand(self, answers: PCollection[Answer]) -> Tagged:
        """Build the step."""
        outputs = answers | "Check" >> beam.ParDo(_Check(self._builder)).with_outputs(
            FAILED, main=OK
        )
        return Tagged(outputs[OK], outputs[FAILED])


class _Check(beam.DoFn):
    def __init__(self, builder: RowBuilder) -> None:
        self._builder = builder
        self._documents = Metrics.counter(metrics.NAMESPACE, metrics.ROWS)
        self._partly = Metrics.counter(metrics.NAMESPACE, metrics.PARTLY)
        self._records = Metrics.counter(metrics.NAMESPACE, metrics.RECORDS)
        self._uncited = Metrics.counter(metrics.NAMESPACE, metrics.PAGES_UNCITED)

    def process(self, answer: Answer) -> Iterator[Row | TaggedOutput[Literal["failed"], Failure]]:
        rows, failed = self._builder.build(answer, datetime.now(UTC))
        if rows:
            self._documents.inc()
            self._records.inc(len(rows))
            self._partly.inc(bool(failed))
        else:
            count(self._builder.run_id, failed=1)
        contents = rows[0].contents if rows else failed[0].contents
        self._uncited.inc(dict(contents.pages_set_aside).get(UNCITED, 0) if contents else 0)
        yield from rows
        for failure in failed:
            yield TaggedOutput(FAILED, failure)
