"""The records that flow through the pipeline: frozen, plain, picklable."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

# What a run may be called: its name is part of paths, object names and SQL.
RUN_ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


class Usage(NamedTuple):
    """Tokens of one or several calls, as the API billed them."""

    prompt_tokens: int = 0  # cached ones included
    cached_tokens: int = 0
    output_tokens: int = 0
    thought_tokens: int = 0  # billed at the price of output

    def __add__(self, other: object) -> "Usage":
        """Sum two usages field by field."""
        if not isinstance(other, Usage):
            return NotImplemented
        return Usage(*(mine + its for mine, its in zip(self, other, strict=True)))

    @property
    def total_tokens(self) -> int:
        """Every token that was billed, each once."""
        return self.prompt_tokens + self.output_tokens + self.thought_tokens


class Spend(NamedTuple):
    """What was paid for responses asked for at one tier and served at one, perhaps another."""

    asked: str
    served: str
    responses: int
    usage: Usage
    cost_usd: Decimal | None  # None where a price is not known


def add_spends(some: tuple[Spend, ...], others: tuple[Spend, ...]) -> tuple[Spend, ...]:
    """Return both, one a pair of tiers, in the order of their names."""
    if not (some and others):
        return some or others
    found = {(each.asked, each.served): each for each in some}
    for each in others:
        key = each.asked, each.served
        mine = found.get(key)
        found[key] = _added(mine, each) if mine else each
    return tuple(found[key] for key in sorted(found))


def _added(one: Spend, other: Spend) -> Spend:
    unknown = one.cost_usd is None or other.cost_usd is None
    return Spend(
        one.asked,
        one.served,
        one.responses + other.responses,
        one.usage + other.usage,
        None if unknown else (one.cost_usd or 0) + (other.cost_usd or Decimal(0)),
    )


# What an outcome says that paid for nothing itself: its document's cost stands on another one.
NOTHING_PAID: Final[dict[str, Any]] = {
    "paid": Usage(), "cost_usd": Decimal(0), "attempts": 0, "responses": 0, "by_tier": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FallbackSpend:
    """What was spent on a document by models that gave no usable answer about it."""

    usage: Usage = field(default_factory=Usage)  # of this run or before
    paid: Usage = field(default_factory=Usage)  # of this run
    cost_usd: Decimal | None = Decimal(0)  # of `paid`
    attempts: int = 0
    remarks: tuple[str, ...] = ()  # one a model
    responses: int = 0  # of this run
    by_tier: tuple[Spend, ...] = ()  # `paid`, by tier


@dataclass(frozen=True, slots=True)
class Document:
    """One file to extract from. It carries where the bytes are, never the bytes."""

    uri: str
    size_bytes: int
    version: str = ""  # generation on GCS, mtime in ns on a local disk
    media_type: str = ""  # as the store has it; "" where it has none
    digest: str = ""  # "md5:…", "sha256:…" or "version:…"; "" until fingerprinted
    fallback_spend: FallbackSpend | None = None  # what other models have cost

    @property
    def document_id(self) -> str:
        """32 hex digits that identify the URI, short enough to join and cluster by."""
        return document_id(self.uri)


def document_id(uri: str) -> str:
    """Return the id of the document at `uri`: 32 hex digits, the same in every run."""
    return hashlib.sha256(uri.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Answer:
    """The model's answer about one document, paid for and journalled, not yet parsed."""

    document: Document
    identity: str
    text: str
    finish_reason: str
    model: str
    model_version: str = ""
    traffic_type: str = ""
    usage: Usage = field(default_factory=Usage)  # of every response, of this run or before
    paid: Usage = field(default_factory=Usage)  # of the responses of this run
    cost_usd: Decimal | None = None  # of `paid`; None where the price is unknown
    latency_ms: int = 0  # of the last call
    attempts: int = 0  # calls made in this run: 0 where the journal had the answer
    journaled: bool = False  # True when no call was made in this run
    warnings: tuple[str, ...] = ()  # for the row's provenance
    responses: int = 0  # calls of this run that were paid for, those of a lost attempt included
    by_tier: tuple[Spend, ...] = ()  # `paid`, by tier
    tier: str = ""  # that served the answer
    pages: int = 0  # of the document; 0 where nobody has looked


