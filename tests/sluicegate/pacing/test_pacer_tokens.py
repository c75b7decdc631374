"""Tokens a minute: estimated before a call, corrected after it, given or learned."""

import random
from itertools import pairwise

import pytest

from sluicegate.asking.response import ApiError, Reply, Response
from sluicegate.live.attempts import Attempts
from sluicegate.media.prepare import Part
from sluicegate.pacing.pacer import Admission, Pacer, PacerSettings, Rejection
from sluicegate.records import Usage
from tests.sluicegate.live.in_memory import GOOD, Gemini, retry_loop_of
from tests.sluicegate.live.virtual_time import clock, run


def paced(pacer: Pacer, seconds: float, estimated: float, taken: float) -> float:
    """Call as often as the pacer admits; return the tokens a minute that were really taken."""
    pacer.allow_concurrency()
    chance = random.Random(3)
    now = total = 0.0
    while now < seconds:
        start = pacer.admit(now, chance.random(), estimated)
        if isinstance(start, Admission):
            pacer.finish()
            pacer.succeeded()
            pacer.correct_tokens(start, round(taken))
            total += taken
        else:
            now += start
    return 60 * total / seconds


@pytest.mark.parametrize("estimated", [200.0, 1000.0, 5000.0])
def test_a_given_quota_of_tokens_is_kept(estimated: float) -> None:
    """Within 2 % of it and never above, however wrong the estimates are: they are corrected."""
    pacer = Pacer(PacerSettings(requests_per_minute=10**7, tokens_per_minute=600_000))
    used = paced(pacer, 600, estimated, 1000.0)
    assert 0.97 * 600_000 <= used <= 600_000


def test_the_stricter_of_two_quotas_holds() -> None:
    """Few calls with many tokens are held by tokens, many small ones by requests."""
    settings = PacerSettings(requests_per_minute=600, tokens_per_minute=600_000)
    assert paced(Pacer(settings), 300, 5000, 5000) == pytest.approx(597_000, rel=0.02)
    assert paced(Pacer(settings), 300, 100, 100) == pytest.approx(59_700, rel=0.02)


def test_a_quota_of_tokens_is_learned_from_rejections_that_say_so() -> None:
    """The rate of requests is left alone; the rate of tokens is found."""
    pacer = Pacer(PacerSettings(requests_per_minute=10**6))
    pacer.allow_concurrency()
    chance = random.Random(4)
    now, level, last, taken = 0.0, 10_000.0, 0.0, list[tuple[float, float]]()
    while now < 240:
        size = chance.choice([500.0, 1500.0])
        start = pacer.admit(now, chance.random(), size)
        if not isinstance(start, Admission):
            now += start
            continue
        level, last = min(10_000.0, level + (now - last) * 10_000), now
        pacer.finish()
        if level > 0:
            level -= size
            taken.append((now, size))
            pacer.succeeded()
        else:
            pacer.rejected(start, now + 1e-6, Rejection(of_tokens=True))
    late = sum(size for moment, size in taken if moment > 60) / 180
    assert pacer.tokens is not None
    assert late == pytest.approx(10_000, rel=0.05)
    assert pacer.requests.rate > 10_000


def test_a_call_is_charged_an_estimate_and_corrected_by_its_usage() -> None:
    """The retry loop estimates by media type and learns from usage_metadata."""

    async def work() -> list[float]:
        reply = Response("{}", "STOP", usage=Usage(40_000, 0, 10, 0))
        client = Gemini(always=reply)
        settings = PacerSettings(requests_per_minute=10**6, tokens_per_minute=60_000)
        retry_loop = retry_loop_of(client, clock(), settings)
        for _ in range(4):
            await retry_loop.call((Part("application/pdf", b"%PDF"),), 100, Attempts())
        return client.times

    times = run(work())
    gaps = [later - sooner for sooner, later in pairwise(times)]
    # Each takes 40,000 of 59,700 a minute.
    assert gaps[1:] == pytest.approx([40.4, 40.4], rel=0.06)


@pytest.mark.parametrize(
    ("quota", "value", "of_tokens"),
    [
        ("GenerateRequestsPerMinutePerProject", 60, False),
        ("InputTokensPerModelPerMinute", 60_000, True),
    ],
)
def test_a_rejection_reaches_the_rate_it_is_about(quota: str, value: int, of_tokens: bool) -> None:
    """Read from the 429's QuotaFailure, with the quota's value."""
    violation = {"quotaId": quota, "quotaValue": str(value)}
    rejected: Reply = ApiError(429, {"details": [{"violations": [violation]}]})

    async def work() -> Pacer:
        client = Gemini([rejected, GOOD])
        retry_loop = retry_loop_of(client, clock(), PacerSettings())
        await retry_loop.call((Part("application/pdf", b"%PDF"),), 100, Attempts())
        return retry_loop._limiter.pacer

    pacer = run(work())
    assert (pacer.tokens is not None) == of_tokens
    rate = pacer.tokens or pacer.requests
    assert rate.rate == pytest.approx(0.995 * value / 60)
