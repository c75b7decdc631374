"""Harvest: the results of a job that has ended, into the journal. Doing it twice changes nothing.

What was answered is appended under its request, by the job's name once. What has no response is
marked, so that it is asked about by calls. An answer about an object that was replaced meanwhile is
thrown away: nobody knows which of the two it is about.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sluicegate.asking.batch_service import Row
from sluicegate.asking.journal import Journal
from sluicegate.asking.response import Response
from sluicegate.asking.verdict import Accept, judge_response
from sluicegate.batch.drafts import Member
from sluicegate.batch.manifest import Manifest
from sluicegate.batch.results import joined, response_of
from sluicegate.faults import DocumentFault
from sluicegate.live.fetch import Fetch
from sluicegate.live.patience import Patience

_AT_ONCE = 64
TIER = "batch"


@dataclass(frozen=True, slots=True)
class Harvested:
    """What came of a shard's requests."""

    answered: int = 0
    usable: int = 0
    left_over: int = 0
    changed: int = 0  # answers that were thrown away

    def __add__(self, other: "Harvested") -> "Harvested":
        """Sum two parts."""
        return Harvested(
            self.answered + other.answered,
            self.usable + other.usable,
            self.left_over + other.left_over,
            self.changed + other.changed,
        )


class Harvest:
    """Writes results into the journal. Scope: one event loop."""

    def __init__(
        self,
        journal: Journal,
        patiently: Patience,
        fetch: Fetch,
        is_valid: Callable[[str], bool],
    ) -> None:
        self._journal, self._patiently, self._fetch = journal, patiently, fetch
        self._is_valid = is_valid

    async def __call__(
        self, manifest: Manifest, rows: Iterable[Row], members: Sequence[Member]
    ) -> Harvested:
        """Store what a job returned about the members; raise Unusable before anything is stored."""
        found = joined(rows, members)
        first: dict[str, Member] = {}
        for member in members:
            first.setdefault(member.request.identity, member)
        total, asked = Harvested(), list(first.items())
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            for each in await asyncio.gather(
                *(self._store(manifest, member, found.get(identity)) for identity, member in some)
            ):
                total += each
        return total

    async def _store(self, manifest: Manifest, member: Member, row: Row | None) -> Harvested:
        response = response_of(row)
        if response and not await self._is_unchanged(member):
            return Harvested(changed=1)
        entry = await self._patiently(self._journal.get, member.request)
        if any(each.job == manifest.name for each in entry.responses):
            return self._counted(response)
        if response is None:
            if not entry.left_by_batch:
                left = replace(entry, left_by_batch=True)
                await self._patiently(self._journal.put, member.request, left)
            return Harvested(left_over=1)
        stored = replace(
            response,
            limit=manifest.max_output_tokens,
            run_id=self._journal.run_id,
            document_uri=member.document.uri,
            asked_tier=TIER,
            tier=TIER,
            served_at=row.served_at if row else "",
            job=manifest.name,
        )
        entry = replace(
            entry,
            responses=(*entry.responses, stored),
            warnings=member.warnings,
            pages=member.pages or entry.pages,
        )
        await self._patiently(self._journal.put, member.request, entry)
        return self._counted(response)

    async def _is_unchanged(self, member: Member) -> bool:
        if not member.by_reference:
            return True
        try:
            await self._patiently(self._fetch.check_unchanged, member.document)
        except DocumentFault:
            return False
        return True

    def _counted(self, response: Response | None) -> Harvested:
        usable = (
            response is not None
            and isinstance(judge_response(response), Accept)
            and self._is_valid(response.text)
        )
        return Harvested(answered=1, usable=int(usable))
