"""The journal: every response that was paid for, under its request.

One gzip object a request, at `<prefix>/<two digits>/<base identity>.<schema>.json.gz`: the answers
about one content are stored side by side, whatever the schema of their requests. Beside them are
empty objects that mark something: `questions/…` a question that was answered, `runs/<run id>/…` a
run that has begun, and one that has an answer. An object is used
only if its checksum and its request are right; anything else counts as absent, is named in the log
and written anew. An object of a later format stops the job.
"""

import gzip
import hashlib
import json
import zlib
from dataclasses import dataclass, replace
from typing import Any, Literal

from sluicegate.asking.identity import Question, Request
from sluicegate.asking.response import Response
from sluicegate.asking.verdict import Accept, judge_response
from sluicegate.faults import JobFault
from sluicegate.log import EventKind, log_event
from sluicegate.records import Usage
from sluicegate.storage import AsyncStore, NotFound, StoreError, Unavailable, join
from sluicegate.storage.patterns import literal

_FORMAT = 1
_SUFFIX = ".json.gz"
_NOT_KEPT = "an answer was paid for and cannot be kept"

# What a run uses of the journal. It always uses what it stored itself: no retry buys that again.
#   same request   answers to the very request
#   any schema     where there is none, the newest answer to the request with another schema
#   own run        nothing that an earlier run paid for
Use = Literal["same request", "any schema", "own run"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal holds about a request.

    `failed`: it once failed by a refusal or by transient errors while other documents did not. When
    it fails again, that is no evidence about the service.
    """

    responses: tuple[Response, ...] = ()  # paid for, in order
    failed: bool = False
    run_id: str = ""  # the run that wrote it last
    remarks: tuple[str, ...] = ()  # warnings for its row; not stored
    warnings: tuple[str, ...] = ()  # what its row should say of the bytes that were sent
    pages: int = 0  # of the document; 0 where nobody has looked


class Journal:
    """Stored responses under a path prefix. Scope: the job; safe for concurrent writers.

    Two writers of one request hold equally good answers, and each write is atomic: the last
    one replaces the other's object as a whole.
    """

    def __init__(
        self, store: AsyncStore, prefix: str, run_id: str = "", use: Use = "same request"
    ) -> None:
        self._store = store
        self._prefix = prefix
        self.run_id = run_id
        self._use = use

    def uri(self, request: Request) -> str:
        """Return where the responses to a request are stored."""
        return entry_uri(self._prefix, request)

    def _about(self, request: Request) -> str:
        """Return what the URIs of all answers about a content begin with."""
        return _about(self._prefix, request)

    async def get(self, request: Request) -> Entry:
        """Return what is stored about a request; raise JobFault if the journal cannot be read.

        One read of the store; with "any schema", where this one is missing, a listing and further
        reads. Raises Unavailable when the store may answer later.
        """
        try:
            entry = await self._read(request)
            if self._use == "own run" and entry.run_id != self.run_id:
                return Entry(failed=entry.failed)
            if self._use == "any schema" and not entry.responses:
                return await self._newest_answer(request) or entry
        except Unavailable:
            raise
        except StoreError as error:
            raise JobFault("journal_unreadable", f"the journal cannot be read: {error}") from error
        return entry

    async def _newest_answer(self, request: Request) -> Entry | None:
        """Return the newest usable answer to the same base; None where there is none."""
        files = await self._store.list(f"{literal(self._about(request))}*{_SUFFIX}")
        for file in sorted(files, key=lambda file: int(file.version or 0), reverse=True):
            schema = file.uri.rpartition("/")[2].removesuffix(_SUFFIX).partition(".")[2]
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
                EventKind.JOURNAL_DAMAGED,
                f"journal entry {uri} is damaged; its document is asked about again",
                self.run_id,
            )
        return entry or Entry()

    async def begin(self) -> None:
        """Write the run's first object, so that a journal which cannot be written costs no call.

        One object a run, not one a worker: Cloud Storage takes one write a second to a name. Raises
        what `put` raises.
        """
        if not await self._has(self._of_run("begun")):
            await self._write(self._of_run("begun"), b"", "the journal cannot be written")

    async def was_answered_in_run(self) -> bool:
        """Return whether any process of this run has had an answer, about any document."""
        return await self._has(self._of_run("answered"))

    async def mark_answered_in_run(self) -> None:
        """Record for the run's other processes that there is something to land."""
        await self._write(self._of_run("answered"), b"")

    def _of_run(self, name: str) -> str:
        return join(self._prefix, f"runs/{self.run_id or 'unnamed'}/{name}")

    async def _has(self, uri: str) -> bool:
        try:
            await self._store.read(uri)
        except StoreError:
            return False
        return True

    async def was_answered(self, question: Question) -> bool:
        """Return whether any run has had an answer to this question, about any document."""
        # Where it cannot be read: it only decides after how many refusals the job stops.
        return await self._has(self._marker(question))

    async def mark_answered(self, question: Question) -> None:
        """Record for later runs that this question has been answered. Raises what `put` raises."""
        await self._write(self._marker(question), b"")

    def _marker(self, question: Question) -> str:
        return join(self._prefix, f"questions/{question.fingerprint}")

    async def put(self, request: Request, entry: Entry) -> None:
        """Store an entry under its request; raise JobFault if that is impossible.

        Raises Unavailable when the store may accept it later.
        """
        await self._write(self.uri(request), encode(request, replace(entry, run_id=self.run_id)))

    async def _write(self, uri: str, data: bytes, says: str = _NOT_KEPT) -> None:
        try:
            await self._store.write(uri, data)
        except Unavailable:
            raise
        except StoreError as error:
            raise JobFault(
                "journal_unwritable",
                f"{says}: {error}; free space or fix permissions of --journal, then run again",
            ) from error


def entry_uri(prefix: str, request: Request) -> str:
    """Return where the responses to a request are stored in the journal at a path prefix."""
    return f"{_about(prefix, request)}{request.schema}{_SUFFIX}"


def _about(prefix: str, request: Request) -> str:
    # Folders by two digits: on a disk, a folder for each content would double the number of files.
    return join(prefix, f"{request.base[:2]}/{request.base}.")


def encode(request: Request, entry: Entry) -> bytes:
    """Return the object of a request: gzip of JSON with what is in `decode`.

    The responses are rendered once, in the canonical form that the checksum is computed over.
    """
    responses = _canonical([_plain(response) for response in entry.responses])
    text = (
        f'{{"format": {_FORMAT}, "base": {json.dumps(request.base)}, '
        f'"schema": {json.dumps(request.schema)}, "sha256": "{_checksum(responses)}", '
        f'"responses": {responses}, "failed": {json.dumps(entry.failed)}, '
        f'"run_id": {json.dumps(entry.run_id)}, "warnings": {json.dumps(entry.warnings)}, '
        f'"pages": {entry.pages}}}'
    )
    return gzip.compress(text.encode("ascii"), compresslevel=6, mtime=0)


def decode(data: bytes, request: Request) -> Entry | None:
    """Return the entry of an object, or None where anything about it is wrong.

    Names that this version does not know are ignored and missing ones get their defaults, so that
    neither an upgrade nor a downgrade buys answers again. Raises JobFault for a later format.
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
            pages=int(stored.get("pages") or 0),
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
