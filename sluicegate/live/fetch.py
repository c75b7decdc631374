"""Fetch: from a document to the parts of its request, by reference or by its bytes."""

from dataclasses import dataclass

from sluicegate.faults import DocumentFault, JobFault
from sluicegate.formats.limits import Limits
from sluicegate.live.stores import Stores
from sluicegate.media.prepare import Part, prepare, referenced
from sluicegate.records import Document
from sluicegate.storage import NotFound, StoreError, Unavailable, is_gcs, store_for


@dataclass(frozen=True, slots=True)
class Fetch:
    """How a document reaches the model. Methods raise DocumentFault for what is wrong with it."""

    limits: Limits
    by_reference: bool  # pass gs:// documents as URIs (Vertex AI)
    stores: Stores

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
        return prepare(data, self.limits, document.uri)

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
