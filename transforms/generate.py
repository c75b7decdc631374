"""Generate: batches of documents to answers, with a rolling window of calls in flight.

    process(batch)    submit each document to the process's engine while the window has room;
                      emit the results that have come meanwhile
    finish_bundle     wait for the other results

The window rolls across batches, so that no batch waits for the slowest call of the one before.
Whenever a result is awaited, what the engine did is reported to Beam, if the last report is some
seconds old: a bundle may last for hours, and autoscaler and alerts go by these counters.
"""

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from decimal import Decimal
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.window import GlobalWindow
from apache_beam.typehints.decorators import no_annotations
from apache_beam.utils.shared import Shared
from apache_beam.utils.windowed_value import WindowedValue

from sluicegate import metrics
from sluicegate.faults import JobFault
from sluicegate.live.engine import Engine
from sluicegate.log import EventKind, log_event
from sluicegate.progress import count
from sluicegate.records import Answer, CallStats, Document, Failure, Result, Waiting
from transforms.tagged import FAILED, OK, STATS, WAITING

# Documents in the window, as a multiple of the calls in flight: some are read and prepared
# meanwhile.
_WINDOW = 2
# How long a result is awaited before it is asked whether a report is due.
_LOOK_SECONDS = 5.0

Emitted = (
    Answer
    | TaggedOutput[Literal["failed"], Failure]
    | TaggedOutput[Literal["waiting"], Waiting]
    | TaggedOutput[Literal["stats"], CallStats]
)


class Generated(NamedTuple):
    """What became of the documents, and what the engines did. All must be consumed."""

    ok: PCollection[Answer]
    failed: PCollection[Failure]
    waiting: PCollection[Waiting]
    stats: PCollection[CallStats]


class Generate(beam.PTransform):
    """Batches of documents to Answers, Failures, documents that are Waiting, and CallStats.

    `connect` builds the engine on the worker; it must pickle. One engine for each process and step,
    shared by all threads. A job's fault ends the calls: documents without an answer come out as
    Waiting, for Summarise to fail the run once everything has landed. Raises JobFault where nothing
    is to land, after the calls in flight have ended and been journalled.
    """

    def __init__(self, connect: Callable[[], Engine], max_in_flight: int, run_id: str) -> None:
        super().__init__()
        self._connect = connect
        self._max_in_flight = max_in_flight
        self._run_id = run_id

    @no_annotations
    def expand(self, batches: PCollection[list[Document]]) -> Generated:
        """Build the step."""
        outputs = batches | "Call" >> beam.ParDo(
            _Call(self._connect, self._max_in_flight, self._run_id)
        ).with_outputs(FAILED, WAITING, STATS, main=OK)
        return Generated(outputs[OK], outputs[FAILED], outputs[WAITING], outputs[STATS])


