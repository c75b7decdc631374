"""Batches of documents, by count and bytes. Pure."""

from dataclasses import dataclass, field

from sluicegate.records import Document


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """When a batch is full. A document larger than `max_bytes` makes a batch of its own."""

    max_documents: int = 32
    max_bytes: int = 64 << 20


@dataclass(slots=True)
class Batcher:
    """Collects documents; mutable, one owner."""

    limits: BatchLimits
    _batch: list[Document] = field(default_factory=list)
    _bytes: int = 0

    def add(self, document: Document) -> list[Document] | None:
        """Add a document; return the batch that this fills, if it does."""
        full = None
        if self._batch and self._bytes + document.size_bytes > self.limits.max_bytes:
            full = self.flush()
        self._batch.append(document)
        self._bytes += document.size_bytes
        if full is None and len(self._batch) >= self.limits.max_documents:
            full = self.flush()
        return full

    def flush(self) -> list[Document]:
        """Return the documents so far, and begin an empty batch."""
        batch, self._batch, self._bytes = self._batch, [], 0
        return batch
