"""What a way of processing calls is: how it is asked for, and what it asks of the caller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluicegate.asking.verdict import Verdict


def _as_it_is(verdict: Verdict) -> Verdict:
    return verdict


def _everywhere(service: str, location: str) -> str:  # noqa: ARG001 - of every way
    return ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way. Mappings are by service, "developer" or "vertex"; times are seconds.

    Nothing of it is part of a request's identity: the answer is the same, whatever it cost.
    """

    tier: str  # that is asked for
    body: Mapping[str, dict[str, Any]]  # what it adds to a request's body,
    headers: Mapping[str, dict[str, str]]  # and to its headers
    timeout_seconds: Mapping[str, float]  # of one call
    deadline_seconds: float  # of one document, while there is no capacity
    patience_seconds: float  # with a service or store that fails throughout
    max_in_flight: int  # calls at once that its latency is worth
    requests_per_minute: Mapping[str, float] = field(default_factory=dict)  # a known quota
    judge: Callable[[Verdict], Verdict] = field(default=_as_it_is)  # what an error means here
    # Returns why it is not to be had at a service and location, one sentence; "" where it is.
    refusal: Callable[[str, str], str] = field(default=_everywhere)
