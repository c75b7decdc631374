"""Tiers at the stand-in: asked for in each service's way, served, shed, and said in the reply."""

from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from emulators.gemini import Behaviour, GeminiEndpoint
from tests.emulators.asking import Token, developer, extract, read_invoice, vertex

FLEX = {
    "X-Vertex-AI-LLM-Request-Type": "shared",
    "X-Vertex-AI-LLM-Shared-Request-Type": "flex",
}


def at(endpoint: GeminiEndpoint, location: str, headers: dict[str, str]) -> genai.Client:
    """Return a client of Vertex AI at a location that sends these headers."""
    return genai.Client(
        vertexai=True, project="p", location=location, credentials=Token("token"),
        http_options=types.HttpOptions(base_url=endpoint.url, timeout=5000, headers=headers),
    )  # fmt: skip


def served(response: types.GenerateContentResponse) -> tuple[Any, Any]:
    """Return what a reply says served it: in its header, and as its traffic type."""
    usage, reply = response.usage_metadata, response.sdk_http_response
    traffic = usage.traffic_type.value if usage and usage.traffic_type else None
    headers = {name.lower(): value for name, value in ((reply and reply.headers) or {}).items()}
    return headers.get("x-gemini-service-tier"), traffic


def test_each_service_is_asked_and_answers_in_its_own_way(endpoint: GeminiEndpoint) -> None:
    """A field and a header on one, headers and the traffic type on the other."""
    tier = types.ServiceTier.FLEX
    assert served(extract(developer(endpoint))) == ("standard", None)
    assert served(extract(developer(endpoint), service_tier=tier)) == ("flex", None)
    assert served(extract(vertex(endpoint))) == (None, "ON_DEMAND")
    assert served(extract(at(endpoint, "global", FLEX))) == (None, "ON_DEMAND_FLEX")
    # The Developer API knows no such headers.
    assert served(extract(developer(endpoint, headers=FLEX))) == ("standard", None)
    assert endpoint.stats()["answered_by_tier"] == {"flex": 2, "standard": 3}
    assert [(each["asked_tier"], each["tier"]) for each in endpoint.requests()] == [
        ("standard", "standard"), ("flex", "flex"), ("standard", "standard"), ("flex", "flex"),
        ("standard", "standard"),
    ]  # fmt: skip


def test_a_tier_in_a_body_on_vertex_is_refused_and_so_is_an_unknown_one(
    endpoint: GeminiEndpoint,
) -> None:
    """Both are a 400; the same of every document."""
    unknown = developer(endpoint, extra_body={"serviceTier": "cheapest"})
    for client, tier in ((vertex(endpoint), types.ServiceTier.FLEX), (unknown, None)):
        with pytest.raises(errors.ClientError) as caught:
            extract(client, service_tier=tier)
        assert caught.value.code == 400
        assert caught.value.status == "INVALID_ARGUMENT"


def test_a_region_takes_the_headers_and_serves_at_standard(endpoint: GeminiEndpoint) -> None:
    """Without a word but its traffic type."""
    assert served(extract(at(endpoint, "europe-west1", FLEX))) == (None, "ON_DEMAND")
    (record,) = endpoint.requests()
    assert (record["asked_tier"], record["tier"]) == ("flex", "standard")


def test_a_share_of_flex_calls_is_turned_away_and_of_standard_ones_none() -> None:
    """503 by the one service, 429 without any detail by the other; neither is answered."""
    with GeminiEndpoint(Behaviour(flex_shed=0.5), reader=read_invoice) as endpoint:
        codes = []
        for number in range(40):
            client = at(endpoint, "global", FLEX) if number % 2 else developer(endpoint)
            tier = {} if number % 2 else {"service_tier": types.ServiceTier.FLEX}
            try:
                extract(client, **tier)
                codes.append(200)
            except errors.APIError as error:
                codes.append(int(error.code))
        stats = endpoint.stats()
        assert set(codes[::2]) == {200, 503}
        assert set(codes[1::2]) == {200, 429}
        assert 10 <= codes.count(200) <= 30
        assert stats["answered"] == codes.count(200)
        assert stats["by_fault"] == {"no_capacity": 40 - codes.count(200)}
        for _ in range(10):
            extract(developer(endpoint))


def test_flex_has_a_latency_of_its_own() -> None:
    """The calls of the standard tier keep theirs."""
    behaviour = Behaviour(latency=0.0, flex_latency=0.3)
    with GeminiEndpoint(behaviour, reader=read_invoice) as endpoint:
        extract(developer(endpoint))
        extract(developer(endpoint), service_tier=types.ServiceTier.FLEX)
        quick, slow = (each["seconds"] for each in endpoint.requests())
        assert quick < 0.25
        assert slow >= 0.3


@pytest.mark.parametrize("wrong", [{"flex_shed": 1.1}, {"flex_shed": -0.1}, {"flex_latency": -1}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    """Shares are from 0 to 1, latencies at least 0."""
    with pytest.raises(ValueError, match="flex"):
        Behaviour(**wrong)  # type: ignore[arg-type]
