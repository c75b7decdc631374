"""The real google-genai client gets from the stand-in what the services would send."""

import asyncio
import hashlib
import json
import threading
from decimal import Decimal
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import errors, types

from emulators.gcs import GcsEmulator
from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.loopback import Loopback
from tests.emulators.asking import (
    INVOICE,
    SCHEMA,
    developer,
    extract,
    read_invoice,
    request,
    vertex,
)

BOTH = pytest.mark.parametrize("connect", [developer, vertex])
# The client derives a class from aiohttp's session, of which aiohttp warns.
SDK_DEPRECATION = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession")


def refused(
    client: genai.Client, document: types.Part | bytes = b"%PDF", **config: Any
) -> errors.APIError:
    """Return the error with which a request is answered."""
    with pytest.raises(errors.APIError) as caught:
        extract(client, document, **config)
    return caught.value


@BOTH
def test_an_answer_is_exact_json(endpoint: GeminiEndpoint, connect: Any) -> None:
    """The text has every digit the reader found; the frame is complete."""
    response = extract(connect(endpoint), system_instruction="You are careful.")
    assert json.loads(response.text or "", parse_float=Decimal) == INVOICE
    (candidate,) = response.candidates or []
    assert candidate.finish_reason is types.FinishReason.STOP
    usage = response.usage_metadata
    assert usage is not None
    assert usage.prompt_token_count == 258 + 13
    assert usage.candidates_token_count == 30
    assert usage.total_token_count == 258 + 13 + 30
    assert (usage.traffic_type is not None) == (connect is vertex)
    assert response.model_version == "gemini-2.5-flash"
    assert response.response_id
    assert endpoint.stats()["tokens"]["total"] == usage.total_token_count


@SDK_DEPRECATION
def test_both_asynchronous_transports_work(endpoint: GeminiEndpoint) -> None:
    """The client gets answers and errors over aiohttp and over httpx."""

    async def ask(**options: Any) -> str:
        async with developer(endpoint, **options).aio as client:
            response = await client.models.generate_content(**request())
            with pytest.raises(errors.ClientError, match="not found for API version"):
                await client.models.generate_content(**request(model="palm-2"))
            return response.text or ""

    async def ask_both() -> list[str]:
        async with httpx.AsyncClient() as transport:
            return [await ask(), await ask(httpx_async_client=transport)]

    first, second = asyncio.run(ask_both())
    assert first == second != ""
    assert len({each["headers"]["Accept-Encoding"] for each in endpoint.requests()}) == 2


