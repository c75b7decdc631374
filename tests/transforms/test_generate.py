"""Generate: documents in, answers, failures and statistics out, through one engine."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import apache_beam as beam
import pytest
from apache_beam.metrics.execution import MetricsContainer
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.common import NameContext
from apache_beam.runners.worker.statesampler import StateSampler, set_current_tracker
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.counters import CounterFactory
from support import write_invoices

from sluicegate import metrics
from sluicegate.asking.response import Response
from sluicegate.faults import JobFault, find_job_fault
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.log import FAULTS
from sluicegate.records import Answer, CallStats, Document, Failure
from tests.transforms.in_memory_engine import (
    SERVICES,
    USAGE,
    Connect,
    Service,
    digest_of,
    document_of,
)
from transforms.generate import Generate, _Call

THREADS = {"direct_num_workers": 4, "direct_running_mode": "multi_threading"}


@dataclass
class Bench:
    """A service, a journal and a way to run the step against them."""

    name: str
    service: Service
    folder: Path

    @property
    def journal(self) -> Path:
        """The journal's folder."""
        return self.folder / "journal"

    def documents(self, count: int) -> list[Document]:
        """Write documents and describe them."""
        return [document_of(path) for path in write_invoices(self.folder / "in", count)]

    def run(
        self, batches: list[list[Document]], check: Any = None, *, max_in_flight: int = 4,
        options: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        """Run the step over the batches, let `check(answers, stats)` assert, return the result."""
        connect = Connect(self.name, str(self.journal), max_in_flight)
        pipeline = Pipeline(options=PipelineOptions(**options) if options else None)
        created = pipeline | beam.Create(batches, reshuffle=False)
        generated = created | Generate(connect, max_in_flight, self.name)
        if check:
            check(generated, generated.stats)
        result = pipeline.run()
        result.wait_until_finish()
        return result


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Return a service of this test alone."""
    name = uuid4().hex
    SERVICES[name] = Service()
    yield Bench(name, SERVICES[name], tmp_path)
    del SERVICES[name]


def test_each_document_comes_out_once_and_typed(bench: Bench) -> None:
    """Answers, failures and statistics go to their own outputs, also from finish_bundle."""
    documents = bench.documents(7)
    refused, empty = documents[2], Document(str(bench.folder / "e"), 0, digest="sha256:0")
    bench.service.replies[digest_of(Path(refused.uri))] = Response("", "SAFETY")

    def check(answers: Any, stats: Any) -> None:
        seen = (
            answers.ok | "ok" >> beam.Map(lambda a: (type(a).__name__, a.document.uri)),
            answers.failed | "failed" >> beam.Map(lambda f: (f.code, f.document_uri)),
        ) | beam.Flatten()
        expected = [("Answer", d.uri) for d in documents if d is not refused]
        assert_that(seen, equal_to([*expected, ("blocked", refused.uri), ("empty", empty.uri)]))
        total = stats | beam.Map(lambda s: s.calls) | beam.CombineGlobally(sum)
        assert_that(total, equal_to([7]), "stats")

    result = bench.run([documents[:3], [*documents[3:], empty]], check)
    assert counted(result)[metrics.CALLS] == 7


def test_the_outputs_hold_nothing_of_another_kind(bench: Bench) -> None:
    """`ok` has Answers only, `failed` Failures only, `stats` CallStats only."""
    documents = bench.documents(3)
    bench.service.replies[digest_of(Path(documents[0].uri))] = Response("", "SAFETY")

    def check(answers: Any, stats: Any) -> None:
        for name, collection, kind in (
            ("ok", answers.ok, Answer),
            ("failed", answers.failed, Failure),
            ("stats", stats, CallStats),
        ):
            kinds = (
                collection
                | f"kind {name}" >> beam.Map(lambda each: type(each).__name__)
                | f"{name}" >> beam.Distinct()
            )
            assert_that(kinds, equal_to([kind.__name__]), name)

    bench.run([documents], check)


def test_what_finish_bundle_hands_on_is_in_the_global_window(bench: Bench) -> None:
    """Whatever is drained at the end can be grouped and combined like the rest."""
    documents = bench.documents(5)

    def check(answers: Any, stats: Any) -> None:
        def window(element: Any, window: Any = beam.DoFn.WindowParam) -> str:
            return type(window).__name__

        windows = (answers.ok | "w1" >> beam.Map(window), stats | "w2" >> beam.Map(window))
        assert_that(windows | beam.Flatten() | beam.Distinct(), equal_to([GlobalWindow.__name__]))
        assert_that(
            answers.ok | beam.Map(lambda a: ("all", a.document.uri)) | beam.GroupByKey()
            | beam.Map(lambda pair: len(list(pair[1]))),
            equal_to([5]), "grouped",
        )  # fmt: skip

    bench.run([documents], check)


def test_the_window_rolls_over_batches_and_is_respected(bench: Bench) -> None:
    """Twice max_in_flight documents are submitted before the first result is awaited, no more."""
    documents = bench.documents(30)
    # No call ends before the window is full: a step that waits for its batch would never fill it.
    bench.service.ready = lambda service: service.submitted >= 8
    bench.run([documents[n : n + 2] for n in range(0, 30, 2)], max_in_flight=4)
    assert bench.service.peak == 8
    assert bench.service.peak_calls <= 4
    assert bench.service.calls == 30


def test_threads_of_a_process_share_one_engine(bench: Bench) -> None:
    """Bundles on several threads have one client between them, and one journal."""
    documents = bench.documents(24)
    batches = [[document] for document in documents]
    connect = Connect(bench.name, str(bench.journal), 4)
    with Pipeline(options=PipelineOptions(**THREADS)) as pipeline:
        answers = (
            pipeline
            | beam.Create(batches)
            | beam.Reshuffle()
            | Generate(connect, 4, bench.name)
        )  # fmt: skip
        uris = answers.ok | beam.Map(lambda a: a.document.uri)
        assert_that(uris, equal_to([document.uri for document in documents]))
    assert len(bench.service.engines) == bench.service.clients == 1
    assert bench.service.calls == 24
    assert bench.service.peak_calls <= 4


def test_one_content_is_paid_for_once(bench: Bench) -> None:
    """Copies of a document are answered from the first one's call."""
    (document,) = bench.documents(1)
    copies = [document]
    for number in range(3):
        path = bench.folder / f"copy-{number}.pdf"
        path.write_bytes(Path(document.uri).read_bytes())
        copies.append(document_of(path))

    def check(answers: Any, stats: Any) -> None:
        seen = answers.ok | beam.Map(lambda a: (a.document.uri, a.paid.total_tokens))
        assert_that(seen | beam.Map(lambda pair: pair[0]), equal_to([c.uri for c in copies]), "all")
        assert_that(
            seen | "tokens" >> beam.Map(lambda pair: pair[1]) | beam.CombineGlobally(sum),
            equal_to([120]), "paid once",
        )  # fmt: skip

    bench.run([copies], check)
    assert bench.service.calls == 1


def test_a_job_fault_ends_the_calls_and_leaves_documents_waiting(bench: Bench) -> None:
    """Calls in flight end and come out; the others wait, each once, with the fault's sentence."""
    documents = bench.documents(12)
    # The first call goes alone. Of the four after it one fails, and three end only after that.
    bench.service.faults[5] = JobFault("bad_credentials", "the key was revoked")
    bench.service.ready = lambda service: service.calls == 1 or service.failed

    def check(generated: Any, stats: Any) -> None:
        came = generated.ok | "ok" >> beam.Map(lambda a: (a.document.uri, ""))
        waits = generated.waiting | "waits" >> beam.Map(lambda w: (w.document_uri, w.message))
        told = (came, waits) | beam.Flatten()
        uris = told | beam.Map(lambda pair: pair[0])
        assert_that(uris, equal_to([document.uri for document in documents]), "each once")
        said = told | "said" >> beam.Map(lambda pair: pair[1])
        assert_that(said, equal_to([""] * 4 + ["the key was revoked"] * 8), "four came")
        assert_that(
            generated.waiting | beam.Map(lambda w: (w.code, w.paid.total_tokens, w.cost_usd)),
            equal_to([("bad_credentials", 0, 0)] * 8), "free",
        )  # fmt: skip

    result = bench.run([documents], check, max_in_flight=4)
    assert bench.service.in_flight == 0
    assert bench.service.done == bench.service.submitted
    kept = list(bench.journal.rglob("*.json.gz"))
    assert (bench.service.calls, len(kept)) == (5, 4)
    assert counted(result)[metrics.WAITING] == 8


def test_after_a_job_fault_the_journal_still_answers(bench: Bench) -> None:
    """What an earlier run paid for comes out, though no call can be made any more."""
    documents = bench.documents(10)
    bench.run([documents[5:]])
    bench.service.faults[7] = JobFault("outage", "nobody answers")  # the second call of this run

    def check(generated: Any, stats: Any) -> None:
        uris = generated.ok | beam.Map(lambda a: a.document.uri)
        assert_that(uris, equal_to([documents[0].uri, *(d.uri for d in documents[5:])]))
        assert_that(
            generated.waiting | beam.Map(lambda w: w.document_uri),
            equal_to([document.uri for document in documents[1:5]]), "waiting",
        )  # fmt: skip

    bench.run([[document] for document in documents], check, max_in_flight=1)
    assert bench.service.calls == 7


@pytest.mark.parametrize(
    ("call", "code"), [(1, "bad_credentials"), (5, "journal_unwritable")]
)  # fmt: skip
def test_a_job_fault_that_leaves_nothing_to_land_is_raised(
    bench: Bench, call: int, code: str
) -> None:
    """Before the first answer, or where nothing can land: once calls in flight have ended."""
    documents = bench.documents(12)
    bench.service.faults[call] = JobFault(code, "so it is")
    bench.service.ready = lambda service: service.calls == 1 or service.failed
    with pytest.raises(Exception, match="so it is") as failed:
        bench.run([documents], max_in_flight=4)
    found = find_job_fault(str(failed.value))
    assert found is not None
    assert found.code == code
    assert bench.service.in_flight == 0
    assert bench.service.done == bench.service.submitted
    kept = list(bench.journal.rglob("*.json.gz"))
    assert (bench.service.calls, len(kept)) == (call, call - 1)


def test_a_fault_is_logged_once_and_not_for_each_document(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """However many documents wait for its end."""
    caplog.set_level(logging.ERROR, FAULTS)
    bench.service.faults[2] = JobFault("outage", "nobody answers")
    bench.run([bench.documents(40)], max_in_flight=1)
    (line,) = (record for record in caplog.records if record.name == FAULTS)
    assert "nobody answers" in str(line.msg)


def test_a_bundle_that_lasts_reports_what_is_done(bench: Bench) -> None:
    """Calls, 429s, retries and throttled seconds reach Beam in the middle of process()."""
    documents = bench.documents(8)
    ended, seen = [], []
    bench.service.rejected.add(digest_of(Path(documents[1].uri)))
    step = _Call(Connect(bench.name, str(bench.journal), 1), 1, bench.name)
    container = MetricsContainer("generate")
    sampler = StateSampler("", CounterFactory())
    set_current_tracker(sampler)
    sampler.start()
    try:
        with sampler.scoped_state(NameContext("generate"), "process", metrics_container=container):
            step.setup()
            step.start_bundle()
            for _ in step.process(documents):
                seen.append(values(container))
                bench.service.ahead += 6.0  # seconds: of the engine's clock
            in_process = values(container)
            ended = list(step.finish_bundle())
    finally:
        sampler.stop()
        set_current_tracker(None)
    assert seen[0].get(metrics.CALLS, 0) == 0, "not each call by itself"
    assert in_process[metrics.CALLS] >= len(documents) - 2 - 1
    assert in_process[metrics.REJECTED] == 1
    assert in_process[metrics.THROTTLED_SECONDS] >= 6
    after = values(container)
    assert after[metrics.CALLS] == bench.service.calls == len(documents) + 1
    assert after[metrics.RETRIES] == 1
    (stats,) = (each.value.value for each in ended if getattr(each, "tag", "") == "stats")
    assert (stats.calls, stats.rejected, stats.unanswered) == (9, 1, 1), "the ledger's are whole"


def values(container: MetricsContainer) -> dict[str, int]:
    """Return the counters that a step has told Beam so far."""
    return {key.metric_name.name: cell.get_cumulative() for key, cell in container.metrics.items()}


def counted(result: Any) -> dict[str, int]:
    """Return the job's own counters."""
    return {
        counter.key.metric.name: counter.result
        for counter in result.metrics().query()["counters"]
        if counter.key.metric.namespace == metrics.NAMESPACE
    }


def test_the_journal_answers_a_second_run(bench: Bench) -> None:
    """Answers of an earlier run come out as journaled, and cost nothing."""
    documents = bench.documents(5)
    bench.run([documents])

    def check(answers: Any, stats: Any) -> None:
        seen = answers.ok | beam.Map(lambda a: (a.journaled, a.attempts, a.paid.total_tokens))
        assert_that(seen, equal_to([(True, 0, 0)] * 5))

    bench.run([documents], check)
    assert bench.service.calls == 5


def test_tokens_and_cost_are_counted_as_they_are_paid(bench: Bench) -> None:
    """The counters that alerts watch equal the results' sums, failed documents included."""
    documents = bench.documents(3)
    bench.service.replies[digest_of(Path(documents[0].uri))] = Response("", "SAFETY", usage=USAGE)
    result = bench.run([documents])
    found = counted(result)
    assert found[metrics.INPUT_TOKENS] == 3 * USAGE.prompt_tokens
    assert found[metrics.OUTPUT_TOKENS] == 3 * USAGE.output_tokens
    model = load_catalogue().get(load_catalogue().default)
    price = model.cost_usd(USAGE, datetime.now(UTC).date()) or 0
    assert found[metrics.COST] == 3 * round(price * 1_000_000) > 0
    assert found[metrics.COST_OTHER] == found[metrics.COST]  # a client in memory names no tier
    again = bench.run([documents[1:]]).metrics().query()["counters"]
    assert all(c.result == 0 for c in again if c.key.metric.name == metrics.COST), "not paid twice"
