"""The journal: every response that was paid for, under its request's identity.

One gzip object an identity, at `<prefix>/<first two digits>/<identity>.json.gz`. An object is
trusted only if its checksum and its identity are right; anything else counts as absent, is named
in the log and written anew. An object of a later format stops the job.
"""

import gzip
import hashlib
import json
import logging
import zlib
from dataclasses import dataclass
from typing import Any

from transforms.core.faults import JobFault
from transforms.core.gemini.reply import Response
from transforms.core.records import Usage
from transforms.core.run_log import tell
from transforms.core.storage import NotFound, StoreError, Unavailable, join, store_for

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal knows of a request.

    `failed`: it once failed by a refusal or by trouble that other documents did not have. When it
    does so again, that says nothing about the service.
    """

    responses: tuple[Response, ...] = ()  # paid for, in order
    failed: bool = False


class Journal:
    """Stored responses under a path prefix. Scope: the job; safe for concurrent writers.

    Two writers of one identity hold equally good answers, and each write is atomic: the last
    one wins whole.
    """

    def __init__(self, prefix: str, run_id: str = "") -> None:
        self._prefix, self._run_id = prefix, run_id
        self._store = store_for(prefix)

    def uri(self, identity: str) -> str:
        """Return where the responses of an identity lie."""
        return join(self._prefix, f"{identity[:2]}/{identity}.json.gz")

    def get(self, identity: str) -> Entry:
        """Return what is known of a request; raise JobFault if the journal cannot be read.

        Raises Unavailable when the store may answer later.
        """
        uri = self.uri(identity)
        try:
            entry = decode(self._store.read(uri), identity)
        except NotFound:
            return Entry()
        except Unavailable:
            raise
        except StoreError as error:
            raise JobFault("journal_unreadable", f"the journal cannot be read: {error}") from error
        if entry is None:
            tell(
                logging.WARNING,
                "journal_damaged",
                f"journal entry {uri} is damaged; its document is asked about again",
                self._run_id,
            )
        return entry or Entry()

    def put(self, identity: str, entry: Entry) -> None:
        """Store what is known of a request; raise JobFault if that is impossible.

        Raises Unavailable when the store may take it later.
        """
        try:
            self._store.write(self.uri(identity), encode(identity, entry))
        except Unavailable:
            raise
        except StoreError as error:
            raise JobFault(
                "journal_unwritable",
                f"an answer was paid for and cannot be kept: {error}; "
                "free space or fix permissions of --journal, then run again",
            ) from error


def encode(identity: str, entry: Entry) -> bytes:
    """Return the object of an identity: gzip of {format, identity, sha256, responses, failed}.

    The responses are rendered once, in the form that their checksum is of.
    """
    responses = _canonical([_plain(response) for response in entry.responses])
    text = (
        f'{{"format": {_FORMAT}, "identity": {json.dumps(identity)}, '
        f'"sha256": "{_checksum(responses)}", "responses": {responses}, '
        f'"failed": {json.dumps(entry.failed)}}}'
    )
    return gzip.compress(text.encode("ascii"), compresslevel=6, mtime=0)


def decode(data: bytes, identity: str) -> Entry | None:
    """Return the entry of an object, or None where anything about it is wrong.

    Names that this version does not know are passed over and missing ones get their defaults, so
    that neither an upgrade nor a step back buys answers again. A later format is a JobFault.
    """
    try:
        stored = json.loads(gzip.decompress(data))
        if stored["identity"] != identity or stored["sha256"] != _checksum(
            _canonical(stored["responses"])
        ):
            return None
        if stored["format"] > _FORMAT:
            raise JobFault(
                "journal_too_new",
                f"the journal was written by a later version (format {stored['format']}); "
                "use that version, or another --journal",
            )
        return Entry(tuple(map(_response, stored["responses"])), bool(stored.get("failed")))
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
