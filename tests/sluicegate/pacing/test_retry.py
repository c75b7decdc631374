"""How long to wait, and how many retries there are to spend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.pacing.retry import RetryBudget, RetryPolicy


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (100, 30), (10**6, 30)]
)
def test_waits_double_up_to_the_cap(attempt: int, ceiling: float) -> None:
    """The upper half is chance, the lower is certain."""
    policy = RetryPolicy()
    assert policy.backoff(attempt, 0.0) == ceiling / 2
    assert policy.backoff(attempt, 0.5) == 0.75 * ceiling


@given(st.integers(1, 10**9), st.floats(0, 1, exclude_max=True))
def test_no_wait_is_nothing_or_beyond_the_cap(attempt: int, draw: float) -> None:
    """A retry never follows at once."""
    assert 0.5 <= RetryPolicy().backoff(attempt, draw) <= 30


def test_a_budget_begins_with_its_reserve() -> None:
    """It allows ten retries before any call has earned one."""
    budget = RetryBudget()
    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]


def test_first_calls_earn_a_fifth_of_a_retry() -> None:
    """Retries are at most 20 % of the traffic, after the reserve."""
    budget = RetryBudget(reserve=0)
    spent = 0
    for _ in range(1000):
        budget.earn()
        spent += budget.spend()
    assert spent == pytest.approx(200, abs=1)


def test_savings_are_bounded() -> None:
    """However long the calm, 100 retries can be saved at most."""
    budget = RetryBudget()
    for _ in range(10_000):
        budget.earn()
    assert sum(budget.spend() for _ in range(1000)) == 100
