"""Tiers of processing: which one a call asks for, which one serves it, and when flex has no room.

Sources: ai.google.dev/gemini-api/docs/flex-inference and agent-platform/models/flex-paygo (2026-08
to 2026-11). Reported, not documented: on Vertex AI the tier in a body is a 400, flex without
capacity is a 429, and a regional endpoint takes the headers and serves and bills at standard.
"""

import math
import random
from collections.abc import Mapping

from emulators.gemini import refusals
from emulators.gemini.behaviour import Behaviour
from emulators.gemini.paths import Call
from emulators.gemini.quota import Rejection
from emulators.gemini.refusals import Refused, Reply
from emulators.gemini.request import GenerateRequest

STANDARD = "standard"
# What a call that is turned away for want of capacity is counted under, beside the faults.
NO_CAPACITY = "no_capacity"
_FLEX = "flex"
_ASKED = (STANDARD, _FLEX, "priority")
# Vertex AI's header that names a tier; X-Vertex-AI-LLM-Request-Type only says what of a project's
# Provisioned Throughput may be used, and here is none.
_HEADER = "x-vertex-ai-llm-shared-request-type"
# The header in which the Developer API says what served a call.
SERVED_HEADER = "x-gemini-service-tier"
_TRAFFIC = {
    STANDARD: "ON_DEMAND",
    _FLEX: "ON_DEMAND_FLEX",
    "priority": "ON_DEMAND_PRIORITY",
    "batch": "BATCH",
}


def asked_tier(call: Call, request: GenerateRequest, headers: Mapping[str, str]) -> str:
    """Return the tier that a call asks for; raises `Refused` where it asks in the wrong way."""
    if request.service_tier and call.vertex:
        name = '"serviceTier"'
        text = f"Invalid JSON payload received. Unknown name {name}: Cannot find field."
        raise Refused(refusals.invalid_fields([("", text)]))
    named = request.service_tier
    if call.vertex:
        named = next((headers[name] for name in headers if name.lower() == _HEADER), "")
    tier = named.lower().removeprefix("service_tier_") or STANDARD
    if tier not in _ASKED:
        if call.vertex:
            return STANDARD  # a header that means nothing is passed over
        path = "service_tier"
        text = f"Invalid value at '{path}' (TYPE_ENUM), \"{named}\""
        raise Refused(refusals.invalid_fields([(path, text)]))
    return tier


def served_tier(call: Call, asked: str, behaviour: Behaviour) -> str:
    """Return the tier that serves a call."""
    regional = call.vertex and call.location != "global"
    if asked == _FLEX and (regional or behaviour.flex_ignored):
        return STANDARD
    return asked


def usage_fields(call: Call, tier: str) -> dict[str, str]:
    """Return how the usage of an answer names the tier that served it."""
    return {"trafficType": _TRAFFIC[tier]} if call.vertex else {"serviceTier": tier}


def served_header(call: Call, tier: str) -> dict[str, str]:
    """Return the header that names it."""
    return {} if call.vertex else {SERVED_HEADER: tier}


def no_capacity(call: Call) -> Reply:
    """Return the answer to a call that its tier has no room for."""
    if call.vertex:
        nothing = Rejection("", None, 0.0)
        return refusals.quota_exceeded(call, nothing, failure=False, retry=False, link=False)
    return refusals.server_error(503)


class Capacity:
    """Whether a tier has room for a call, and how long one takes; draws from a seed."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._latencies = random.Random(behaviour.seed)
        self._sheds = random.Random(f"{behaviour.seed} sheds")

    def sheds(self, tier: str) -> bool:
        """Tell whether a call that this tier would serve is turned away."""
        share = self._behaviour.flex_shed
        return tier == _FLEX and share > 0 and self._sheds.random() < share

    def latency(self, tier: str) -> float:
        """Return the seconds that a call takes at a tier."""
        behaviour = self._behaviour
        median = behaviour.latency
        if tier == _FLEX and behaviour.flex_latency is not None:
            median = behaviour.flex_latency
        if not median:
            return 0.0
        return median * math.exp(self._latencies.gauss(0.0, behaviour.latency_sigma))
