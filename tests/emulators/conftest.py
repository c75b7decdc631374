"""One Gemini stand-in for all tests of a module; what it reads is always the same invoice."""

from collections.abc import Iterator

import pytest

from emulators.gemini import Behaviour, GeminiEndpoint
from tests.emulators.asking import read_invoice


@pytest.fixture(scope="module")
def shared_endpoint() -> Iterator[GeminiEndpoint]:
    """Run one endpoint for the module's tests, which always reads the same invoice."""
    with GeminiEndpoint(reader=read_invoice) as running:
        yield running


@pytest.fixture
def endpoint(shared_endpoint: GeminiEndpoint) -> GeminiEndpoint:
    """Return an endpoint that behaves well and has counted nothing."""
    shared_endpoint.set_behaviour(Behaviour())
    shared_endpoint.reset()
    return shared_endpoint
