"""A Gemini in memory: the provider protocol, without a network."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluicegate.asking.response import ApiError, Reply, Response, TransportError
from sluicegate.asking.verdict import Verdict
from sluicegate.document_types.definition import DocumentType
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.gemini.errors import judge_error
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.live.retry_loop import RetryLoop
from sluicegate.media.prepare import Part
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.limiter import Limiter
from sluicegate.pacing.pacer import Pacer, PacerSettings
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.records import Document, Usage
from sluicegate.storage import store_for
from tests.sluicegate.building import type_of

USAGE = Usage(1000, 0, 200, 50)
GOOD = Response('{"a": "1"}', "STOP", usage=USAGE, model_version="m-001", latency_ms=120)
CUT = Response('{"a"', "MAX_TOKENS", usage=USAGE)
RECITED = Response("", "RECITATION", usage=USAGE)
TROUBLE = ApiError(500, {"message": "An internal error has occurred."})
OVERLOADED = ApiError(
    503, {"message": "The model is overloaded. Please try again later.", "status": "UNAVAILABLE"}
)
KIND: DocumentType = type_of({"a": {"type": "string"}})
MODEL = load_catalogue().get("gemini-3.1-flash-lite")


async def no_sleep(_: float) -> None:
    """Return at once: backoffs are not what a test waits for."""


CLOCK = Clock(sleep=no_sleep)


def rejection(delay: str = "") -> ApiError:
    """Return a 429, with RetryInfo if a delay is given."""
    details = [{"@type": "RetryInfo", "retryDelay": delay}] if delay else []
    return ApiError(429, {"message": "too many", "details": details})


@dataclass
class Gemini:
    """Answers by script, then with `always`; each call takes `seconds` of the loop's time."""

    script: Iterable[Reply | Exception] = ()
    always: Reply | Exception = GOOD
    seconds: float = 0.0
    on_call: Callable[[], None] = lambda: None
    calls: list[tuple[tuple[Part, ...], int]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    closed: bool = False
    last_resort: "Gemini | None" = None
    thread: str = ""

    def __post_init__(self) -> None:
        """Begin the script."""
        self._replies = iter(self.script)

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Answer as the script says."""
        self.calls.append((parts, max_output_tokens))
        self.times.append(asyncio.get_running_loop().time())
        self.thread = threading.current_thread().name
        self.on_call()
        reply = next(self._replies, self.always)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.in_flight -= 1
        if isinstance(reply, Exception):
            raise reply
        return reply

    def judge_error(self, error: ApiError | TransportError) -> Verdict:
        """Judge as the real client does."""
        return judge_error(error)

    async def close(self) -> None:
        """Record that the connections are closed."""
        self.closed = True


def document(folder: Path, name: str, content: bytes) -> Document:
    """Write a file and describe it as the match step does, with its digest."""
    path = folder / name
    path.write_bytes(content)
    store = store_for(str(path))
    found = store.stat(str(path))
    return Document(found.uri, found.size_bytes, found.version, digest=store.digest(found))


def settings(**changes: Any) -> EngineSettings:
    """Return the settings of a small engine."""
    known: dict[str, Any] = {
        "document_type": KIND,
        "model": MODEL,
        "pacer": PacerSettings(max_in_flight=8),
    }
    return EngineSettings(**{**known, **changes})


def retry_loop_of(
    client: Gemini,
    clock: Any,
    pacer: PacerSettings | None = None,
    policy: RetryPolicy | None = None,
    patience: float = 600.0,
) -> RetryLoop:
    """Return a retry loop with its limiter."""
    limiter = Limiter(Pacer(pacer or PacerSettings(max_in_flight=8)), clock.monotonic, clock.draw)
    policy = policy or RetryPolicy()
    return RetryLoop(client, limiter, policy, clock, patience)
