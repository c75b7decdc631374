"""Read what a run left behind: rows from a table or files, failure records, and ground truth."""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam.io import ReadAllFromText
from apache_beam.io.avroio import ReadAllFromAvro
from apache_beam.io.gcp.bigquery import ReadFromBigQuery
from apache_beam.pvalue import PBegin, PCollection

from transforms.core.comparison.outcomes import Ending, from_failure_line, from_row
from transforms.core.comparison.source import Source
from transforms.core.comparison.truth import Truth, parse_truth
from transforms.core.faults import JobFault
from transforms.core.storage import StoreError, store_for


class ReadEndings(beam.PTransform):
    """An output to the Endings of its documents, as many as were written.

    Tables are read through the Storage Read API, in as many streams as it gives; a run's rows are
    chosen there. Files are split by Beam.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def expand(self, pbegin: PBegin) -> PCollection[Ending]:
        """Build the step."""
        source = self._source
        rows = (
            pbegin | "Table" >> _read_table(source)
            if source.table
            else _files(pbegin, "Row", source.files) | "Avro" >> ReadAllFromAvro()
        )
        failures = _files(pbegin, "Failure", source.failures) | "Lines" >> ReadAllFromText()
        return (
            rows | "Rows" >> beam.Map(from_row),
            failures | "Failures" >> beam.Map(from_failure_line),
        ) | beam.Flatten() | "Of the run" >> beam.Filter(_is_of, source.run_id)  # fmt: skip


class ReadTruth(beam.PTransform):
    """A pattern of JSON Lines files to Truths."""

    def __init__(self, pattern: str) -> None:
        super().__init__()
        self._pattern = pattern

    def expand(self, pbegin: PBegin) -> PCollection[Truth]:
        """Build the step."""
        lines = _files(pbegin, "Truth", self._pattern) | "Lines" >> ReadAllFromText()
        return lines | "Parse" >> beam.FlatMap(_truths)


def _read_table(source: Source) -> ReadFromBigQuery:
    return ReadFromBigQuery(
        table=source.table,
        method=ReadFromBigQuery.Method.DIRECT_READ,
        # A run id is letters, digits and -_. alone: it is judged when the command starts.
        row_restriction=f"provenance.run_id = '{source.run_id}'" if source.run_id else None,
    )


def _files(pbegin: PBegin, kind: str, pattern: str) -> PCollection[str]:
    """Return the names of files, written so that Beam takes them for themselves."""
    patterns = [pattern] if pattern else []
    return (
        pbegin
        | f"{kind} patterns" >> beam.Create(patterns, reshuffle=False)
        | f"{kind} files" >> beam.ParDo(_List())
    )


class _List(beam.DoFn):
    def process(self, pattern: str) -> Iterator[str]:
        try:
            for file in store_for(pattern).list(pattern):
                yield "".join(f"[{c}]" if c in "*?[" else c for c in file.uri)
        except StoreError as error:
            raise JobFault("output_unreadable", f"{pattern!r}: {error}") from error


def _is_of(ending: Ending, run_id: str) -> bool:
    return not run_id or ending.run_id == run_id


def _truths(line: str) -> Iterator[Truth]:
    truth = parse_truth(line)
    if truth is not None:
        yield truth
