"""Validate: answers to rows, by the document type's model, its checks and the output's columns."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from sluicegate import metrics
from sluicegate.document_types.definition import DocumentType
from sluicegate.faults import DocumentFault
from sluicegate.landing.rows import RowBuilder
from sluicegate.progress import count
from sluicegate.records import Answer, Failure, Row
from transforms.tagged import FAILED, OK, Tagged


class Validate(beam.PTransform):
    """Answers to Rows (`ok`) and Failures with the raw answer and its cost (`failed`)."""

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
        self._rows = Metrics.counter(metrics.NAMESPACE, metrics.ROWS)

    def process(self, answer: Answer) -> Iterator[Row | TaggedOutput[Literal["failed"], Failure]]:
        try:
            row = self._builder.build(answer, datetime.now(UTC))
        except DocumentFault as fault:
            count(self._builder.run_id, failed=1)
            yield TaggedOutput(FAILED, Failure.after(answer, fault.code, fault.message))
        else:
            self._rows.inc()
            yield row