class _Call(beam.DoFn):
    def __init__(self, connect: Callable[[], Engine], max_in_flight: int, run_id: str) -> None:
        self._connect = connect
        self._run_id = run_id
        self._window = _WINDOW * max_in_flight
        self._shared = Shared()
        self._calls = Metrics.counter(metrics.NAMESPACE, metrics.CALLS)
        self._rejected = Metrics.counter(metrics.NAMESPACE, metrics.REJECTED)
        self._retries = Metrics.counter(metrics.NAMESPACE, metrics.RETRIES)
        self._waiting = Metrics.counter(metrics.NAMESPACE, metrics.WAITING)
        self._tokens_in = Metrics.counter(metrics.NAMESPACE, metrics.INPUT_TOKENS)
        self._tokens_out = Metrics.counter(metrics.NAMESPACE, metrics.OUTPUT_TOKENS)
        self._cost = Metrics.counter(metrics.NAMESPACE, metrics.COST)
        self._shed = Metrics.counter(metrics.NAMESPACE, metrics.SHED)
        self._cost_by_tier = {
            name: Metrics.counter(metrics.NAMESPACE, name)
            for name in (*metrics.COST_BY_TIER.values(), metrics.COST_OTHER)
        }
        self._throttled = Metrics.counter(metrics.NAMESPACE, metrics.THROTTLED_SECONDS)
        self._throttled_rest = 0.0
        self._fault_logged = False

    def setup(self) -> None:
        self._engine: Engine = self._shared.acquire(self._connect, tag=self._run_id)

    def start_bundle(self) -> None:
        self._done: queue.SimpleQueue[Future[Result]] = queue.SimpleQueue()
        self._in_window = 0  # documents submitted whose result has not been emitted
        self._stats = CallStats()  # of this bundle, reported to Beam already

    def process(self, batch: list[Document]) -> Iterator[Emitted]:
        for document in batch:
            while self._in_window >= self._window:
                yield self._tagged(self._take())
            self._engine.submit(document).add_done_callback(self._done.put)
            self._in_window += 1
            while not self._done.empty():
                yield self._tagged(self._take())

    def finish_bundle(self) -> Iterator[WindowedValue | TaggedOutput[str, WindowedValue]]:
        while self._in_window:
            emitted = self._tagged(self._take())
            if isinstance(emitted, TaggedOutput):
                yield TaggedOutput(emitted.tag, _windowed(emitted.value))
            else:
                yield _windowed(emitted)
        self._report(self._engine.take_stats())
        yield TaggedOutput(STATS, _windowed(self._stats))

    def _take(self) -> Result:
        """Wait for one result. On a job fault, wait for all the others first: they are paid for."""
        future = self._await_one()
        try:
            return future.result()
        except JobFault as fault:
            self._log_fault(fault.code, fault.message)
            while self._in_window:
                self._await_one()
            raise

    def _await_one(self) -> "Future[Result]":
        """Wait until a document is done, and report to Beam now and then meanwhile."""
        while True:
            if stats := self._engine.take_due_stats():
                self._report(stats)
            try:
                future = self._done.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            self._in_window -= 1
            return future

    def _log_fault(self, code: str, message: str) -> None:
        if not self._fault_logged:
            self._fault_logged = True
            log_event(EventKind.JOB_FAULT, message, self._run_id, code=code)

    def _tagged(self, result: Result) -> Emitted:
        self._tokens_in.inc(result.paid.prompt_tokens)
        self._tokens_out.inc(result.paid.output_tokens + result.paid.thought_tokens)
        self._cost.inc(_micro_usd(result.cost_usd))
        for spend in result.by_tier:
            name = metrics.COST_BY_TIER.get(spend.served, metrics.COST_OTHER)
            self._cost_by_tier[name].inc(_micro_usd(spend.cost_usd))
        if isinstance(result, Answer):
            count(self._run_id, done=1, cost_usd=result.cost_usd)
            return result
        if isinstance(result, Waiting):
            self._log_fault(result.code, result.message)
            self._waiting.inc()
            count(self._run_id, waiting=1, cost_usd=result.cost_usd)
            waiting: TaggedOutput[Literal["waiting"], Waiting] = TaggedOutput(WAITING, result)
            return waiting
        count(self._run_id, done=1, failed=1, cost_usd=result.cost_usd)
        failed: TaggedOutput[Literal["failed"], Failure] = TaggedOutput(FAILED, result)
        return failed

    def _report(self, stats: CallStats) -> None:
        self._stats += stats
        self._calls.inc(stats.calls)
        self._rejected.inc(stats.rejected)
        self._retries.inc(stats.retries)
        self._shed.inc(stats.shed)
        self._throttled_rest += stats.throttled_seconds
        whole = int(self._throttled_rest)
        self._throttled_rest -= whole
        self._throttled.inc(whole)


def _micro_usd(cost: Decimal | None) -> int:
    return round((cost or 0) * 1_000_000)


def _windowed(value: object) -> WindowedValue:
    window = GlobalWindow()
    return WindowedValue(value, window.max_timestamp(), (window,))
