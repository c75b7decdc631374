"""PlanJobs: documents that the journal lacks to batch jobs: written, claimed, created.

documents ── Choose ── by bucket ── Write ── drafts ── Place ── Told ──> waiting
│                     └─> unfit, long: for calls
└─> waiting: held back
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsSingleton, PCollection, TaggedOutput
from apache_beam.transforms.combiners import Count
from apache_beam.typehints.decorators import no_annotations
from apache_beam.utils.shared import Shared

from sluicegate import metrics
from sluicegate.batch.board import Board
from sluicegate.batch.connect import ConnectBatch
from sluicegate.batch.drafts import DOCUMENTS, Draft, decode_members
from sluicegate.batch.placing import HELD, Placed
from sluicegate.batch.spreading import CANARY, Spread
from sluicegate.progress import count
from sluicegate.records import Document, Waiting
from transforms.tagged import LONG, OK, UNFIT, WAITING


class Planned(NamedTuple):
    """What became of the documents. Both must be consumed."""

    waiting: PCollection[Waiting]
    unfit: PCollection[Document]  # for calls, which say what is wrong with them
    long: PCollection[Document]  # for calls, which are about windows of them


class PlanJobs(beam.PTransform):
    """Documents, with the Board as a side input, to batch jobs that they wait for."""

    def __init__(self, connect: ConnectBatch, board: PCollection[Board]) -> None:
        super().__init__()
        self._connect = connect
        self._board = board

    @no_annotations
    def expand(self, documents: PCollection[Document]) -> Planned:
        """Build the step."""
        board = AsSingleton(self._board)
        total = AsSingleton(documents | "Count" >> Count.Globally())
        chosen = documents | "Choose" >> beam.ParDo(
            _Choose(self._connect), board, total
        ).with_outputs(WAITING, main=OK)
        written = (
            chosen[OK]
            # The types of several outputs are not known, and documents have a coder by theirs.
            | "As chosen" >> beam.Map(_as_it_is).with_output_types(tuple[str, Document])
            | "By bucket" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(_Write(self._connect)).with_outputs(UNFIT, LONG, main=OK)
        )
        told = (
            written[OK]
            | "In one place" >> beam.Map(_under_one_key).with_output_types(tuple[str, Draft])
            | "All drafts" >> beam.GroupByKey()
            | "Place" >> beam.ParDo(_Place(self._connect), board)
            | "Tell" >> beam.ParDo(_Tell(self._connect))
        )
        _ = (
            written[LONG]
            | "Count long" >> Count.Globally()
            | "Tell of long" >> beam.Map(_tell_of_long, self._connect)
        )
        waiting = (chosen[WAITING], told) | "Waiting" >> beam.Flatten()
        return Planned(waiting, written[UNFIT], written[LONG])


def _tell_of_long(documents: int, connect: ConnectBatch) -> None:
    if documents:
        connect.tell_of_long(documents)


def _as_it_is(chosen: tuple[str, Document]) -> tuple[str, Document]:
    return chosen


def _under_one_key(draft: Draft) -> tuple[str, Draft]:
    return "", draft


class _Choose(beam.DoFn):
    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect
        self._waiting = Metrics.counter(metrics.NAMESPACE, metrics.WAITING)

    def process(
        self, document: Document, board: Board, total: int
    ) -> Iterator[tuple[str, Document] | TaggedOutput[Literal["waiting"], Waiting]]:
        canary_size = self._connect.settings.canary
        spread = Spread(total, self._connect.documents_of_a_job, board.canary, canary_size)
        identity = self._connect.engine.question.about(document.digest).identity
        bucket = spread.bucket(identity)
        if bucket is not None:
            yield bucket, document
            return
        failed = board.canary == "failed"
        self._waiting.inc()
        count(self._connect.run_id, waiting=1)
        yield TaggedOutput(
            WAITING,
            Waiting(
                document,
                "batch_canary_failed" if failed else "batch_held",
                board.canary_says if failed else HELD,
            ),
        )


Written = Draft | TaggedOutput[Literal["unfit"], Document] | TaggedOutput[Literal["long"], Document]


class _Write(beam.DoFn):
    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect
        self._shared = Shared()

    def setup(self) -> None:
        self._register = self._connect.register()
        self._service = self._connect.service()

    def process(self, bucket: tuple[str, Iterable[Document]]) -> Iterator[Written]:
        name, documents = bucket
        engine = self._shared.acquire(self._connect, tag=self._connect.run_id)
        written = self._connect.write(
            engine, self._register, self._service, documents, is_canary=name == CANARY
        )
        yield from written.drafts
        for document in written.unfit:
            unfit: TaggedOutput[Literal["unfit"], Document] = TaggedOutput(UNFIT, document)
            yield unfit
        for document in written.long:
            long: TaggedOutput[Literal["long"], Document] = TaggedOutput(LONG, document)
            yield long


class _Place(beam.DoFn):
    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect

    def process(self, drafts: tuple[str, Iterable[Draft]], board: Board) -> Iterator[Placed]:
        placer = self._connect.placer(self._connect.register(), self._connect.service(), board.view)
        for draft in sorted(drafts[1], key=lambda draft: draft.shard):
            yield placer.place(draft)


class _Tell(beam.DoFn):
    """Documents of a draft as waiting for what became of it."""

    def __init__(self, connect: ConnectBatch) -> None:
        self._connect = connect
        self._waiting = Metrics.counter(metrics.NAMESPACE, metrics.WAITING)

    def setup(self) -> None:
        self._register = self._connect.register()

    def process(self, placed: Placed) -> Iterator[Waiting]:
        data = self._register.load(self._register.uri(placed.shard, DOCUMENTS))
        for member in decode_members(data):
            self._waiting.inc()
            count(self._connect.run_id, waiting=1)
            yield Waiting(member.document, placed.code, placed.message)
