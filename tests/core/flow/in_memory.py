"""A Gemini that lives in memory: the client protocol, kept word for word, without a wire."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.core.building import type_of
from transforms.core.flow.ambient import Ambient
from transforms.core.flow.caller import Caller
from transforms.core.flow.engine_settings import EngineSettings
from transforms.core.flow.gate import Gate
from transforms.core.flow.pacer import Pacer, PacerSettings
from transforms.core.flow.retry import RetryPolicy
from transforms.core.gemini.catalogue import load_catalogue
from transforms.core.gemini.reply import ApiError, Reply, Response
from transforms.core.media.prepare import Part
from transforms.core.records import Document, Usage
from transforms.core.storage import store_for
from transforms.core.types.definition import DocumentType

USAGE = Usage(1000, 0, 200, 50)
GOOD = Response('{"a": "1"}', "STOP", usage=USAGE, model_version="m-001", latency_ms=120)
CUT = Response('{"a"', "MAX_TOKENS", usage=USAGE)
RECITED = Response("", "RECITATION", usage=USAGE)
TROUBLE = ApiError(503, {"message": "overloaded"})
KIND: DocumentType = type_of({"a": {"type": "string"}})
MODEL = load_catalogue().get("gemini-3.1-flash-lite")


async def no_sleep(_: float) -> None:
    """Return at once: backoffs are not what a test waits for."""


AMBIENT = Ambient(sleep=no_sleep)


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

    async def close(self) -> None:
        """Note that the connections are closed."""
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


def caller_of(
    client: Gemini,
    ambient: Any,
    pacer: PacerSettings | None = None,
    policy: RetryPolicy | None = None,
    patience: float = 600.0,
) -> Caller:
    """Build a caller with its gate; the gate is open for more than the first call."""
    gate = Gate(Pacer(pacer or PacerSettings(max_in_flight=8)), ambient.clock, ambient.draw)
    return Caller(client, gate, policy or RetryPolicy(), ambient, patience)
