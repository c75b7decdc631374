"""The engine of a process: real threads and a real loop, and nothing left of it."""

import asyncio
import gc
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.journal import Journal
from sluicegate.faults import JobFault
from sluicegate.gemini.connection import API_KEY_VARIABLES, Connection
from sluicegate.live.connect import Connect
from sluicegate.live.engine import Engine, EngineSettings
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.records import Answer, CallStats, Document
from tests.sluicegate.live.in_memory import (
    CLOCK,
    GOOD,
    KIND,
    MODEL,
    Gemini,
    document,
    rejection,
    settings,
)
from tests.sluicegate.live.virtual_time import InlineStores, at_once
from tests.sluicegate.media import pictures


@pytest.fixture
def threads() -> Callable[[], set[str]]:
    """Return what names the engine's threads that were begun in a test and do not end."""
    before = set(threading.enumerate())

    def left() -> set[str]:
        begun = [
            thread
            for thread in set(threading.enumerate()) - before
            if thread.name.startswith(("gemini-engine", "disk-", "network-"))
        ]
        for thread in begun:
            thread.join(timeout=5)
        return {thread.name for thread in begun if thread.is_alive()}

    return left


def pages(folder: Path, number: int) -> list[Document]:
    """Write that many different documents."""
    return [
        document(folder, f"{n}.png", pictures.saved(pictures.page("L", (60 + n, 40)), "PNG"))
        for n in range(number)
    ]


def test_documents_in_answers_out(tmp_path: Path, threads: Callable[[], set[str]]) -> None:
    """Many documents from many threads through one client on one loop."""
    client = Gemini([GOOD, rejection(), rejection()])
    engine = Engine(settings(), partial(Journal, prefix=f"{tmp_path}/j"), lambda: client, CLOCK)
    documents = pages(tmp_path, 40)
    with ThreadPoolExecutor(4) as submitters:
        futures = list(submitters.map(engine.submit, documents))
    answers = [future.result(timeout=30) for future in futures]
    assert [answer.document for answer in answers if isinstance(answer, Answer)] == documents
    assert client.thread == "gemini-engine"
    stats = engine.take_stats()
    assert (stats.calls, stats.rejected, stats.retries) == (42, 2, 2)
    assert engine.take_stats() == CallStats()
    assert engine.fault is None
    engine.close()
    assert client.closed
    assert not threads()


def test_statistics_are_taken_once(tmp_path: Path) -> None:
    """Each call returns what no other has returned before."""
    engine = Engine(settings(), partial(Journal, prefix=f"{tmp_path}/j"), Gemini, CLOCK)
    total = CallStats()
    for one in pages(tmp_path, 6):
        engine.submit(one).result(timeout=30)
        total += engine.take_stats()
    assert total.calls == 6
    engine.close()


class Slow(Gemini):
    """Answers only when it is allowed to."""

    def may_end(self) -> bool:
        """Return whether the answer has come."""
        return False

    async def generate(self, parts: Any, max_output_tokens: int) -> Any:
        """Wait on the loop, without a clock, until the answer has come."""
        reply = await super().generate(parts, max_output_tokens)
        while not self.may_end():  # noqa: ASYNC110 - set by another thread, without a clock
            await asyncio.sleep(0)
        return reply


def test_closing_lets_calls_in_flight_end(tmp_path: Path, threads: Callable[[], set[str]]) -> None:
    """They are paid for: their answers are journalled, and no other call starts."""
    begun = threading.Event()
    client = Slow(on_call=begun.set)
    one_by_one = settings(pacer=PacerSettings(max_in_flight=1))
    engine = Engine(one_by_one, partial(Journal, prefix=f"{tmp_path}/j"), lambda: client)
    client.may_end = lambda: engine.fault is not None  # type: ignore[method-assign]
    first, *others = pages(tmp_path, 5)
    paid = engine.submit(first)
    assert begun.wait(timeout=30)
    waiting = [engine.submit(one) for one in others]
    engine.close()
    answer = paid.result(timeout=0)
    assert isinstance(answer, Answer)
    journal = Journal(InlineStores(), f"{tmp_path}/j")
    (stored,) = at_once(journal.get(settings().question.about(first.digest))).responses
    assert stored.text == GOOD.text
    assert stored.limit > 0
    for future in waiting:
        with pytest.raises(JobFault, match="stopped"):
            future.result(timeout=0)
    assert len(client.calls) == 1
    engine.close()
    assert client.closed
    assert not threads()


def test_closing_waits_for_a_bounded_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: Callable[[], set[str]]
) -> None:
    """A call that hangs is cancelled after the grace."""
    monkeypatch.setattr("sluicegate.live.engine._GRACE_SECONDS", 0.05)
    begun = threading.Event()
    client = Gemini(seconds=1000, on_call=begun.set)
    engine = Engine(settings(), partial(Journal, prefix=f"{tmp_path}/j"), lambda: client)
    future = engine.submit(pages(tmp_path, 1)[0])
    assert begun.wait(timeout=30)
    engine.close()
    with pytest.raises(CancelledError):
        future.result(timeout=0)
    assert client.closed
    assert not threads()


def test_an_engine_without_a_reference_closes_itself(
    tmp_path: Path, threads: Callable[[], set[str]]
) -> None:
    """An engine lives as long as it is referenced."""
    client = Gemini()
    engine = Engine(settings(), partial(Journal, prefix=f"{tmp_path}/j"), lambda: client, CLOCK)
    engine.submit(pages(tmp_path, 1)[0]).result(timeout=30)
    del engine
    gc.collect()
    assert client.closed
    assert not threads()


def test_an_engine_that_cannot_start_leaves_nothing(
    tmp_path: Path, threads: Callable[[], set[str]]
) -> None:
    """Without credentials the fault is raised and the thread is gone."""

    def refuse() -> Any:
        raise JobFault("bad_credentials", "no key")

    with pytest.raises(JobFault, match="no key"):
        Engine(settings(), partial(Journal, prefix=f"{tmp_path}/j"), refuse)
    assert not threads()


def test_a_job_fault_is_seen_from_outside(tmp_path: Path) -> None:
    """Futures raise it, the engine shows it, later documents get it at once."""
    client = Gemini(always=JobFault("bad_credentials", "no access token"))
    engine = Engine(settings(), partial(Journal, prefix=f"{tmp_path}/j"), lambda: client, CLOCK)
    first, second = pages(tmp_path, 2)
    for one in (first, second):
        with pytest.raises(JobFault) as caught:
            engine.submit(one).result(timeout=30)
        assert caught.value.code == "bad_credentials"
    assert engine.fault is not None
    assert len(client.calls) == 1
    engine.close()


def test_connect_builds_an_engine_on_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: Callable[[], set[str]]
) -> None:
    """It pickles without a secret, and connects where there is a key; no call is made."""
    connect = Connect(
        EngineSettings(document_type=KIND, model=MODEL),
        Connection("developer", endpoint="http://127.0.0.1:9"),
        f"{tmp_path}/j",
    )
    there = pickle.loads(pickle.dumps(connect))
    assert there == connect
    for name in API_KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(JobFault) as caught:
        there()
    assert caught.value.code == "bad_credentials"
    assert API_KEY_VARIABLES[0] in caught.value.message
    monkeypatch.setenv(API_KEY_VARIABLES[0], "k")
    engine = there()
    assert engine.fault is None
    engine.close()
    assert not threads()
