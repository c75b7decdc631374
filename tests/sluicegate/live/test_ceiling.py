"""The ceiling: what is paid stays within it, but for what is in flight."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.budget import RunBudget
from sluicegate.asking.call_cost import CallCost
from sluicegate.asking.journal import Journal
from sluicegate.asking.response import ApiError, Reply, Response, TransportError
from sluicegate.faults import JobFault
from sluicegate.live.ceiling import Ceiling, ceiling_of
from sluicegate.live.document_worker import DocumentWorker
from sluicegate.live.spending import NotCovered
from sluicegate.media.prepare import Part
from sluicegate.records import Answer, Document, Failure, Result, Usage, Waiting
from sluicegate.storage import store_for
from tests.sluicegate.live.in_memory import MODEL, Gemini, document, settings
from tests.sluicegate.live.rig import png
from tests.sluicegate.live.virtual_time import NOW, InlineStores, clock, run

IN_FLIGHT = 8  # of each process
TIMED_OUT = TransportError("timeout", "no reply within 300 s")
BROKEN = TransportError("connection_error", "reset by peer")
CUT = "MAX_TOKENS"


def cost(usage: Usage) -> Decimal:
    """Return what the stand-in charges."""
    return MODEL.cost_usd(usage, NOW.date()) or Decimal(0)


@dataclass
class Till(Gemini):
    """Answers with outputs of all lengths, errors, cut answers and lost replies, and charges."""

    seed: int = 0
    charged: Decimal = Decimal(0)
    dearest: Decimal = Decimal(0)  # what the calls in flight at one moment cost at most
    answers: Counter[bytes] = field(default_factory=Counter)  # by document
    lost: int = 0

    def __post_init__(self) -> None:
        """Begin."""
        super().__post_init__()
        self.draw = random.Random(self.seed)
        self.in_flight_usd = Decimal(0)

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Charge when the call is made, as a service does that never sees the client go."""
        await super().generate(parts, max_output_tokens)
        kind = self.draw.random()
        seconds = self.draw.lognormvariate(1.0, 0.5)
        if kind < 0.05:
            await asyncio.sleep(seconds)
            return ApiError(500, {"message": "An internal error has occurred."})
        output = min(int(self.draw.lognormvariate(5.0, 0.7)), max_output_tokens)
        reason = "STOP"
        if 0.05 <= kind < 0.10 and max_output_tokens == 8192:
            output, reason = max_output_tokens, CUT
        usage = Usage(self.draw.randint(900, 1100), 0, output, 0)
        charge = cost(usage)
        self.charged += charge
        self.in_flight_usd += charge
        self.dearest = max(self.dearest, self.in_flight_usd)
        await asyncio.sleep(seconds)
        self.in_flight_usd -= charge
        if kind > 0.95:
            self.lost += 1
            return TIMED_OUT if output > 400 else BROKEN
        self.answers[parts[0].data] += reason == "STOP"
        return Response('{"a": "1"}', reason, usage=usage, latency_ms=100)


class Process:
    """One process of a run: a document worker with its part of the budget."""

    def __init__(self, folder: Path, client: Gemini, limit: str, run_id: str, sharers: int) -> None:
        self.stores = InlineStores()
        journal = f"{folder}/journal"
        limit_usd = Decimal(limit)
        self.budget = RunBudget(store_for(journal), journal, run_id, limit_usd, sharers)
        changed = settings()
        self.worker = DocumentWorker(
            changed,
            Journal(self.stores, journal, run_id),
            client,
            clock(),
            self.stores,
            spending=ceiling_of(changed, self.budget, self.stores, clock()),
        )


def run_all(
    folder: Path, tills: list[Till], documents: list[Document], limit: str, run_id: str
) -> list[Result]:
    """Process the documents with a worker for each till, of one run; return their results."""

    async def work() -> list[Result]:
        processes = len(tills)
        several = [Process(folder, till, limit, run_id, processes) for till in tills]
        for process in several:
            await process.worker.start()
        results: list[Result] = await asyncio.gather(
            *(
                several[number % processes].worker.process(each)
                for number, each in enumerate(documents)
            )
        )
        for process in several:
            await process.worker.close()
        return results

    return run(work())


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    """Write pages, each its own."""
    folder = tmp_path_factory.mktemp("pages")
    return [document(folder, f"{number}.png", png(number)) for number in range(80)]


@pytest.mark.parametrize("processes", [1, 4])
def test_what_is_paid_stays_within_the_ceiling(
    processes: int, documents: list[Document], tmp_path: Path
) -> None:
    """Fifty seeded runs each, with lost replies, errors and cut answers; the next run goes on."""
    used, lost = [], 0
    for seed in range(50):
        folder = tmp_path / str(seed)
        tills = [Till(seed=seed + 1000 * number) for number in range(processes)]
        limit = Decimal(random.Random(seed).choice(("0.02", "0.025", "0.03")))
        first = run_all(folder, tills, documents, str(limit), "first")
        charged = sum(till.charged for till in tills)
        assert charged <= limit + sum(till.dearest for till in tills), seed
        used.append(charged / limit)
        waiting = [each for each in first if isinstance(each, Waiting)]
        assert waiting, "the ceiling was out of reach"
        assert {each.code for each in waiting} == {"budget_reached"}
        answered = sum(till.answers.total() for till in tills)
        assert answered == sum(isinstance(each, Answer) for each in first)
        lost += sum(till.lost for till in tills)

        second = run_all(folder, tills, documents, "50", "second")
        assert not [each for each in second if isinstance(each, Waiting)]
        assert len(second) == len(documents)
        # A document fails only where all of its calls were lost or failed.
        assert sum(isinstance(each, Failure) for each in second) <= 5
        assert max(sum((till.answers for till in tills), Counter()).values()) == 1
        assert total(first) + total(second) <= sum(till.charged for till in tills)
    assert lost > 30
    assert sum(used) / len(used) > Decimal("0.5")


