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
@pytest.mark.parametrize(("ask", "read"), [(200, 2_000), (200, 20_000)])
def test_forty_samples_of_two_hundred(
    corpus: Callable[[int], list[Made]], ask: int, read: int
) -> None:
    """Of 40 intervals 36 or more hold the true cost, and the median error is 5 % at most."""
    made = corpus(1)
    truth = sum(map(dollars, made))
    held, errors, widths = 0, [], []
    for seed in range(40):
        total, asked = sampled(made, seed, ask, read)
        assert ask <= asked <= ask * 1.15
        held += total.low <= truth <= total.high
        errors.append(abs(total.value / truth - 1))
        widths.append(total.half_width / truth)
    print(corpus.__name__, ask, read, held, f"median {median(errors):.3f} max {max(errors):.3f} width {median(widths):.3f}")
    assert held >= 36
    assert median(errors) <= 0.05
