"""The interface every store answers to, its errors, and what URIs look like."""

import os
from collections.abc import Iterable, Iterator
from typing import Protocol

from sluicegate.records import Document

GCS_SCHEME = "gs://"


class StoreError(Exception):
    """The store would not do it: permission, disk, network. The text names the URI."""


class NotFound(StoreError):  # noqa: N818 - the field's own name for it
    """There is nothing at that URI."""


class Unavailable(StoreError):  # noqa: N818 - as above
    """The store did not answer, or not now; the same call may succeed later."""


class Store(Protocol):
    """Reads, writes and lists. Every method raises StoreError, whatever lies beneath."""

    def read(self, uri: str, version: str = "") -> bytes:
        """Return all bytes; with `version`, of that version or raise NotFound."""
        ...

    def write(self, uri: str, data: bytes) -> None:
        """Write an object that appears whole or not at all."""
        ...

    def stat(self, uri: str) -> Document:
        """Describe one object."""
        ...

    def list(self, pattern: str) -> Iterator[Document]:
        """Describe what matches, as a stream; no request per object, no order promised."""
        ...

    def check_writable(self, prefix: str) -> None:
        """Raise StoreError if nothing could be written under the prefix; leave no trace."""
        ...

    def digest(self, document: Document) -> str:
        """Return a content digest the store does not give for free, reading if it must."""
        ...


class AsyncStore(Protocol):
    """What is used on an event loop of a store of either kind. Errors are those of `Store`."""

    async def read(self, uri: str) -> bytes:
        """Return all bytes."""
        ...

    async def write(self, uri: str, data: bytes) -> None:
        """Write an object that appears whole or not at all."""
        ...

    async def list(self, pattern: str) -> Iterable[Document]:
        """Describe what matches; for few objects."""
        ...


def is_gcs(uri: str) -> bool:
    """Tell a `gs://` URI from a local path."""
    return uri.startswith(GCS_SCHEME)


def exists_locally(name: str) -> bool:
    """Tell whether a name, whatever characters it has, is a file or folder of this machine."""
    return not is_gcs(name) and os.path.exists(name)  # noqa: PTH110 - Path.exists may raise


def is_text(name: str) -> bool:
    """Tell whether a name is UTF-8 text: names on a disk need not be, records must."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def join(prefix: str, name: str) -> str:
    """Put a name under a path prefix of either store."""
    return f"{prefix.rstrip('/')}/{name}"
