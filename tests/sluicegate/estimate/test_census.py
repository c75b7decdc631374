"""The census: counts that are exact, and a draw that is fair, the same from the same seed."""

import random
from collections import Counter
from itertools import pairwise

import pytest

from sluicegate.estimate import census as module
from sluicegate.estimate.census import Census, allocate, kind_of
from sluicegate.estimate.plan import to_ask, to_read
from sluicegate.records import Document
from tests.sluicegate.estimate.corpora import mixed

DOCUMENTS = [each.document for each in mixed(5, count=3_000)]


def counted(documents: list[Document], seed: int = 0) -> Census:
    """Return the census of documents."""
    census = Census(seed)
    for each in documents:
        census.add(each)
    return census


@pytest.mark.parametrize(
    ("name", "claim", "kind"),
    [
        ("a.PDF", "", "pdf"),
        ("a.tiff", "image/png", "tiff"),
        ("a.jpeg", "", "image"),
        ("scan", "application/pdf", "pdf"),
        ("scan", "image/tiff", "tiff"),
        ("scan.1", "image/webp; charset=binary", "image"),
        ("a.docx", "", "other"),
        ("a.b/scan", "", "other"),
    ],
)
def test_a_kind_goes_by_the_name_then_by_the_store(name: str, claim: str, kind: str) -> None:
    """A name that says nothing leaves it to the media type that the store has."""
    assert kind_of(Document(f"gs://b/{name}", 1, media_type=claim)) == kind


def test_every_document_is_in_one_group() -> None:
    """Groups have all documents and bytes of the listing, each kind in neighbouring sizes."""
    census = counted(DOCUMENTS)
    groups = census.groups(30)
    assert sum(group.documents for group in groups) == census.documents == 3_000
    assert sum(group.size_bytes for group in groups) == sum(one.size_bytes for one in DOCUMENTS)
    assert 10 < len(groups) < 40
    drawn = [one.uri for group in groups for one in group.drawn]
    assert Counter(drawn) == dict.fromkeys((one.uri for one in DOCUMENTS), 1)
    for one, other in pairwise(groups):
        if one.kind == other.kind:
            sizes = (
                max(each.size_bytes for each in one.drawn),
                min(each.size_bytes for each in other.drawn),
            )
            assert sizes[0] < sizes[1]
    for kind in ("pdf", "image", "tiff"):
        own = [group for group in groups if group.kind == kind]
        assert census.of_kind(kind)[0] == sum(group.documents for group in own)


def test_the_draw_is_the_same_in_any_order_and_another_with_another_seed() -> None:
    """So a second estimate asks nothing anew, and a larger sample holds the smaller."""
    shuffled = random.Random(1).sample(DOCUMENTS, len(DOCUMENTS))
    first, second, third = counted(DOCUMENTS), counted(shuffled), counted(DOCUMENTS, seed=1)
    assert first.groups(20) == second.groups(20)
    assert first.groups(20) != third.groups(20)


def test_memory_is_bounded_and_the_draw_stays_fair(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell remembers a few; each document of a group is as likely among the first as any."""
    monkeypatch.setattr(module, "_REMEMBERED", 20)
    first = Counter[str]()
    for seed in range(300):
        census = counted(DOCUMENTS[:400], seed)
        assert all(len(cell.drawn) <= 20 for cell in census._cells.values())
        (group,) = [each for each in census.groups(1) if each.kind == "pdf"]
        assert len(group.drawn) >= 20
        first.update(one.uri for one in group.drawn[:20])
    pdfs = [one for one in DOCUMENTS[:400] if kind_of(one) == "pdf"]
    expected = 300 * 20 / len(pdfs)
    assert len(first) == len(pdfs)
    assert max(first.values()) < 2.2 * expected
    small = {one.uri for one in sorted(pdfs, key=lambda one: one.size_bytes)[: len(pdfs) // 2]}
    share = sum(count for uri, count in first.items() if uri in small) / first.total()
    assert 0.45 < share < 0.55


def test_allocation_gives_what_is_there_and_spends_it_all() -> None:
    """A stratum that is too small for its share leaves the rest to the others."""
    assert allocate(100, [10, 1000, 1000], [90.0, 5.0, 5.0]) == [10, 45, 45]
    assert allocate(30, [1000, 1000], [1.0, 2.0]) == [10, 20]
    assert allocate(10, [1, 1000, 0], [0.0, 1.0, 0.0]) == [1, 9, 0]
    assert allocate(100, [3, 4], [1.0, 1.0]) == [3, 4]


def test_a_plan_reads_more_than_it_asks_and_asks_what_it_reads() -> None:
    """What is asked was read, everywhere; long documents are asked more often than short ones."""
    census = counted(DOCUMENTS)
    parts = to_read(census, ask=150, most=600)
    assert 550 <= sum(len(part.read) for part in parts) <= 900
    known = {each.document.uri: float(each.pages) for each in mixed(5, count=3_000)}
    to_ask(parts, [[known[one.uri] for one in part.read] for part in parts], 150)
    assert 145 <= sum(len(part.asked) for part in parts) <= 180
    for part in parts:
        assert part.asked == part.read[: len(part.asked)]
        assert len(part.asked) >= min(2, part.group.documents)
    pdfs = [part for part in parts if part.group.kind == "pdf"]
    shares = [len(part.asked) / part.group.documents for part in pdfs]
    assert shares[-1] > 5 * shares[0]
