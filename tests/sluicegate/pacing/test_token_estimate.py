"""Estimates of the tokens that a call takes."""

import pytest

from sluicegate.pacing.token_estimate import TokenEstimate


def test_an_estimate_follows_what_calls_of_its_kind_took() -> None:
    """First by the prompt's length and a page, then by experience, each kind for itself."""
    estimate = TokenEstimate(shared_characters=400)
    assert estimate.of(["application/pdf"]) == pytest.approx(660)
    estimate.learn(["application/pdf"], 3000)
    assert estimate.of(["application/pdf"]) == 3000
    for _ in range(100):
        estimate.learn(["application/pdf"], 1000)
    assert estimate.of(["application/pdf"]) == pytest.approx(1000, rel=0.01)
    assert estimate.of(["image/png"]) == pytest.approx(660)
    assert estimate.of(["image/png", "image/png"]) == pytest.approx(660)
