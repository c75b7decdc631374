"""Batch endpoints by REST: what is sent, each once, and what replies mean. Against a recorder."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.batch_service import CallRefused, CallUnclear, NoSuchJob, Order
from sluicegate.asking.response import ApiError, Response
from sluicegate.asking.verdict import FailJob, RateLimited
from sluicegate.document_types.load import load_document_type
from sluicegate.gemini.batch import DeveloperBatches, VertexBatches, batches_of
from sluicegate.gemini.batch.lines import read_rows, read_state, request_body
from sluicegate.gemini.batch.vertex_input import refusal
from sluicegate.gemini.connection import Connection, RequestTemplate
from sluicegate.gemini.response_schema import response_schema
from sluicegate.media.prepare import Part

KEY = "key-of-a-test"
TEMPLATE = RequestTemplate("gemini-3.1-flash-lite", "Read it.", {"type": "OBJECT"}, {})
ORDER = Order("sluicegate-ab-1-a1", "gemini-3.1-flash-lite", "files/in", "gs://b/out")


class Recorder:
    """A service that keeps what it is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.replies: list[tuple[int, Any]] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                recorder.requests.append(
                    (self.command, self.path, headers, self.rfile.read(length))
                )
                status, body = recorder.replies.pop(0) if recorder.replies else (200, {})
                if status == 0:  # the connection breaks
                    self.close_connection = True
                    return
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                if "upload_id" not in self.path and self.path.startswith("/upload"):
                    place = f"{recorder.url}/upload/v1beta/files?upload_id=1"
                    self.send_header("X-Goog-Upload-URL", place)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = _answer  # noqa: N815 - of the base

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def last(self) -> tuple[str, str, Any]:
        """Method, path and JSON of the last request."""
        method, path, _, body = self.requests[-1]
        return method, path, json.loads(body) if body else None


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """Run a recorder."""
    found = Recorder()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def developer(recorder: Recorder) -> DeveloperBatches:
    """Return the Developer API at the recorder."""
    return DeveloperBatches(Connection("developer", endpoint=recorder.url), TEMPLATE, KEY)


@pytest.fixture
def vertex(recorder: Recorder) -> VertexBatches:
    """Return Vertex AI at the recorder."""
    connection = Connection("vertex", project="p", location="global", endpoint=recorder.url)
    return VertexBatches(connection, TEMPLATE)


def test_the_developer_api_is_asked_in_its_own_words(
    developer: DeveloperBatches, recorder: Recorder, tmp_path: Path
) -> None:
    """Upload in two requests, create, get, list to the end, cancel, download; key in a header."""
    (tmp_path / "input.jsonl").write_bytes(b'{"key": "r-1"}\n')
    recorder.replies = [(200, b""), (200, {"file": {"name": "files/in"}})]
    assert developer.send_input(str(tmp_path / "input.jsonl"), "name") == "files/in"
    (_, path, headers, body), (_, to, more, data) = recorder.requests
    assert path == "/upload/v1beta/files"
    assert headers["x-goog-upload-command"] == "start"
    assert headers["x-goog-upload-header-content-length"] == "15"
    assert json.loads(body) == {"file": {"displayName": "name", "mimeType": "application/jsonl"}}
    assert (to, data) == ("/upload/v1beta/files?upload_id=1", b'{"key": "r-1"}\n')
    assert more["x-goog-upload-command"] == "upload, finalize"
    recorder.replies = [(200, {"name": "batches/7"})]
    assert developer.create(ORDER) == "batches/7"
    assert recorder.last == (
        "POST",
        "/v1beta/models/gemini-3.1-flash-lite:batchGenerateContent",
        {"batch": {"displayName": ORDER.display_name, "inputConfig": {"fileName": "files/in"}}},
    )
    about = {
        "displayName": ORDER.display_name, "state": "BATCH_STATE_SUCCEEDED",
        "createTime": "2026-11-01T00:00:00Z", "endTime": "2026-11-01T01:00:00Z",
        "batchStats": {"requestCount": "3", "successfulRequestCount": "2"},
        "output": {"responsesFile": "files/batch-7"},
    }  # fmt: skip
    recorder.replies = [(200, {"name": "batches/7", "metadata": about, "done": True})]
    job = developer.get("batches/7")
    assert recorder.last[:2] == ("GET", "/v1beta/batches/7")
    assert (job.state, job.succeeded, job.results) == ("succeeded", 2, "files/batch-7")
    assert job.ended_at is not None
    recorder.replies = [
        (200, {"operations": [{"name": "batches/9", "metadata": {"displayName": "other"}}],
               "nextPageToken": "two"}),
        (200, {"operations": [{"name": "batches/7", "metadata": about}]}),
    ]  # fmt: skip
    assert [each.name for each in developer.find(ORDER.display_name)] == ["batches/7"]
    assert recorder.last[1] == "/v1beta/batches?pageSize=100&pageToken=two"
    developer.cancel("batches/7")
    assert recorder.last == ("POST", "/v1beta/batches/7:cancel", {})
    recorder.replies = [(200, b'{"key": "r-1", "error": {"code": 9, "message": "later"}}\n')]
    (row,) = developer.results(job)
    assert recorder.last[:2] == ("GET", "/download/v1beta/files/batch-7:download?alt=media")
    assert row.reply == ApiError(500, {"code": 9, "message": "later"})
    assert {headers.get("x-goog-api-key") for _, _, headers, _ in recorder.requests} == {KEY}
    assert KEY not in "".join(path for _, path, _, _ in recorder.requests)
    assert KEY not in developer.key


