"""Spending: what the retry loop asks before each call, with a ceiling (ceiling.py) or without."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sluicegate.asking.response import Reply
from sluicegate.faults import JobFault
from sluicegate.media.prepare import Part

_NOTHING = Decimal(0)


class NotCovered(JobFault):
    """What is left of the ceiling does not cover this document's call; others may still fit."""


@dataclass
class Reserve:
    """The money of one call. Mutable; `settle` it with the reply."""

    usd: Decimal
    pages: int = 0
    usd_if_timed_out: Decimal = _NOTHING
    reply: Reply | None = None

    def settle(self, reply: Reply) -> None:
        """Note what came back."""
        self.reply = reply


class Spending(Protocol):
    """What the retry loop asks before each call."""

    def reserved(
        self, parts: tuple[Part, ...], max_output_tokens: int
    ) -> AbstractAsyncContextManager[Reserve]:
        """Wait for room for a call; it is reserved for as long as the block runs.

        Raises NotCovered, or the job's fault.
        """
        ...

    def may_start(self) -> bool:
        """Return whether a call with a reserve may start now; else it has to reserve again."""
        ...

    def stop(self, fault: JobFault) -> None:
        """Let no call wait for room any more: those that do raise the fault."""
        ...

    async def close(self) -> None:
        """Give back what was not paid."""
        ...


class Unlimited:
    """Spending without a ceiling."""

    @asynccontextmanager
    async def reserved(
        self,
        parts: tuple[Part, ...],  # noqa: ARG002 - as with a ceiling
        max_output_tokens: int,  # noqa: ARG002
    ) -> AsyncIterator[Reserve]:
        """Reserve nothing."""
        yield Reserve(_NOTHING)

    def may_start(self) -> bool:
        """Let every call start."""
        return True

    def stop(self, fault: JobFault) -> None:
        """Do nothing: no call waits."""

    async def close(self) -> None:
        """Do nothing: there is nothing to give back."""
