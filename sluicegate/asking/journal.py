"""The journal: every response that was paid for, under its request.

One gzip object a request, at `<prefix>/<two digits>/<base identity>.<schema>.json.gz`: the answers
about one content lie together, whatever schema they were asked for with. An object is trusted only
if its checksum and its request are right; anything else counts as absent, is named in the log and
written anew. An object of a later format stops the job.
"""

import gzip
import hashlib
import json
import logging
import zlib
from dataclasses import dataclass, replace
from typing import Any, Literal

from sluicegate.asking.identity import Question, Request
from sluicegate.asking.response import Response
from sluicegate.asking.verdict import Accept, judge_response
from sluicegate.faults import JobFault
from sluicegate.log import log_event
from sluicegate.records import Usage
from sluicegate.storage import AsyncStore, NotFound, StoreError, Unavailable, join
from sluicegate.storage.patterns import literal

_FORMAT = 1
_ENDING = ".json.gz"

# What a run takes from the journal. Whatever it is, answers of the run itself are taken: no retry
# buys them again.
#   same request   what was asked with the same schema, which is how it should be
#   any schema     where that is missing, the newest answer to another schema
#   own run        nothing that an earlier run paid for
Use = Literal["same request", "any schema", "own run"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal knows of a request.

    `failed`: it once failed by a refusal or by trouble that other documents did not have. When it
    does so again, that says nothing about the service.
    """

    responses: tuple[Response, ...] = ()  # paid for, in order
    failed: bool = False
    run_id: str = ""  # the run that wrote it last
    remarks: tuple[str, ...] = ()  # what the row of it should say; not stored
    warnings: tuple[str, ...] = ()  # what the row should say of the bytes that were sent


class Journal:
    """Stored responses under a path prefix. Scope: the job; safe for concurrent writers.

    Two writers of one request hold equally good answers, and each write is atomic: the last
    one wins whole.
    """

    def __init__(
        self, store: AsyncStore, prefix: str, run_id: str = "", use: Use = "same request"
    ) -> None:
        self._store, self._prefix, self._run_id, self._use = store, prefix, run_id, use

    def uri(self, request: Request) -> str:
        """Return where the responses to a request lie."""
        return f"{self._about(request)}{request.schema}{_ENDING}"

    def _about(self, request: Request) -> str:
        """Return what the names of all answers about a content begin with."""
        # Folders by two digits: a folder for each content would be another file on a disk, and
        # as dear as the answer's own.
        return join(self._prefix, f"{request.base[:2]}/{request.base}.")

    async def get(self, request: Request) -> Entry:
        """Return what is known of a request; raise JobFault if the journal cannot be read.

        One read of the store; where "any schema" will do and this one is missing, a listing and
        a read besides. Raises Unavailable when the store may answer later.
        """
        try:
            entry = await self._read(request)
            if self._use == "own run" and entry.run_id != self._run_id:
                return Entry(failed=entry.failed)
            if self._use == "any schema" and not entry.responses:
                return await self._newest_answer(request) or entry
        except Unavailable:
            raise
        except StoreError as error:
            raise JobFault("journal_unreadable", f"the journal cannot be read: {error}") from error
        return entry

    async def _newest_answer(self, request: Request) -> Entry | None:
        """Return the answer given last about the same base; None where there is no usable one."""
        files = await self._store.list(f"{literal(self._about(request))}*{_ENDING}")
        for file in sorted(files, key=lambda file: int(file.version or 0), reverse=True):
            schema = file.uri.rpartition("/")[2].removesuffix(_ENDING).partition(".")[2]
            entry = await self._read(Request(request.base, schema))
            if any(isinstance(judge_response(response), Accept) for response in entry.responses):
                remark = f"answered for another schema of the document type ({schema[:12]})"
                return replace(entry, remarks=(remark,))
        return None

    async def _read(self, request: Request) -> Entry:
        uri = self.uri(request)
        try:
            entry = decode(await self._store.read(uri), request)
        except NotFound:
            return Entry()
        if entry is None:
            log_event(
                logging.WARNING,
                "journal_damaged",
                f"journal entry {uri} is damaged; its document is asked about again",
                self._run_id,
            )
        return entry or Entry()

    async def has_answered(self, question: Question) -> bool:
        """Tell whether a run had an answer to this question, about any document."""
        try:
            await self._store.read(self._note(question))
        except StoreError:
            return False  # nothing hangs on it but how soon refusals are the job's fault
        return True

    async def note_answered(self, question: Question) -> None:
        """Note for later runs that the service answers this question. Errors as those of `put`."""
        await self._write(self._note(question), b"")

    def _note(self, question: Question) -> str:
        return join(self._prefix, f"questions/{question.fingerprint}")

    async def put(self, request: Request, entry: Entry) -> None:
        """Store what is known of a request; raise JobFault if that is impossible.

        Raises Unavailable when the store may take it later.
        """
        await self._write(self.uri(request), encode(request, replace(entry, run_id=self._run_id)))

    async def _write(self, uri: str, data: bytes) -> None:
        try:
            await self._store.write(uri, data)
        except Unavailable:
            raise
        except StoreError as error:
            raise JobFault(
                "journal_unwritable",
                f"an answer was paid for and cannot be kept: {error}; "
                "free space or fix permissions of --journal, then run again",
            ) from error


def encode(request: Request, entry: Entry) -> bytes:
    """Return the object of a request: gzip of JSON with what is in `decode`.

    The responses are rendered once, in the form that their checksum is of.
    """
    responses = _canonical([_plain(response) for response in entry.responses])
    text = (
        f'{{"format": {_FORMAT}, "base": {json.dumps(request.base)}, '
        f'"schema": {json.dumps(request.schema)}, "sha256": "{_checksum(responses)}", '
        f'"responses": {responses}, "failed": {json.dumps(entry.failed)}, '
        f'"run_id": {json.dumps(entry.run_id)}, "warnings": {json.dumps(entry.warnings)}}}'
    )
    return gzip.compress(text.encode("ascii"), compresslevel=6, mtime=0)


def decode(data: bytes, request: Request) -> Entry | None:
    """Return the entry of an object, or None where anything about it is wrong.

    Names that this version does not know are passed over and missing ones get their defaults, so
    that neither an upgrade nor a step back buys answers again. A later format is a JobFault.
    """
    try:
        stored = json.loads(gzip.decompress(data))
        if Request(stored["base"], stored["schema"]) != request:
            return None
        if stored["sha256"] != _checksum(_canonical(stored["responses"])):
            return None
        if stored["format"] > _FORMAT:
            raise JobFault(
                "journal_too_new",
                f"the journal was written by a later version (format {stored['format']}); "
                "use that version, or another --journal",
            )
        return Entry(
            tuple(map(_response, stored["responses"])),
            bool(stored.get("failed")),
            str(stored.get("run_id", "")),
            warnings=tuple(map(str, stored.get("warnings") or ())),
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError,
            RecursionError):  # fmt: skip
        return None


def _response(stored: dict[str, Any]) -> Response:
    known = {name: stored[name] for name in Response.__dataclass_fields__ if name in stored}
    usage = {name: stored["usage"][name] for name in Usage._fields if name in stored["usage"]}
    return Response(**{**known, "usage": Usage(**usage)})


def _plain(response: Response) -> dict[str, Any]:
    values = {name: getattr(response, name) for name in Response.__dataclass_fields__}
    return {**values, "usage": response.usage._asdict()}


def _canonical(responses: Any) -> str:
    return json.dumps(responses, ensure_ascii=True, sort_keys=True)


def _checksum(canonical: str) -> str:
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
