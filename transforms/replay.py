"""Replay: from failure files of earlier runs to the documents to process again."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import PBegin, PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from sluicegate.faults import JobFault
from sluicegate.log import EventKind, log_event
from sluicegate.progress import count
from sluicegate.records import Document, Failure
from sluicegate.sources.matching import expand_lists
from sluicegate.sources.replay import (
    Choice,
    Record,
    UnusableLine,
    find_again,
    is_finished,
    read_record,
)
from sluicegate.storage import StoreError, store_for
from transforms.tagged import OK, UNUSABLE

# Documents that are looked up at once: each is one short request.
_LOOKUPS = 16


class Replayed(NamedTuple):
    """Pairs of a name and a Document or Failure; and a 1 for each unusable line."""

    found: PCollection[tuple[str, Document | Failure]]
    unusable: PCollection[int]


class Replay(beam.PTransform):
    """Failure files to the documents they name, as they are now; those that are gone are Failures.

    The latest of a document's failures decides whether it is chosen. A line that is no failure
    record is named in the log, counted and skipped. Raises JobFault on the worker if a file cannot
    be read.
    """

    def __init__(self, patterns: Iterable[str], choice: Choice, run_id: str) -> None:
        super().__init__()
        self._patterns = tuple(patterns)
        self._choice = choice
        self._run_id = run_id

    @no_annotations
    def expand(self, pbegin: PBegin) -> Replayed:
        """Build the step."""
        lines = (
            pbegin
            | "Patterns" >> beam.Create(self._patterns, reshuffle=False)
            | "List" >> beam.FlatMap(_list)
            | "Spread" >> beam.Reshuffle()
            | "Read" >> beam.ParDo(_Read(self._run_id)).with_outputs(UNUSABLE, main=OK)
        )
        found = (
            lines[OK]
            | "Per document" >> beam.GroupByKey()
            | "Choose" >> beam.Filter(_is_chosen, self._choice)
            | "Names" >> beam.Keys()
            | "Batch" >> beam.BatchElements(min_batch_size=_LOOKUPS, max_batch_size=8 * _LOOKUPS)
            | "Look up" >> beam.FlatMap(_look_up, self._run_id)
        )
        return Replayed(found, lines[UNUSABLE])


def _list(pattern: str) -> Iterator[str]:
    try:
        for each in expand_lists(pattern):
            for file in store_for(each).list(each):
                if is_finished(file.uri):
                    yield file.uri
    except StoreError as error:
        raise JobFault("replay_unreadable", f"failure files {pattern!r}: {error}") from error


class _Read(beam.DoFn):
    def __init__(self, run_id: str) -> None:
        self._run_id = run_id

    def process(
        self, uri: str
    ) -> Iterator[tuple[str, Record] | TaggedOutput[Literal["unusable"], int]]:
        try:
            with FileSystems.open(uri, compression_type=CompressionTypes.UNCOMPRESSED) as file:
                for number, line in enumerate(file, 1):
                    try:
                        yield read_record(line)
                    except UnusableLine as reason:
                        log_event(
                            EventKind.REPLAY_LINE_UNUSABLE,
                            f"{uri}, line {number}: passed over, {reason}",
                            self._run_id,
                        )
                        yield TaggedOutput(UNUSABLE, 1)
        except OSError as error:
            raise JobFault("replay_unreadable", f"failure file {uri}: {error}") from error


def _is_chosen(found: tuple[str, Iterable[Record]], choice: Choice) -> bool:
    return choice.takes(found[1])


def _look_up(uris: list[str], run_id: str) -> Iterator[tuple[str, Document | Failure]]:
    with ThreadPoolExecutor(_LOOKUPS) as threads:
        found = list(threads.map(find_again, uris))
    count(run_id, matched=len(uris))
    yield from zip(uris, found, strict=True)
