"""The HTTP session under the SDK: how documents get into a request, and through which proxy.

Left to itself the SDK holds a document as bytes, as base64, as text, as JSON and as the bytes of
that: five times its size, and 20 ms of CPU for 2 MB. So the SDK is handed a stand-in of a few
bytes for each document and builds and sends the request as ever; where the stand-in is in the
body, this session writes the document, encoded piece by piece on its way into the socket.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import aiohttp
import pybase64
from aiohttp.abc import AbstractStreamWriter

from sluicegate.faults import JobFault
from sluicegate.storage.sessions import new_session

# Bytes that are encoded at a time: a multiple of 3, so that the pieces join, and 64 KiB of base64,
# beyond which aiohttp waits for the socket before it takes more. (pybase64 takes 0.1 ms for 2 MB
# where the standard library takes 2 to 3.)
_STEP = 48 << 10

# The documents of the request that the current task is making.
_CARRIED: ContextVar[Sequence[bytes]] = ContextVar("carried", default=())


def open_session(base_url: str) -> aiohttp.ClientSession:
    """Return a session for calls to that URL, to be closed by the caller.

    It has no cap on connections (the pacer is the cap) and keeps every one for the next call.
    """
    return new_session(base_url, 0, middlewares=(_fill_in,))


def stand_in(number: int) -> bytes:
    """Return what the SDK is given for the document of that number, counted from 0."""
    return b"here goes document %d" % number


@contextmanager
def carrying(documents: Iterable[bytes]) -> Iterator[None]:
    """Have the calls that this task makes in the block carry the documents."""
    carried = list(documents)
    token = _CARRIED.set(carried)
    try:
        yield
    finally:
        _CARRIED.reset(token)
        # A connection keeps the context that it was opened in for as long as it lives.
        carried.clear()


async def _fill_in(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    if documents := _CARRIED.get():
        template = await request.body.as_bytes() if request.body else b""
        body = _Body(template, documents)
        await request.update_body(body if body.is_large else body.as_one())
    return await send(request)


class _Body(aiohttp.Payload):
    """A request in which documents become base64 while it is written. It can be written again."""

    def __init__(self, template: bytes, documents: Sequence[bytes]) -> None:
        super().__init__(template, content_type="application/json")
        self._documents = documents
        self._texts = _split(template, len(documents))
        encoded = sum((len(document) + 2) // 3 * 4 for document in documents)
        self._size = encoded + sum(map(len, self._texts))

    @property
    def is_large(self) -> bool:
        """Tell whether it is worth more than one write."""
        return sum(map(len, self._documents)) > _STEP

    def as_one(self) -> bytes:
        """Return the whole of it."""
        return b"".join(self._pieces())

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the whole of it as text."""
        return self.as_one().decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write it; the writer lets other tasks run while the socket is full."""
        for piece in self._pieces():
            await writer.write(piece)

    def _pieces(self) -> Iterator[bytes]:
        for text, document in zip(self._texts, self._documents, strict=False):
            yield text
            view = memoryview(document)
            for start in range(0, len(view), _STEP):
                yield pybase64.b64encode(view[start : start + _STEP])
        yield self._texts[-1]


def _split(template: bytes, documents: int) -> list[bytes]:
    """Split the SDK's request at its stand-ins; a request that lacks one must not be sent.

    Each stands between bare quotes, which JSON allows nowhere within a text: nothing that a
    prompt says can be taken for one.
    """
    texts, rest = [], template
    for number in range(documents):
        text, found, rest = rest.partition(b'"%b"' % base64.urlsafe_b64encode(stand_in(number)))
        if not found:
            raise JobFault("service_refused", "this version of google-genai builds other requests")
        texts.append(text + b'"')
        rest = b'"' + rest
    return [*texts, rest]
