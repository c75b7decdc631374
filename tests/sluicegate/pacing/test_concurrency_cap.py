"""A cap on concurrency is distinguished from a quota by what was in flight at rejections."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.pacing.concurrency_cap import ConcurrencyCap


def traffic(cap: ConcurrencyCap, limit: int, highest: int, calls: int = 400) -> None:
    """Start calls with changing numbers in flight at a server that takes `limit` at once."""
    chance = random.Random(2)
    for now in range(calls):
        in_flight = min(chance.randint(1, highest), int(min(cap.limit, highest)))
        cap.started(in_flight, now / 10)
        if in_flight > limit:
            cap.rejected(in_flight, now / 10)


@pytest.mark.parametrize("limit", [2, 8, 30])
def test_a_cap_is_found(limit: int) -> None:
    """Rejections above a number and only above it: the number is the limit."""
    cap = ConcurrencyCap()
    traffic(cap, limit, 2 * limit)
    assert limit - 1 <= cap.limit <= limit + 1


def test_rejections_at_any_number_are_no_cap() -> None:
    """A rate quota rejects whatever is in flight."""
    cap, chance = ConcurrencyCap(), random.Random(5)
    for now in range(3000):
        in_flight = chance.randint(5, 25)
        cap.started(in_flight, now / 10)
        if chance.random() < 0.05:
            assert not cap.rejected(in_flight, now / 10)
    assert cap.limit == math.inf


def test_a_cap_is_tried_higher_after_a_while() -> None:
    """A server that takes more than before is noticed, ever faster."""
    cap = ConcurrencyCap()
    traffic(cap, 10, 20)
    for now in range(1000, 1200):
        cap.started(int(cap.limit), float(now))
    assert cap.limit > 100


def test_rejections_far_below_refute_the_cap() -> None:
    """Then it was something else, and the number is forgotten."""
    cap = ConcurrencyCap()
    traffic(cap, 10, 20)
    assert cap.limit < math.inf
    assert [cap.rejected(3, 100.0) for _ in range(3)] == [False, False, False]
    assert cap.limit == math.inf


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50)), max_size=300))
def test_the_limit_never_stops_all_calls(events: list[tuple[bool, int]]) -> None:
    """At least one call may always be in flight."""
    cap = ConcurrencyCap()
    for now, (is_rejection, in_flight) in enumerate(events):
        cap.started(in_flight, float(now))
        if is_rejection:
            cap.rejected(in_flight, float(now))
        assert cap.limit >= 1
