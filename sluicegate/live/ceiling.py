"""The ceiling: before each call its reserve, within what the run may still pay.

    reserve     a call may start if paid + what may have been billed + reserved + its own reserve
                stay within what this process has taken from the run's budget; else it takes more
    settle      a response pays its price, an error of the service nothing. Nobody knows whether a
                lost reply was billed: its reserve stays, and of one that timed out, which was
                probably long, as much as a call can cost at all
    no room     calls in flight may turn out cheaper than their reserve: it waits for them. Then a
                document that is dearer than what is left waits for the next run; once no call of
                one page fits, all calls end

So at most what is in flight at the end can be dearer than its reserve, and pass the ceiling. Where
nothing is known of the output yet, a call that is alone needs room for its input only: a reserve of
`max_output_tokens` might not fit into a small ceiling at all.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from functools import partial
from typing import Any

from sluicegate.asking.budget import RunBudget, Taken
from sluicegate.asking.call_cost import CallCost
from sluicegate.asking.response import Response, TransportError
from sluicegate.faults import JobFault
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.live.patience import Patience
from sluicegate.live.spending import NotCovered, Reserve
from sluicegate.live.stores import Stores
from sluicegate.media.prepare import Part, pages_of
from sluicegate.pacing.clock import Clock
from sluicegate.records import Usage
from sluicegate.storage import StoreError

_NOTHING = Decimal(0)

# Dollars of tokens, at the standard tier; and of a response, at the one that served it.
PriceOf = Callable[[Usage], Decimal]
PaidFor = Callable[[Response], Decimal]
# Calls a function that blocks, on another thread; and the same with the patience of stores.
Run = Callable[..., Awaitable[Any]]


def ceiling_of(
    settings: EngineSettings, budget: RunBudget, stores: Stores, clock: Clock
) -> "Ceiling":
    """Return the ceiling of an engine's calls."""
    kind, model = settings.document_type, settings.model

    def price(usage: Usage) -> Decimal:
        # Whatever tier is asked for: the dearer one is reserved, and what served is paid.
        return model.cost_usd(usage, clock.now().date()) or _NOTHING

    def paid(response: Response) -> Decimal:
        # A tier without a price of its own, as provisioned throughput, counts as the standard one.
        return model.cost_of(response, clock.now().date()) or price(response.usage)

    run = partial(stores.run, budget.uri)
    patience = Patience(settings.retry, clock, settings.outage_patience_seconds)
    return Ceiling(
        budget,
        CallCost(len(kind.full_prompt), kind.max_output_tokens),
        price,
        paid,
        run,
        partial(patience, run),
    )


class Ceiling:
    """Spending within the budget of the run. Scope: one event loop, one model."""

    def __init__(
        self,
        budget: RunBudget,
        cost: CallCost,
        price_of: PriceOf,
        paid_for: PaidFor,
        run: Run,
        run_patiently: Run,
    ) -> None:
        self._budget, self._cost = budget, cost
        self._price_of, self._paid_for = price_of, paid_for
        self._run, self._run_patiently = run, run_patiently
        self._taken = _NOTHING  # from the run's budget, by this process
        self._left = budget.limit_usd  # for all processes, when the budget was last looked at
        self._paid = _NOTHING
        self._maybe = _NOTHING  # what lost replies may have cost
        self._reserved = _NOTHING
        self._calls = 0  # that have a reserve
        self._taking = asyncio.Lock()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._fault: JobFault | None = None

    @asynccontextmanager
    async def reserved(
        self, parts: tuple[Part, ...], max_output_tokens: int
    ) -> AsyncIterator[Reserve]:
        """Wait for room for a call; it is reserved for as long as the block runs."""
        reserve = await self._make_room(pages_of(parts), max_output_tokens)
        try:
            yield reserve
        except asyncio.CancelledError:
            self._maybe += reserve.usd_if_timed_out  # the call may have been made
            raise
        finally:
            self._release(reserve)

    def may_start(self) -> bool:
        """Return whether a call may start now: while it queued, another may have cost far more."""
        return self._lacking(_NOTHING) <= 0

    def stop(self, fault: JobFault) -> None:
        """Let no call wait for room any more."""
        self._fault = self._fault or fault
        while self._waiting:
            self._wake_next()

    async def close(self) -> None:
        """Give back what this process has taken and not paid, for the other processes."""
        unused = self._taken - self._paid - self._maybe
        self._taken -= unused
        if unused:
            with suppress(StoreError, JobFault):  # the run ends; then it stays taken
                await self._run(self._budget.give_back, unused)

    async def _make_room(self, pages: int, max_output_tokens: int) -> Reserve:
        """Return the reserve of a call once there is room for it."""
        if self._waiting:
            await self._wait()
        while True:
            if self._fault:
                raise self._fault
            # What is known of the output changes while a call waits.
            reserve = self._reserve_for(pages, max_output_tokens)
            if await self._fits(reserve.usd):
                break
            if not self._calls:
                self._raise_no_room(reserve.usd)
            await self._wait(first=True)
        self._reserved += reserve.usd
        self._calls += 1
        self._wake_next()
        return reserve

    def _reserve_for(self, pages: int, max_output_tokens: int) -> Reserve:
        most = self._cost.most(pages, max_output_tokens)
        usd = self._price_of(most)
        longest = self._price_of(most._replace(output_tokens=max_output_tokens))
        if not self._calls and not self._cost.knows_output:
            usd = self._price_of(Usage(most.prompt_tokens))
        return Reserve(usd, pages, longest)

    async def _fits(self, usd: Decimal) -> bool:
        """Tell whether there is room for a reserve; take more of the budget if need be."""
        async with self._taking:
            lacking = self._lacking(usd)
            if _NOTHING < lacking <= self._left:
                taken: Taken = await self._run_patiently(self._budget.take, lacking)
                self._taken += taken.usd
                self._left = taken.left_usd
            return self._lacking(usd) <= 0

    def _lacking(self, usd: Decimal) -> Decimal:
        return self._paid + self._maybe + self._reserved + usd - self._taken

    def _raise_no_room(self, usd: Decimal) -> None:
        """Say that what is left covers no call, or not this one."""
        limit = f"--max_cost_usd={self._budget.limit_usd:f}"
        least = self._price_of(self._cost.least())
        if self._lacking(least) <= self._left and least < usd:
            self._wake_next()
            raise NotCovered(
                "budget_reached", f"what is left of {limit} does not cover their calls"
            )
        lost = f" (${self._maybe:.4f} of it for replies that were lost: it may have been billed)"
        raise JobFault(
            "budget_reached",
            f"{limit} is reached{lost if self._maybe else ''}: what is left covers no further call",
        )

    async def _wait(self, *, first: bool = False) -> None:
        """Wait until a call has ended, or has found room; `first` before the others."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._wake_next()
            raise

    def _wake_next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _release(self, reserve: Reserve) -> None:
        self._reserved -= reserve.usd
        self._calls -= 1
        reply = reserve.reply
        if isinstance(reply, Response):
            self._paid += self._paid_for(reply)
            self._cost.learn(reserve.pages, reply.usage)
        elif isinstance(reply, TransportError):
            timed_out = reply.kind == "timeout" or not self._cost.knows_output
            self._maybe += reserve.usd_if_timed_out if timed_out else reserve.usd
        self._wake_next()
