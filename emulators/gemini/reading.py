"""Reading documents off the event loop, each once: a pool of workers behind a bounded cache."""

import asyncio
import functools
import multiprocessing
import signal
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from emulators.process import die_with_parent
from emulators.reader import Unreadable, count_pages, read_fields

Part = tuple[str, bytes]
# Takes (media type, bytes) of each document and the wanted answer's schema; returns the answer.
ReadFields = Callable[[Sequence[Part], dict[str, Any]], Any]

PDF = "application/pdf"
_REMEMBERED = 50_000
_PARTIAL: ReadFields = functools.partial(read_fields, partial=True)


class UnreadableDocument(ValueError):  # noqa: N818 - the field's word, as in the reader
    """The bytes are no document that can be opened."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the answer's value, and the counts that tokens depend on."""

    answer: Any
    pdf_pages: int
    images: int


def read_documents(
    parts: Sequence[Part], schema: dict[str, Any] | None, *, partial: bool = False
) -> Reading:
    """Read with `emulators.reader`, or only count where no schema asks for anything.

    With `partial`, the document is some pages of a longer one.
    Raises `UnreadableDocument`.
    """
    pdfs = [data for media_type, data in parts if media_type == PDF]
    reader = _PARTIAL if partial else read_fields
    try:
        pages = sum(map(count_pages, pdfs))
        return Reading(for_schema(reader, parts, schema), pages, len(parts) - len(pdfs))
    except Unreadable as error:
        raise UnreadableDocument(str(error)) from error


def read_with(reader: ReadFields, parts: Sequence[Part], schema: dict[str, Any] | None) -> Reading:
    """Read with a given function, taking every PDF for one page."""
    pdfs = sum(media_type == PDF for media_type, _ in parts)
    return Reading(for_schema(reader, parts, schema), pdfs, len(parts) - pdfs)


def for_schema(reader: ReadFields, parts: Sequence[Part], schema: dict[str, Any] | None) -> Any:
    """Read an object or, where the schema wants an array of them, an array of one."""
    if schema is None:
        return {}
    if str(schema.get("type", "")).upper() == "ARRAY":
        return [reader(parts, schema.get("items") or {})]
    return reader(parts, schema)


def process_pool(count: int) -> ProcessPoolExecutor:
    """Return a pool of reading processes, which end with this one."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin_worker)


def _begin_worker() -> None:
    die_with_parent()
    # Ctrl-C goes to the whole group; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class DocumentReader:
    """Reads each document once for each schema; used by one event loop.

    ``executor`` makes the pool of workers, when it is first needed and again should it break.
    """

    def __init__(self, executor: Callable[[], Executor], reader: ReadFields | None = None) -> None:
        self._make_executor = executor
        self._executor: Executor | None = None
        self._reader = reader
        self._readings: OrderedDict[tuple[str, str], asyncio.Future[Reading]] = OrderedDict()

    async def read(
        self,
        key: tuple[str, str],
        parts: Sequence[Part],
        schema: dict[str, Any] | None,
        *,
        partial: bool = False,
    ) -> Reading:
        """Return the reading of ``parts``, whose content and schema ``key`` identifies.

        Raises `UnreadableDocument`, and whatever a faulty reader raises.
        """
        found = self._readings.get(key)
        if found is None:
            found = self._start(parts, schema, partial=partial)
            self._readings[key] = found
            found.add_done_callback(lambda future: self._finished(key, future))
            if len(self._readings) > _REMEMBERED:
                self._readings.popitem(last=False)
        else:
            self._readings.move_to_end(key)
        # A client that goes away must not take the reading from those who wait for the same one.
        return await asyncio.shield(found)

    def close(self) -> None:
        """Let the workers go; readings under way are abandoned."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    def _start(
        self, parts: Sequence[Part], schema: dict[str, Any] | None, *, partial: bool
    ) -> asyncio.Future[Reading]:
        if self._executor is None:
            self._executor = self._make_executor()
        loop = asyncio.get_running_loop()
        if self._reader is None:
            read = functools.partial(read_documents, partial=partial)
            return loop.run_in_executor(self._executor, read, parts, schema)
        return loop.run_in_executor(self._executor, read_with, self._reader, parts, schema)

    def _finished(self, key: tuple[str, str], future: asyncio.Future[Reading]) -> None:
        error = None if future.cancelled() else future.exception()
        if future.cancelled() or (error and not isinstance(error, UnreadableDocument)):
            self._readings.pop(key, None)
        if isinstance(error, BrokenExecutor):
            self._executor = None
