"""The interface of every store, its errors, and what URIs look like."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sluicegate.records import Document

GCS_SCHEME = "gs://"


class StoreError(Exception):
    """The store could not do it: permission, disk, network. The text names the URI."""


class NotFound(StoreError):  # noqa: N818 - the field's own name for it
    """There is no object at that URI."""


class Unavailable(StoreError):  # noqa: N818 - as above
    """The store does not answer now; the same call may succeed later."""


class Changed(StoreError):  # noqa: N818 - as above
    """There is another version of the object than the one that was to be replaced."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was at one moment."""

    data: bytes
    version: str
    written_at: datetime  # by the store's own clock


class Store(Protocol):
    """Reads, writes and lists. All errors of the store beneath are raised as StoreError."""

    def read(self, uri: str, version: str = "") -> bytes:
        """Return all bytes; with `version`, those of that version, or raise NotFound."""
        ...

    def write(self, uri: str, data: bytes) -> None:
        """Write an object; readers see all of it or nothing."""
        ...

    def look(self, uri: str) -> Stored:
        """Return an object with its version and the time at which it was written."""
        ...

    def write_if(self, uri: str, data: bytes, version: str) -> Stored:
        """Replace that version of an object or, for "", write one where there is none.

        Of several writers one succeeds. Raises Changed for the others.
        """
        ...

    def stat(self, uri: str) -> Document:
        """Describe one object."""
        ...

    def list(self, pattern: str, on_name: Callable[[], None] | None = None) -> Iterator[Document]:
        """Describe what matches, as a stream, in any order; makes no request for each object.

        `on_name` is called for each name that is looked at, whether it matches or not; what it
        raises ends the listing.
        """
        ...

    def check_writable(self, prefix: str) -> None:
        """Raise StoreError if nothing could be written under the prefix; leave nothing there."""
        ...

    def digest(self, document: Document) -> str:
        """Return the content's digest where listing gave none; reads the content if need be."""
        ...


class AsyncStore(Protocol):
    """What is used of a store on an event loop. Errors are those of `Store`."""

    async def read(self, uri: str) -> bytes:
        """Return all bytes."""
        ...

    async def write(self, uri: str, data: bytes) -> None:
        """Write an object; readers see all of it or nothing."""
        ...

    async def list(self, pattern: str) -> Iterable[Document]:
        """Describe what matches; for patterns that match few objects."""
        ...


def is_gcs(uri: str) -> bool:
    """Return whether this is a `gs://` URI, and not a local path."""
    return uri.startswith(GCS_SCHEME)


def exists_locally(name: str) -> bool:
    """Return whether a name, whatever characters it has, is a file or folder of this machine."""
    return not is_gcs(name) and os.path.exists(name)  # noqa: PTH110 - Path.exists may raise


def is_text(name: str) -> bool:
    """Return whether a name is UTF-8 text: names on a disk need not be, those in records must."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def join(prefix: str, name: str) -> str:
    """Put a name under a path prefix of either store."""
    return f"{prefix.rstrip('/')}/{name}"


def beside(prefix: str, name: str) -> str:
    """Return a name in the folder that a prefix is in; in the bucket itself for a whole bucket."""
    if is_gcs(prefix):
        bucket_and_path = prefix.removeprefix("gs://").rpartition("/")
        return join(f"gs://{bucket_and_path[0] or bucket_and_path[2]}", name)
    return str(Path(prefix).parent / name)
