"""Answers held against their documents' pages: put together, checked, asked about again.

ask ── stitch ── check ── nothing found ─────────────> answered
         ^         └─ found ── warn ────────────────> answered, with warnings
         │               ├── reask ── smaller windows about the pages that it concerns
         └───────────────┼─────────────┘  down to single pages, then
                         └── fail ──────────────────> failed: incomplete
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeGuard

from sluicegate.asking.case import Case
from sluicegate.asking.dialogue import Answered, Decision, Failed
from sluicegate.asking.response import Response
from sluicegate.completeness.check import find, in_words
from sluicegate.completeness.finding import Finding
from sluicegate.document_types.definition import DocumentType
from sluicegate.faults import DocumentFault
from sluicegate.formats.sniff import PDF
from sluicegate.live.attempts import Attempts
from sluicegate.live.stores import Stores
from sluicegate.live.windowed import Found, Windowed
from sluicegate.media.prepare import Part, pages_of
from sluicegate.pdf.lines import Line, read_lines
from sluicegate.records import Document
from sluicegate.windows.plan import Window, split
from sluicegate.windows.stitch import stitch

Pages = tuple[tuple[Line, ...], ...]
# Into how many parts a window is split to be asked about again.
_PARTS = 3


class Checked:
    """Answers that have been checked. Scope: one event loop, one job.

    `store` journals a case again, where the check has found something to say of its answer.
    """

    def __init__(
        self,
        kind: DocumentType,
        stores: Stores,
        windowed: Windowed,
        store: Callable[[Case], Awaitable[None]],
    ) -> None:
        self._kind = kind
        self._stores = stores
        self._windowed = windowed
        self._store = store

    def needs_pages(self, decision: Decision) -> bool:
        """Tell whether a document is to be read for what the journal says of it."""
        answered = isinstance(decision, Answered) and self._kind.incomplete != "warn"
        return answered or self._windowed.may_cure(decision)

    def is_unseen(self, decision: Decision, case: Case) -> TypeGuard[Answered]:
        """Tell whether an answer is a batch job's, and no one has held it against its pages.

        Its bytes went to the job, and are no longer at hand. What went by reference has no count of
        pages, and is held against the answer's own checks alone, as by calls.
        """
        by_job = isinstance(decision, Answered) and decision.response.job and not case.remarks
        return bool(by_job) and case.pages > (0 if self._kind.holds_many else 1)

    async def see(
        self,
        case: Case,
        decision: Answered,
        read: Callable[[Document], Awaitable[tuple[Part, ...]]],
    ) -> None:
        """Hold a batch job's answer against its pages, and warn of what is missing."""
        try:
            parts = await read(case.document)
        except DocumentFault as fault:  # the answer is paid for, and lands
            case.warnings += (f"not held against its pages: {fault.message}",)
            return
        if short := await self._short(case, decision, parts, await self._lines(case, parts)):
            await self._warn(case, short)

    async def ask(
        self, case: Case, parts: tuple[Part, ...], attempts: Attempts
    ) -> Answered | Failed:
        """Ask about a document, and again about the pages of which something is missing."""
        found = await self._windowed.ask(case, parts, attempts)
        if isinstance(found, Failed):
            return found
        lines = await self._lines(case, parts)
        while not isinstance(found, Failed):
            decision = self._put_together(case, found)
            if isinstance(decision, Failed):
                return decision
            short = await self._short(case, decision, parts, lines)
            if not short:
                return decision
            if self._kind.incomplete == "warn":
                await self._warn(case, short)
                return decision
            again = self._again(found, short) if self._kind.incomplete == "reask" else ()
            if not again:
                said = "; ".join(in_words(short))
                return Failed("incomplete", said, decision.response)
            more = await self._windowed.ask_in(case, parts, again)
            found = more if isinstance(more, Failed) else _replaced(found, more)
        return found

    async def _short(
        self, case: Case, decision: Answered, parts: tuple[Part, ...], lines: Pages
    ) -> Sequence[Finding]:
        short: Sequence[Finding] = await self._stores.run(
            case.document.uri, find, decision.response.text, self._kind, pages_of(parts), lines
        )
        return short

    async def _lines(self, case: Case, parts: tuple[Part, ...]) -> Pages:
        """Return the text of the pages; none of one page with one record, where lists are short."""
        if parts[0].media_type != PDF or (len(parts) == 1 and self._is_short(parts)):
            return ()
        lines: Pages = await self._stores.run(case.document.uri, read_lines, parts[0].data)
        return lines

    def _is_short(self, parts: tuple[Part, ...]) -> bool:
        warns = self._kind.incomplete == "warn"
        return warns and pages_of(parts) < 2 and not self._kind.holds_many

    def _put_together(self, case: Case, found: Sequence[Found]) -> Answered | Failed:
        last = found[-1][1]
        whole = self._windowed.decide(case)
        if not case.windows and isinstance(whole, Answered):
            return whole
        try:
            stitched = stitch([(window, each.text) for window, each in found], self._kind)
        except DocumentFault as fault:
            return Failed(fault.code, fault.message, last)
        case.warnings += stitched.notes
        case.remarks = tuple(dict.fromkeys(r for each in case.windows for r in each.remarks))
        slowest = max(each.latency_ms for _, each in found)
        return Answered(_response(stitched.text, last, slowest))

    async def _warn(self, case: Case, short: Sequence[Finding]) -> None:
        # What shows in the answer by itself is said where its rows are made.
        said = in_words([each for each in short if not each.in_answer])
        new = tuple(f"incomplete: {each}" for each in said)
        case.warnings = tuple(dict.fromkeys((*case.warnings, *new)))  # it may be checked again
        if said and case.responses:  # of the whole document; windows are read and checked each time
            await self._store(case)

    @staticmethod
    def _again(found: Sequence[Found], short: Sequence[Finding]) -> tuple[Window, ...]:
        """Return the smaller windows to ask about: of those that have pages of the findings."""
        anywhere = any(not each.pages for each in short)
        pages = {page for each in short for page in each.pages}
        return tuple(
            part
            for window, _ in found
            if window.pages > 1 and (anywhere or pages & set(range(window.first, window.last + 1)))
            for part in split(window, -(-window.pages // _PARTS))
        )


def _response(text: str, last: Response, latency_ms: int) -> Response:
    return replace(Response(text, "STOP"), model_version=last.model_version,
                   traffic_type=last.traffic_type, tier=last.tier,
                   latency_ms=latency_ms)  # fmt: skip


def _replaced(found: Sequence[Found], more: Sequence[Found]) -> list[Found]:
    """Return what was found, with smaller windows in the place of those they are parts of."""
    inside = [(window.first, window.last) for window, _ in more]
    kept = [
        each for each in found
        if not any(each[0].first <= first and last <= each[0].last for first, last in inside)
    ]  # fmt: skip
    return sorted([*kept, *more], key=lambda each: each[0].first)
