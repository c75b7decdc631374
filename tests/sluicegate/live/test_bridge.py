"""The bridge between threads and a loop: nothing is lost or kept, and no side is woken twice."""

import asyncio
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

import pytest

from sluicegate.live.bridge import LoopBridge, WorkerThreads


class CountingLoop(asyncio.SelectorEventLoop):
    """A loop that counts how often another thread wakes it."""

    woken = 0

    def call_soon_threadsafe(self, *arguments: Any, **options: Any) -> Any:
        """Count, then do it."""
        self.woken += 1
        return super().call_soon_threadsafe(*arguments, **options)


@pytest.fixture
def loop() -> Iterator[CountingLoop]:
    """Run a loop on a thread of its own."""
    running = CountingLoop()
    thread = threading.Thread(target=running.run_forever)
    thread.start()
    yield running
    running.call_soon_threadsafe(running.stop)
    thread.join()
    running.close()


async def double(number: int) -> int:
    """Return twice the number, an iteration of the loop later; raise ValueError for 13."""
    await asyncio.sleep(0)
    if number == 13:
        raise ValueError("13")
    return 2 * number


def on(loop: asyncio.AbstractEventLoop, work: Any) -> Any:
    """Run a coroutine on the loop from here."""
    return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=30)


async def closed(bridge: LoopBridge[Any, Any]) -> None:
    """Close a bridge, on its loop."""
    bridge.close()


def test_all_submitted_work_ends(loop: CountingLoop) -> None:
    """Thousands of items, from many threads at once, end each with its own result."""
    bridge = LoopBridge(loop, double)
    with ThreadPoolExecutor(8) as threads:
        futures = list(threads.map(bridge.submit, range(3000)))
    ends = [future.exception(timeout=30) or future.result() for future in futures]
    assert isinstance(ends.pop(13), ValueError)
    assert ends == [2 * number for number in range(3000) if number != 13]


def test_what_queues_up_is_handed_over_together(loop: CountingLoop) -> None:
    """A loop that is busy is woken once, however many items arrive meanwhile."""
    bridge = LoopBridge(loop, double)
    busy, go_on = threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        go_on.wait(timeout=30)

    loop.call_soon_threadsafe(block)
    assert busy.wait(timeout=30)
    before = loop.woken
    futures = [bridge.submit(number) for number in range(500, 600)]
    go_on.set()
    assert [future.result(timeout=30) for future in futures] == list(range(1000, 1200, 2))
    assert loop.woken == before + 1


def test_a_closed_bridge_leaves_no_future_waiting(loop: CountingLoop) -> None:
    """What has ended is delivered, what has not begun is cancelled, what comes later raises."""
    begun: list[int] = []

    async def record(number: int) -> int:
        begun.append(number)
        return number

    bridge = LoopBridge(loop, record)
    first = bridge.submit(1)
    assert first.result(timeout=30) == 1

    async def close_before_it_is_seen() -> Any:
        late = bridge.submit(2)
        bridge.close()
        return late

    late = on(loop, close_before_it_is_seen())
    with pytest.raises(CancelledError):
        late.result(timeout=30)
    assert begun == [1]
    with pytest.raises(RuntimeError, match="closed"):
        bridge.submit(3)


def test_a_cancelled_task_cancels_its_future(loop: CountingLoop) -> None:
    """So an engine gives up a call that hangs."""
    started = threading.Event()

    async def hang(_: int) -> None:
        started.set()
        await asyncio.get_running_loop().create_future()

    async def cancel_all() -> None:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()  # type: ignore[union-attr]

    bridge = LoopBridge(loop, hang)
    future = bridge.submit(1)
    assert started.wait(timeout=30)
    on(loop, cancel_all())
    with pytest.raises(CancelledError):
        future.result(timeout=30)


def test_workers_return_and_raise(loop: CountingLoop) -> None:
    """What a function returns or raises on a thread comes back to the loop."""
    workers = WorkerThreads(3, "tested")

    async def work() -> list[Any]:
        calls = [workers.run(divmod, 100, number) for number in (7, 0, 9)]
        return await asyncio.gather(*calls, return_exceptions=True)

    seven, zero, nine = on(loop, work())
    assert (seven, nine) == ((14, 2), (11, 1))
    assert isinstance(zero, ZeroDivisionError)
    workers.stop()


def test_there_are_never_more_threads_than_allowed_and_none_after_the_end(
    loop: CountingLoop,
) -> None:
    """They are started as needed, work at the same time, and end when they are stopped."""
    workers = WorkerThreads(4, "tested")
    together = threading.Barrier(4)

    async def work() -> set[str]:
        def name() -> str:
            together.wait(timeout=30)
            return threading.current_thread().name

        return set(await asyncio.gather(*(workers.run(name) for _ in range(40))))

    names = on(loop, work())
    assert names == {f"tested-{number}" for number in range(4)}
    workers.stop()
    for thread in threading.enumerate():
        if thread.name in names:
            thread.join(timeout=30)
            assert not thread.is_alive()


def test_a_thread_that_keeps_up_works_alone(loop: CountingLoop) -> None:
    """Hundreds of quick jobs take few of many threads, and wake the loop a few times."""
    workers = WorkerThreads(64, "tested")

    async def work() -> set[str]:
        names = [workers.run(lambda: threading.current_thread().name) for _ in range(500)]
        return set(await asyncio.gather(*names))

    before = loop.woken
    assert len(on(loop, work())) < 16
    assert loop.woken - before < 50
    workers.stop()


def test_a_thread_that_hangs_does_not_stop_the_others(loop: CountingLoop) -> None:
    """What is queued behind it is done by another, and a sleeping thread is woken again."""
    workers = WorkerThreads(2, "tested")
    go_on = threading.Event()

    async def work() -> list[str]:
        hanging = workers.run(go_on.wait, 30)
        done = [await workers.run(str, number) for number in range(5)]
        await asyncio.sleep(0.05)
        done += [await workers.run(str, number) for number in range(5, 10)]
        go_on.set()
        assert await hanging
        return done

    assert on(loop, work()) == [str(number) for number in range(10)]
    workers.stop()


def test_workers_keep_nothing_of_what_they_did(loop: CountingLoop) -> None:
    """Results are documents: an idle thread must not hold the last one it read."""

    class Document:
        pass

    workers = WorkerThreads(1, "tested")

    async def work() -> "weakref.ref[Document]":
        return weakref.ref(await workers.run(Document))

    read = on(loop, work())
    # The one thread has taken the next job, so it has let go of the last.
    on(loop, _run(workers, bool))
    assert read() is None
    workers.stop()


async def _run(workers: WorkerThreads, function: Any) -> Any:
    return await workers.run(function)


def test_the_result_of_a_cancelled_future_is_dropped(loop: CountingLoop) -> None:
    """A future that was cancelled does not stop the results of others."""
    workers = WorkerThreads(1, "tested")
    go_on = threading.Event()

    async def work() -> Any:
        given_up = workers.run(go_on.wait, 30)
        wanted = workers.run(str, 7)
        given_up.cancel()
        go_on.set()
        return await wanted

    assert on(loop, work()) == "7"
    workers.stop()


def test_where_no_thread_starts_any_more_the_work_is_done_at_once(
    loop: CountingLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the interpreter's exit an answer that was paid for is still kept."""

    def refuse(_: Any) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    workers = WorkerThreads(2, "tested")
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        assert on(loop, _run(workers, lambda: threading.current_thread().name)) != ""
    workers.stop()
