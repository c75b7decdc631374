"""One call from request to reply: keys, quotas, faults, reading and answering, in that order."""

import asyncio
import hashlib
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulators.gemini import refusals
from emulators.gemini.accounts import Account, Accounts, bearer, project_of
from emulators.gemini.answering import (
    answered,
    error_of,
    prompt_of,
    rejected,
    rejection_of,
    with_retry_after,
)
from emulators.gemini.answers import counted, described_model
from emulators.gemini.batches.desk import BatchDesk
from emulators.gemini.batches.job import LostReply
from emulators.gemini.behaviour import Behaviour
from emulators.gemini.fault_plan import FaultPlan, Target
from emulators.gemini.faults import BROKEN_CONNECTIONS, HTTP_ERRORS, REJECTIONS, FaultRule
from emulators.gemini.objects import Objects
from emulators.gemini.paths import Call, model_exists, parse_path
from emulators.gemini.reading import PDF, DocumentReader, Reading, UnreadableDocument
from emulators.gemini.refusals import Refused, Reply
from emulators.gemini.request import READ_TYPES, GenerateRequest, parse_body, parse_request
from emulators.gemini.schemas import Schemas
from emulators.gemini.tally import RequestRecord, Tally
from emulators.gemini.tiers import NO_CAPACITY, Capacity, asked_tier, no_capacity, served_tier
from emulators.gemini.timeline import Visit

# Faults of the caller rather than of the work: a service finds them before it begins.
_AT_ONCE = frozenset({"http_401", "http_403", "http_404_model"})


@dataclass(frozen=True, slots=True)
class Broken:
    """No reply: the connection breaks, after the first part of one if ``mid_body``."""

    mid_body: bool = False


