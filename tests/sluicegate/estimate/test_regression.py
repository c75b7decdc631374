"""Samples of corpora whose cost is known: the interval holds it as often as it says."""

from collections.abc import Callable
from datetime import date
from statistics import median

import pytest

from sluicegate.estimate.census import Census
from sluicegate.estimate.plan import to_ask, to_read
from sluicegate.estimate.regression import Asked, Stratum, Total, estimate_total
from tests.sluicegate.estimate.corpora import MODEL, Made, mixed, one_kind

DAY = date(2026, 11, 27)


def dollars(made: Made) -> float:
    """Return what a document costs at the standard tier."""
    return float(MODEL.cost_usd(made.usage, DAY) or 0)


def sampled(corpus: list[Made], seed: int, ask: int, read: int) -> tuple[Total, int]:
    """Return what a sample says of the corpus's dollars, and how many were asked."""
    known = {each.document.uri: each for each in corpus}
    census = Census(seed)
    for each in corpus:
        census.add(each.document)
    parts = to_read(census, ask, read)
    pages = [[float(known[one.uri].pages) for one in part.read] for part in parts]
    to_ask(parts, pages, ask)
    strata = [
        Stratum(
            part.group.kind,
            part.group.documents,
            found,
            [Asked(known[one.uri].pages, dollars(known[one.uri])) for one in part.asked],
        )
        for part, found in zip(parts, pages, strict=True)
    ]
    return estimate_total(strata), sum(len(part.asked) for part in parts)


@pytest.mark.parametrize("corpus", [mixed, one_kind])
def test_forty_samples_of_two_hundred(corpus: Callable[[int], list[Made]]) -> None:
    """Of 40 intervals 36 or more hold the true cost, and the median error is 5 % at most.

    Of 20,000 documents (5,000 of one kind) 2,000 are read for their pages.
    """
    made = corpus(1)
    truth = sum(map(dollars, made))
    held, errors, widths = 0, [], []
    for seed in range(40):
        total, asked = sampled(made, seed, ask=200, read=2_000)
        assert 195 <= asked <= 230
        held += total.low <= truth <= total.high
        errors.append(abs(total.value / truth - 1))
        widths.append(total.half_width / truth)
    assert held >= 36
    assert median(errors) <= 0.05
    # It is no interval so wide that it holds anything.
    assert 0.01 < median(widths) < 0.08


def test_what_is_asked_whole_is_known() -> None:
    """With every document asked there is nothing left to be wrong about."""
    made = mixed(3, count=60)
    total, asked = sampled(made, seed=1, ask=200, read=2_000)
    assert asked == 60
    assert total.value == pytest.approx(sum(map(dollars, made)))
    assert total.half_width == 0


def test_all_read_makes_a_narrower_interval_than_some() -> None:
    """Pages that are only estimated are one more way to be wrong, and the interval says so."""
    made = mixed(1, count=5_000)
    some = [sampled(made, seed, ask=100, read=200)[0].half_width for seed in range(10)]
    whole = [sampled(made, seed, ask=100, read=5_000)[0].half_width for seed in range(10)]
    assert median(whole) < median(some)


def test_a_stratum_without_a_sample_goes_by_its_kind() -> None:
    """What was not asked costs what its kind costs for as many pages; else what all cost."""
    line = [Asked(pages, 10.0 + 2 * pages) for pages in (1, 2, 4)]
    asked = Stratum("pdf", 3, [1, 2, 4], line)
    alone = Stratum("pdf", 10, [8, 8], [])
    total = estimate_total([asked, alone, Stratum("tiff", 5, [], [])])
    of_others = 5 * (sum(each.y / each.pages**2 for each in line) / (1 + 1 / 4 + 1 / 16))
    assert total.value == pytest.approx(sum(each.y for each in line) + 10 * 26 + of_others)


def test_the_interval_is_that_of_the_textbook() -> None:
    """Without pages to go by it is a plain stratified mean (Cochran 1977, section 5.4)."""
    values = [3.0, 5.0, 4.0, 8.0, 6.0, 5.5, 4.5, 7.0]
    stratum = Stratum("image", 100, [1.0] * 100, [Asked(1.0, each) for each in values])
    mean = sum(values) / 8
    variance = sum((each - mean) ** 2 for each in values) / 7
    total = estimate_total([stratum])
    assert total.value == pytest.approx(100 * mean)
    student = 2.3646  # two-sided 95 % with 7 degrees of freedom
    assert total.half_width == pytest.approx(
        student * 100 * (variance / 8 * (1 - 8 / 100)) ** 0.5, rel=0.001
    )


def test_nothing_at_all_is_nothing() -> None:
    """No stratum, or one without documents, has a sum of nothing."""
    assert estimate_total([]) == estimate_total([Stratum("pdf", 0, [], [])]) == Total(0.0, 0.0)
