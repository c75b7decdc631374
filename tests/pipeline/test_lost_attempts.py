"""Bundles that a runner runs again: what their lost attempts paid for is counted, once."""

import queue
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import (
    BundleManager,
    ParallelBundleManager,
)
from support import Job, Landed, sha256, write_invoices

from emulators.gemini import GeminiEndpoint
from pipeline import graph
from sluicegate.records import Answer
from sluicegate.sources.batching import BatchLimits
from transforms import validate

# Beam's own way to have each bundle run more than once: the outputs of all but the last are lost.
AGAIN = {"direct_runner_bundle_repeat": 1}
DOCUMENTS = 30


class LostWorker:
    """A worker of Beam's in-process runner that is lost with all its bundles, once."""

    def __init__(self) -> None:
        self._answers = -1  # that are checked until then; -1 for ever
        self.lost = 0  # bundles
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._run_bundles = ParallelBundleManager.process_bundle
        self._run_bundle = BundleManager.process_bundle
        self._check = validate._Check.process

    def after(self, answers: int) -> None:
        """Lose it after so many answers were checked."""
        self._answers = answers

    def process_bundle(self, manager: Any, *arguments: Any, **settings: Any) -> Any:
        """Run one of the bundles that are open at once."""
        try:
            return self._run_bundle(manager, *arguments, **settings)
        except RuntimeError:
            self.lost += 1
            raise
        finally:
            self._ended.put(1)

    def process_bundles(self, manager: Any, *arguments: Any, **settings: Any) -> Any:
        """Run all of them; when they are lost, Beam runs them again."""
        while not self._ended.empty():
            self._ended.get()
        try:
            return self._run_bundles(manager, *arguments, **settings)
        except RuntimeError:
            if not settings.get("dry_run"):
                raise
            for _ in range(manager._num_workers):  # Beam raises with the first that fails
                self._ended.get(timeout=60)
            self._answers = -1  # another worker takes its place
            return None

    def process(self, check: Any, answer: Answer) -> Iterator[Any]:
        """Check an answer, or be lost."""
        if self._answers == 0:
            raise RuntimeError("the worker is lost")
        self._answers -= self._answers > 0
        yield from self._check(check, answer)


def whole(landed: Landed, endpoint: GeminiEndpoint) -> None:
    """Check that summary, rows and failures have every call and token that the endpoint counts."""
    summary, stats = landed.summary, endpoint.stats()
    assert summary.balanced
    assert summary.tokens["prompt_tokens"] == stats["tokens"]["prompt"]
    assert summary.tokens["output_tokens"] == stats["tokens"]["candidates"]
    in_rows = sum(row["provenance"]["cost_usd"] for row in landed.rows)
    in_failures = sum(Decimal(record["cost_usd"]) for record in landed.failures)
    assert in_rows + in_failures == Decimal(summary.cost_usd) > 0


