"""SecondChance: failures whose answer was at fault go back as documents, for the next model."""

from collections.abc import Iterator
from typing import Literal

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from transforms.core import metrics
from transforms.core.progress import note
from transforms.core.records import Document, Failure
from transforms.core.second_chance import deserves_another, once_more
from transforms.outcome import FAILED, OK, Outcome


class SecondChance(beam.PTransform):
    """Failures to Documents for another model (`ok`) and Failures that stand (`failed`).

    `model` is the one that failed.
    """

    def __init__(self, model: str, run_id: str) -> None:
        super().__init__()
        self._model, self._run_id = model, run_id

    @no_annotations
    def expand(self, failures: PCollection[Failure]) -> Outcome:
        """Build the step."""
        outputs = failures | "Choose" >> beam.ParDo(
            _Choose(self._model, self._run_id)
        ).with_outputs(FAILED, main=OK)
        return Outcome(outputs[OK], outputs[FAILED])


class _Choose(beam.DoFn):
    def __init__(self, model: str, run_id: str) -> None:
        self._model, self._run_id = model, run_id
        self._again = Metrics.counter(metrics.NAMESPACE, metrics.SECOND_CHANCES)

    def process(
        self, failure: Failure
    ) -> Iterator[Document | TaggedOutput[Literal["failed"], Failure]]:
        if deserves_another(failure):
            self._again.inc()
            note(self._run_id, done=-1, failed=-1)  # it is not done yet
            yield once_more(failure, self._model)
        else:
            yield TaggedOutput(FAILED, failure)
