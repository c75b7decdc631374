"""A tier without capacity: waited out, neither an outage nor a quota, and the last resort."""

import asyncio
import math
import random
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from sluicegate.asking.response import ApiError, Reply, TransportError
from sluicegate.asking.verdict import FailJob, RateLimited, Retry, Verdict
from sluicegate.faults import DocumentFault, JobFault
from sluicegate.gemini.errors import judge_error
from sluicegate.gemini.processing import way_of
from sluicegate.live.attempts import Attempts
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.pacing.retry import RetryPolicy
from sluicegate.records import Answer, Failure
from tests.sluicegate.live.in_memory import (
    GOOD,
    OVERLOADED,
    TROUBLE,
    USAGE,
    Gemini,
    document,
    rejection,
    retry_loop_of,
)
from tests.sluicegate.live.rig import COST, Make, Rig, png
from tests.sluicegate.live.test_retry_loop import PARTS, calling
from tests.sluicegate.live.virtual_time import clock, run

HOUR = 3600.0
POLICY = RetryPolicy(deadline_seconds=4 * HOUR)
WIDE = PacerSettings(max_in_flight=400)
BARE = rejection()  # Vertex AI's 429: it says nothing about a quota


class Flex(Gemini):
    """Judges as the client does at the flex tier; sheds a share of its calls by seeded chance."""

    def __init__(
        self, shed: float = 0.0, reply: ApiError = OVERLOADED, seed: int = 3, **settings: Any
    ) -> None:
        super().__init__(**settings)
        self._shed, self._reply, self._chance = shed, reply, random.Random(seed)

    async def generate(self, parts: Any, max_output_tokens: int) -> Reply:
        """Answer after minutes, or turn away at once."""
        if self._chance.random() < self._shed:
            self.times.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.05)
            return self._reply
        return await super().generate(parts, max_output_tokens)

    def judge_error(self, error: ApiError | TransportError) -> Verdict:
        """Judge by the tier."""
        return way_of("flex").judge(judge_error(error))


@pytest.mark.parametrize(
    ("error", "of_capacity"),
    [
        (OVERLOADED, True),
        (BARE, True),
        (rejection("20s"), False),  # a quota says for how long
        (ApiError(429, {"message": "x", "details": [{"@type": "type.googleapis.com/google.rpc."
            "QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerMinutePerProject",
            "quotaValue": "60"}]}]}), False),
    ],
)  # fmt: skip
def test_no_capacity_is_told_from_a_quota(error: ApiError, *, of_capacity: bool) -> None:
    """A 503 of the model, and a 429 that names nothing; at the standard tier neither is."""
    verdict = Flex().judge_error(error)
    assert isinstance(verdict, RateLimited)
    assert verdict.of_capacity is of_capacity
    standard = way_of("standard").judge(judge_error(error))
    assert not (isinstance(standard, RateLimited) and standard.of_capacity)


def test_what_else_goes_wrong_means_the_same_at_every_tier() -> None:
    """Other errors, quotas of a day, a 503 of something on the way."""
    page = ApiError(503, {"message": "HTTP 503"})
    daily = ApiError(429, {"message": "Quota exceeded: requests per day"})
    for error in (TROUBLE, page, daily, TransportError("timeout", "no reply within 900 s")):
        assert Flex().judge_error(error) == judge_error(error)
    assert isinstance(Flex().judge_error(page), Retry)
    assert isinstance(Flex().judge_error(daily), FailJob)


@pytest.mark.parametrize("reply", [OVERLOADED, BARE], ids=["503", "429"])
def test_shedding_of_a_half_loses_no_document_and_hardly_any_time(reply: ApiError) -> None:
    """Calls take minutes: what is turned away comes back within seconds, and finds its turn."""
    _, _, undisturbed = calling(
        Flex(seconds=60), documents=1000, pacer=WIDE, policy=POLICY, patience=600
    )
    taken = []
    for seed in range(5):
        client = Flex(0.5, reply, seed, seconds=60)
        outcomes, retry_loop, seconds = calling(client, documents=1000, pacer=WIDE, policy=POLICY)
        assert outcomes == [GOOD] * 1000
        assert retry_loop.fault is None
        assert 800 <= retry_loop.stats.shed <= 1250
        assert retry_loop.stats.rejected == 0
        assert not retry_loop._limiter.pacer.breaker.is_open
        taken.append(seconds)
    assert median(taken) <= 1.25 * undisturbed


def test_a_lack_of_capacity_teaches_no_rate_and_opens_no_breaker() -> None:
    """Nor does it use up the retry budget: an hour without any capacity passes, and all lands."""

    class Closed(Flex):
        async def generate(self, parts: Any, max_output_tokens: int) -> Reply:
            now = asyncio.get_running_loop().time() - 1000.0
            self._shed = 1.0 if now < HOUR else 0.0
            return await super().generate(parts, max_output_tokens)

    client = Closed(seconds=60)
    outcomes, retry_loop, seconds = calling(client, documents=60, pacer=WIDE, policy=POLICY)
    assert outcomes == [GOOD] * 60
    assert retry_loop.fault is None
    assert retry_loop._limiter.pacer.cap_on_concurrency == math.inf
    assert HOUR + 60 <= seconds <= HOUR + 130
    # Each document's turn comes once a minute at most, and no less often than that.
    assert 60 * 60 <= retry_loop.stats.shed <= 60 * 90
    assert retry_loop.stats.throttled_seconds >= HOUR - 5


