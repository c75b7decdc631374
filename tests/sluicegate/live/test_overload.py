"""Overloaded models, Retry-After, calls that are rejected throughout, and the tail of a run."""

import random
from statistics import median
from typing import Any

import pytest

from sluicegate.asking.response import ApiError, Reply
from sluicegate.pacing.pacer import PacerSettings
from tests.sluicegate.live.in_memory import GOOD, OVERLOADED, Gemini
from tests.sluicegate.live.test_retry_loop import calling

FAST = PacerSettings(max_in_flight=40, requests_per_minute=60_000)
GIVEN = PacerSettings(max_in_flight=40, requests_per_minute=1200)
LEARNED = PacerSettings(max_in_flight=40)


class ByChance(Gemini):
    """Answers a share of the calls with something else, by seeded chance."""

    def __init__(self, share: float, reply: ApiError, seed: int = 5, **settings: Any) -> None:
        super().__init__(**settings)
        self._share, self._reply, self._chance = share, reply, random.Random(seed)

    async def generate(self, parts: Any, max_output_tokens: int) -> Reply:
        """Answer."""
        reply = await super().generate(parts, max_output_tokens)
        return self._reply if self._chance.random() < self._share else reply


@pytest.mark.parametrize("pacer", [GIVEN, LEARNED], ids=["given", "learned"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_an_overloaded_model_costs_no_document_and_only_its_share_of_time(
    share: float, pacer: PacerSettings
) -> None:
    """A share of calls that are answered 503 by chance costs that share of calls, and no more.

    The waits of the last documents are in it.
    """
    _, _, undisturbed = calling(Gemini(seconds=0.5), documents=400, pacer=pacer)
    taken = []
    for seed in range(10):
        client = ByChance(share, OVERLOADED, seed, seconds=0.5)
        outcomes, retry_loop, seconds = calling(client, documents=400, pacer=pacer)
        assert outcomes == [GOOD] * 400
        assert retry_loop.fault is None
        taken.append(seconds * (1 - share) / undisturbed)
    assert median(taken) <= 1.2
