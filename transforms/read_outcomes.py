"""Read what a run left behind: rows from a table or files, failure records, and ground truth.

Files are opened by ourselves, one after the other in each worker: Beam's readers take a name for
a pattern, and one with brackets for another name. A run writes as many files as its runner likes.
"""

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

import apache_beam as beam
import fastavro
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import PBegin, PCollection

from sluicegate.evaluation.outcomes import Outcome, from_failure_line, from_row
from sluicegate.evaluation.source import Source
from sluicegate.evaluation.truth import Truth, parse_truth
from sluicegate.faults import JobFault, one_line
from sluicegate.storage import StoreError, store_for
from sluicegate.storage.table import open_streams, read_stream

# What fastavro and the decoding of text raise on bytes that are something else.
_DAMAGE = (ValueError, EOFError, LookupError, TypeError, ArithmeticError, OSError)


class ReadOutcomes(beam.PTransform):
    """An output to the Endings of its documents, as many as were written.

    Tables are read through the Storage Read API, in as many streams as it gives; a run's rows are
    chosen there.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def expand(self, pbegin: PBegin) -> PCollection[Outcome]:
        """Build the step."""
        source = self._source
        rows = (
            _table(pbegin, source)
            if source.table
            else _files(pbegin, "Avro", source.files, fastavro.reader)
        )
        lines = _files(pbegin, "JSON Lines", source.failures, _lines)
        return (
            (rows | "Rows" >> beam.Map(from_row), lines | "Failures" >> beam.Map(from_failure_line))
            | beam.Flatten()
            | "Of the run" >> beam.Filter(_is_of, source.run_id)
        )


class ReadTruth(beam.PTransform):
    """A pattern of JSON Lines files to Truths."""

    def __init__(self, pattern: str) -> None:
        super().__init__()
        self._pattern = pattern

    def expand(self, pbegin: PBegin) -> PCollection[Truth]:
        """Build the step."""
        lines = _files(pbegin, "JSON Lines", self._pattern, _lines)
        return lines | "Parse" >> beam.FlatMap(_truths)


def _table(pbegin: PBegin, source: Source) -> PCollection[dict[str, Any]]:
    return (
        pbegin
        | "Table" >> beam.Create([source], reshuffle=False)
        | "Open streams" >> beam.FlatMap(_streams)
        | "Spread streams" >> beam.Reshuffle()
        | "Read streams" >> beam.FlatMap(_stream)
    )


def _files(
    pbegin: PBegin, kind: str, pattern: str, read: Callable[[BinaryIO], Iterator[Any]]
) -> PCollection[Any]:
    return (
        pbegin
        | f"{kind} pattern" >> beam.Create([pattern] if pattern else [], reshuffle=False)
        | f"List {kind}" >> beam.FlatMap(_names)
        | f"Spread {kind}" >> beam.Reshuffle()
        | f"Read {kind}" >> beam.FlatMap(partial(_contents, read))
    )


def _streams(source: Source) -> list[str]:
    # A run id is letters, digits and -_. alone: it is judged when the command starts.
    restriction = f"provenance.run_id = '{source.run_id}'" if source.run_id else ""
    try:
        return open_streams(*source.table, restriction) if source.table else []
    except StoreError as error:
        raise JobFault("output_unreadable", str(error)) from error


def _stream(name: str) -> Iterator[dict[str, Any]]:
    try:
        yield from read_stream(name)
    except StoreError as error:
        raise JobFault("output_unreadable", str(error)) from error


def _names(pattern: str) -> Iterator[str]:
    try:
        yield from (file.uri for file in store_for(pattern).list(pattern))
    except StoreError as error:
        raise JobFault("output_unreadable", f"{pattern!r}: {error}") from error


def _contents(read: Callable[[BinaryIO], Iterator[Any]], name: str) -> Iterator[Any]:
    try:
        with FileSystems.open(name) as file:
            yield from read(file)
    except _DAMAGE as error:
        reason = one_line(f"{type(error).__name__}: {error}")
        raise JobFault("output_unreadable", f"{name!r} cannot be read: {reason}") from error


def _lines(file: BinaryIO) -> Iterator[str]:
    return iter(io.TextIOWrapper(file, encoding="utf-8", newline="\n"))


def _truths(line: str) -> Iterator[Truth]:
    truth = parse_truth(line)
    if truth is not None:
        yield truth


def _is_of(outcome: Outcome, run_id: str) -> bool:
    return not run_id or outcome.run_id == run_id