def test_vertex_ai_is_asked_in_its_own_words(vertex: VertexBatches, recorder: Recorder) -> None:
    """Input and output in the bucket, a label, and a filter by display name."""
    name = "projects/p/locations/global/batchPredictionJobs/7"
    recorder.replies = [(200, {"name": name})]
    assert vertex.create(ORDER) == name
    method, path, body = recorder.last
    assert (method, path) == ("POST", "/v1/projects/p/locations/global/batchPredictionJobs")
    assert body == {
        "displayName": ORDER.display_name,
        "model": "publishers/google/models/gemini-3.1-flash-lite",
        "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": ["files/in"]}},
        "outputConfig": {
            "predictionsFormat": "jsonl",
            "gcsDestination": {"outputUriPrefix": "gs://b/out"},
        },
        "labels": {"sluicegate-shard": ORDER.display_name},
    }
    recorder.replies = [
        (200, {"name": name, "state": "JOB_STATE_FAILED", "error": {"code": 3, "message": "bad"},
               "completionStats": {"successfulCount": "-1"}})
    ]  # fmt: skip
    job = vertex.get(name)
    assert recorder.last[1] == f"/v1/{name}"
    assert (job.state, job.succeeded, job.error) == ("failed", None, "3: bad")
    recorder.replies = [(200, {})]
    assert vertex.find("a-name") == []
    assert recorder.last[1].endswith("?filter=display_name%3D%22a-name%22&pageSize=100")
    vertex.cancel(name)
    assert recorder.last[:2] == ("POST", f"/v1/{name}:cancel")


def test_a_create_is_sent_once_whatever_comes_back(
    developer: DeveloperBatches, recorder: Recorder
) -> None:
    """A broken connection, an error of the server and no JSON leave it open whether it was done."""
    for reply in ((0, b""), (503, {}), (500, b"<html>"), (200, b"{"), (200, []), (200, {})):
        recorder.requests.clear()
        recorder.replies = [reply]
        with pytest.raises(CallUnclear):
            developer.create(ORDER)
        assert len(recorder.requests) == 1, reply


@pytest.mark.parametrize(
    ("status", "error", "verdict", "kind"),
    [
        (429, {"status": "RESOURCE_EXHAUSTED", "message": "quota"}, RateLimited, CallRefused),
        (400, {"message": "API key not valid"}, FailJob, CallRefused),
        (401, {"message": "no"}, FailJob, CallRefused),
        (403, {"message": "The caller does not have permission"}, FailJob, NoSuchJob),
        (404, {"message": "models/x is not found"}, FailJob, NoSuchJob),
    ],
)
def test_a_refusal_says_that_nothing_was_done(
    developer: DeveloperBatches, recorder: Recorder, status: int, error: Any, verdict: Any,
    kind: type[CallRefused],
) -> None:  # fmt: skip
    """And whose fault it is; no key is in what is said."""
    recorder.replies = [(status, {"error": {**error, "message": f"{error['message']} {KEY}"}})]
    with pytest.raises(CallRefused) as refused:
        developer.create(ORDER)
    assert type(refused.value) is kind
    assert isinstance(refused.value.verdict, verdict)
    assert KEY not in str(refused.value)


