"""Documents that go by reference: when they do, and what follows where the service refuses them."""

from sluicegate.asking.case import Case
from sluicegate.faults import DocumentFault, NotFetched
from sluicegate.live.fetch import Fetch
from sluicegate.live.retry_loop import RetryLoop
from sluicegate.media.prepare import Part
from sluicegate.records import Document

# Objects in a row that the service could not read: from then on bytes are sent at once.
_MAX_UNFETCHED = 3


class References:
    """References to stored documents, and how they fare. Scope: one event loop, one job."""

    def __init__(self, fetch: Fetch, retry_loop: RetryLoop) -> None:
        self._fetch = fetch
        self._retry_loop = retry_loop
        self.bytes_help = True  # False once they were refused like the reference, with no answer
        self.unfetched = 0  # objects in a row that the service could not read and this worker can

    def part(self, document: Document) -> tuple[Part, ...] | None:
        """Return the part that names a document by its URI; None if its bytes are to be sent."""
        reference = self._fetch.reference(document)
        return reference if self.unfetched < _MAX_UNFETCHED else None

    async def read_refused(
        self, case: Case, parts: tuple[Part, ...], refusal: DocumentFault
    ) -> tuple[Part, ...] | None:
        """Read a document that was refused by reference, for the true reason or its bytes.

        Returns inline parts where the service could not read the object but this worker can, or
        where the store's media type was wrong; None where there is nothing new to send. Raises
        DocumentFault for what is wrong with the object or its bytes.
        """
        if refusal.code != "document_rejected":
            return None
        unfetched = isinstance(refusal, NotFetched)
        try:
            inline = await self._fetch.read(case.document)
        except DocumentFault as found:
            if unfetched and found.code != "changed" and not case.failed_alone:
                self._retry_loop.count_refusal(refusal.message)
            if unfetched and found.code == "too_large":  # inline, which is not what was asked for
                return None
            raise
        if unfetched and not self.bytes_help:
            if not case.failed_alone:
                self._retry_loop.count_refusal(refusal.message)
            return None
        if unfetched:
            self.unfetched += 1
            return inline
        return None if inline[0].media_type == parts[0].media_type else inline