def total(results: list[Any]) -> Decimal:
    """Return what a run says that it has paid."""
    return sum((each.cost_usd for each in results), Decimal(0))


class Calls:
    """Calls through one ceiling whose prices are plain: a token of output is a dollar."""

    def __init__(self, folder: Path, limit: str, learnt: int = 60) -> None:
        self.budget = RunBudget(store_for(str(folder)), str(folder), "r", Decimal(limit))
        cost = CallCost(0, 100)
        for _ in range(learnt):
            cost.learn(1, Usage(0, 0, 1))
        price = self.price
        self.ceiling = Ceiling(
            self.budget, cost, price, lambda each: price(each.usage), self.run, self.run
        )
        self.started: list[int] = []

    @staticmethod
    def price(usage: Usage) -> Decimal:
        """Return dollars: one for a page and one for a token of output."""
        return Decimal(usage.prompt_tokens + usage.output_tokens)

    @staticmethod
    async def run(function: Any, *arguments: Any) -> Any:
        """Call a function that blocks."""
        return function(*arguments)

    async def call(self, pages: int, usd: int, seconds: float = 1.0, reply: Any = None) -> str:
        """Make a call about so many pages that costs so much; return how it ended."""
        try:
            async with self.ceiling.reserved((Part("a", pages=pages),), 100) as reserve:
                self.started.append(pages)
                await asyncio.sleep(seconds)
                reserve.settle(reply or Response("{}", "STOP", usage=Usage(usd - 1, 0, 1)))
        except NotCovered:
            return "waits"
        except JobFault as fault:
            self.ceiling.stop(fault)
            return str(fault.code)
        return "done"


def test_a_dear_document_waits_while_others_go_on(tmp_path: Path) -> None:
    """What is left covers calls of a page, and not one of fifty; once it covers none, all end."""

    async def work() -> tuple[list[str], list[str]]:
        calls = Calls(tmp_path, "20")
        first = await asyncio.gather(*(calls.call(pages, pages + 1) for pages in (1, 50, 2, 3)))
        rest = await asyncio.gather(*(calls.call(1, 2) for _ in range(8)))
        await calls.ceiling.close()
        assert calls.budget.left() == 1
        return first, rest

    first, rest = run(work())
    assert first == ["done", "waits", "done", "done"]
    assert rest == ["done"] * 5 + ["budget_reached"] * 3


def test_calls_wait_for_those_that_turn_out_cheaper(tmp_path: Path) -> None:
    """Five reserves of four dollars fill the ceiling; each pays two, so twice as many fit."""

    async def work() -> list[str]:
        calls = Calls(tmp_path, "20")
        for _ in range(200):
            calls.ceiling._cost.learn(1, Usage(0, 0, 3))
        ended = await asyncio.gather(*(calls.call(1, 2) for _ in range(12)))
        assert calls.started == [1] * ended.count("done")
        return ended

    ended = run(work())
    assert ended.count("done") == 9
    assert set(ended) == {"done", "budget_reached"}


@pytest.mark.parametrize(
    ("reply", "left"), [(ApiError(500, {}), 200), (TIMED_OUT, 99), (BROKEN, 198), (None, 198)]
)
def test_only_a_lost_reply_keeps_what_it_may_have_cost(
    reply: Any, left: int, tmp_path: Path
) -> None:
    """An error of the service costs nothing; nobody knows what a lost reply has cost."""

    async def work() -> None:
        calls = Calls(tmp_path, "200")
        assert await calls.call(1, 2, reply=reply) == "done"
        await calls.ceiling.close()
        assert calls.budget.left() == left

    run(work())


def test_a_call_that_is_cancelled_keeps_its_reserve(tmp_path: Path) -> None:
    """It may have been made, at any length; and those that wait are no longer held up by it."""

    async def work() -> None:
        calls = Calls(tmp_path, "3")
        first = asyncio.create_task(calls.call(1, 2, seconds=60))
        second = asyncio.create_task(calls.call(1, 2))
        await asyncio.sleep(1)
        assert calls.started == [1]
        first.cancel()
        assert await second == "budget_reached"
        await asyncio.gather(first, return_exceptions=True)
        assert calls.ceiling._maybe == 101

    run(work())


def test_another_fault_ends_the_waiting(tmp_path: Path) -> None:
    """Calls that wait for room raise the fault that ended the others."""

    async def work() -> list[str]:
        calls = Calls(tmp_path, "3")
        tasks = [asyncio.create_task(calls.call(1, 2, seconds=9)) for _ in range(4)]
        await asyncio.sleep(1)
        calls.ceiling.stop(JobFault("outage", "away"))
        return await asyncio.gather(*tasks)

    assert run(work()) == ["done", "outage", "outage", "outage"]


def test_the_first_call_needs_room_for_its_input_only(tmp_path: Path) -> None:
    """Else no call would fit a ceiling below `max_output_tokens`; it is the only one meanwhile."""

    async def work() -> list[str]:
        calls = Calls(tmp_path, "5000", learnt=0)
        small = Calls(tmp_path / "small", "2300", learnt=0)
        assert [await each.call(1, 2) for each in (calls, small)] == ["done", "done"]
        return await asyncio.gather(*(small.call(1, 2) for _ in range(3)))

    assert run(work()) == ["done"] * 3
