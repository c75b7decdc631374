"""The API key: where it goes, and where it must not."""

import gzip
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from support import KEY, Job, write_invoices

from emulators.gemini import GeminiEndpoint
from pipeline.graph import build
from pipeline.launch import prepare

REPOSITORY = Path(__file__).parents[2]


def test_the_key_goes_in_the_header_alone(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The endpoint saw it in x-goog-api-key; no log, record, journal or summary has it."""
    caplog.set_level(logging.DEBUG)
    write_invoices(tmp_path / "in", 3)
    landed = job(input=str(tmp_path / "in/*"))
    requests = endpoint.requests()
    assert len(requests) == 3
    for request in requests:
        headers = {name.lower(): value for name, value in request["headers"].items()}
        assert headers["x-goog-api-key"] == KEY
        assert request["path"].endswith("/models/gemini-3.1-flash-lite:generateContent")
        assert KEY not in request["path"]
    assert KEY not in caplog.text
    assert landed.summary.rows == 3
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            data = gzip.decompress(data) if path.suffix == ".gz" else data
            assert KEY.encode() not in data


def test_the_graph_has_no_key(endpoint: GeminiEndpoint, tmp_path: Path, api_key: str) -> None:
    """What would be sent to a runner, options included, does not contain the key."""
    import apache_beam as beam  # noqa: PLC0415

    write_invoices(tmp_path / "in", 1)
    prepared = prepare([f"--input={tmp_path}/in/*", f"--output={tmp_path}/out"])
    assert isinstance(prepared.options, PipelineOptions)
    pipeline = beam.Pipeline(options=prepared.options)
    build(pipeline, prepared.settings)
    assert KEY.encode() not in pipeline.to_runner_api().SerializeToString()
    assert KEY not in json.dumps(prepared.options.get_all_options(), default=str)
    assert KEY not in json.dumps(prepared.settings.describe())


def test_a_wrong_key_is_one_sentence_without_the_key(
    endpoint: GeminiEndpoint, tmp_path: Path, api_key: str
) -> None:
    """The command says that the key was refused and does not repeat it."""
    write_invoices(tmp_path / "in", 2)
    endpoint.set_behaviour(api_key="another")
    done = subprocess.run(
        [
            sys.executable, "-m", "pipeline", f"--input={tmp_path}/in/*",
            f"--output={tmp_path}/out", f"--gemini_endpoint={endpoint.url}",
        ],
        cwd=REPOSITORY, env={**os.environ, "GEMINI_API_KEY": KEY}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "bad_credentials" in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY not in done.stderr + done.stdout


def test_make_run_reaches_the_real_api_when_a_key_is_set(
    endpoint: GeminiEndpoint, tmp_path: Path, api_key: str
) -> None:
    """`make run INPUT=…` with a key and a base URL calls there, the key in a header."""
    write_invoices(tmp_path / "mine", 2)
    done = subprocess.run(
        [
            sys.executable, "-m", "samples.demo", "--input", f"{tmp_path}/mine/*.pdf",
            "--journal", f"{tmp_path}/journal",
        ],
        cwd=REPOSITORY,
        env={**os.environ, "GEMINI_API_KEY": KEY, "GEMINI_ENDPOINT": endpoint.url},
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 rows" in done.stdout
    assert KEY not in done.stderr + done.stdout
    requests = endpoint.requests()
    assert [request["status"] for request in requests] == [200, 200]
    assert {request["path"] for request in requests} == {
        "/v1beta/models/gemini-3.1-flash-lite:generateContent"
    }
    headers = {name.lower(): value for name, value in requests[0]["headers"].items()}
    assert headers["x-goog-api-key"] == KEY
    assert headers["content-type"].startswith("application/json")
    assert len({request["document"] for request in requests}) == 2
    assert len(list((tmp_path / "journal").rglob("*.gz"))) == 2, "it outlives the local cloud"
