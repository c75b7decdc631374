"""Two runs on one journal: the second is refused before any call, until the first has ended."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starting import started
from support import KEY, Job, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.command import main
from pipeline.launch import to_arguments
from sluicegate.asking import lease as leases
from sluicegate.asking.holder import Holder
from sluicegate.asking.lease import Lease, encode
from sluicegate.storage import store_for

DOCUMENTS = 8


@pytest.fixture
def flags(tmp_path: Path, endpoint: GeminiEndpoint, api_key: str) -> dict[str, Any]:
    """Return the flags of a run that takes a while: one call at a time."""
    write_invoices(tmp_path / "in", DOCUMENTS)
    return {
        "input": f"{tmp_path}/in/*.pdf",
        "output": f"{tmp_path}/out",
        "gemini_endpoint": endpoint.url,
        "max_in_flight": 1,
    }


def lease_in(journal: Path) -> dict[str, Any]:
    """Return what the lease of a journal says."""
    found: dict[str, Any] = json.loads((journal / "lease.json").read_text())
    return found


@contextmanager
def running(flags: dict[str, Any], folder: Path, endpoint: GeminiEndpoint) -> Iterator[Any]:
    """Run the command as a process that has had an answer; kill it in the end."""
    with started(to_arguments(flags), folder) as process:
        while endpoint.stats()["answered"] < 1:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
        yield process


def test_a_second_run_is_refused_and_one_that_was_killed_is_no_hindrance(
    flags: dict[str, Any],
    tmp_path: Path,
    endpoint: GeminiEndpoint,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 3 and one sentence; after a SIGKILL the same command goes on at once."""
    endpoint.set_behaviour(latency=0.3)
    with running({**flags, "run_id": "first"}, tmp_path, endpoint) as process:
        assert main(to_arguments({**flags, "run_id": "second"})) == 3
        assert process.poll() is None
        printed = capsys.readouterr()
        (_, line) = printed.err.splitlines()
        assert line.startswith("not started: run first on ")
        assert f"(process {process.pid})" in line
        assert f"works on the journal {tmp_path}/out/journal" in line
        assert "its place is free in" in line
        assert line.endswith("(journal_in_use)")
        assert not list((tmp_path / "out").glob("*/second*")), "nothing of it was begun"
        process.send_signal(signal.SIGKILL)
        process.wait()
    answered = endpoint.stats()["answered"]
    endpoint.set_behaviour(latency=0.0)
    summary = pipeline.run(**flags, run_id="third")
    assert summary is not None
    assert (summary.rows, summary.balanced) == (DOCUMENTS, True)
    assert endpoint.stats()["answered"] - answered <= DOCUMENTS
    assert lease_in(tmp_path / "out/journal")["released"]


def test_another_journal_is_another_matter(
    flags: dict[str, Any], tmp_path: Path, endpoint: GeminiEndpoint
) -> None:
    """Two runs at once are fine where each has its own."""
    endpoint.set_behaviour(latency=0.3)
    with running({**flags, "run_id": "first"}, tmp_path, endpoint) as process:
        summary = pipeline.run(**flags | {"output": f"{tmp_path}/other", "max_in_flight": 8})
        assert process.poll() is None
    assert summary is not None
    assert summary.rows == DOCUMENTS


@pytest.mark.parametrize("fault", [None, "http_401", "http_429_daily"])
def test_the_lease_is_given_back_however_a_run_ends(
    fault: str | None,
    flags: dict[str, Any],
    tmp_path: Path,
    endpoint: GeminiEndpoint,
    tenfold_clock: None,
) -> None:
    """Well, or by a fault of the job: the next run need not wait."""
    if fault:
        endpoint.set_behaviour(faults=[{"fault": fault}])
        with pytest.raises(pipeline.RunFailed):
            pipeline.run(**flags)
    else:
        pipeline.run(**flags)
    found = lease_in(tmp_path / "out/journal")
    assert found["released"]
    assert KEY not in json.dumps(found)


def test_a_run_that_lost_its_journal_stops_calling(
    flags: dict[str, Any],
    tmp_path: Path,
    endpoint: GeminiEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a laptop that slept: what is in flight ends and is kept, no other call begins."""
    monkeypatch.setattr(leases, "Terms", partial(leases.Terms, renew_seconds=0.05))
    uri = f"{tmp_path}/out/journal/lease.json"
    endpoint.set_behaviour(latency=0.2)
    other = encode(Lease(Holder("another", "a-server"), "token", "noon", "noon"))

    def take_over() -> None:
        while endpoint.stats()["answered"] < 2:
            threading.Event().wait(0.01)
        store_for(uri).write(uri, other)

    thief = threading.Thread(target=take_over)
    thief.start()
    with pytest.raises(pipeline.RunFailed) as failed:
        pipeline.run(**flags)
    thief.join()
    said = str(failed.value)
    assert said.startswith(f"run another on a-server took over the journal {tmp_path}/out/journal")
    assert said.endswith("it goes on from here (journal_in_use)")
    calls = endpoint.stats()["calls"]
    assert calls < DOCUMENTS
    assert len(list((tmp_path / "out/journal").rglob("*.json.gz"))) == calls, "all are kept"
    assert Path(uri).read_bytes() == other, "and the other's lease is the other's"
    Path(uri).unlink()  # that run has ended
    summary = pipeline.run(**flags)
    assert summary is not None
    assert (summary.rows, summary.journaled) == (DOCUMENTS, calls)
    assert endpoint.stats()["calls"] == DOCUMENTS


def test_in_a_bucket_it_is_the_same(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, cloud: LocalCloud
) -> None:
    """A live lease refuses a run, a stale one does not; both by the bucket's own time."""
    write_invoices(tmp_path / "in", 2)
    journal = f"gs://sluicegate/{tmp_path.name}/journal"
    command = partial(job, input=f"{tmp_path}/in/*", journal=journal)
    uri = f"{journal}/lease.json"
    store_for(uri).write(uri, encode(Lease(Holder("another", "a-server"), "t", "noon", "noon")))
    with pytest.raises(pipeline.RunFailed, match="run another on a-server, begun noon, works on"):
        command()
    assert endpoint.stats()["calls"] == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leases, "Terms", partial(leases.Terms, stale_seconds=0.001))
        assert command().summary.rows == 2
    assert json.loads(store_for(uri).read(uri))["released"]
