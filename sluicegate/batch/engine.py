"""The batch engine: what is done for many documents at once, on an event loop of its own.

route     which way a document gets its answer, by the journal and the open shards
write     documents to the objects of shards: read, prepared, made into lines
harvest   a job's rows into the journal
"""

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeVar

from sluicegate.asking.batch_service import BatchService, Row
from sluicegate.asking.call_cost import CallCost
from sluicegate.asking.case import Case
from sluicegate.asking.journal import Journal
from sluicegate.asking.lease import JournalLease
from sluicegate.asking.lease_keeper import LeaseKeeper
from sluicegate.batch.board import OpenShards
from sluicegate.batch.drafts import Draft, Member, Sheet, line_of
from sluicegate.batch.harvest import Harvest, Harvested
from sluicegate.batch.manifest import Manifest
from sluicegate.batch.register import Register
from sluicegate.batch.routing import Route, Routing
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.live.fetch import Fetch
from sluicegate.live.patience import Patience
from sluicegate.live.stores import Stores
from sluicegate.media.prepare import check_readable, pages_of, warnings_of
from sluicegate.pacing.clock import Clock
from sluicegate.records import Document

Returned = TypeVar("Returned")
_AT_ONCE = 64  # journal entries that are read, or documents without their bytes
_READ_AT_ONCE = 8  # documents whose bytes are in memory beside the shard's


@dataclass(frozen=True, slots=True)
class Written:
    """Shards that were written, and documents that are in none."""

    drafts: tuple[Draft, ...]
    unfit: tuple[Document, ...]  # calls say what is wrong with them
    long: tuple[Document, ...] = ()  # calls are made about windows of them


class _Line(NamedTuple):
    """A request of an input, about all of its members, and its tokens at most."""

    data: bytes
    members: list[Member]
    prompt_tokens: int


