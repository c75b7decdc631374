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
from sluicegate.batch.engine import BatchEngine
from sluicegate.batch.register import Register


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


class _Registered(beam.DoFn):
    """Has a register and, shared by the process, an engine."""

    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect
        self._shared = Shared()

    def setup(self) -> None:
        self._register: Register = self._connect.register()

    def _engine(self) -> BatchEngine:
        return self._shared.acquire(self._connect, tag=self._connect.run_id)


class _List(_Registered):
    def process(self, _begin: str) -> Iterator[int]:
        for entry in self._register.entries():
            if entry.manifest.is_open:
                yield entry.manifest.number


class _Collect(_Registered):
    def process(self, number: int) -> Iterator[Trouble]:
        collector = self._connect.collector(self._register, self._engine())
        if trouble := collector.collect(self._register.entry(number)):
            yield trouble


class _Look(_Registered):
    def __init__(self, connect: ConnectBatch) -> None:
        super().__init__(connect)
        self._open = Metrics.counter(metrics.NAMESPACE, metrics.BATCH_JOBS)
        self._oldest = Metrics.counter(metrics.NAMESPACE, metrics.BATCH_AGE)

    def process(self, _then: str, troubles: list[Trouble]) -> Iterator[Board]:
        board = self._connect.board(self._register, self._engine(), tuple(troubles))
        self._open.inc(len(board.view.open))
        self._oldest.inc(int(board.view.oldest_seconds(self._register.now()) / 60))
        yield board
