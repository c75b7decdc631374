"""WriteFailures: failures as JSON Lines, in a set of files for each run."""

from collections.abc import Iterator
from datetime import UTC, datetime

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from sluicegate import metrics
from sluicegate.landing.failure_lines import failure_line
from sluicegate.records import Failure
from sluicegate.storage import join
from transforms.final_names import KeepsFinalNames


class WriteFailures(beam.PTransform):
    """Failures to `<prefix>/<run_id>/failures-SSSSS-of-NNNNN.jsonl`. Returns the files' names."""

    def __init__(self, prefix: str, run_id: str, type_name: str = "") -> None:
        super().__init__()
        self._prefix = prefix
        self._run_id = run_id
        self._type_name = type_name

    def expand(self, failures: PCollection[Failure]) -> PCollection[str]:
        """Build the step."""
        beams = beam.io.WriteToText(
            join(self._prefix, f"{self._run_id}/failures"), file_name_suffix=".jsonl"
        )
        return (
            failures
            | "Render" >> beam.ParDo(_Render(self._run_id, self._type_name))
            | "Lines" >> beam.io.iobase.Write(KeepsFinalNames(beams._sink))  # noqa: SLF001
        )


class _Render(beam.DoFn):
    def __init__(self, run_id: str, type_name: str) -> None:
        self._run_id = run_id
        self._type_name = type_name
        self._failures = Metrics.counter(metrics.NAMESPACE, metrics.FAILURES)
        self._records = Metrics.counter(metrics.NAMESPACE, metrics.RECORD_FAILURES)

    def process(self, failure: Failure) -> Iterator[str]:
        self._failures.inc(failure.contents is not None)
        self._records.inc(failure.place is not None)
        yield failure_line(failure, self._run_id, datetime.now(UTC), self._type_name)
