"""Who answers: the seam between the engine and a service that runs models."""

from typing import Protocol

from sluicegate.asking.response import ApiError, Reply, TransportError
from sluicegate.asking.verdict import Verdict
from sluicegate.media.prepare import Part


class Provider(Protocol):
    """One call to a model, and what its errors mean. Used on one event loop."""

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Make exactly one HTTP request and return whatever came of it; raise JobFault only."""
        ...

    def judge_error(self, error: ApiError | TransportError) -> Verdict:
        """Return whose fault an error is, and what to do about it. Pure."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
