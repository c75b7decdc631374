"""Route: documents to calls, to open batch jobs, or to jobs that are to come."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsSingleton, PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations
from apache_beam.utils.shared import Shared

from sluicegate import metrics
from sluicegate.batch.board import Board, OpenShards
from sluicegate.batch.connect import ConnectBatch
from sluicegate.batch.engine import BatchEngine
from sluicegate.batch.placing import ASKED
from sluicegate.progress import count
from sluicegate.records import Document, Waiting
from transforms.tagged import OK, PLANNED, WAITING


class Routed(NamedTuple):
    """Which way documents get their answer. All must be consumed."""

    ok: PCollection[Document]  # by calls, or from the journal
    planned: PCollection[Document]
    waiting: PCollection[Waiting]


class Route(beam.PTransform):
    """Batches of documents, with the Board as a side input, to the ways of their answers."""

    def __init__(self, connect: ConnectBatch, board: PCollection[Board]) -> None:
        super().__init__()
        self._connect = connect
        self._board = board

    @no_annotations
    def expand(self, batches: PCollection[list[Document]]) -> Routed:
        """Build the step."""
        outputs = batches | "Look up" >> beam.ParDo(
            _LookUp(self._connect), AsSingleton(self._board)
        ).with_outputs(PLANNED, WAITING, main=OK)
        return Routed(outputs[OK], outputs[PLANNED], outputs[WAITING])


Emitted = (
    Document
    | TaggedOutput[Literal["planned"], Document]
    | TaggedOutput[Literal["waiting"], Waiting]
)


class _LookUp(beam.DoFn):
    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect
        self._shared, self._shards = Shared(), Shared()
        self._waiting = Metrics.counter(metrics.NAMESPACE, metrics.WAITING)

    def process(self, batch: list[Document], board: Board) -> Iterator[Emitted]:
        engine: BatchEngine = self._shared.acquire(self._connect, tag=self._connect.run_id)
        shards: OpenShards = self._shards.acquire(
            lambda: OpenShards(board, self._connect.register().members), tag=self._connect.run_id
        )
        question = self._connect.engine.question
        for document, route in zip(batch, engine.route(batch, shards), strict=True):
            if route == "call":
                yield document
            elif route == "plan":
                planned: TaggedOutput[Literal["planned"], Document] = TaggedOutput(
                    PLANNED, document
                )
                yield planned
            else:
                shard = shards.of(question.about(document.digest).identity)
                trouble = board.trouble(shard.number) if shard else None
                code, message = (
                    (trouble.code, trouble.message) if trouble else ("batch_waiting", ASKED)
                )
                self._waiting.inc()
                count(self._connect.run_id, waiting=1)
                waits: TaggedOutput[Literal["waiting"], Waiting] = TaggedOutput(
                    WAITING, Waiting(document, code, message)
                )
                yield waits
