"""What goes over the wire at each tier: body, headers, timeout and address, on both services."""

import json
from typing import Any

import pytest

from sluicegate.gemini.processing import way_of
from sluicegate.media.prepare import Part
from tests.sluicegate.gemini.recording import REPLY, Recorder, talk

PDF = Part("application/pdf", b"%PDF-1.7")
# Whatever says how a call is to be processed, in small letters.
SAYING = ("x-vertex-ai-llm-request-type", "x-vertex-ai-llm-shared-request-type")
MODEL = "publishers/google/models/gemini-3.5-flash:generateContent"


def sent(service: str, tier: str, **connected: Any) -> tuple[Recorder, dict[str, str]]:
    """Return what a call sends, and those of its headers that matter here."""
    recorder = Recorder()
    timeout = way_of(tier).timeout_seconds[service]
    talk(recorder, (PDF,), service=service, tier=tier, timeout_seconds=timeout, **connected)
    (headers,) = recorder.headers
    named = {name.lower(): value for name, value in headers.items()}
    return recorder, {name: named[name] for name in (*SAYING, "x-server-timeout") if name in named}


@pytest.mark.parametrize(
    ("service", "tier", "body", "headers"),
    [
        ("developer", "standard", {}, {"x-server-timeout": "300"}),
        ("vertex", "standard", {}, {"x-server-timeout": "300"}),
        ("developer", "flex", {"serviceTier": "flex"}, {"x-server-timeout": "900"}),
        ("vertex", "flex", {}, {
            "x-vertex-ai-llm-request-type": "shared",
            "x-vertex-ai-llm-shared-request-type": "flex",
            "x-server-timeout": "1800",
        }),
    ],
)  # fmt: skip
def test_a_tier_is_asked_for_as_its_service_wants_it(
    service: str, tier: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    """By a field of the body on one, by two headers on the other; and with a timeout to match."""
    recorder, found = sent(service, tier)
    plain, _ = sent(service, "standard")
    assert recorder.request == {**plain.request, **body}
    assert found == headers
    assert recorder.targets == [
        f"/v1beta1/projects/p/locations/global/{MODEL}"
        if service == "vertex"
        else "/v1beta/models/gemini-3.5-flash:generateContent"
    ]


def test_flex_is_refused_at_a_location_that_would_serve_it_at_standard() -> None:
    """Vertex AI outside of `global`, the two of several regions too; never the other service."""
    refusal = way_of("flex").refusal
    assert refusal("vertex", "global") == ""
    assert refusal("developer", "europe-west1") == ""
    for location in ("europe-west1", "us-central1", "eu", "us"):
        said = refusal("vertex", location)
        assert repr(location) in said
        assert "standard" in said
        assert way_of("standard").refusal("vertex", location) == ""


@pytest.mark.parametrize(
    ("service", "header", "usage", "tier"),
    [
        ("developer", "flex", {}, "flex"),
        ("developer", "standard", {"serviceTier": "flex"}, "standard"),
        ("developer", "", {"serviceTier": "flex"}, "flex"),
        ("developer", "", {}, "standard"),
        ("vertex", "", {"trafficType": "ON_DEMAND_FLEX"}, "flex"),
        ("vertex", "", {"trafficType": "ON_DEMAND"}, "standard"),
    ],
)
def test_a_response_says_what_was_asked_and_what_served(
    service: str, header: str, usage: dict[str, str], tier: str
) -> None:
    """From the header or the usage; where a service says nothing, the dearer reading holds."""
    body = json.dumps({**REPLY, "usageMetadata": {"promptTokenCount": 3, **usage}}).encode()
    recorder = Recorder(
        reply=body, more_headers={"X-Gemini-Service-Tier": header} if header else {}
    )
    (response,) = talk(recorder, (PDF,), service=service, tier="flex")
    assert (response.asked_tier, response.tier) == ("flex", tier)
    assert response.usage.prompt_tokens == 3
