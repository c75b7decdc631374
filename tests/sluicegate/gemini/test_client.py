"""The client sends what the SDK would, through the SDK, and puts documents in on the way."""

import asyncio
import base64
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from google import genai
from google.genai import types

from sluicegate.asking.response import Response
from sluicegate.faults import JobFault
from sluicegate.gemini import client as under_test
from sluicegate.gemini.connection import RequestTemplate
from sluicegate.media.prepare import Part
from tests.sluicegate.gemini.recording import SCHEMA, Recorder, talk

PARAMETERS: list[dict[str, Any]] = [
    {},
    {"temperature": 0.0, "media_resolution": "medium"},
    {"thinking_level": "minimal"},
    {"thinking_budget": 0, "temperature": 1.5, "media_resolution": "low"},
]
PDF = "application/pdf"


def document(size: int) -> bytes:
    """Return bytes of every value, so many of them."""
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def carried(part: dict[str, Any]) -> bytes:
    """Return the document in a part of a request."""
    return base64.b64decode(part["inlineData"]["data"], validate=True)


def plainly(value: Any) -> Any:
    """Write names as REST does; the SDK leaves some in snake case, which both services take."""
    if isinstance(value, dict):
        return {_camel(name): plainly(item) for name, item in value.items()}
    return [plainly(item) for item in value] if isinstance(value, list) else value


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(word.capitalize() for word in more)


def by_the_sdk(service: str, parameters: dict[str, Any], parts: list[types.Part]) -> Recorder:
    """Return the request that the SDK makes of typed values, without any help of ours."""
    recorder = Recorder()
    given = dict(parameters)
    thinking = {n: given.pop(n) for n in ("thinking_level", "thinking_budget") if n in given}
    resolution = given.pop("media_resolution", None)
    config = types.GenerateContentConfig(
        response_mime_type="application/json",
        response_schema=types.Schema.model_validate(SCHEMA),
        max_output_tokens=1024,
        temperature=given.get("temperature"),
        media_resolution=types.MediaResolution(f"MEDIA_RESOLUTION_{resolution.upper()}")
        if resolution
        else None,
        thinking_config=types.ThinkingConfig(**thinking) if thinking else None,
    )

    async def work() -> None:
        listening, server = await recorder.serve()
        host, port = listening.sockets[0].getsockname()
        session = aiohttp.ClientSession()
        options = types.HttpOptions(base_url=f"http://{host}:{port}", aiohttp_client=session)
        client = (
            genai.Client(vertexai=False, api_key="key", http_options=options)
            if service == "developer"
            else genai.Client(
                vertexai=True, project="p", location="global", http_options=options,
                credentials=under_test._Anonymous(),
            )
        )  # fmt: skip
        contents = types.Content(role="user", parts=[types.Part(text="Read it."), *parts])
        await client.aio.models.generate_content(
            model="gemini-3.5-flash", contents=contents, config=config
        )
        await client.aio.aclose()
        await session.close()
        listening.close()
        await server.shutdown(timeout=0.1)

    asyncio.run(work())
    return recorder


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("service", ["developer", "vertex"])
def test_a_request_is_what_the_sdk_makes_of_typed_values(
    service: str, parameters: dict[str, Any]
) -> None:
    """Address, prompt, document, schema and parameters: the same for both services."""
    content = document(1000)
    recorder = Recorder()
    template = RequestTemplate("gemini-3.5-flash", "Read it.", SCHEMA, parameters)
    (reply,) = talk(recorder, (Part(PDF, content),), service=service, template=template)
    expected = by_the_sdk(service, parameters, [types.Part.from_bytes(data=content, mime_type=PDF)])
    theirs, ours = plainly(expected.request), plainly(recorder.request)
    # The SDK writes base64 with the letters of URLs; JSON's own are the others, and both are taken.
    part = theirs["contents"][0]["parts"][1]["inlineData"]
    part["data"] = base64.b64encode(base64.urlsafe_b64decode(part["data"])).decode()
    assert ours == theirs
    assert recorder.targets == expected.targets
    assert isinstance(reply, Response)


def test_a_document_by_reference_is_named_and_not_carried() -> None:
    """On Vertex AI a part is the object's URI and type."""
    recorder = Recorder()
    talk(recorder, (Part(PDF, uri="gs://b/a.pdf"),), service="vertex")
    _, part = recorder.request["contents"][0]["parts"]
    assert plainly(part) == {"fileData": {"fileUri": "gs://b/a.pdf", "mimeType": PDF}}


@pytest.mark.parametrize("size", [1, 2, 3, 48 << 10, (48 << 10) + 1, 100_001, 3_000_000])
def test_a_document_arrives_byte_for_byte(size: int) -> None:
    """Whatever its size is modulo 3 and in pieces; its length is said beforehand."""
    recorder = Recorder()
    talk(recorder, (Part(PDF, document(size)),))
    assert carried(recorder.request["contents"][0]["parts"][1]) == document(size)
    assert recorder.headers[0]["Content-Length"] == str(len(recorder.bodies[0]))
    assert recorder.headers[0]["Content-Type"] == "application/json"
    assert "Transfer-Encoding" not in recorder.headers[0]


def test_pages_keep_their_order() -> None:
    """A TIFF's pages are parts of one request, more than ten of them too."""
    pages = [document(20_000 + number) for number in range(12)]
    recorder = Recorder()
    talk(recorder, tuple(Part("image/png", page) for page in pages))
    parts = recorder.request["contents"][0]["parts"][1:]
    assert [carried(part) for part in parts] == pages
    assert {part["inlineData"]["mimeType"] for part in map(plainly, parts)} == {"image/png"}