class Service:
    """The stand-in without its web server; used by one event loop.

    ``reader`` None answers from the schema alone and opens no document.
    """

    def __init__(
        self, behaviour: Behaviour, *, reader: DocumentReader | None, objects: Objects
    ) -> None:
        self._reader = reader
        self._objects = objects
        self._answers = 0
        self.tally = Tally(behaviour.log_limit)
        self.accounts = Accounts(behaviour)
        self.batches = BatchDesk(behaviour, self._answer_row, objects)
        self.behave(behaviour)

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on: quotas and faults start afresh, counts go on."""
        self.behaviour = behaviour
        self.accounts.behave(behaviour)
        self.batches.behave(behaviour)
        self._plan = FaultPlan(behaviour.faults, seed=behaviour.seed)
        self._capacity = Capacity(behaviour)
        self._schemas = Schemas(behaviour.schema_states)

    def reset(self) -> None:
        """Forget counts, requests and timelines; calls in flight stay in flight."""
        self.tally.clear(self.behaviour.log_limit)
        self.accounts.forget()

    async def handle(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        key: str = "",
        query: str = "",
    ) -> Reply | Broken:
        """Answer one request; ``key`` is the API key of the query string, if there is one."""
        call = parse_path(path)
        record = RequestRecord(method, path, dict(headers), len(body), time.time())
        key = headers.get("x-goog-api-key") or key
        started = time.monotonic()
        reply: Reply | Broken | None = None
        try:
            reply = await self._reply(method, call, key, record, body, query)
        except Refused as refused:
            reply, record.outcome = refused.reply, "refused"
        except LostReply:
            reply, record.outcome = Broken(), "broken"
        except Exception as error:  # noqa: BLE001 - a bug of the stand-in: shown, and answered
            traceback.print_exc(file=sys.stderr)
            message = f"The stand-in itself failed, see its log: {error!r}"
            reply, record.outcome = refusals.server_error(500, message), "refused"
        finally:  # a client that goes away cancels this
            record.status = reply.status if isinstance(reply, Reply) else 0
            record.seconds = time.monotonic() - started
            self.tally.record(record, generates=bool(call and call.method == "generateContent"))
        return reply

    async def _reply(
        self,
        method: str,
        call: Call | None,
        key: str,
        record: RequestRecord,
        body: bytes,
        query: str,
    ) -> Reply | Broken:
        if call is None:
            caller = key or bearer(record.headers)
            found = await self.batches.handle(
                method, record.path, query, record.headers, body, caller
            )
            if found:
                record.outcome = "answered"
                return found
            record.outcome = "refused"
            return refusals.error(404, "NOT_FOUND", f"{record.path} is not served here")
        token = bearer(record.headers)
        self._authorise(call, key, token)
        if not model_exists(call.model, self.behaviour.models):
            raise Refused(refusals.unknown_model(call))
        if method == "GET" and not call.method:
            record.outcome = "answered"
            return described_model(call)
        if method == "POST" and call.method == "batchGenerateContent":
            record.outcome = "answered"
            return self.batches.developer.create(call, body, key or token)
        if method != "POST" or call.method not in {"generateContent", "countTokens"}:
            message = f"{call.method or method} is not served here"
            raise Refused(refusals.error(404, "NOT_FOUND", message))
        if len(body) > self.behaviour.inline_limit_bytes:
            limit = self.behaviour.inline_limit_bytes
            message = f"Request payload size exceeds the limit: {limit} bytes."
            raise Refused(refusals.invalid(message))
        content = parse_body(body)
        if call.method == "countTokens":
            return await self._count(call, content, record)
        return await self._generate(call, parse_request(content, call), record, key or token)

    def _authorise(self, call: Call, key: str, token: str) -> None:
        """Hold the caller's key or token against the one that is accepted; raises `Refused`."""
        wanted = self.behaviour.api_key
        if wanted is None or wanted in {key, token}:
            return
        if not key and not token:
            raise Refused(refusals.unauthenticated(call))
        raise Refused(refusals.invalid_token() if call.vertex else refusals.key_not_valid())

    async def _count(self, call: Call, content: dict[str, Any], record: RequestRecord) -> Reply:
        request = parse_request(content.get("generateContentRequest", content), call)
        inline = request.inline()
        contents = await self._contents(call, request, inline)
        identity = request.identity(inline)
        reading = await self._read(request, contents, call=call, identity=identity)
        record.outcome = "answered"
        return counted(call, prompt_of(call, request, reading), characters=request.characters)

    async def _generate(
        self, call: Call, request: GenerateRequest, record: RequestRecord, caller: str
    ) -> Reply | Broken:
        now = time.monotonic()
        record.asked_tier = asked_tier(call, request, record.headers)
        record.tier = served_tier(call, record.asked_tier, self.behaviour)
        account = self.accounts.of(caller)
        visit = account.arrive(caller, request.mark, now)
        # Without chances no rule strikes before the quotas, and no bytes are decoded in vain.
        early = self._target(request, caller, account, now) if self._plan.has_chances else None
        if early and (rule := self._plan.choose(early[0], before_quota=True)):
            return self._turned_away(call, rule, early[0], record, visit)
        if rejection := account.admit(now):
            visit.reject()
            record.outcome, record.quota = "rejected", rejection.quota
            return rejected(call, rejection, self.behaviour)
        target, inline = early or self._target(request, caller, account, now)
        rule = self._plan.choose(target)
        if rule and rule.fault in REJECTIONS:
            return self._turned_away(call, rule, target, record, visit)
        record.document, record.fault = target.identity, rule.fault if rule else ""
        if self._capacity.sheds(record.tier):
            visit.reject()
            record.outcome, record.fault = "rejected", NO_CAPACITY
            return no_capacity(call)
        self.tally.enter()
        account.enter(visit)
        try:
            reply, tokens = await self._work(call, request, record, rule, inline, account)
            visit.charge(tokens)
            if record.outcome == "answered":
                visit.answer(time.monotonic())
            else:
                visit.fail()
            return reply
        finally:
            account.leave(visit, time.monotonic())
            self.tally.leave()

    def _target(
        self, request: GenerateRequest, caller: str, account: Account, now: float
    ) -> tuple[Target, list[bytes]]:
        """Return a call as fault rules see it, which counts it, and its inline documents."""
        inline = request.inline()
        project, seconds = project_of(caller), account.seconds(now)
        return self._plan.target(request.identity(inline), project=project, seconds=seconds), inline

    def _turned_away(
        self, call: Call, rule: FaultRule, target: Target, record: RequestRecord, visit: Visit
    ) -> Reply:
        """Return the 429 of a fault rule."""
        visit.reject()
        record.document, record.fault, record.outcome = target.identity, rule.fault, "rejected"
        turned_away = rejected(call, rejection_of(rule, self.behaviour), self.behaviour)
        return with_retry_after(turned_away, rule)

    async def _work(
        self,
        call: Call,
        request: GenerateRequest,
        record: RequestRecord,
        rule: FaultRule | None,
        inline: list[bytes],
        account: Account,
        ready: float | None = None,
    ) -> tuple[Reply | Broken, int]:
        """Do what an admitted call asks for; return the reply and its prompt's tokens.

        It takes its time unless it is said when the reply is to be ready.
        """
        if ready is None:
            latency = self._capacity.latency(record.tier)
            ready = time.monotonic() + latency + (rule.after if rule else 0.0)
        fault = rule.fault if rule else ""
        if rule and fault in HTTP_ERRORS:
            if fault not in _AT_ONCE:
                await _sleep_until(ready)
            first = next(iter(request.documents), None)
            record.outcome = "refused"
            reply = error_of(call, rule, first.media_type if first else "")
            return with_retry_after(reply, rule), 0
        if rule and fault in BROKEN_CONNECTIONS:
            await _sleep_until(ready + (rule.seconds if fault == "timeout" else 0.0))
            record.outcome = "broken"
            return Broken(mid_body=fault == "reset_mid_body"), 0
        schema_key = self._schemas.key(request)
        self._schemas.check(call, request, schema_key)
        contents = await self._contents(call, request, inline)
        reading = await self._read(
            request, contents, call=call, identity=record.document, schema_key=schema_key
        )
        tokens = prompt_of(call, request, reading).total
        account.charge(time.monotonic(), tokens)
        self._answers += 1
        reply, usage = answered(
            call,
            request,
            reading,
            rule,
            behaviour=self.behaviour,
            response_id=f"{self._answers:016x}",
            tier=record.tier,
        )
        await _sleep_until(ready)
        self.tally.answered(record.document, usage, record.tier)
        record.outcome = "answered"
        return reply, tokens

    async def _answer_row(self, call: Call, content: dict[str, Any]) -> Reply:
        """Answer a row of a batch job: as a call, without quotas, latency or connections."""
        request = parse_request(content, call)
        inline = request.inline()
        target = self._plan.target(request.identity(inline))
        rule = self._plan.choose(target)
        record = RequestRecord("ROW", "", {}, 0, time.time(), document=target.identity)
        record.asked_tier = record.tier = "batch"
        try:
            if rule and rule.fault in REJECTIONS | BROKEN_CONNECTIONS:
                raise Refused(refusals.server_error(503))
            account = self.accounts.of("")
            ready = time.monotonic()
            reply, _ = await self._work(call, request, record, rule, inline, account, ready)
        except Refused as refused:
            reply = refused.reply
        await asyncio.sleep(0)
        return reply if isinstance(reply, Reply) else refusals.server_error(500)

    async def _contents(
        self, call: Call, request: GenerateRequest, inline: list[bytes]
    ) -> list[bytes]:
        """Return the documents' bytes in order, fetching those named by reference."""
        left = iter(inline)
        found: list[bytes] = []
        for document in request.documents:
            if document.media_type not in READ_TYPES:
                raise Refused(refusals.unsupported_media_type(call, document.media_type))
            if not document.uri:
                found.append(next(left))
            elif not call.vertex and not self.behaviour.developer_reads_gs:
                raise Refused(refusals.invalid(f"Unsupported file uri: {document.uri}"))
            else:
                found.append(await self._objects.fetch(document.uri) if self._reader else b"?")
        return found

    async def _read(
        self,
        request: GenerateRequest,
        contents: list[bytes],
        *,
        call: Call,
        identity: str,
        schema_key: str = "",
    ) -> Reading:
        """Return the answer's value and the page counts; raises `Refused` if a file is broken."""
        media_types = [document.media_type for document in request.documents]
        for media_type, content in zip(media_types, contents, strict=True):
            if not content:
                raise Refused(refusals.unreadable_document(call, media_type))
        if self._reader is None or not contents:
            pdfs = media_types.count(PDF)
            value = self._schemas.canned_answer(request.schema, schema_key, identity)
            return Reading(value, pdfs, len(contents) - pdfs)
        if any(document.uri for document in request.documents):
            # An object may have changed under its name.
            identity = hashlib.sha256(b"".join(contents)).hexdigest()
        key = (f"{identity} {' '.join(media_types)} {request.partial}", schema_key)
        parts = list(zip(media_types, contents, strict=True))
        try:
            return await self._reader.read(key, parts, request.schema, partial=request.partial)
        except UnreadableDocument as error:
            raise Refused(refusals.unreadable_document(call, media_types[0])) from error


async def _sleep_until(moment: float) -> None:
    left = moment - time.monotonic()
    if left > 0:
        await asyncio.sleep(left)
