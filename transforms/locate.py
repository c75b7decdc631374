"""Locate: rows to rows with evidence of where in the document each value stands.

    process(row)     begin to read its document, unless it is the one of the row before
    later, in order  emit the row with its evidence

Reading waits for the network: some documents are read ahead, by threads. What is found with their
words takes some milliseconds a page of this thread. Rows keep their order, and their number.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.transforms.window import GlobalWindow
from apache_beam.typehints.decorators import no_annotations
from apache_beam.utils.windowed_value import WindowedValue

from sluicegate import metrics
from sluicegate.landing.evidence import EvidenceFinder, Words
from sluicegate.records import Row

# Documents that are read at once in each thread of a worker. Of the largest, eight are 400 MB.
_THREADS = 8
_AHEAD = 2 * _THREADS  # rows that wait for their document's words


class Locate(beam.PTransform):
    """Rows to the same Rows with their columns `evidence`, `values_unfound`, `needs_review`."""

    def __init__(self, finder: EvidenceFinder) -> None:
        super().__init__()
        self._finder = finder

    @no_annotations
    def expand(self, rows: PCollection[Row]) -> PCollection[Row]:
        """Build the step."""
        return rows | "Find" >> beam.ParDo(_Find(self._finder))


class _Find(beam.DoFn):
    def __init__(self, finder: EvidenceFinder) -> None:
        self._finder = finder
        self._reviewed = Metrics.counter(metrics.NAMESPACE, metrics.NEED_REVIEW)

    def setup(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="evidence")

    def start_bundle(self) -> None:
        self._waiting: deque[tuple[Row, Future[Words] | None]] = deque()
        self._last: tuple[tuple[str, str], Future[Words]] | None = None

    def process(self, row: Row) -> Iterator[Row]:
        self._waiting.append((row, self._words(row) if self._finder.reads(row) else None))
        while self._waiting and (len(self._waiting) > _AHEAD or _is_ready(self._waiting[0][1])):
            yield self._take()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        window = GlobalWindow()
        while self._waiting:
            yield WindowedValue(self._take(), window.max_timestamp(), (window,))
        self._last = None

    def teardown(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _words(self, row: Row) -> "Future[Words]":
        """Return the words of a row's document; rows of one document come one after the other."""
        version = str(row.values["provenance"]["document_version"] or "")
        document = row.document_uri, version
        if self._last is None or self._last[0] != document:
            self._last = document, self._threads.submit(self._finder.words, *document)
        return self._last[1]

    def _take(self) -> Row:
        row, words = self._waiting.popleft()
        if words is not None:
            row = self._finder.with_evidence(row, words.result())
        if row.values.get("needs_review"):
            self._reviewed.inc()
        return row


def _is_ready(words: "Future[Words] | None") -> bool:
    return words is None or words.done()
