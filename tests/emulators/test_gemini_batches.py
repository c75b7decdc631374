"""The stand-in's batch services: rules, pages of a list, refusals, and what a job returns."""

import json
from typing import Any

import pytest

from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.gemini.batches.rules import COURSE, FAULTS, BatchPlan, BatchRule
from emulators.loopback import Loopback

HEADERS = {"x-goog-api-key": "one.key", "Content-Type": "application/json"}
BODY = {"contents": [{"role": "user", "parts": [{"text": "Say it."}]}]}


def uploaded(connection: Loopback, lines: list[dict[str, Any]]) -> str:
    """Upload an input as the SDK does; return its name."""
    data = "\n".join(map(json.dumps, lines)).encode()
    connection._connection.request(
        "POST", "/upload/v1beta/files", body=b"{}",
        headers={**HEADERS, "X-Goog-Upload-Command": "start"},
    )  # fmt: skip
    begun = connection._connection.getresponse()
    begun.read()
    place = begun.headers["X-Goog-Upload-URL"].partition("/upload")[2]
    status, body = connection.send(
        "POST", f"/upload{place}", data, {**HEADERS, "X-Goog-Upload-Command": "upload, finalize"}
    )
    assert status == 200
    return str(json.loads(body)["file"]["name"])


def created(connection: Loopback, name: str, display_name: str = "mine") -> tuple[int, Any]:
    """Create a job on an uploaded file."""
    batch = {"displayName": display_name, "inputConfig": {"fileName": name}}
    status, body = connection.send(
        "POST", "/v1beta/models/gemini-3.1-flash-lite:batchGenerateContent",
        json.dumps({"batch": batch}).encode(), HEADERS,
    )  # fmt: skip
    return status, json.loads(body)


def test_a_job_answers_its_rows_and_is_its_projects_alone() -> None:
    """States, counts as text, results by key; another key sees nothing."""
    with GeminiEndpoint(Behaviour(), reader="canned") as endpoint, Loopback(endpoint.port) as here:
        name = uploaded(here, [{"key": f"r-{n}", "request": BODY} for n in range(60)])
        status, job = created(here, name)
        assert (status, job["metadata"]["state"]) == (200, "BATCH_STATE_PENDING")
        endpoint.wait_for_batch_jobs()
        status, body = here.send("GET", f"/v1beta/{job['name']}", None, HEADERS)
        done = json.loads(body)
        assert done["metadata"]["state"] == "BATCH_STATE_SUCCEEDED"
        assert done["metadata"]["batchStats"] == {
            "requestCount": "60", "successfulRequestCount": "60"
        }  # fmt: skip
        results = done["metadata"]["output"]["responsesFile"]
        status, body = here.send("GET", f"/download/v1beta/{results}:download?alt=media", None,
                                 HEADERS)  # fmt: skip
        keys = [json.loads(line)["key"] for line in body.splitlines()]
        assert sorted(keys) == sorted(f"r-{n}" for n in range(60))
        assert keys != sorted(keys, key=lambda key: int(key[2:])), "the order says nothing"
        other = {**HEADERS, "x-goog-api-key": "other.key"}
        assert here.send("GET", f"/v1beta/{job['name']}", None, other)[0] == 404
        assert json.loads(here.send("GET", "/v1beta/batches", None, other)[1]) == {"operations": []}


def test_a_list_has_pages_and_a_lag() -> None:
    """Newest first, fifty a page at most."""
    with GeminiEndpoint(Behaviour(), reader="canned") as endpoint, Loopback(endpoint.port) as here:
        name = uploaded(here, [{"key": "r-1", "request": BODY}])
        for number in range(55):
            created(here, name, f"job-{number}")
        first = json.loads(here.send("GET", "/v1beta/batches?pageSize=100", None, HEADERS)[1])
        assert len(first["operations"]) == 50
        assert first["operations"][0]["metadata"]["displayName"] == "job-54"
        token = first["nextPageToken"]
        rest = json.loads(here.send("GET", f"/v1beta/batches?pageToken={token}", None, HEADERS)[1])
        assert len(rest["operations"]) == 5
        assert "nextPageToken" not in rest
        endpoint.set_behaviour(batch_list_lag=3600.0)
        assert not json.loads(here.send("GET", "/v1beta/batches", None, HEADERS)[1])["operations"]


def test_a_job_is_refused_as_the_service_refuses_it() -> None:
    """A line that is none, a file that is not there, and too many open jobs."""
    with GeminiEndpoint(Behaviour(), reader="canned") as endpoint, Loopback(endpoint.port) as here:
        assert created(here, "files/none")[0] == 400
        bad = uploaded(here, [{"key": "r-1", "request": {"odd": 1}}])
        status, said = created(here, bad)
        assert status == 400
        assert "Unknown name" in said["error"]["message"]
        endpoint.set_behaviour(batch_max_open=1, batch_pending=3600.0)
        name = uploaded(here, [{"key": "r-1", "request": BODY}])
        assert created(here, name)[0] == 200
        assert created(here, name)[0] == 429
        assert endpoint.stats()["answered_documents"] == 0


def test_rules_strike_as_often_as_they_say() -> None:
    """And only those of the moment; one that does not exist is refused."""
    plan = BatchPlan([BatchRule(fault="stuck", next=1), BatchRule(fault="missing", share=0.5)])
    assert plan.draw(COURSE) == {"stuck": 0.2}
    assert plan.draw(COURSE) == {}
    assert plan.draw(FAULTS) == {"missing": 0.5}
    assert BatchRule.from_text("failed_rows,share=0.1,next=2") == BatchRule(
        fault="failed_rows", share=0.1, next=2
    )
    for text in ("nothing", "stuck,often=1"):
        with pytest.raises(ValueError, match="batch fault"):
            BatchRule.from_text(text)
