"""The cap on the memory of documents, on virtual time."""

import asyncio

import pytest

from sluicegate.pacing.byte_budget import ByteBudget
from tests.sluicegate.live.virtual_time import START, run, run_pending


async def keep(budget: ByteBudget, log: list[str], name: str, size: int, seconds: float) -> None:
    """Hold bytes for some time and log when they were given."""
    async with budget.hold(size):
        log.append(f"{name}@{asyncio.get_running_loop().time() - START:.0f}")
        await asyncio.sleep(seconds)


def keep_all(limit: int, *requests: tuple[str, int, float]) -> list[str]:
    """Request bytes, all at once and in order; return which were given when."""

    async def work() -> list[str]:
        budget, log = ByteBudget(limit), list[str]()
        await asyncio.gather(*(keep(budget, log, *request) for request in requests))
        return log

    return run(work())


def test_bytes_are_held_up_to_the_limit() -> None:
    """The third waits until there is room."""
    assert keep_all(100, ("a", 60, 5), ("b", 40, 9), ("c", 1, 1)) == ["a@0", "b@0", "c@5"]


def test_small_documents_do_not_overtake_a_large_one() -> None:
    """If they did, the large one would wait for ever."""
    assert keep_all(100, ("a", 60, 5), ("big", 90, 1), ("c", 1, 1)) == ["a@0", "big@5", "c@5"]


def test_a_document_larger_than_the_budget_goes_alone() -> None:
    """It is admitted when nothing else is held."""
    log = keep_all(100, ("a", 10, 5), ("huge", 500, 5), ("b", 10, 1))
    assert log == ["a@0", "huge@5", "b@10"]


def test_documents_by_reference_hold_nothing() -> None:
    """Zero bytes always fit."""
    assert keep_all(10, ("a", 10, 9), ("b", 0, 1)) == ["a@0", "b@0"]


@pytest.mark.parametrize("moment", ["waiting", "granted", "inside"])
def test_cancelling_gives_the_bytes_back(moment: str) -> None:
    """Whenever a document is cancelled, the next one gets its bytes."""

    async def work() -> list[str]:
        budget, log = ByteBudget(100), list[str]()
        first = budget.hold(60)
        await first.__aenter__()
        doomed = asyncio.create_task(keep(budget, [], "x", 80, 1000))
        after = asyncio.create_task(keep(budget, log, "after", 40, 1))
        await run_pending()
        if moment == "waiting":
            doomed.cancel()
            await run_pending()
            assert log == ["after@0"]
        await first.__aexit__(None, None, None)
        if moment == "inside":
            await run_pending()
        doomed.cancel()
        await asyncio.wait_for(asyncio.gather(doomed, after, return_exceptions=True), 60)
        async with asyncio.timeout(60), budget.hold(100):
            return log

    assert run(work()) == ["after@0"]
