"""Quotas admit what they should; time is a number, nothing sleeps."""

import pytest

from emulators.gemini.behaviour import Behaviour
from emulators.gemini.quota import FixedWindow, Quotas, TokenBucket


def test_a_bucket_admits_its_depth_and_then_the_rate() -> None:
    """A full bucket gives its depth at once and one more each interval."""
    quotas = Quotas(Behaviour(requests_per_minute=120, burst=3))
    assert [quotas.admit(0.0, 0) is None for _ in range(5)] == [True, True, True, False, False]
    assert quotas.admit(0.4, 0) is not None
    assert quotas.admit(0.5, 0) is None
    assert quotas.admit(0.5, 0) is not None


def test_a_rejection_says_when_to_come_back() -> None:
    """Whoever waits as long as told is admitted."""
    quotas = Quotas(Behaviour(requests_per_minute=60, burst=1))
    assert quotas.admit(10.0, 0) is None
    rejection = quotas.admit(10.25, 0)
    assert rejection is not None
    assert (rejection.quota, rejection.limit) == ("requests_per_minute", 60)
    assert rejection.retry_after == pytest.approx(0.75)
    assert quotas.admit(10.25 + rejection.retry_after, 0) is None


def test_a_bucket_admits_its_rate_over_an_hour() -> None:
    """However often one knocks, no more is admitted than the rate and the depth."""
    quotas = Quotas(Behaviour(requests_per_minute=300))
    admitted = sum(quotas.admit(tick / 50, 0) is None for tick in range(50 * 3600))
    assert 300 * 60 <= admitted <= 300 * 60 + 5


def test_a_window_opens_anew_each_minute() -> None:
    """A fixed window lets two limits pass around its edge, and says when it opens."""
    window = FixedWindow(2)
    assert window.wait(59.0) == 0
    window.use(59.0)
    window.use(59.0)
    assert window.wait(59.5) == pytest.approx(0.5)
    assert window.wait(60.0) == 0


def test_tokens_are_paid_afterwards() -> None:
    """A call is admitted while tokens are left, and what it overdraws is paid back by time."""
    quotas = Quotas(Behaviour(tokens_per_minute=6000))
    assert quotas.admit(0.0, 0) is None
    quotas.charge(0.0, 600)
    rejection = quotas.admit(0.0, 0)
    assert rejection is not None
    assert rejection.quota == "tokens_per_minute"
    assert rejection.retry_after == pytest.approx(5.01)
    assert quotas.admit(5.02, 0) is None


def test_concurrency_and_days_are_limited() -> None:
    """Calls in flight and calls of the day have limits of their own."""
    quotas = Quotas(Behaviour(max_concurrency=2, requests_per_day=1))
    assert quotas.admit(0.0, 2).quota == "max_concurrency"  # type: ignore[union-attr]
    assert quotas.admit(0.0, 1) is None
    assert quotas.admit(0.0, 1).quota == "requests_per_day"  # type: ignore[union-attr]
    assert quotas.admit(86_400.0, 1) is None


def test_a_refusal_uses_nothing() -> None:
    """Knocking on a closed door does not delay its opening."""
    bucket = TokenBucket(60, 1)
    bucket.use(0.0)
    waits = [bucket.wait(moment / 10) for moment in range(10)]
    assert waits == pytest.approx([1 - moment / 10 for moment in range(10)])
