"""Flex: half the price for calls that take minutes and are shed while there is no capacity.

Sources: ai.google.dev/gemini-api/docs/flex-inference (2026-10), and for Vertex AI "Flex PayGo",
docs.cloud.google.com/gemini-enterprise-agent-platform/models/flex-paygo (2026-08).

| | Developer API | Vertex AI |
|---|---|---|
| asked for by | `serviceTier` in the body | two headers; in the body it is a 400 |
| served | everywhere | at the location `global` |
| timeout of a call | 600 s by default, 900 s in the examples | up to 30 min |
| no capacity | 503, or 429 | 429 |
| quota | the usual one | 3,000 calls a minute, of a project and base model |
"""

from dataclasses import replace

from sluicegate.asking.verdict import RateLimited, Retry, Verdict
from sluicegate.gemini.processing.way import Way


def _refusal(service: str, location: str) -> str:
    # A regional endpoint takes the headers, serves at standard and bills that, without a word
    # (reported in August 2026).
    if service != "vertex" or location == "global":
        return ""
    return (
        f"Vertex AI serves flex at the location 'global' alone; at {location!r} the calls would be "
        "served and billed as standard ones; use --gemini_location=global, or "
        "--processing=standard where the data has to stay"
    )


def _judge(verdict: Verdict) -> Verdict:
    """Judge an overload, and a 429 that names no quota, as no capacity now: it is nobody's fault.

    A 429 of a quota says which (QuotaFailure) or for how long (RetryInfo) on the Developer API. On
    Vertex AI neither says anything; there the rate is capped by the documented quota instead.
    """
    if isinstance(verdict, Retry) and verdict.overloaded:
        return RateLimited(verdict.message, verdict.retry_after_seconds, of_capacity=True)
    if isinstance(verdict, RateLimited) and not (
        verdict.per_minute or verdict.of_tokens or verdict.retry_after_seconds
    ):
        return replace(verdict, of_capacity=True)
    return verdict


FLEX = Way(
    tier="flex",
    body={"developer": {"serviceTier": "flex"}},
    headers={
        "vertex": {
            # Past Provisioned Throughput, should the project have any.
            "X-Vertex-AI-LLM-Request-Type": "shared",
            "X-Vertex-AI-LLM-Shared-Request-Type": "flex",
        }
    },
    timeout_seconds={"developer": 900.0, "vertex": 1800.0},
    requests_per_minute={"vertex": 3000.0},
    deadline_seconds=4 * 3600.0,
    # One call of its kind, a probe of a service that failed, may take half an hour.
    patience_seconds=3600.0,
    # At a latency of a minute, 33 calls a second; 2,000 documents of 200 KB take 0.8 GB.
    max_in_flight=2000,
    judge=_judge,
    refusal=_refusal,
)