def test_documents_of_calls_at_once_do_not_mix() -> None:
    """Each call carries its own."""
    documents = [document(60_000 + number) for number in range(30)]
    recorder = Recorder()
    talk(recorder, *((Part(PDF, each),) for each in documents))
    arrived = [carried(json.loads(b)["contents"][0]["parts"][1]) for b in recorder.bodies]
    assert sorted(arrived, key=len) == documents


def test_a_prompt_cannot_pass_for_a_document() -> None:
    """The place of a document is no text, whatever a prompt says."""
    mark = base64.urlsafe_b64encode(under_test.stand_in(0)).decode()
    prompt = f'"{mark}" {{"data": "{mark}"}} {mark}'
    recorder = Recorder()
    talk(recorder, (Part(PDF, b"%PDF"),), template=RequestTemplate("m", prompt, SCHEMA, {}))
    text, part = recorder.request["contents"][0]["parts"]
    assert text["text"] == prompt
    assert carried(part) == b"%PDF"


def test_a_request_without_a_place_for_the_document_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An SDK that builds requests in another way stops the job before anything is paid."""
    monkeypatch.setattr(under_test, "stand_in", lambda _: b"something else")
    recorder = Recorder()
    (fault,) = talk(recorder, (Part(PDF, b"%PDF"),))
    assert isinstance(fault, JobFault)
    assert "google-genai" in fault.message
    assert recorder.bodies == []


def test_a_large_document_is_not_copied() -> None:
    """While it is sent, memory grows by far less than the document has."""
    content = document(16 << 20)
    peaks = []

    class Counting(Recorder):
        async def _handle(self, request: Any) -> Any:
            async for _ in request.content.iter_any():
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            return aiohttp.web.Response(body=self.reply, content_type="application/json")

    tracemalloc.start()
    try:
        (reply,) = talk(Counting(), (Part(PDF, content),))
    finally:
        tracemalloc.stop()
    assert isinstance(reply, Response)
    assert peaks[0] < 8 << 20


def test_nothing_holds_a_document_once_its_call_has_ended() -> None:
    """Connections outlive calls; what they were opened for must not stay with them."""

    async def work() -> tuple[int, int]:
        listening, server = await recorder.serve()
        host, port = listening.sockets[0].getsockname()
        client = under_test.GenaiClient(
            under_test.Connection("developer", endpoint=f"http://{host}:{port}"),
            RequestTemplate("m", "Read it.", SCHEMA, {}),
            lambda: 0.0,
            "key",
        )
        parts = (Part(PDF, content),)
        before = sys.getrefcount(content)
        await client.generate(parts, 64)
        after = sys.getrefcount(content)
        await client.close()
        listening.close()
        await server.shutdown(timeout=0.1)
        return before, after

    recorder, content = Recorder(), document(100_000)
    before, after = asyncio.run(work())
    assert after == before


def test_connections_are_used_again_above_a_hundred_calls_in_flight() -> None:
    """Calls of a second wave find the connections of the first."""
    in_flight = 150
    arrived = 0
    all_there = asyncio.Event()

    async def ready() -> None:
        nonlocal arrived
        arrived += 1
        if arrived % in_flight == 0:
            all_there.set()
        await all_there.wait()

    async def work() -> None:
        listening, server = await recorder.serve()
        host, port = listening.sockets[0].getsockname()
        client = under_test.GenaiClient(
            under_test.Connection("developer", endpoint=f"http://{host}:{port}"),
            RequestTemplate("m", "Read it.", SCHEMA, {}),
            lambda: 0.0,
            "key",
        )
        for _ in range(3):
            all_there.clear()
            await asyncio.gather(
                *(client.generate((Part(PDF, b"%PDF"),), 64) for _ in range(in_flight))
            )
        await client.close()
        listening.close()
        await server.shutdown(timeout=0.1)

    recorder = Recorder(ready=ready)
    asyncio.run(work())
    assert len(recorder.bodies) == 3 * in_flight
    assert len(recorder.connections) == in_flight


def test_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls go through HTTP_PROXY, unless NO_PROXY names their host."""

    async def work() -> list[str]:
        listening, server = await recorder.serve()
        host, port = listening.sockets[0].getsockname()
        monkeypatch.setenv("http_proxy", f"http://{host}:{port}")
        replies = []
        for no_proxy in ("", "gemini.invalid"):
            monkeypatch.setenv("no_proxy", no_proxy)
            client = under_test.GenaiClient(
                under_test.Connection("developer", endpoint="http://gemini.invalid"),
                RequestTemplate("m", "Read it.", SCHEMA, {}),
                lambda: 0.0,
                "key",
            )
            replies.append(await client.generate((Part(PDF, b"%PDF"),), 64))
            await client.close()
        listening.close()
        await server.shutdown(timeout=0.1)
        return [type(reply).__name__ for reply in replies]

    recorder = Recorder()
    assert asyncio.run(work()) == ["Response", "TransportError"]
    assert recorder.targets[0].startswith("http://gemini.invalid/")


def test_a_netrc_is_none_of_our_business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its default entry would collide with Vertex AI's own authorization."""
    (tmp_path / "netrc").write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    recorder = Recorder()
    (reply,) = talk(recorder, (Part(PDF, uri="gs://b/a.pdf"),), service="vertex")
    assert isinstance(reply, Response)
    assert recorder.headers[0]["Authorization"].startswith("Bearer ")