class Place(NamedTuple):
    """Which of its document's records one is, and the pages it stands on."""

    record_index: int = 0  # from 0, in the order of the pages
    first_page: int | None = None  # from 1; None where it is not known
    last_page: int | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found in a document. It goes with the first of the document's rows or failures."""

    records: int = 0
    rows: int = 0  # of the records
    pages: int = 0  # as many as are known of
    pages_in_records: int = 0
    pages_set_aside: tuple[tuple[str, int], ...] = ()  # the others, by reason


@dataclass(frozen=True, slots=True)
class Row:
    """A validated row, ready for its output, with what the ledger needs.

    Of several rows of a document the first has what is of the document: what was found in it, and
    what it cost.
    """

    document_uri: str
    values: dict[str, Any]
    paid: Usage
    cost_usd: Decimal | None
    latency_ms: int
    attempts: int
    journaled: bool
    responses: int = 0  # calls of this run that were paid for
    record_index: int = 0  # of the record in its document
    contents: Contents | None = Contents(records=1, rows=1)  # None but in the document's first
    by_tier: tuple[Spend, ...] = ()  # `paid`, by tier


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document, or one record of it, gave no row. `code` is one of those in codes.py."""

    document_uri: str
    code: str
    message: str
    attempts: int = 0
    paid: Usage = field(default_factory=Usage)
    cost_usd: Decimal | None = Decimal(0)
    latency_ms: int = 0
    raw_answer: str | None = None
    identity: str | None = None
    document_version: str = ""
    journaled: bool = False
    usage: Usage = field(default_factory=Usage)  # of every response, of this run or before
    document: Document | None = None  # for a fallback model; not recorded
    responses: int = 0  # calls of this run that were paid for; not recorded
    place: Place | None = None  # of a record; None where it is the document that failed
    record_count: int | None = None  # records that were found in the document
    contents: Contents | None = Contents()  # None where another row or failure has them
    of_records: tuple["Failure", ...] = ()  # of a document that failed by all of its records
    by_tier: tuple[Spend, ...] = ()  # `paid`, by tier; not recorded
    tier: str = ""  # that served the answer

    @classmethod
    def of(cls, document: Document, code: str, message: str) -> "Failure":
        """Return the failure of a document that no call was made for."""
        return cls(document.uri, code, message, document_version=document.version)

    @classmethod
    def after(cls, answer: Answer, code: str, message: str) -> "Failure":
        """Return the failure of an answer that was paid for and gave no row."""
        return replace(
            cls.of(answer.document, code, message),
            attempts=answer.attempts,
            paid=answer.paid,
            cost_usd=answer.cost_usd,
            latency_ms=answer.latency_ms,
            raw_answer=answer.text,
            identity=answer.identity,
            journaled=answer.journaled,
            usage=answer.usage,
            document=answer.document,
            responses=answer.responses,
            by_tier=answer.by_tier,
            tier=answer.tier,
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that is left for a later run: a batch job has it, or a fault has ended the calls.

    What it has cost so far is in the journal, and is accounted for in the run that paid it.
    """

    document: Document
    code: str  # of the fault
    message: str  # of the fault
    attempts: int = 0
    paid: Usage = field(default_factory=Usage)
    cost_usd: Decimal | None = Decimal(0)
    responses: int = 0  # calls of this run that were paid for
    by_tier: tuple[Spend, ...] = ()  # `paid`, by tier

    @property
    def document_uri(self) -> str:
        """Where the document lies."""
        return self.document.uri


# What asking about one document gives. Its outcome is how it ends the run: row, failure, skipped,
# waiting.
Result = Answer | Failure | Waiting


@dataclass(frozen=True, slots=True)
class CallStats:
    """What a process's engine did in a span of time. Mergeable by addition."""

    calls: int = 0
    rejected: int = 0  # answered 429
    retries: int = 0
    throttled_seconds: float = 0.0
    unanswered: int = 0  # calls that ended without a response, 429s among them
    shed: int = 0  # their tier had no capacity: 503 or 429 of flex

    def __add__(self, other: "CallStats") -> "CallStats":
        """Sum two spans."""
        return CallStats(
            self.calls + other.calls,
            self.rejected + other.rejected,
            self.retries + other.retries,
            self.throttled_seconds + other.throttled_seconds,
            self.unanswered + other.unanswered,
            self.shed + other.shed,
        )

    def __sub__(self, other: "CallStats") -> "CallStats":
        """Return what was done after the earlier `other`."""
        return CallStats(
            self.calls - other.calls,
            self.rejected - other.rejected,
            self.retries - other.retries,
            self.throttled_seconds - other.throttled_seconds,
            self.unanswered - other.unanswered,
            self.shed - other.shed,
        )
