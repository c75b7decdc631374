"""The services that permits are asked of: the stand-in, and Envoy's own where it is installed."""

from collections.abc import Iterator

import pytest

from emulators.rate_limits import Limit, RateLimitEndpoint
from sluicegate.gemini.catalogue import load_catalogue
from tests.rate_limits import envoy

DOMAIN = "sluicegate"
MODEL = load_catalogue().default
# So many calls a second the job's model may make; other models are there for other limits.
RATE = 10
LIMITS = {
    MODEL: (RATE, "second"),
    "five-an-hour": (5, "hour"),
    "none": (0, "day"),
}


@pytest.fixture
def stand_in() -> Iterator[RateLimitEndpoint]:
    """Run the stand-in with the limits."""
    rules = {(DOMAIN, "model", model): Limit(*limit) for model, limit in LIMITS.items()}
    with RateLimitEndpoint(rules) as running:
        yield running


@pytest.fixture(params=["stand-in", "envoy"])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the address of each service in turn, with the same limits."""
    if request.param == "stand-in":
        yield request.getfixturevalue("stand_in").address
        return
    with envoy.running(tmp_path_factory.mktemp("envoy"), LIMITS, DOMAIN) as address:
        yield address
