"""Batch: documents to batches by count and bytes. No document waits for another bundle."""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from sluicegate.records import Document
from sluicegate.sources.batching import Batcher, BatchLimits


class Batch(beam.PTransform):
    """Documents to lists of documents, each within one bundle."""

    def __init__(self, limits: BatchLimits) -> None:
        super().__init__()
        self._limits = limits

    def expand(self, documents: PCollection[Document]) -> PCollection[list[Document]]:
        """Build the step."""
        return documents | "Collect" >> beam.ParDo(_Collect(self._limits))


class _Collect(beam.DoFn):
    def __init__(self, limits: BatchLimits) -> None:
        self._limits = limits

    def start_bundle(self) -> None:
        self._batcher = Batcher(self._limits)

    def process(self, document: Document) -> Iterator[list[Document]]:
        full = self._batcher.add(document)
        if full:
            yield full

    def finish_bundle(self) -> Iterator[WindowedValue]:
        rest = self._batcher.flush()
        if rest:
            window = GlobalWindow()
            yield WindowedValue(rest, window.max_timestamp(), (window,))
