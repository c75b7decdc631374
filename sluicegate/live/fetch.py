"""Fetch: from a document to the parts of its request, by reference or by its bytes."""

from dataclasses import dataclass

from sluicegate.faults import DocumentFault, JobFault
from sluicegate.formats import sniff
from sluicegate.formats.limits import Limits
from sluicegate.live.engine_settings import EngineSettings
from sluicegate.live.stores import Stores
from sluicegate.media.prepare import Part, pages_of, prepare, referenced
from sluicegate.records import Document
from sluicegate.storage import NotFound, StoreError, Unavailable, is_gcs, store_for

# Of a page, in the PDFs that are read to count their pages before they go by reference. Scans have
# 30 KiB and more, text without fonts 2; the few long ones that are smaller go whole.
_LEAST_BYTES = 10 << 10


@dataclass(frozen=True, slots=True)
class Fetch:
    """How a document reaches the model. Methods raise DocumentFault for what is wrong with it."""

    limits: Limits
    by_reference: bool  # pass gs:// documents as URIs (Vertex AI)
    stores: Stores
    window_pages: int  # longer documents are asked about in windows of so many; 0: never
    reads_all: bool  # each is read in the end: a small one may be read for its pages, too

    @classmethod
    def of(cls, settings: EngineSettings, stores: Stores) -> "Fetch":
        """Return how the documents of an engine with these settings reach the model."""
        kind = settings.document_type
        return cls(
            settings.model.limits,
            settings.by_reference,
            stores,
            kind.window_pages,
            reads_all=kind.incomplete != "warn",
        )

    def reference(self, document: Document) -> tuple[Part, ...] | None:
        """Return the part that names the document by its URI, or None if its bytes must be read."""
        if not (self.by_reference and is_gcs(document.uri)):
            return None
        return referenced(document.uri, document.media_type, document.size_bytes, self.limits)

    async def read(self, document: Document) -> tuple[Part, ...]:
        """Return the inline parts of the document, checked and converted."""
        parts: tuple[Part, ...] = await self.stores.run(document.uri, self._read, document)
        return parts

    def _read(self, document: Document) -> tuple[Part, ...]:
        try:
            data = store_for(document.uri).read(document.uri, document.version)
        except NotFound as error:
            raise DocumentFault("changed", str(error)) from error
        except StoreError as error:
            raise DocumentFault("unreadable", str(error)) from error
        return prepare(data, self.limits, document.uri, self.window_pages)

    def may_be_long(self, document: Document) -> bool:
        """Tell whether a PDF may have more pages than a window, by its size."""
        if not self.window_pages or sniff.PDF not in document.media_type:
            return False
        return self.reads_all or document.size_bytes >= _LEAST_BYTES * self.window_pages

    async def long_parts(self, document: Document) -> tuple[Part, ...] | None:
        """Read a PDF; return its inline parts if it has more pages than a window.

        None also where it cannot be read or opened: the service may do better.
        """
        try:
            parts = await self.read(document)
        except DocumentFault:
            return None
        return parts if self.has_windows(parts) else None

    def has_windows(self, parts: tuple[Part, ...]) -> bool:
        """Tell whether a document of these parts has more pages than a window."""
        return 0 < self.window_pages < pages_of(parts)

    async def check_unchanged(self, document: Document) -> None:
        """Check that a document passed by reference is still the one that was matched; one request.

        The service reads what is there when it is called. Raises DocumentFault if that may have
        been something else: then the answer must not be stored under the identity of what was
        matched. Raises JobFault where the store refuses the request, and Unavailable where it may
        succeed later.
        """
        try:
            current = await self.stores.stat(document.uri)
        except NotFound as error:
            raise DocumentFault("changed", f"{error}: it was deleted during the call") from error
        except Unavailable:
            raise
        except StoreError as error:
            raise JobFault(
                "input_unreadable", f"a document passed by reference cannot be looked at: {error}"
            ) from error
        same_content = bool(current.digest) and current.digest == document.digest
        if current.version != document.version and not same_content:
            raise DocumentFault(
                "changed",
                f"{document.uri!r} was replaced after it was matched (generation "
                f"{document.version}, now {current.version}); the answer may be about either",
            )
