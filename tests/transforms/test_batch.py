"""Batch: lists within a bundle, by count and bytes."""

import apache_beam as beam
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import GlobalWindow

from sluicegate.records import Document
from sluicegate.sources.batching import BatchLimits
from transforms.batch import Batch


def documents(*sizes: int) -> list[Document]:
    """Return documents of these sizes."""
    return [Document(f"{number}.pdf", size) for number, size in enumerate(sizes)]


def sizes_of(batch: list[Document]) -> list[int]:
    """Return the sizes in a batch."""
    return [document.size_bytes for document in batch]


def test_full_batches_go_at_once_and_the_rest_at_the_end_of_the_bundle() -> None:
    """Five documents, two to a batch: 2 + 2 + 1, in order, none lost."""
    with Pipeline() as pipeline:
        batches = (
            pipeline
            | beam.Create(documents(1, 2, 3, 4, 5), reshuffle=False)
            | Batch(BatchLimits(max_documents=2))
            | beam.Map(sizes_of)
        )
        assert_that(batches, equal_to([[1, 2], [3, 4], [5]]))


def test_bytes_bound_a_batch_too() -> None:
    """A batch ends before it outgrows its bytes; a larger document is a batch of its own."""
    with Pipeline() as pipeline:
        batches = (
            pipeline
            | beam.Create(documents(4, 4, 4, 30, 1), reshuffle=False)
            | Batch(BatchLimits(max_documents=10, max_bytes=10))
            | beam.Map(sizes_of)
        )
        assert_that(batches, equal_to([[4, 4], [4], [30], [1]]))


def test_nothing_in_is_nothing_out() -> None:
    """An empty bundle makes no empty batch."""
    with Pipeline() as pipeline:
        batches = pipeline | beam.Create([]) | Batch(BatchLimits())
        assert_that(batches, equal_to([]))


def test_the_last_batch_is_in_the_global_window() -> None:
    """What finish_bundle hands on can be grouped like the rest."""

    def window(_: object, window: object = beam.DoFn.WindowParam) -> str:
        return type(window).__name__

    with Pipeline() as pipeline:
        windows = (
            pipeline
            | beam.Create(documents(1, 1, 1), reshuffle=False)
            | Batch(BatchLimits(max_documents=2))
            | beam.Map(window)
        )
        assert_that(windows, equal_to([GlobalWindow.__name__] * 2))