class BatchEngine:
    """One a process and step. Methods may be called from any thread, and raise JobFault.

    `lease` is held, and kept as long as the engine runs; when it is lost, nothing more is done.
    """

    def __init__(
        self,
        settings: EngineSettings,
        make_journal: Callable[[Stores], Journal],
        routing: Routing,
        clock: Clock,
        is_valid: Callable[[str], bool],
        lease: JournalLease | None = None,
    ) -> None:
        self._settings, self._routing = settings, routing
        self._question = settings.question
        kind = settings.document_type
        self._cost = CallCost(len(kind.full_prompt), kind.max_output_tokens)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="batch-engine", daemon=True
        )
        self._thread.start()
        self._stores = Stores(_AT_ONCE)
        self._journal = make_journal(self._stores)
        self._patiently = Patience(settings.retry, clock, settings.outage_patience_seconds)
        self._fetch = Fetch.of(settings, self._stores)
        self._harvest = Harvest(self._journal, self._patiently, self._fetch, is_valid)
        lost: list[JobFault] = []
        self._lost = lost
        keeper = LeaseKeeper(lease, clock, lost.append) if lease else None
        self.close = weakref.finalize(
            self, _shut_down, self._loop, self._thread, self._stores, keeper
        )

    def was_answered(self) -> bool:
        """Return whether any run has had an answer to the question."""
        return self._run(self._journal.was_answered(self._question))

    def route(self, documents: Sequence[Document], shards: OpenShards) -> list[Route]:
        """Return the way of each document, in order."""
        return self._run(self._routed(documents, shards))

    def write(
        self,
        documents: Iterable[Document],
        register: Register,
        service: BatchService,
        room: Sheet,
        *asked: object,
    ) -> Written:
        """Write documents into as few shards as have room for them; `room` is an empty sheet."""
        return self._run(self._written(documents, register, service, room, asked))

    def harvest(
        self, manifest: Manifest, rows: Sequence[Row], members: Sequence[Member]
    ) -> Harvested:
        """Put a job's rows into the journal; raise Unusable."""
        return self._run(self._harvest(manifest, rows, members))

    def check(self) -> None:
        """Raise JobFault where another run has taken the journal's lease over."""
        if self._lost:
            raise self._lost[0]

    def _run(self, work: Coroutine[Any, Any, Returned]) -> Returned:
        if self._lost:
            work.close()
        self.check()
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _routed(self, documents: Sequence[Document], shards: OpenShards) -> list[Route]:
        found: list[Route] = []
        for start in range(0, len(documents), _AT_ONCE):
            some = documents[start : start + _AT_ONCE]
            found += await asyncio.gather(*(self._route(each, shards) for each in some))
        return found

    async def _route(self, document: Document, shards: OpenShards) -> Route:
        request = self._question.about(document.digest)
        case = Case(document, request, self._journal.run_id)
        entry = await self._patiently(self._journal.get, request)
        case.resume_from(entry)
        decision = case.decide(
            self._settings.document_type.max_output_tokens,
            has_fallback=self._settings.has_fallback,
        )
        return self._routing.of(decision, entry, lambda: shards.of(request.identity) is not None)

    async def _written(
        self,
        documents: Iterable[Document],
        register: Register,
        service: BatchService,
        room: Sheet,
        asked: tuple[object, ...],
    ) -> Written:
        drafts: list[Draft] = []
        unfit: list[Document] = []
        long: list[Document] = []
        sheet = replace(room, lines=[], members=[])

        async def turn() -> None:
            draft, objects = sheet.objects(*asked)
            for name, data in objects.items():
                await self._stores.run(
                    register.prefix, register.save, register.uri(draft.shard, name), data
                )
            drafts.append(draft)

        groups = _by_request(documents, self._question.about)
        for start in range(0, len(groups), _READ_AT_ONCE):
            some = groups[start : start + _READ_AT_ONCE]
            lines = await asyncio.gather(*(self._line(group, service) for group in some))
            for group, line in zip(some, lines, strict=True):
                if not isinstance(line, _Line) or len(line.data) >= room.input_bytes:
                    (long if line == "long" else unfit).extend(each.document for each in group)
                    continue
                if not sheet.has_room(line.data):
                    await turn()
                    sheet = replace(room, lines=[], members=[])
                sheet.add(*line)
        if sheet.lines:
            await turn()
        return Written(tuple(drafts), tuple(unfit), tuple(long))

    async def _line(
        self, group: list[Member], service: BatchService
    ) -> _Line | Literal["unfit", "long"]:
        """Return the line of a request, made of the first of its documents."""
        first = group[0]
        try:
            check_readable(first.document.size_bytes, self._settings.model.limits)
            reference = self._fetch.reference(first.document)
            counts = reference and self._fetch.may_be_long(first.document)
            if counts and await self._fetch.long_parts(first.document):
                return "long"
            parts = reference or await self._fetch.read(first.document)
        except DocumentFault:
            return "unfit"
        if self._fetch.has_windows(parts):
            return "long"
        limit = self._settings.document_type.max_output_tokens
        line = line_of(first.request.identity, service.request(parts, limit))
        known: dict[str, Any] = {
            "by_reference": bool(reference),
            "warnings": warnings_of(parts),
            "pages": pages_of(parts),
        }
        tokens = self._cost.most(known["pages"], limit).prompt_tokens
        return _Line(line, [replace(member, **known) for member in group], tokens)


def _by_request(documents: Iterable[Document], about: Callable[[str], Any]) -> list[list[Member]]:
    """Return documents as members, those of one content together, by identity and URI."""
    members = sorted(
        (Member(document, about(document.digest)) for document in documents),
        key=lambda member: (member.request.identity, member.document.uri),
    )
    groups: list[list[Member]] = []
    for member in members:
        if groups and groups[-1][0].request == member.request:
            groups[-1].append(member)
        else:
            groups.append([member])
    return groups


def _shut_down(
    loop: asyncio.AbstractEventLoop,
    thread: threading.Thread,
    stores: Stores,
    keeper: LeaseKeeper | None,
) -> None:
    if keeper:
        keeper.close()
    if thread.is_alive():
        asyncio.run_coroutine_threadsafe(stores.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
    stores.stop()
    if not loop.is_running():
        loop.close()
