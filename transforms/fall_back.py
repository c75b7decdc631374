"""Fallback: failures whose answer was at fault become documents again, for the next model."""

from collections.abc import Iterator
from typing import Literal

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from sluicegate import metrics
from sluicegate.asking.fallback import for_next_model, is_worth_fallback
from sluicegate.progress import count
from sluicegate.records import Document, Failure
from transforms.tagged import FAILED, OK, Tagged


class Fallback(beam.PTransform):
    """Failures to Documents for the next model (`ok`) and Failures that are final (`failed`).

    `model` is the one whose failures they are.
    """

    def __init__(self, model: str, run_id: str) -> None:
        super().__init__()
        self._model = model
        self._run_id = run_id

    @no_annotations
    def expand(self, failures: PCollection[Failure]) -> Tagged:
        """Build the step."""
        outputs = failures | "Choose" >> beam.ParDo(
            _Choose(self._model, self._run_id)
        ).with_outputs(FAILED, main=OK)
        return Tagged(outputs[OK], outputs[FAILED])


class _Choose(beam.DoFn):
    def __init__(self, model: str, run_id: str) -> None:
        self._model = model
        self._run_id = run_id
        self._fallbacks = Metrics.counter(metrics.NAMESPACE, metrics.FALLBACKS)

    def process(
        self, failure: Failure
    ) -> Iterator[Document | TaggedOutput[Literal["failed"], Failure]]:
        if is_worth_fallback(failure):
            self._fallbacks.inc()
            count(self._run_id, done=-1, failed=-1)  # it is not done yet
            yield for_next_model(failure, self._model)
        else:
            yield TaggedOutput(FAILED, failure)