def test_a_request_names_or_holds_its_document(vertex: VertexBatches) -> None:
    """Prompt first; the schema and the limit in its configuration, and no tier."""
    body = vertex.request((Part("application/pdf", uri="gs://b/a.pdf"),), 99)
    assert body["contents"][0]["parts"] == [
        {"text": "Read it."},
        {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/a.pdf"}},
    ]
    assert body["generationConfig"] == {
        "responseMimeType": "application/json", "responseSchema": {"type": "OBJECT"},
        "maxOutputTokens": 99,
    }  # fmt: skip
    assert set(body) == {"contents", "generationConfig"}
    inline = vertex.request((Part("image/png", b"\x00\x01"),), 99)
    assert inline["contents"][0]["parts"][1] == {
        "inlineData": {"mimeType": "image/png", "data": "AAE="}
    }


def test_rows_are_read_as_both_services_write_them() -> None:
    """A response, a status that is not empty, an error, and what no service would send."""
    answer = {"candidates": [{"content": {"parts": [{"text": "{}"}]}, "finishReason": "STOP"}]}
    lines = [
        {"key": "r-1", "response": answer, "status": "", "processed_time": "2026-12-31T23:59:59Z"},
        {"key": "r-2", "response": {}, "status": 'Bad Request: {"error": {}}'},
        {"key": "r-3", "error": {"code": 429, "message": "busy"}},
        {"key": "r-4", "response": {"odd": 1}},
        {"key": "r-5"},
    ]
    rows = list(read_rows([json.dumps(line).encode() for line in lines] + [b" "]))
    assert isinstance(rows[0].reply, Response)
    assert rows[0].served_at == "2026-12-31T23:59:59+00:00"
    assert isinstance(rows[1].reply, ApiError)
    assert rows[2].reply == ApiError(429, {"code": 429, "message": "busy"})
    assert [row.reply for row in rows[3:]] == [None, None]
    for bad in (b"{", b"[]", b'{"key": 1}'):
        with pytest.raises(ValueError, match=r".+"):
            list(read_rows([bad]))


def test_only_a_last_state_that_is_known_is_one() -> None:
    """A state of tomorrow is looked at again."""
    assert read_state("JOB_STATE_PARTIALLY_SUCCEEDED") == "partial"
    assert read_state("BATCH_STATE_EXPIRED") == "expired"
    assert read_state("JOB_STATE_CANCELLING") == "running"
    assert read_state("JOB_STATE_OF_TOMORROW") == read_state(None) == "running"


def test_each_service_has_its_own(recorder: Recorder) -> None:
    """The door takes a connection."""
    connection = Connection("developer", endpoint=recorder.url)
    assert isinstance(batches_of(connection, TEMPLATE, KEY), DeveloperBatches)
    with_project = Connection("vertex", project="p", endpoint=recorder.url)
    assert batches_of(with_project, TEMPLATE, "").key == "p"


def test_the_importer_of_vertex_ai_takes_the_built_in_types() -> None:
    """And refuses what is nested too deeply, or has names that are no columns'."""
    for name in ("invoice", "receipt"):
        schema = response_schema(load_document_type(name))
        template = RequestTemplate("gemini-3.1-flash-lite", "Read it.", schema, {})
        assert not refusal(request_body(template, (), 99))
    deep: dict[str, Any] = {"type": "STRING"}
    for level in range(4):
        deep = {"type": "OBJECT", "properties": {f"in{level}": {"type": "ARRAY", "items": deep}}}
    assert "16 levels" in refusal({"generationConfig": {"responseSchema": deep}})
    assert "'total $'" in refusal({"properties": {"total $": {"type": "STRING"}}})
