"""A reply's body becomes plain values, whatever it leaves out."""

import json
from typing import Any

import pytest

from sluicegate.asking.response import ApiError, Reply, Response
from sluicegate.gemini.reply import read_response
from sluicegate.records import Usage


def read(reply: Any) -> Reply:
    """Read a reply given as a value."""
    return read_response(json.dumps(reply), 7)


def test_a_whole_reply_is_read() -> None:
    """Text without thoughts, finish reason, tokens, model and traffic."""
    assert read(
        {
            "candidates": [
                {
                    "content": {
                        "role": "model",
                        "parts": [
                            {"text": "I wonder", "thought": True},
                            {"text": '{"a":', "thoughtSignature": "eA=="},
                            {"text": " 1}"},
                            {"executableCode": {}},
                        ],
                    },
                    "finishReason": "STOP",
                    "avgLogprobs": -0.1,
                }
            ],
            "usageMetadata": {
                "promptTokenCount": 100,
                "cachedContentTokenCount": 40,
                "candidatesTokenCount": 20,
                "thoughtsTokenCount": 5,
                "totalTokenCount": 125,
                "trafficType": "ON_DEMAND",
            },
            "modelVersion": "gemini-x-001",
            "responseId": "r",
        }
    ) == Response(
        '{"a": 1}',
        "STOP",
        usage=Usage(100, 40, 20, 5),
        model_version="gemini-x-001",
        traffic_type="ON_DEMAND",
        tier="standard",
        latency_ms=7,
    )


@pytest.mark.parametrize(
    "reply",
    [
        {"candidates": []},
        {"candidates": None, "usageMetadata": None, "promptFeedback": None},
        {"candidates": [{}]},
        {"candidates": [{"content": {}}]},
        {"candidates": [{"content": {"parts": None}, "finishReason": None}]},
    ],
)
def test_what_a_reply_leaves_out_is_empty(reply: Any) -> None:
    """Both services leave out what is zero or unset; nothing said is the standard tier."""
    assert read(reply) == Response("", "", latency_ms=7, tier="standard")


def test_a_blocked_prompt_says_why() -> None:
    """There is no candidate then."""
    reply = read(
        {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}}
    )
    assert (reply.block_reason, reply.finish_reason, reply.usage) == ("SAFETY", "", Usage(9))


def test_an_unknown_finish_reason_is_kept() -> None:
    """Its verdict is given elsewhere."""
    assert read({"candidates": [{"finishReason": "NEW_REASON"}]}).finish_reason == "NEW_REASON"


@pytest.mark.parametrize(
    "body",
    [
        "", "no JSON", "[]", "3", "{}", '{"modelVersion": "m"}', '[{"candidates": []}]',
        '{"candidates": "words"}', '{"candidates": [[1]]}',
        '{"candidates": [{"content": [1]}]}', '{"candidates": [{"content": {"parts": [3]}}]}',
        '{"candidates": [{"content": {"parts": [{"text": 3}]}}]}', '{"usageMetadata": [1]}',
        '{"usageMetadata": {"promptTokenCount": "many"}}',
    ],
)  # fmt: skip
def test_what_no_service_would_send_raises(body: str) -> None:
    """It raises one of the errors that the client takes for an unreadable reply."""
    with pytest.raises((ValueError, TypeError, AttributeError)):
        read_response(body, 7)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"error": {"code": 500, "message": "m"}}, {"code": 500, "message": "m"}),
        ({"error": {"code": 429}, "candidates": []}, {"code": 429}),
        ([{"candidates": []}, {"error": {"code": 503}}], {"code": 503}),
        ({"error": "invalid_token", "error_description": "why"},
         {"message": "invalid_token: why"}),
    ],
)  # fmt: skip
def test_an_error_under_status_200_is_an_error(reply: Any, error: dict[str, Any]) -> None:
    """Whatever stands beside it; so is one among the chunks of a stream."""
    assert read(reply) == ApiError(200, error)


def test_the_reasons_words_are_read_and_hide_keys() -> None:
    """In one line; a service may repeat the caller's key."""
    response = read_response(
        json.dumps(
            {
                "candidates": [{"finishReason": "OTHER", "finishMessage": "for\n my-key: why"}],
                "promptFeedback": {"blockReasonMessage": "Consumer 'api_key:AIzaABCDEFGHIJK'"},
            }
        ),
        7,
        "my-key",
    )
    assert isinstance(response, Response)
    assert response.finish_message == "for [hidden]: why"
    assert response.block_message == "Consumer 'api_key:[hidden]'"


@pytest.mark.parametrize(
    ("usage", "header", "traffic", "tier"),
    [
        ({"trafficType": "ON_DEMAND_FLEX"}, "", "ON_DEMAND_FLEX", "flex"),
        ({"trafficType": "ON_DEMAND"}, "", "ON_DEMAND", "standard"),
        ({"serviceTier": "standard"}, "", "standard", "standard"),
        ({"serviceTier": "flex"}, "", "flex", "flex"),
        ({}, "flex", "flex", "flex"),
        ({"serviceTier": "flex"}, "standard", "standard", "standard"),
        ({}, "", "", "standard"),
    ],
)
def test_the_tier_that_served_is_kept(
    usage: dict[str, Any], header: str, traffic: str, tier: str
) -> None:
    """Vertex AI and the Developer API name it differently; the documented header wins."""
    body = json.dumps({"candidates": [], "usageMetadata": usage})
    response = read_response(body, 7, tier=header)
    assert isinstance(response, Response)
    assert (response.traffic_type, response.tier) == (traffic, tier)
