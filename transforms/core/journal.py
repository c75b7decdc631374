"""The journal: every response that was paid for, under its request's identity.

One gzip object an identity, at `<prefix>/<first two digits>/<identity>.json.gz`. An object is
trusted only if its checksum, its format and its identity are right; anything else counts as
absent and is written anew.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from transforms.core.faults import JobFault
from transforms.core.gemini.reply import Response
from transforms.core.records import Usage
from transforms.core.storage import NotFound, StoreError, join, store_for

_FORMAT = 1


class Journal:
    """Stored responses under a path prefix. Scope: the job; safe for concurrent writers.

    Two writers of one identity hold equally good answers, and each write is atomic: the last
    one wins whole.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._store = store_for(prefix)

    def uri(self, identity: str) -> str:
        """Return where the responses of an identity lie."""
        return join(self._prefix, f"{identity[:2]}/{identity}.json.gz")

    def get(self, identity: str) -> list[Response]:
        """Return the responses paid for so far; raise JobFault if the journal cannot be read."""
        try:
            return decode(self._store.read(self.uri(identity)), identity)
        except NotFound:
            return []
        except StoreError as error:
            raise JobFault("journal_unreadable", f"the journal cannot be read: {error}") from error

    def put(self, identity: str, responses: Sequence[Response]) -> None:
        """Store the responses, the new one included; raise JobFault if that is impossible."""
        try:
            self._store.write(self.uri(identity), encode(identity, responses))
        except StoreError as error:
            raise JobFault(
                "journal_unwritable",
                f"an answer was paid for and cannot be kept: {error}; "
                "free space or fix permissions of --journal, then run again",
            ) from error


def encode(identity: str, responses: Sequence[Response]) -> bytes:
    """Return the object of an identity: gzip of {format, identity, sha256, responses}."""
    body = [{**asdict(r), "usage": r.usage._asdict()} for r in responses]
    text = json.dumps(
        {"format": _FORMAT, "identity": identity, "sha256": _checksum(body), "responses": body},
        ensure_ascii=True,
    )
    return gzip.compress(text.encode("ascii"), compresslevel=6, mtime=0)


def decode(data: bytes, identity: str) -> list[Response]:
    """Return the responses of an object, or none at all where anything about it is wrong."""
    try:
        entry = json.loads(gzip.decompress(data))
        if (
            entry["format"] != _FORMAT
            or entry["identity"] != identity
            or entry["sha256"] != _checksum(entry["responses"])
        ):
            return []
        return [
            Response(**{**response, "usage": Usage(**response["usage"])})
            for response in entry["responses"]
        ]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, RecursionError):
        return []


def _checksum(body: Any) -> str:
    text = json.dumps(body, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
