"""The stand-in inside a test's own process: its event loop in a thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar

from emulators.gemini.behaviour import Behaviour
from emulators.gemini.objects import Objects
from emulators.gemini.reading import DocumentReader, ReadFields
from emulators.gemini.server import GeminiServer
from emulators.gemini.service import Service
from emulators.loopback import StandInError
from emulators.server import LoopbackServer

T = TypeVar("T")

_START_SECONDS = 10.0


class GeminiEndpoint(LoopbackServer):
    """A Gemini stand-in on a free port of the loopback, in a thread of this process.

    ``reader`` is "documents" (read them with `emulators.reader`), "canned" (answers made from the
    schema alone, no document opened) or a function of (parts, schema) that returns the answer and
    may raise `UnreadableDocument`. ``gcs_host`` serves ``gs://`` URIs; it defaults to
    ``STORAGE_EMULATOR_HOST``. All methods may be called from any thread.
    """

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        *,
        reader: Literal["documents", "canned"] | ReadFields = "documents",
        gcs_host: str | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self._behaviour = behaviour or Behaviour()
        self._reader = reader
        self._gcs_host = gcs_host
        self._loop: asyncio.AbstractEventLoop | None = None
        self._service: Service | None = None
        self._thread: threading.Thread | None = None
        self._stopped = asyncio.Event()
        self._error: BaseException | None = None

    def _begin(self) -> None:
        self._error = None
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="gemini-stand-in", daemon=True
        )
        self._thread.start()
        if not started.wait(_START_SECONDS) or self._error is not None:
            message = f"the Gemini stand-in did not start: {self._error or 'no answer'}"
            raise StandInError(message)

    def _end(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join()

    def stats(self, *, documents: bool = False) -> dict[str, Any]:
        """Return the counts; ``documents`` adds those of each document."""
        return self._call(lambda service: service.tally.snapshot(documents=documents))

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests that are remembered, oldest first."""
        return self._call(lambda service: [each.as_json() for each in service.tally.records])

    def batch_jobs(self) -> list[dict[str, Any]]:
        """Return all batch jobs, in the order of their creation."""
        return self._call(lambda service: service.batches.everything())

    def hurry_batch_jobs(self) -> None:
        """Have the batch jobs there are end as soon as their rows are answered."""
        self._call(lambda service: service.batches.hurry())

    def wait_for_batch_jobs(self) -> None:
        """Wait until every batch job has ended, but for those that are stuck until cancelled."""
        service = self._service
        if self._loop is None or service is None:
            message = "the Gemini stand-in is not running; call start() first"
            raise StandInError(message)
        asyncio.run_coroutine_threadsafe(service.batches.ended(), self._loop).result(600)

    def set_behaviour(self, behaviour: Behaviour | None = None, **changes: Any) -> Behaviour:
        """Behave so from now on: as ``behaviour`` says, or as before with ``changes``.

        Raises ``ValueError`` for settings that do not exist or make no sense.
        """

        def change(service: Service) -> Behaviour:
            service.behave((behaviour or service.behaviour).changed(changes))
            return service.behaviour

        return self._call(change)

    def reset(self) -> None:
        """Forget counts and requests."""
        self._call(lambda service: service.reset())

    def _call(self, function: Callable[[Service], T]) -> T:
        """Run a function of the service on its own thread and return what it returns."""
        service = self._service
        if self._loop is None or service is None:
            message = "the Gemini stand-in is not running; call start() first"
            raise StandInError(message)

        async def run() -> T:
            return function(service)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_START_SECONDS)

    def _run(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._serve(started))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
            self._error = error
            started.set()

    async def _serve(self, started: threading.Event) -> None:
        def announce(service: Service, port: int) -> None:
            self._loop = asyncio.get_running_loop()
            self._service = service
            self.port = port
            started.set()

        self._stopped = asyncio.Event()
        await serve(
            self._behaviour,
            _document_reader(self._reader),
            Objects(self._gcs_host),
            port=self.port,
            announce=announce,
            until=self._stopped.wait(),
        )


def _document_reader(reader: Literal["documents", "canned"] | ReadFields) -> DocumentReader | None:
    if reader == "canned":
        return None
    given = None if isinstance(reader, str) else reader

    def threads() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(2, thread_name_prefix="gemini-stand-in-reader")

    return DocumentReader(threads, given)


async def serve(
    behaviour: Behaviour,
    reader: DocumentReader | None,
    objects: Objects,
    *,
    port: int,
    announce: Callable[[Service, int], None],
    until: Coroutine[Any, Any, object],
) -> None:
    """Serve on the loopback, announcing service and port once it listens, until told to end."""
    service = Service(behaviour, reader=reader, objects=objects)
    server = GeminiServer(service, port)
    try:
        await server.start()
        announce(service, server.port)
        await until
    finally:
        until.close()
        service.batches.close()
        await server.stop()
        await objects.close()
        if reader is not None:
            reader.close()
