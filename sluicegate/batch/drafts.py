"""Drafts: what a job would read, written under the journal before any job is claimed or created.

A shard's objects are named by its members, so that a bundle that runs twice writes the same ones.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sluicegate.asking.identity import Request
from sluicegate.batch.members import Members, key_of, shard_name
from sluicegate.records import Document

INPUT, DOCUMENTS, MEMBERS = "input.jsonl", "documents.gz", "members"


@dataclass(frozen=True, slots=True)
class Member:
    """A document of a shard. Several may have one content, and so one request."""

    document: Document
    request: Request
    by_reference: bool = False  # the service reads the object itself
    warnings: tuple[str, ...] = ()  # of the bytes that are sent, for the row
    pages: int = 0  # of the document; 0 where nobody has looked


@dataclass(frozen=True, slots=True)
class Draft:
    """A shard that is written and not yet claimed. Small: it crosses a shuffle."""

    shard: str
    requests: int
    input_bytes: int
    prompt_tokens: int = 0  # of all its requests, as many as they may have
    is_canary: bool = False


@dataclass
class Sheet:
    """Lines of an input that is being written. Mutable; owned by its writer."""

    documents: int  # requests that there is room for
    input_bytes: int
    lines: list[bytes] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    size: int = 0
    prompt_tokens: int = 0

    def has_room(self, line: bytes) -> bool:
        """Whether a line fits; the first always does."""
        if not self.lines:
            return True
        return len(self.lines) < self.documents and self.size + len(line) + 1 <= self.input_bytes

    def add(self, line: bytes, members: Iterable[Member], prompt_tokens: int = 0) -> None:
        """Add a request and the documents that it is about."""
        self.prompt_tokens += prompt_tokens
        self.lines.append(line)
        self.members.extend(members)
        self.size += len(line) + 1

    def objects(self, *asked: object) -> tuple[Draft, dict[str, bytes]]:
        """Return the draft, and its objects by name. `asked`: what is asked, of whom."""
        identities = [each.request.identity for each in self.members]
        shard = shard_name(dict.fromkeys(identities), *asked)
        draft = Draft(shard, len(self.lines), self.size, self.prompt_tokens)
        return draft, {
            INPUT: b"".join(line + b"\n" for line in self.lines),
            DOCUMENTS: encode_members(self.members),
            MEMBERS: Members.of(identities).data,
        }


def line_of(identity: str, body: dict[str, Any]) -> bytes:
    """Return a line of an input. Siblings of the request are echoed; objects among them fail."""
    line = {"key": key_of(identity), "request": body}
    return json.dumps(line, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def without(taken: frozenset[str], lines: Iterable[bytes], members: Sequence[Member]) -> Sheet:
    """Return what is left of a shard without the requests that another one has."""
    sheet = Sheet(1 << 62, 1 << 62)
    by_identity: dict[str, list[Member]] = {}
    for member in members:
        by_identity.setdefault(member.request.identity, []).append(member)
    keys = {key_of(identity): identity for identity in by_identity}
    for line in lines:
        identity = keys[json.loads(line)["key"]]
        if identity not in taken:
            sheet.add(line, by_identity[identity])
    return sheet


def encode_members(members: Iterable[Member]) -> bytes:
    """Return the object that names a shard's documents: gzip of a JSON line each."""
    lines = (
        json.dumps(
            {
                **asdict(replace(member.document, fallback_spend=None)),
                "base": member.request.base,
                "schema": member.request.schema,
                "by_reference": member.by_reference,
                "warnings": member.warnings,
                "pages": member.pages,
            }
        )
        for member in members
    )
    return gzip.compress("\n".join(lines).encode(), compresslevel=6, mtime=0)


def decode_members(data: bytes) -> Iterator[Member]:
    """Yield the documents of such an object."""
    for line in gzip.decompress(data).decode().splitlines():
        stored = json.loads(line)
        yield Member(
            Document(
                stored["uri"],
                stored["size_bytes"],
                stored["version"],
                stored["media_type"],
                stored["digest"],
            ),
            Request(stored["base"], stored["schema"]),
            stored["by_reference"],
            tuple(stored["warnings"]),
            stored["pages"],
        )
