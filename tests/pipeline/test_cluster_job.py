"""A job at a Beam job server, as of Flink, goes on without its launcher: by Beam's real one."""

import json
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apache_beam.runners.portability.local_job_service import LocalJobServicer
from starting import started
from support import read_rows, write_invoices

from emulators.gemini import GeminiEndpoint
from pipeline import cluster_job, remote_job
from pipeline.command import main
from pipeline.launch import to_arguments

DOCUMENTS = 6


class JobServer:
    """Beam's job server, whose jobs run in this process; it can go away and come back."""

    def __init__(self) -> None:
        self._servicer = LocalJobServicer()
        self.port = self._servicer.start_grpc_server()

    def lose(self) -> None:
        """Break every connection; the jobs go on."""
        self._servicer._server.stop(None).wait()

    def come_back(self) -> None:
        """Listen again, with the jobs there are."""
        self._servicer.start_grpc_server(self.port)

    def stop(self) -> None:
        """End it."""
        self._servicer.stop(None)


@pytest.fixture
def server() -> Iterator[JobServer]:
    """Run a job server."""
    running = JobServer()
    yield running
    running.stop()


@pytest.fixture
def flags(
    server: JobServer, tmp_path: Path, endpoint: GeminiEndpoint, api_key: str
) -> dict[str, Any]:
    """Return the flags of a job there."""
    write_invoices(tmp_path / "in", DOCUMENTS)
    return {
        "runner": "PortableRunner",
        "job_endpoint": f"localhost:{server.port}",
        "environment_type": "beam:env:embedded_python:v1",
        "input": f"{tmp_path}/in/*.pdf",
        "output": f"{tmp_path}/out",
        "gemini_endpoint": endpoint.url,
        "max_in_flight": 1,
    }


def until(reached: Any) -> None:
    """Wait for something, a minute at most."""
    end = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_its_id_and_how_to_cancel_it_are_said_at_submission(
    flags: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And when it has ended the journal is free."""
    assert main(to_arguments({**flags, "run_id": "there"})) == 0
    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"Created job with id: \[\S+\]", lines[1])
    assert f"(job server {flags['job_endpoint']})" in lines[2]
    assert "cancel it: flink cancel JOB_ID" in lines[3]
    assert json.loads((tmp_path / "out/journal/lease.json").read_text())["released"]
    assert len(read_rows(f"{tmp_path}/out/rows/there/rows-*.avro")) == DOCUMENTS


# Beam's thread that reads messages ends with the connection, and says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_server_that_was_away_is_asked_for_the_end(
    flags: dict[str, Any],
    server: JobServer,
    endpoint: GeminiEndpoint,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The trouble is said once; the job's summary is shown as ever."""
    monkeypatch.setattr(remote_job, "_FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(cluster_job, "_LOOK_SECONDS", 0.05)
    endpoint.set_behaviour(latency=0.3)

    def go_and_come_back() -> None:
        until(lambda: endpoint.stats()["answered"])
        server.lose()
        until(lambda: endpoint.stats()["answered"] > 2)
        server.come_back()

    away = threading.Thread(target=go_and_come_back)
    away.start()
    assert main(to_arguments(flags)) == 0
    away.join()
    printed = capsys.readouterr()
    assert printed.err.count("the job cannot be seen now") == 1
    assert f"= {DOCUMENTS} rows + 0 failures" in printed.out


def test_control_c_leaves_it_and_its_journal(
    flags: dict[str, Any],
    tmp_path: Path,
    endpoint: GeminiEndpoint,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Code 130 and one sentence; the same command is refused until the job has ended by itself."""
    endpoint.set_behaviour(latency=0.7)
    with started(to_arguments({**flags, "run_id": "left"}), tmp_path) as launcher:
        until(lambda: endpoint.stats()["answered"] or launcher.poll() is not None)
        # Else the job may end, on a busy machine, before the second command looks for it.
        endpoint.set_behaviour(latency=5.0)
        launcher.send_signal(signal.SIGINT)
        _, said = launcher.communicate(timeout=30)
    last = said.splitlines()[-1]
    assert launcher.returncode == 130, said
    assert "goes on without this command" in last
    assert "Do not run the same command again before it has ended" in last
    assert main(to_arguments({**flags, "run_id": "second"})) == 3
    assert "not started: run left on" in capsys.readouterr().err
    endpoint.set_behaviour(latency=0.0)
    lease = tmp_path / "out/journal/lease.json"
    until(lambda: json.loads(lease.read_text())["released"])
    assert endpoint.stats()["calls"] == DOCUMENTS
    assert len(read_rows(f"{tmp_path}/out/rows/left/rows-*.avro")) == DOCUMENTS
