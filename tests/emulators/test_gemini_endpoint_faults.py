"""Every fault arrives at the real google-genai client as it would in earnest."""

import asyncio
import json
import random
import re
import time
from typing import Any

import aiohttp
import httpx
import pytest
from google.genai import errors, types

from emulators.gemini import FaultRule, GeminiEndpoint
from emulators.gemini.faults import (
    BROKEN_CONNECTIONS,
    FAULTS,
    FINISH_REASONS,
    FOREIGN_BODIES,
    HTTP_ERRORS,
    REJECTIONS,
    SPOILED_FRAMES,
    SPOILED_TEXTS,
)
from emulators.gemini.lies import LIES
from emulators.gemini.spoiling import HUGE
from tests.emulators.asking import INVOICE, developer, extract, request, vertex


def fail_with(endpoint: GeminiEndpoint, fault: str, **settings: Any) -> None:
    """Make every call fail so."""
    endpoint.set_behaviour(faults=[FaultRule(fault=fault, **settings)])


@pytest.mark.parametrize("connect", [developer, vertex])
@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ("http_400_document", 400, "INVALID_ARGUMENT"),
        ("http_400_schema", 400, "INVALID_ARGUMENT"),
        ("http_401", 401, "UNAUTHENTICATED"),
        ("http_403", 403, "PERMISSION_DENIED"),
        ("http_404_model", 404, "NOT_FOUND"),
        ("http_408", 408, "DEADLINE_EXCEEDED"),
        ("http_429", 429, "RESOURCE_EXHAUSTED"),
        ("http_429_daily", 429, "RESOURCE_EXHAUSTED"),
        ("http_500", 500, "INTERNAL"),
        ("http_502", 502, "Bad Gateway"),
        ("http_503", 503, "UNAVAILABLE"),
        ("http_504", 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_http_errors(
    endpoint: GeminiEndpoint, connect: Any, fault: str, code: int, status: str
) -> None:
    """Code and status are those of the service, and the call counts as what it was."""
    fail_with(endpoint, fault)
    with pytest.raises(errors.APIError) as caught:
        extract(connect(endpoint))
    assert (caught.value.code, caught.value.status) == (code, status)
    stats = endpoint.stats()
    assert stats["by_fault"] == {fault: 1}
    outcome = "rejected" if fault in REJECTIONS else "refused"
    assert (stats[outcome], stats["admitted"]) == (1, 0 if fault in REJECTIONS else 1)


@pytest.mark.parametrize(
    ("form", "header", "value"),
    [
        ("seconds", "Retry-After", r"1\.5"),
        ("ms", "retry-after-ms", "1500"),
        ("date", "Retry-After", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"),
    ],
)
@pytest.mark.parametrize("fault", ["http_429", "http_503"])
def test_a_fault_says_when_to_come_back(
    endpoint: GeminiEndpoint, fault: str, form: str, header: str, value: str
) -> None:
    """In a header, in the form that it is told."""
    fail_with(endpoint, fault, retry_after=1.5, retry_after_form=form)
    with pytest.raises(errors.APIError) as caught:
        extract(developer(endpoint))
    assert re.fullmatch(value, caught.value.response.headers[header])


def test_a_fault_says_what_it_is_told(endpoint: GeminiEndpoint) -> None:
    """Message and retry delay are parameters."""
    fail_with(endpoint, "http_400_document", message="Unable to process input image.")
    with pytest.raises(errors.ClientError, match="Unable to process input image"):
        extract(developer(endpoint))
    fail_with(endpoint, "http_429_daily", retry_delay=12.5)
    with pytest.raises(errors.ClientError, match="PerDay") as caught:
        extract(developer(endpoint))
    assert caught.value.details["error"]["details"][-1]["retryDelay"] == "13s"


@pytest.mark.parametrize("fault", sorted(FINISH_REASONS - {"finish_UNKNOWN_NEW_VALUE"}))
def test_finish_reasons(endpoint: GeminiEndpoint, fault: str) -> None:
    """The client sees the reason; only MAX_TOKENS comes with a text, and that is cut."""
    fail_with(endpoint, fault)
    name = fault.removeprefix("finish_")
    if name not in types.FinishReason.__members__:
        with pytest.warns(UserWarning, match="is not a valid FinishReason"):
            response = extract(developer(endpoint))
    else:
        response = extract(developer(endpoint))
    (candidate,) = response.candidates or []
    assert candidate.finish_reason is not None
    assert candidate.finish_reason.value == name
    assert response.usage_metadata is not None
    if name == "MAX_TOKENS":
        with pytest.raises(json.JSONDecodeError):
            json.loads(response.text or "{}x")
    else:
        assert response.text is None


def test_a_finish_reason_of_the_future(endpoint: GeminiEndpoint) -> None:
    """The client warns about a reason that it does not know, and passes it on."""
    fail_with(endpoint, "finish_UNKNOWN_NEW_VALUE")
    with pytest.warns(UserWarning, match="SOME_FUTURE_REASON is not a valid FinishReason"):
        response = extract(developer(endpoint))
    (candidate,) = response.candidates or []
    assert candidate.finish_reason is not None
    assert candidate.finish_reason.value == "SOME_FUTURE_REASON"


@pytest.mark.parametrize("fault", sorted(SPOILED_TEXTS))
def test_spoiled_texts(endpoint: GeminiEndpoint, fault: str) -> None:
    """The text is wrong in its own way though the reason is STOP, and it is paid for."""
    fail_with(endpoint, fault)
    response = extract(developer(endpoint))
    (candidate,) = response.candidates or []
    assert candidate.finish_reason is types.FinishReason.STOP
    assert endpoint.stats()["answered"] == 1
    check_spoiled(fault, response.text or "")


def check_spoiled(fault: str, text: str) -> None:
    """Hold a text against what its fault promises."""
    match fault:
        case "empty_text":
            assert text == ""
        case "cut_json" | "not_json":
            with pytest.raises(json.JSONDecodeError):
                json.loads(text)
        case "fenced_json":
            assert text.startswith("```json\n")
            assert text.endswith("\n```")
        case "wrong_types":
            assert json.loads(text)["total_amount"] == "not a number"
        case "missing_required":
            assert "invoice_id" not in json.loads(text)
        case "extra_fields":
            assert set(json.loads(text)) > set(INVOICE)
        case "huge_number":
            assert f'"total_amount": {HUGE},' in text
        case "nan":
            assert '"total_amount": NaN,' in text
        case "duplicate_keys":
            keys = json.loads(text, object_pairs_hook=lambda pairs: [key for key, _ in pairs])
            assert keys.count("invoice_id") == 2
        case _:
            pytest.fail(f"{fault} is not tested")


def test_answers_without_candidates(endpoint: GeminiEndpoint) -> None:
    """A blocked prompt has a reason, unless it has not even that."""
    fail_with(endpoint, "no_candidates", block_reason="BLOCKLIST")
    response = extract(developer(endpoint))
    assert response.candidates is None
    assert response.prompt_feedback is not None
    assert response.prompt_feedback.block_reason is types.BlockedReason.BLOCKLIST
    fail_with(endpoint, "no_candidates_silent")
    response = extract(developer(endpoint))
    assert response.candidates is None
    assert response.prompt_feedback is None
    fail_with(endpoint, "no_usage")
    response = extract(developer(endpoint))
    assert response.usage_metadata is None
    assert response.text


def test_a_page_instead_of_an_answer(endpoint: GeminiEndpoint) -> None:
    """A portal's page with status 200 is no answer."""
    fail_with(endpoint, "html_200")
    with pytest.raises(ValueError, match="Expecting value"):
        extract(developer(endpoint))


@pytest.mark.parametrize("fault", ["reset", "reset_mid_body"])
def test_broken_connections(endpoint: GeminiEndpoint, fault: str) -> None:
    """The connection breaks before or inside the answer, and the next call works."""
    fail_with(endpoint, fault, next=1)
    client = developer(endpoint)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        extract(client)
    assert extract(client).text
    assert endpoint.stats()["broken"] == 1


@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession")
@pytest.mark.parametrize("fault", ["reset", "reset_mid_body"])
def test_broken_connections_over_aiohttp(
    endpoint: GeminiEndpoint, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other transport breaks as well; the client resends once, after 1 to 10 seconds."""
    fail_with(endpoint, fault)
    monkeypatch.setattr(random, "randint", lambda *_: -1)

    async def ask() -> None:
        async with developer(endpoint).aio as client:
            with pytest.raises((aiohttp.ClientError, ConnectionError)):
                await client.models.generate_content(**request())

    asyncio.run(ask())
    assert endpoint.stats()["broken"] == (2 if fault == "reset" else 1)


def test_a_call_that_never_ends(endpoint: GeminiEndpoint) -> None:
    """Nothing comes until the client gives up, which the stand-in notices."""
    fail_with(endpoint, "timeout")
    with pytest.raises(httpx.ReadTimeout):
        extract(developer(endpoint, timeout=100))
    deadline = time.monotonic() + 5
    while (stats := endpoint.stats())["in_flight"] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (stats["in_flight"], stats["abandoned"], stats["answered"]) == (0, 1, 0)


def test_every_fault_was_tested() -> None:
    """The kinds of fault above are all there are, beside lies, which have tests of their own."""
    kinds = (REJECTIONS, HTTP_ERRORS, BROKEN_CONNECTIONS, FOREIGN_BODIES, SPOILED_FRAMES)
    assert set().union(*kinds, FINISH_REASONS, SPOILED_TEXTS, LIES) == FAULTS