@BOTH
def test_json_schema_is_taken_too(endpoint: GeminiEndpoint, connect: Any) -> None:
    """``response_json_schema`` with $defs is accepted; a reference to nowhere is not."""
    schema = {"$defs": {"X": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/X"}}}
    client = connect(endpoint)
    assert extract(client, response_schema=None, response_json_schema=schema).text
    schema["$defs"] = {}
    error = refused(client, response_schema=None, response_json_schema=schema)
    assert error.code == 400


def test_schemas_are_held_against_the_api(endpoint: GeminiEndpoint) -> None:
    """A field that the Developer API does not know is refused in its words."""
    body = json.dumps(
        {
            "contents": [{"parts": [{"text": "x"}]}],
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseSchema": {**SCHEMA, "additionalProperties": False},
            },
        }
    ).encode()
    status, content = post(endpoint, "/v1beta/models/gemini-2.5-flash:generateContent", body)
    error = json.loads(content)["error"]
    assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
    assert 'Unknown name "additionalProperties" at' in error["message"]
    assert error["details"][0]["fieldViolations"][0]["field"] == "generation_config.response_schema"
    endpoint.set_behaviour(schema_states=10)
    assert "too many states for serving" in str(refused(developer(endpoint)))


def post(endpoint: GeminiEndpoint, path: str, body: bytes) -> tuple[int, bytes]:
    """Send a body as it is."""
    with Loopback(int(endpoint.url.rpartition(":")[2])) as connection:
        return connection.send("POST", path, body)


@BOTH
def test_malformed_requests_are_refused(endpoint: GeminiEndpoint, connect: Any) -> None:
    """What is no request of the API gets a 400."""
    path = "/v1beta/models/gemini-2.5-flash:generateContent"
    if connect is vertex:
        path = (
            "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent"
        )
    inline = (
        '{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":%s}}]}]}'
    )
    bodies = [
        "nonsense",
        "[]",
        "{}",
        '{"contents": [{"role": "user", "parts": [{"txt": "x"}]}]}',
        '{"contents": [{"role": "user", "parts": []}], "generationConfig": {"temprature": 0}}',
        inline % '"a b$"',
        inline % '""',
    ]
    for body in bodies:
        status, content = post(endpoint, path, body.encode())
        assert (status, json.loads(content)["error"]["code"]) == (400, 400), body


def test_the_output_limit_cuts(endpoint: GeminiEndpoint) -> None:
    """An answer longer than ``max_output_tokens`` is cut and says so; thoughts use the limit."""
    response = extract(developer(endpoint), max_output_tokens=5)
    (candidate,) = response.candidates or []
    assert candidate.finish_reason is types.FinishReason.MAX_TOKENS
    assert response.text == '{"invoice_id": "R-1"'
    endpoint.set_behaviour(thoughts_tokens=100)
    response = extract(developer(endpoint), max_output_tokens=50)
    assert response.text is None
    assert response.usage_metadata is not None
    assert response.usage_metadata.thoughts_token_count == 50
    thinking = types.ThinkingConfig(thinking_budget=0)
    assert extract(developer(endpoint), thinking_config=thinking).text


def test_tokens_follow_model_and_resolution(endpoint: GeminiEndpoint) -> None:
    """Gemini 3 counts a page by the media resolution; cached tokens are reported."""
    endpoint.set_behaviour(cached_share=1.0)
    low = types.MediaResolution.MEDIA_RESOLUTION_LOW
    response = extract(developer(endpoint), model="gemini-3.5-flash", media_resolution=low)
    usage = response.usage_metadata
    assert usage is not None
    assert usage.prompt_token_count == 280 + 9
    assert usage.cached_content_token_count == 9
    client = developer(endpoint)
    counted = client.models.count_tokens(model="gemini-3.5-flash", contents=request()["contents"])
    assert counted.total_tokens == 560 + 9


def test_models_exist_or_not(endpoint: GeminiEndpoint) -> None:
    """Each service says in its own words that there is no such model."""
    assert developer(endpoint).models.get(model="gemini-2.5-flash").output_token_limit == 65_536
    assert vertex(endpoint).models.get(model="gemini-2.5-flash").name
    error = refused(developer(endpoint), model="gemini-ultra")
    assert (error.code, error.status) == (404, "NOT_FOUND")
    assert "models/gemini-ultra is not found for API version v1beta" in str(error)
    endpoint.set_behaviour(models=["gemini-2.5-pro"])
    error = refused(vertex(endpoint))
    assert "Publisher Model `projects/p/locations/global/publishers/google/models/" in str(error)


def test_keys_and_tokens_are_checked(endpoint: GeminiEndpoint) -> None:
    """A wrong key is 400 on the Developer API, a wrong token 401 on Vertex AI."""
    endpoint.set_behaviour(api_key="secret")
    assert extract(developer(endpoint, key="secret")).text
    assert extract(vertex(endpoint, token="secret")).text
    error = refused(developer(endpoint, key="wrong"))
    assert error.code == 400
    assert error.details["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    error = refused(vertex(endpoint, token="wrong"))
    assert (error.code, error.status) == (401, "UNAUTHENTICATED")
    status, body = post(endpoint, "/v1beta/models/gemini-2.5-flash:generateContent", b"{}")
    assert (status, json.loads(body)["error"]["status"]) == (403, "PERMISSION_DENIED")
    status, _ = post(endpoint, "/v1/publishers/google/models/gemini-2.5-flash:generateContent", b"")
    assert status == 401


@BOTH
def test_documents_that_gemini_does_not_take(endpoint: GeminiEndpoint, connect: Any) -> None:
    """Media types, broken files, empty files and large requests get their 400."""
    client = connect(endpoint)
    for media_type in ("image/tiff", "image/jpg"):
        part = types.Part.from_bytes(data=b"II*", mime_type=media_type)
        assert media_type in str(refused(client, part))
    assert "The document has no pages." in str(refused(client, b"broken"))
    assert "The document has no pages." in str(refused(client, b""))
    image = types.Part.from_bytes(data=b"broken", mime_type="image/png")
    assert "image" in str(refused(client, image))
    endpoint.set_behaviour(inline_limit_bytes=2_000)
    error = refused(client, b"x" * 2_000)
    assert "Request payload size exceeds the limit: 2000 bytes." in str(error)


def test_documents_by_reference_are_fetched() -> None:
    """Vertex AI reads gs:// objects, misses what is not there; the Developer API takes none."""
    with GcsEmulator() as gcs:
        gcs.create_bucket("bucket")
        uri = gcs.put("bucket", "ä/1 2.pdf", b"%PDF 1")
        with GeminiEndpoint(reader=read_invoice, gcs_host=gcs.url) as endpoint:
            part = types.Part.from_uri(file_uri=uri, mime_type="application/pdf")
            assert extract(vertex(endpoint), part).text
            missing = types.Part.from_uri(file_uri="gs://bucket/2", mime_type="application/pdf")
            error = refused(vertex(endpoint), missing)
            assert error.code == 404
            assert "gs://bucket/2" in str(error)
            assert "Unsupported file uri" in str(refused(developer(endpoint), part))
            stats = endpoint.stats(documents=True)
            assert stats["calls_per_document"] == {uri: 2, "gs://bucket/2": 1}


def test_quotas_reject_in_the_developer_form(endpoint: GeminiEndpoint) -> None:
    """A 429 names quota, value and delay, unless it is told not to; nothing else is counted."""
    endpoint.set_behaviour(requests_per_minute=2, burst=1)
    assert extract(developer(endpoint)).text
    error = refused(developer(endpoint))
    assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED")
    failure, link, retry = error.details["error"]["details"]
    (violation,) = failure["violations"]
    assert violation["quotaId"] == "GenerateRequestsPerMinutePerProjectPerModel"
    assert violation["quotaValue"] == "2"
    assert violation["quotaDimensions"]["model"] == "gemini-2.5-flash"
    assert link["@type"].endswith("rpc.Help")
    assert retry["retryDelay"] == "30s"
    endpoint.set_behaviour(
        requests_per_day=1, retry_info=False, help_link=False, requests_per_minute=None
    )
    extract(developer(endpoint))
    error = refused(developer(endpoint))
    ((failure),) = error.details["error"]["details"]
    assert "PerDay" in failure["violations"][0]["quotaId"]
    stats = endpoint.stats()
    assert (stats["calls"], stats["admitted"], stats["rejected"]) == (4, 2, 2)
    assert stats["by_quota"] == {"requests_per_day": 1, "requests_per_minute": 1}


def test_quotas_reject_in_the_vertex_form(endpoint: GeminiEndpoint) -> None:
    """Vertex AI's 429 has a message and no details."""
    endpoint.set_behaviour(tokens_per_minute=1)
    assert extract(vertex(endpoint)).text
    error = refused(vertex(endpoint))
    assert error.code == 429
    assert (error.message or "").startswith("Resource exhausted. Please try again later.")
    assert "details" not in error.details["error"]


def test_calls_in_flight_are_counted_and_limited() -> None:
    """The peak is what was really under way at once."""
    inside, release = threading.Semaphore(0), threading.Event()

    def wait(parts: Any, schema: Any) -> dict[str, Any]:
        inside.release()
        release.wait(5)
        return {}

    with GeminiEndpoint(Behaviour(max_concurrency=2), reader=wait) as endpoint:
        client = developer(endpoint)
        calls = [threading.Thread(target=extract, args=(client, b"%d" % n)) for n in range(2)]
        for call in calls:
            call.start()
        assert inside.acquire(timeout=5)
        assert inside.acquire(timeout=5)
        assert endpoint.stats()["in_flight"] == 2
        assert refused(client, b"3").code == 429
        release.set()
        for call in calls:
            call.join()
        stats = endpoint.stats()
        assert (stats["in_flight"], stats["peak_in_flight"]) == (0, 2)
        assert stats["by_quota"] == {"max_concurrency": 1}


def test_latency_is_waited_for(endpoint: GeminiEndpoint) -> None:
    """An answer takes its time; a rejection does not."""
    endpoint.set_behaviour(latency=0.15, requests_per_day=1)
    extract(developer(endpoint))
    refused(developer(endpoint))
    answered, rejected = endpoint.requests()
    assert answered["seconds"] >= 0.15
    assert rejected["seconds"] < 0.05


def test_requests_are_recorded(endpoint: GeminiEndpoint) -> None:
    """The log has path, headers with the key, the document's digest, status and outcome."""
    extract(developer(endpoint, key="visible"), b"%PDF 7")
    (record,) = endpoint.requests()
    assert record["path"] == "/v1beta/models/gemini-2.5-flash:generateContent"
    assert record["headers"]["x-goog-api-key"] == "visible"
    assert record["document"] == hashlib.sha256(b"%PDF 7").hexdigest()
    assert (record["status"], record["outcome"]) == (200, "answered")
    assert record["size_bytes"] > 100


def test_a_document_is_read_once_and_paid_as_often_as_asked(endpoint: GeminiEndpoint) -> None:
    """Readings are remembered; the count of answers shows who pays twice."""
    read: list[bytes] = []

    def count(parts: Any, schema: Any) -> dict[str, Any]:
        read.append(parts[0][1])
        return {}

    with GeminiEndpoint(reader=count) as counting:
        client = developer(counting)
        for document in (b"1", b"1", b"2"):
            extract(client, document)
        assert read == [b"1", b"2"]
        stats = counting.stats()
        assert (stats["distinct_documents"], stats["answered_more_than_once"]) == (2, 1)
        assert stats["most_calls_per_document"] == 2


def test_a_readers_bug_is_a_500(endpoint: GeminiEndpoint, capfd: Any) -> None:
    """A mistake in the reader is shown in the log and answered like a server's."""

    def fail(parts: Any, schema: Any) -> dict[str, Any]:
        raise ZeroDivisionError

    with GeminiEndpoint(reader=fail) as failing:
        assert refused(developer(failing)).code == 500
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_canned_answers_need_no_reader() -> None:
    """Without a reader, answers come from the schema, and objects are not fetched."""
    with GeminiEndpoint(reader="canned") as endpoint:
        part = types.Part.from_uri(file_uri="gs://nowhere/1.pdf", mime_type="application/pdf")
        first, second = (extract(vertex(endpoint), part).text for _ in range(2))
        assert first == second
        assert set(json.loads(first or "")) == set(SCHEMA["properties"])


def test_behaviour_is_steered_over_http(endpoint: GeminiEndpoint) -> None:
    """A process elsewhere reads counts and changes faults with plain JSON."""
    with Loopback(int(endpoint.url.rpartition(":")[2])) as connection:
        change = {"faults": [{"fault": "http_503", "next": 1}], "seed": 3}
        status, body = connection.send_json("POST", "/_control/behaviour", change)
        assert (status, json.loads(body)["seed"]) == (200, 3)
        assert refused(developer(endpoint)).code == 503
        assert connection.get_json("/_control/stats?documents")["by_fault"] == {"http_503": 1}
        assert len(connection.get_json("/_control/requests?limit=1")) == 1
        status, body = connection.send_json("POST", "/_control/behaviour", {"sped": 1})
        assert status == 400
        assert "sped" in json.loads(body)["error"]["message"]
        connection.send_json("POST", "/_control/reset", {})
        assert connection.get_json("/_control/stats")["calls"] == 0
        assert connection.get_json("/_control/behaviour")["faults"][0]["fault"] == "http_503"
    assert endpoint.set_behaviour(faults=()).faults == ()
