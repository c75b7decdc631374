"""Windowed calls: a long document is asked about some pages at a time.

    pages <= window    one call; where its answer is cut, windows of half the pages
    pages > window     plan ── cut ── call ── journal, a window; then stitched to one answer
                                        └── cut answer: the window's halves, down to a page

Each window is a request of its own, paid once. A fault of one ends the others that have not begun;
those in flight end and are journalled.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from sluicegate.asking.case import Case
from sluicegate.asking.dialogue import Answered, Ask, Decision, Failed
from sluicegate.asking.identity import Question
from sluicegate.asking.journal import Entry
from sluicegate.asking.response import Response
from sluicegate.document_types.definition import DocumentType
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.formats.sniff import PDF
from sluicegate.live.attempts import Attempts
from sluicegate.live.stores import Stores
from sluicegate.media.prepare import Part, pages_of, warnings_of
from sluicegate.pdf.cut import cut, last_lines
from sluicegate.windows import wording
from sluicegate.windows.plan import Window, plan, split

# Windows of one document that are asked about at once: a long file must not take all calls.
_TOGETHER = 8

Found = tuple[Window, Response]


class Converse(Protocol):
    """Calls about some parts until the dialogue is over; every response is journalled."""

    async def __call__(
        self, case: Case, parts: tuple[Part, ...], attempts: Attempts
    ) -> Answered | Failed:
        """Return how the dialogue ended; raise DocumentFault or JobFault."""
        ...


class _Ended(Exception):  # noqa: N818 - how a window ended, not an error of the code
    def __init__(self, decision: Failed) -> None:
        super().__init__(decision.code)
        self.decision = decision


class Windowed:
    """Asks about documents whole or in windows, by their pages. Scope: one event loop, one job.

    `stored` reads a request's entry of the journal, `decide` says what follows from it, and
    `converse` makes the calls; `check` raises the fault of a job that has been stopped.
    """

    def __init__(
        self,
        kind: DocumentType,
        question: Question,
        stores: Stores,
        *,
        stored: Callable[..., Awaitable[Entry]],
        decide: Callable[[Case], Decision],
        converse: Converse,
        check: Callable[[], None],
    ) -> None:
        self._kind = kind
        self._question = question
        self._stores = stores
        self._stored = stored
        self.decide = decide
        self._converse = converse
        self._check = check

    def may_cure(self, decision: Decision) -> bool:
        """Tell whether asking about fewer pages at a time may end otherwise."""
        of_length = isinstance(decision, Failed) and decision.code == "answer_cut"
        return of_length and self._kind.window_pages > 0

    async def ask(
        self, case: Case, parts: tuple[Part, ...], attempts: Attempts
    ) -> list[Found] | Failed:
        """Ask about a document whose parts are at hand: whole, or in windows if it is long."""
        pages = pages_of(parts)
        size = self._kind.window_pages
        if 0 < size < pages:
            return await self.ask_in(case, parts, plan(pages, size))
        decision = await self._converse(case, parts, attempts)
        if self.may_cure(decision) and pages > 1:
            return await self.ask_in(case, parts, plan(pages, -(-pages // 2)))
        if isinstance(decision, Failed):
            return decision
        return [(Window(1, pages, pages), decision.response)]

    async def ask_in(
        self, case: Case, parts: tuple[Part, ...], windows: tuple[Window, ...]
    ) -> list[Found] | Failed:
        """Ask about some windows of a document; return what was found, in page order."""
        case.pages = pages_of(parts)
        case.warnings = warnings_of(parts)
        try:
            return await self._all(windows, partial(self._one, case, parts))
        except _Ended as ended:
            return ended.decision

    async def _all(
        self, windows: tuple[Window, ...], ask: Callable[[Window], Awaitable[list[Found]]]
    ) -> list[Found]:
        """Ask about windows, some at once; return what was found in page order.

        Raises the fault of the job, else of the document, once no call is in flight.
        """
        places = asyncio.Semaphore(_TOGETHER)
        faults: list[BaseException] = []

        async def one(window: Window) -> list[Found]:
            async with places:
                if faults:
                    return []
                try:
                    return await ask(window)
                except Exception as fault:  # noqa: BLE001 - raised below, with the others' at hand
                    faults.append(fault)
                    return []

        found = await asyncio.gather(*(one(window) for window in windows))
        if faults:
            raise next((f for f in faults if isinstance(f, JobFault)), faults[0])
        return [each for some in found for each in some]

    async def _one(self, case: Case, parts: tuple[Part, ...], window: Window) -> list[Found]:
        """Return the answers about a window: one, or more where it had to be split."""
        about = self._question.about(
            case.document.digest, {**window.marks(), "format": wording.FORMAT}
        )
        asked = case.about(about)
        asked.resume_from(await self._stored(about))
        asked.failed_alone = asked.failed_alone or case.failed_alone
        decision = self.decide(asked)
        if isinstance(decision, Ask):
            self._check()
            uri = case.document.uri
            some = await self._stores.run(uri, _parts_of, parts, window, self._kind.holds_many)
            decision = await self._called(asked, some, window)
        if isinstance(decision, Answered):
            asked.remarks += (decision.warning,) if decision.warning else ()
            return [(window, decision.response)]
        if self.may_cure(decision) and window.pages > 1:
            halves = split(window, -(-window.pages // 2))
            return [each for half in halves for each in await self._one(case, parts, half)]
        if not isinstance(decision, Failed):
            raise TypeError(f"no end of a dialogue: {decision!r}")
        raise _Ended(Failed(decision.code, _of(window, decision.message), decision.response))

    async def _called(
        self, asked: Case, some: tuple[Part, ...], window: Window
    ) -> Answered | Failed:
        try:
            return await self._converse(asked, some, Attempts(failed_alone=asked.failed_alone))
        except DocumentFault as fault:
            raise type(fault)(fault.code, _of(window, fault.message)) from fault


def _of(window: Window, message: str) -> str:
    return f"{window.name} of {window.of}: {message}"


def _parts_of(parts: tuple[Part, ...], window: Window, many: bool) -> tuple[Part, ...]:  # noqa: FBT001 - handed to a thread by position
    """Return the parts of a window's request: its pages, and what is said of them."""
    context: tuple[str, ...] = ()
    if parts[0].media_type == PDF:
        data = parts[0].data
        if window.first > 1:
            context = last_lines(data, window.first - 1)
        pages: tuple[Part, ...] = (
            Part(PDF, cut(data, window.first, window.last), pages=window.pages),
        )
    else:
        pages = parts[window.first - 1 : window.last]
    said = wording.instruction(window, context, many=many)
    return (*pages, Part("text/plain", text=said))