def test_a_document_fails_at_its_deadline_and_a_job_without_any_capacity_ends() -> None:
    """One that had answers fails that document alone; where none ever came, the job's calls end."""

    async def answered_once() -> list[Any]:
        client = Flex(seconds=1)
        loop = retry_loop_of(client, clock(), policy=POLICY)
        assert await loop.call(PARTS, 100, Attempts()) is GOOD
        client._shed = 1.0
        late = loop.call(PARTS, 100, Attempts())
        return [*await asyncio.gather(late, return_exceptions=True), loop.fault]

    outcome, fault = run(answered_once())
    assert isinstance(outcome, DocumentFault)
    assert outcome.code == "rate_limited"
    assert "without capacity" in outcome.message
    assert fault is None

    outcomes, retry_loop, seconds = calling(Flex(1.0), documents=20, policy=POLICY)
    assert retry_loop.fault is not None
    assert retry_loop.fault.code == "no_capacity"
    assert "--processing=standard" in retry_loop.fault.message
    assert all(isinstance(each, JobFault) for each in outcomes)
    assert 4 * HOUR <= seconds <= 4 * HOUR + 70


def test_a_quota_that_is_used_up_after_hours_without_capacity_is_waited_for() -> None:
    """How long nothing had room says nothing about how long a quota has rejected."""
    replies = [OVERLOADED] * 40 + [rejection("20s")] + [GOOD]
    client = Flex(script=replies, seconds=0.1)
    (outcome,), retry_loop, seconds = calling(client, policy=POLICY)
    assert outcome is GOOD
    assert seconds > 1200
    assert (retry_loop.stats.shed, retry_loop.stats.rejected) == (40, 1)


def test_what_keeps_documents_waiting_is_said() -> None:
    """No capacity is not called a quota."""

    async def seen() -> str:
        retry_loop = retry_loop_of(Flex(1.0), clock(), policy=POLICY)
        task = asyncio.ensure_future(retry_loop.call(PARTS, 100, Attempts()))
        await asyncio.sleep(0.3)
        said = retry_loop.waits_for()
        retry_loop.stop(JobFault("stopped", "the test has seen enough"))
        await asyncio.gather(task, return_exceptions=True)
        return said

    assert run(seen()).startswith("no capacity for 1 calls (HTTP 503: The model is overloaded.")


def test_the_last_resort_is_asked_after_the_deadline_and_not_before() -> None:
    """Each document once, with the standard tier's own judgement of what goes wrong there."""
    standard = Gemini([OVERLOADED, TROUBLE, GOOD], seconds=2)
    client = Flex(1.0, last_resort=standard)
    (outcome,), retry_loop, seconds = calling(client, pacer=WIDE, policy=POLICY)
    assert outcome is GOOD
    assert len(standard.calls) == 3
    assert standard.times[0] - 1000.0 >= 4 * HOUR
    assert client.times[-1] < standard.times[0]
    assert seconds <= 4 * HOUR + 120
    assert retry_loop.fault is None


def test_the_last_resort_is_bounded_too() -> None:
    """By a count for errors; and a quota of the standard tier that is never free ends the job."""
    for reply, code in ((TROUBLE, "server_error"), (BARE, "rate_limited")):
        (outcome,), _, seconds = calling(
            Flex(1.0, last_resort=Gemini(always=reply)),
            pacer=WIDE,
            policy=RetryPolicy(deadline_seconds=300),
            patience=HOUR,
        )
        assert isinstance(outcome, DocumentFault)
        assert outcome.code == code
        assert seconds <= 700


def test_each_answer_is_priced_at_the_tier_that_served_it(make: Make, tmp_path: Path) -> None:
    """Half for flex, all for what was served at standard; the sums say which is which."""
    flex = replace(GOOD, asked_tier="flex", tier="flex")
    trapped = replace(GOOD, asked_tier="flex", tier="standard")
    asked = document(tmp_path, "a.png", png(1)), document(tmp_path, "b.png", png(2))
    rig: Rig = make(Gemini([flex, trapped]), tier="flex")
    one, two = rig.process(*asked, gap=1.0)
    assert isinstance(one, Answer)
    assert isinstance(two, Answer)
    assert (one.cost_usd, two.cost_usd) == (COST / 2, COST)
    assert (one.tier, two.tier) == ("flex", "standard")
    for answer, served in ((one, "flex"), (two, "standard")):
        (spend,) = answer.by_tier
        assert spend == ("flex", served, 1, USAGE, answer.cost_usd)


def test_a_last_resort_is_priced_and_said(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What it cost is in the result under its own tier, and the log says so once."""
    standard = replace(GOOD, asked_tier="standard", tier="standard")
    rig: Rig = make(Gemini([standard, standard]), tier="flex")
    with caplog.at_level("WARNING", "sluicegate"):
        results = rig.process(document(tmp_path, "a.png", png(1)),
                              document(tmp_path, "b.png", png(2)), gap=1.0)  # fmt: skip
    for result in results:
        assert not isinstance(result, Failure)
        assert [(each.asked, each.served) for each in result.by_tier] == [("standard", "standard")]
        assert result.cost_usd == COST
    (line,) = [line for line in caplog.messages if "other_tier" in line]
    assert "met no flex capacity until their deadline" in line
