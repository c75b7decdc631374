"""FailedRecords: the failures of single records in the failure files of earlier runs."""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import PBegin, PCollection
from apache_beam.typehints.decorators import no_annotations

from sluicegate.faults import JobFault
from sluicegate.landing.failed_records import FailedRecord, failed_record
from sluicegate.sources.replay import is_finished
from sluicegate.storage import StoreError, store_for


class FailedRecords(beam.PTransform):
    """Failure files that a pattern matches to documents with their failed records.

    For resume: which documents that landed in part have all of their failures recorded. What is no
    failure record is passed over. Raises JobFault on the worker if a file cannot be read.
    """

    def __init__(self, pattern: str, type_name: str) -> None:
        super().__init__()
        self._pattern, self._type_name = pattern, type_name

    @no_annotations
    def expand(self, pbegin: PBegin) -> PCollection[tuple[str, FailedRecord]]:
        """Build the step."""
        return (
            pbegin
            | "Pattern" >> beam.Create([self._pattern], reshuffle=False)
            | "List" >> beam.FlatMap(_list)
            | "Spread" >> beam.Reshuffle()
            | "Read" >> beam.FlatMap(_read, self._type_name)
        )


def _list(pattern: str) -> Iterator[str]:
    try:
        files = store_for(pattern).list(pattern)
        yield from (file.uri for file in files if is_finished(file.uri))
    except StoreError as error:
        raise JobFault("output_unreadable", f"failures in {pattern!r}: {error}") from error


def _read(uri: str, type_name: str) -> Iterator[tuple[str, FailedRecord]]:
    try:
        with FileSystems.open(uri, compression_type=CompressionTypes.UNCOMPRESSED) as file:
            for line in file:
                found = failed_record(line, type_name)
                if found:
                    yield found
    except OSError as error:
        raise JobFault("output_unreadable", f"failure file {uri}: {error}") from error
