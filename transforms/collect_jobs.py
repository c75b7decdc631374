"""CollectJobs: open batch jobs as far as they go now, before any document is looked up."""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsList, PCollection
from apache_beam.typehints.decorators import no_annotations
from apache_beam.utils.shared import Shared

from sluicegate import metrics
from sluicegate.batch.board import Board, Trouble
from sluicegate.batch.connect import ConnectBatch


class CollectJobs(beam.PTransform):
    """A pipeline's root to one Board. What has ended is in the journal by then.

    Each shard is collected where its results are put; who needs the board as a side input waits for
    all of them. Raises JobFault for what stops every job.
    """

    def __init__(self, connect: ConnectBatch) -> None:
        super().__init__()
        self._connect = connect

    @no_annotations
    def expand(self, root: beam.Pipeline) -> PCollection[Board]:
        """Build the step."""
        troubles = (
            root
            | "Begin" >> beam.Create([""], reshuffle=False)
            | "List" >> beam.ParDo(_List(self._connect))
            | "Spread" >> beam.Reshuffle()
            | "Collect" >> beam.ParDo(_Collect(self._connect))
        )
        return (
            root
            | "Then" >> beam.Create([""], reshuffle=False)
            | "Look" >> beam.ParDo(_Look(self._connect), AsList(troubles))
        )


class _List(beam.DoFn):
    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect

    def process(self, _begin: str) -> Iterator[int]:
        for entry in self._connect.register().entries():
            if entry.manifest.is_open:
                yield entry.manifest.number


class _Collect(beam.DoFn):
    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect
        self._shared = Shared()

    def setup(self) -> None:
        self._register, self._service = self._connect.register(), self._connect.service()

    def process(self, number: int) -> Iterator[Trouble]:
        engine = self._shared.acquire(self._connect, tag=self._connect.run_id)
        collector = self._connect.collector(self._register, self._service, engine)
        if trouble := collector.collect(self._register.entry(number)):
            yield trouble


class _Look(beam.DoFn):
    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect
        self._shared = Shared()
        self._open = Metrics.counter(metrics.NAMESPACE, metrics.BATCH_JOBS)
        self._oldest = Metrics.counter(metrics.NAMESPACE, metrics.BATCH_AGE)

    def process(self, _then: str, troubles: list[Trouble]) -> Iterator[Board]:
        register = self._connect.register()
        engine = self._shared.acquire(self._connect, tag=self._connect.run_id)
        board = self._connect.board(register, engine, tuple(troubles))
        self._open.inc(len(board.view.open))
        self._oldest.inc(int(board.view.oldest_seconds(register.now()) / 60))
        yield board