def test_what_an_attempt_without_a_result_paid_is_counted_once(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Each bundle runs twice: calls, tokens and dollars are the endpoint's, rows say journaled."""
    documents = write_invoices(tmp_path / "in", DOCUMENTS)
    (tmp_path / "in/copy.pdf").write_bytes(documents[0].read_bytes())
    endpoint.set_behaviour(
        faults=[
            {"fault": "finish_MAX_TOKENS", "match": sha256(documents[1]), "times": 1},
            {"fault": "cut_json", "match": sha256(documents[2])},
        ]
    )
    landed = job(input=f"{tmp_path}/in/*.pdf", **AGAIN)
    whole(landed, endpoint)
    assert landed.summary.calls == endpoint.stats()["calls"] == DOCUMENTS + 1
    assert landed.summary.failures_by_code == {"not_json": 1}
    assert landed.summary.journaled == DOCUMENTS + 1, "the attempt that counts made no call"
    (free,) = {str(documents[0]), f"{tmp_path}/in/copy.pdf"} & {
        row["document_uri"] for row in landed.rows if not row["provenance"]["cost_usd"]
    }
    assert landed.extracted[free]["provenance"]["attempts"] == 0, "one of two equal ones is free"


def test_what_a_failed_attempt_paid_is_counted_once(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, failing_attempts: Callable[[int], None]
) -> None:
    """A bundle that fails half way, with calls in flight, and is run again."""
    write_invoices(tmp_path / "in", DOCUMENTS)
    endpoint.set_behaviour(latency=0.05)
    failing_attempts(10)
    landed = job(input=f"{tmp_path}/in/*.pdf", max_in_flight=4, **AGAIN)
    whole(landed, endpoint)
    assert landed.summary.rows == DOCUMENTS
    assert landed.summary.calls == endpoint.stats()["calls"] == DOCUMENTS
    assert 10 <= landed.summary.journaled < DOCUMENTS


def test_a_lost_worker_with_25_bundles_open_hides_nothing(
    job: Job,
    endpoint: GeminiEndpoint,
    tmp_path: Path,
    worker: LostWorker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All its bundles run again: calls, tokens and dollars are the endpoint's own.

    The calls that were in flight end, and are found by the attempt that counts, or made by it.
    """
    documents = write_invoices(tmp_path / "in", 125)
    endpoint.set_behaviour(
        latency=0.05,
        faults=[
            {"fault": "finish_MAX_TOKENS", "match": sha256(documents[1]), "times": 1},
            {"fault": "cut_json", "match": sha256(documents[2])},
        ],
    )
    monkeypatch.setattr(graph, "BatchLimits", partial(BatchLimits, max_documents=4))
    worker.after(25)
    workers = {"direct_num_workers": 25, "direct_running_mode": "multi_threading"}
    landed = job(input=f"{tmp_path}/in/*.pdf", max_in_flight=40, **workers, **AGAIN)
    assert worker.lost >= 20, "of five documents each: at most five had ended"
    whole(landed, endpoint)
    assert (landed.summary.rows, landed.summary.failures) == (124, 1)
    assert landed.summary.calls == endpoint.stats()["calls"] == 126
    assert landed.summary.journaled >= 25


def test_a_later_run_pays_nothing_for_what_an_earlier_one_paid(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Though it is the same document: it is another run's money."""
    write_invoices(tmp_path / "in", 4)
    job(input=f"{tmp_path}/in/*.pdf")
    again = job(input=f"{tmp_path}/in/*.pdf", resume=False, **AGAIN)
    assert (again.summary.journaled, again.summary.calls, again.summary.cost_usd) == (4, 0, "0")


@pytest.fixture
def failing_attempts(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what lets the first attempt of a bundle fail after so many answers were checked."""
    run_bundle, check = BundleManager.process_bundle, validate._Check.process
    left: list[int] = []

    def process_bundle(self: Any, *arguments: Any, **settings: Any) -> Any:
        try:
            return run_bundle(self, *arguments, **settings)
        except RuntimeError:
            if not settings.get("dry_run"):
                raise
            return None  # as Dataflow does: it is run again

    def process(self: Any, answer: Answer) -> Iterator[Any]:
        if left:
            left[0] -= 1
            if left[0] < 0:
                left.clear()
                raise RuntimeError("the worker is lost")
        yield from check(self, answer)

    monkeypatch.setattr(BundleManager, "process_bundle", process_bundle)
    monkeypatch.setattr(validate._Check, "process", process)
    return left.append


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> LostWorker:
    """Return a worker that can be lost."""
    made = LostWorker()
    for owner, name, function in (
        (ParallelBundleManager, "process_bundle", made.process_bundles),
        (BundleManager, "process_bundle", made.process_bundle),
        (validate._Check, "process", made.process),
    ):
        monkeypatch.setattr(owner, name, _as_method(function))
    return made


def _as_method(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *arguments: Any, **settings: Any) -> Any:
        return function(self, *arguments, **settings)

    return method
