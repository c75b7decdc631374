"""--wait: until when a further run is put off, with a clock and pauses that cost no time."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from batching import Laboratory, described
from support import write_invoices

from emulators.gemini import GeminiEndpoint
from pipeline.waiting import OpenJobs, again, wait_for_jobs
from sluicegate.batch.connect import BatchSettings
from sluicegate.pacing.clock import Clock


class Time:
    """A clock that only pauses move, and what happens during them."""

    def __init__(self) -> None:
        self.seconds, self.pauses = 0.0, list[float]()

    @property
    def clock(self) -> Clock:
        """The clock."""
        return Clock(monotonic=lambda: self.seconds)

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses.append(seconds)
        self.seconds += seconds


@pytest.fixture
def lab(tmp_path: Path, endpoint: GeminiEndpoint, api_key: str) -> Laboratory:
    """Return a laboratory with a job that does not end by itself."""
    endpoint.set_behaviour(batch_pending=3600.0)
    documents = described(write_invoices(tmp_path / "in", 2))
    made = Laboratory(tmp_path, endpoint, documents, BatchSettings(canary=0))
    made.run()
    return made


def settings(lab: Laboratory) -> Any:
    """Return what of a run's settings is looked at."""
    return SimpleNamespace(batch=lab.connect("waits"))


def test_a_job_that_ends_is_worth_a_run(lab: Laboratory) -> None:
    """It is looked for more and more rarely, at most once a minute."""
    time, said = Time(), list[str]()

    def pause(seconds: float) -> None:
        time.pause(seconds)
        if time.seconds > 600:
            lab.endpoint.hurry_batch_jobs()
            lab.settle()

    left = wait_for_jobs(settings(lab), 3600, said.append, time.clock, pause)
    assert left == 3600 - time.seconds
    assert 600 < time.seconds < 700
    assert time.pauses[0] == 1
    assert max(time.pauses) == 60
    assert said == ["waiting for 1 batch job, at most 1.0 h"]


def test_at_the_end_of_the_time_there_is_no_more_left(lab: Laboratory) -> None:
    """Whatever the jobs do: one more run, and that was it."""
    time = Time()
    assert wait_for_jobs(settings(lab), 100, str, time.clock, time.pause) == 0
    assert time.seconds == 100


def test_documents_that_are_held_back_are_tried_again_soon(
    tmp_path: Path, endpoint: GeminiEndpoint, api_key: str
) -> None:
    """Where no job is open there is nothing to look at: the service took none."""
    time = Time()
    lab = Laboratory(tmp_path, endpoint, ())
    left = wait_for_jobs(settings(lab), 3600, str, time.clock, time.pause)
    assert 300 <= time.seconds <= 360
    assert left > 3000


def test_a_job_whose_creation_is_unclear_is_looked_for_after_two_minutes(
    tmp_path: Path, endpoint: GeminiEndpoint, api_key: str
) -> None:
    """And one that cannot be seen at all is for the run to tell."""
    endpoint.set_behaviour(batch_faults=[{"fault": "no_job_503"}])
    documents = described(write_invoices(tmp_path / "in", 2))
    lab = Laboratory(tmp_path, endpoint, documents, BatchSettings(canary=0))
    lab.run()
    connect = lab.connect("waits")
    jobs = OpenJobs.of(connect.register())
    assert jobs.have_ended(connect.service()), "by the store's clock it is long ago"
    young = OpenJobs(jobs.view, lab.now())
    assert not young.have_ended(connect.service())


def test_each_run_has_an_id_of_its_own() -> None:
    """Where it was given one; else it makes it."""
    assert again(["--run_id=night", "--input=a"], 2) == ["--run_id=night-2", "--input=a"]
    assert again(["--run_id", "night", "--wait", "6h"], 3) == [
        "--run_id",
        "night-3",
        "--wait",
        "6h",
    ]
    assert again(["--input=a"], 2) == ["--input=a"]
