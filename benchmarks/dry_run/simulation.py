"""What the dry run simulates: a bucket, the rows that landed before, and a model. No I/O at all.

Every document is a number, and what it is follows from the number: so the outside knows how many
rows, failures and skipped documents a run of any size has to end with.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Self
from unittest import mock

from sluicegate.asking.identity import Question
from sluicegate.document_types.definition import DocumentType
from sluicegate.live.connect import Connect
from sluicegate.records import Answer, CallStats, Document, Failure, Usage
from sluicegate.storage import NotFound, stores
from transforms.outputs import bigquery

PATTERN = "gs://dry-run/2026/**"
_PAGE = 1000
# Of a hundred documents, this many landed before; the last of them with another prompt.
_LANDED = 61
# Of those that are asked about, one in so many fails.
_FAILS = 100
# Rows that one stream of the table gives.
_STREAM_ROWS = 50_000
_ANSWER = (
    '{"invoice_id": "INV-%08d", "vendor_name": "Quorfenn Interiors Limited", '
    '"invoice_date": "2026-03-14", "currency": "EUR", "total_amount": 1163.30, "line_items": ['
    '{"description": "Desk, oak, 160 x 80 cm", "quantity": 2, "total": 838.00}, '
    '{"description": "Lamp", "quantity": 5, "total": 240.30}, '
    '{"description": "Delivery and assembly", "quantity": 1, "total": 85.00}]}'
)


@dataclass(frozen=True, slots=True)
class Expected:
    """How a run over so many documents has to end."""

    matched: int
    rows: int
    failures: int
    skipped: int

    @classmethod
    def of(cls, count: int) -> Self:
        """Count by the rules of this file."""
        whole, rest = divmod(count, 100 * _FAILS)
        odd = range(rest)
        skipped = whole * _FAILS * (_LANDED - 1) + sum(is_done(number) for number in odd)
        failures = whole * (101 - _LANDED) + sum(fails(number) for number in odd)
        return cls(count, count - skipped - failures, failures, skipped)


def has_landed(number: int) -> bool:
    """Tell whether the table has a row of the document."""
    return number % 100 < _LANDED


def is_done(number: int) -> bool:
    """Tell whether that row answers what is asked now."""
    return number % 100 < _LANDED - 1


def fails(number: int) -> bool:
    """Tell whether the model gives no answer about the document."""
    return not is_done(number) and number // 100 % _FAILS == 0


def document(number: int) -> Document:
    """Return a document as a page of the bucket's listing describes it."""
    return Document(
        uri=f"gs://dry-run/2026/{number // 10_000:04d}/invoice-{number:08d}.pdf",
        size_bytes=48_000 + number % 1000,
        version=str(1_700_000_000_000_000 + number),
        media_type="application/pdf",
        digest=f"md5:{number:032x}",
    )


class Bucket:
    """A store that lists ``count`` objects, a page at a time, and does nothing else."""

    def __init__(self, count: int) -> None:
        self._count = count

    def list(self, pattern: str, on_name: Callable[[], None] | None = None) -> Iterator[Document]:
        """Make a page, hand it on, forget it. Every name matches, so `on_name` limits nothing."""
        if pattern != PATTERN:
            raise NotFound(pattern)
        numbers = iter(range(self._count))
        while page := [document(number) for number in islice(numbers, _PAGE)]:
            yield from page


class Landed:
    """The rows of an earlier run, as streams of a table's columns."""

    def __init__(self, count: int, asked: Question, kind: DocumentType) -> None:
        self._count, self._asked, self._kind = count, asked, kind
        self._made = datetime(2026, 3, 1, tzinfo=UTC)

    def open_streams(self, *_: Any) -> list[str]:
        """Name streams of equal size, as the Storage Read API does."""
        size = _STREAM_ROWS * 100 // _LANDED
        return [f"{start}:{start + size}" for start in range(0, self._count, size)]

    def read_stream(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a stream, one by one."""
        start, end = (int(part) for part in name.split(":"))
        for number in range(start, min(end, self._count)):
            if has_landed(number):
                yield self._row(number)

    def _row(self, number: int) -> dict[str, Any]:
        found = document(number)
        answered = self._asked.about(found.digest).identity if is_done(number) else "0" * 64
        return {
            "document_uri": found.uri,
            "processed_at": self._made + timedelta(milliseconds=number),
            "provenance": {
                "request_identity": answered,
                "document_type": self._kind.name,
                "document_type_version": self._kind.version,
            },
        }


@dataclass(frozen=True, slots=True)
class AnswersAtOnce(Connect):
    """Connects to an engine that has every answer already."""

    def __call__(self) -> Any:
        """Return it; nothing is opened."""
        return _Engine(self.engine.model.name)


class _Engine:
    def __init__(self, model: str) -> None:
        self._model = model

    def submit(self, asked: Document) -> Future[Answer | Failure]:
        number = int(asked.uri[-12:-4])
        done: Future[Answer | Failure] = Future()
        done.set_result(self._failure(asked) if fails(number) else self._answer(asked, number))
        return done

    def take_stats(self) -> CallStats:
        return CallStats()

    def take_due_stats(self) -> None:
        return None

    def _answer(self, asked: Document, number: int) -> Answer:
        return Answer(
            document=asked,
            identity=f"{number:064x}",
            text=_ANSWER % number,
            finish_reason="STOP",
            model=self._model,
            model_version=self._model,
            usage=_USAGE,
            paid=_USAGE,
            cost_usd=_COST,
            latency_ms=8000 + number % 4000,
            attempts=1,
        )

    def _failure(self, asked: Document) -> Failure:
        message = "the service answered 503 six times: the model is overloaded"
        return Failure(
            asked.uri,
            "server_error",
            message,
            attempts=6,
            document_version=asked.version,
            document=asked,
        )


_USAGE = Usage(prompt_tokens=790, output_tokens=165)
_COST = Decimal("0.000320")


@contextmanager
def listing(count: int) -> Iterator[None]:
    """Put the bucket in the place of Google's, in this process."""
    with mock.patch.object(stores, "_gcs", return_value=Bucket(count)):
        yield


@contextmanager
def landed_before(count: int, asked: Question, kind: DocumentType) -> Iterator[None]:
    """Put the earlier rows in the place of a table's, in this process."""
    landed = Landed(count, asked, kind)
    with ExitStack() as patches:
        for name in ("open_streams", "read_stream"):
            patches.enter_context(mock.patch.object(bigquery, name, getattr(landed, name)))
        yield
