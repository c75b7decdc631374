"""Batches keep order and lose nothing."""

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.records import Document
from sluicegate.sources.batching import Batcher, BatchLimits


def batches(sizes: list[int], limits: BatchLimits) -> list[list[Document]]:
    """Batch documents of these sizes; the last batch is flushed."""
    batcher = Batcher(limits)
    full = [batcher.add(Document(str(n), size)) for n, size in enumerate(sizes)]
    return [batch for batch in [*full, batcher.flush()] if batch]


@given(
    sizes=st.lists(st.integers(0, 120), max_size=40),
    documents=st.integers(1, 6),
    most=st.integers(1, 100),
)
@example(sizes=[60, 60, 1, 1], documents=2, most=100)
@example(sizes=[60, 60, 60], documents=1, most=100)
def test_order_and_limits_are_kept(sizes: list[int], documents: int, most: int) -> None:
    """Every document once and in order; no batch above its limits, one large document apart."""
    result = batches(sizes, BatchLimits(documents, most))
    assert [int(d.uri) for batch in result for d in batch] == list(range(len(sizes)))
    for batch in result:
        assert len(batch) <= documents
        assert len(batch) == 1 or sum(d.size_bytes for d in batch) <= most


@given(st.lists(st.integers(0, 50), max_size=40))
def test_batches_are_filled(sizes: list[int]) -> None:
    """Two neighbours would not have fitted into one."""
    limits = BatchLimits(4, 100)
    result = batches(sizes, limits)
    for one, following in itertools.pairwise(result):
        total = sum(d.size_bytes for d in one) + following[0].size_bytes
        assert len(one) == limits.max_documents or total > limits.max_bytes


def test_a_flush_begins_anew() -> None:
    """No document is in two batches."""
    batcher = Batcher(BatchLimits(2, 100))
    assert batcher.add(Document("a", 90)) is None
    assert [d.uri for d in batcher.flush()] == ["a"]
    assert batcher.flush() == []
    assert batcher.add(Document("b", 90)) is None
    assert [d.uri for d in batcher.add(Document("c", 5)) or []] == ["b", "c"]
