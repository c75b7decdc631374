"""The protocol of a provider: a service that runs models. The engine knows no more of it."""

from typing import Protocol

from sluicegate.asking.response import ApiError, Reply, TransportError
from sluicegate.asking.verdict import Verdict
from sluicegate.media.prepare import Part


class Provider(Protocol):
    """Calls to one model, and what its errors mean. Scope: one event loop."""

    @property
    def last_resort(self) -> "Provider | None":
        """Who is asked about a document in the end that met no capacity here; None for nobody."""
        ...

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Make exactly one HTTP request; return the response or the error.

        Raises JobFault alone, for what no further call can succeed without.
        """
        ...

    def judge_error(self, error: ApiError | TransportError) -> Verdict:
        """Return whose fault an error is, and what to do about it. Pure."""
        ...

    async def close(self) -> None:
        """Close the connections, those of the last resort too."""
        ...
