"""Read what a run left behind: its rows from the output, failure records; and ground truth.

Files are opened by ourselves, one after the other in each worker: Beam's readers take a name for
a pattern, and one with brackets for another name.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import PBegin, PCollection

from sluicegate.evaluation.outcomes import Outcome, from_failure_line, from_row
from sluicegate.evaluation.truth import Truth, parse_truth
from sluicegate.faults import JobFault, one_line
from sluicegate.landing.resumed import Resumed
from sluicegate.storage import StoreError, store_for
from transforms.outputs.output import StoredRows


@dataclass(frozen=True, slots=True)
class Source:
    """Where an output lies: the rows of a run, or of several, and their failures.

    `failures` is a pattern of JSON Lines files, empty for none. `run_id` chooses the rows and
    failures of one run, empty for all. With `resumed`, rows of earlier runs that it says count too.
    """

    name: str  # what reports call it
    rows: StoredRows
    failures: str = ""
    run_id: str = ""
    resumed: Resumed | None = None

    def takes(self, outcome: Outcome) -> bool:
        """Tell whether an outcome that lies there is meant."""
        if not self.run_id or outcome.run_id == self.run_id:
            return True
        return (
            self.resumed is not None
            and outcome.values is not None
            and self.resumed.takes(outcome.document_uri, outcome.at, outcome.document_type)
        )


class ReadOutcomes(beam.PTransform):
    """An output to the Outcomes of its documents, as many as were written."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def expand(self, pbegin: PBegin) -> PCollection[Outcome]:
        """Build the step."""
        source = self._source
        rows = source.rows.rows(pbegin, "" if source.resumed else source.run_id)
        lines = _lines_of(pbegin, source.failures)
        return (
            (rows | "Rows" >> beam.Map(from_row), lines | "Failures" >> beam.Map(from_failure_line))
            | beam.Flatten()
            | "Of the run" >> beam.Filter(source.takes)
        )


class ReadTruth(beam.PTransform):
    """A pattern of JSON Lines files to Truths."""

    def __init__(self, pattern: str) -> None:
        super().__init__()
        self._pattern = pattern

    def expand(self, pbegin: PBegin) -> PCollection[Truth]:
        """Build the step."""
        lines = _lines_of(pbegin, self._pattern)
        return lines | "Parse" >> beam.FlatMap(_truths)


def _lines_of(pbegin: PBegin, pattern: str) -> PCollection[str]:
    return (
        pbegin
        | "JSON Lines pattern" >> beam.Create([pattern] if pattern else [], reshuffle=False)
        | "List JSON Lines" >> beam.FlatMap(_names)
        | "Spread JSON Lines" >> beam.Reshuffle()
        | "Read JSON Lines" >> beam.FlatMap(_lines)
    )


def _names(pattern: str) -> Iterator[str]:
    try:
        yield from (file.uri for file in store_for(pattern).list(pattern))
    except StoreError as error:
        raise JobFault("output_unreadable", f"{pattern!r}: {error}") from error


def _lines(name: str) -> Iterator[str]:
    try:
        with FileSystems.open(name) as file:
            yield from io.TextIOWrapper(file, encoding="utf-8", newline="\n")
    except (ValueError, OSError) as error:  # a ValueError for bytes that are no text
        reason = one_line(f"{type(error).__name__}: {error}")
        raise JobFault("output_unreadable", f"{name!r} cannot be read: {reason}") from error


def _truths(line: str) -> Iterator[Truth]:
    truth = parse_truth(line)
    if truth is not None:
        yield truth
