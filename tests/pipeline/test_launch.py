"""Launching: what `pipeline.run` and the command give back, and how a run that fails says so."""

import inspect
import json
import logging
import math
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult, PipelineRunner, PipelineState
from starting import started
from support import KEY, Job, sha256, write_invoices

import pipeline
from emulators.gemini import GeminiEndpoint
from pipeline.command import main
from pipeline.launch import prepare, to_arguments
from sluicegate.records import Answer
from sluicegate.sources.matching import ListingLimit
from sluicegate.summary import Summary
from transforms import validate


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Give logging back as it was: the command turns Beam down for its whole process."""
    loggers = [logging.getLogger(name) for name in ("root", "apache_beam", "sluicegate")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def flags(tmp_path: Path, endpoint: GeminiEndpoint, api_key: str) -> dict[str, Any]:
    """Return the flags of a good run over four invoices."""
    write_invoices(tmp_path / "in", 4)
    return {
        "input": f"{tmp_path}/in/*.pdf",
        "output": f"{tmp_path}/out",
        "summary": f"{tmp_path}/summary.json",
        "gemini_endpoint": endpoint.url,
    }


def test_run_returns_the_summary_that_was_written(flags: dict[str, Any], tmp_path: Path) -> None:
    """The summary names rows and failures, which are there, and equals the file."""
    (tmp_path / "in" / "empty.pdf").write_bytes(b"")
    summary = pipeline.run(**flags, run_id="first")
    assert summary is not None
    assert (summary.matched, summary.rows, summary.failures) == (5, 4, 1)
    assert summary.balanced
    assert summary.failures_by_code == {"empty": 1}
    assert summary.rows_uri == f"{tmp_path}/out/rows/first/rows-*.avro"
    assert list((tmp_path / "out/rows/first").glob("rows-*.avro"))
    assert list((tmp_path / "out/failures/first").glob("failures-*.jsonl"))
    assert summary == Summary.from_json((tmp_path / "summary.json").read_text())
    assert KEY not in (tmp_path / "summary.json").read_text()


def test_a_launch_that_gave_up_looking_leaves_the_pattern_to_the_job(
    flags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It warns and goes on: what the pattern matches after all, or that it matches nothing."""
    few = ListingLimit(time.monotonic, math.inf, names=2)
    monkeypatch.setattr(ListingLimit, "of", lambda _: few)
    given = {**flags, "input": [flags["input"], f"{tmp_path}/in/*.tif"]}
    (warning,) = prepare(to_arguments(given)).settings.warnings
    assert f"{tmp_path}/in/*.tif': no match among the first 2 names" in warning
    summary = pipeline.run(**given)
    assert summary is not None
    assert (summary.matched, summary.rows) == (5, 4)
    assert summary.failures_by_code == {"not_found": 1}


def test_the_command_prints_the_end_of_the_run(
    flags: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit code 0 whatever failed, the report on stdout, the run's name on stderr."""
    (tmp_path / "in" / "empty.pdf").write_bytes(b"")
    assert main(to_arguments({**flags, "run_id": "seen"})) == 0
    printed = capsys.readouterr()
    assert printed.err == (
        "run seen: invoice with gemini-3.1-flash-lite (developer); "
        f"answers are kept in {tmp_path}/out/journal\n"
    )
    assert "= 4 rows + 1 failures" in printed.out
    assert f"{tmp_path}/summary.json" in printed.out


def test_too_many_failures_end_with_exit_code_1(
    flags: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """--max_failure_ratio is a share of the matched documents, and it may just be reached."""
    (tmp_path / "in" / "empty.pdf").write_bytes(b"")
    assert main(to_arguments({**flags, "max_failure_ratio": 0.2})) == 0
    capsys.readouterr()
    assert main(to_arguments({**flags, "max_failure_ratio": 0.19, "resume": False})) == 1
    printed = capsys.readouterr()
    last = printed.err.splitlines()[-1]
    assert last.startswith("the run failed: 20.0% of the documents failed")
    assert "= 4 rows + 1 failures" in printed.out


def test_an_error_in_a_step_is_one_sentence(
    flags: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks inside a worker comes out as one line with its reason, and exit code 1."""

    def build(*_: object) -> None:
        raise RuntimeError("the sky\nis falling")

    monkeypatch.setattr("sluicegate.landing.rows.RowBuilder.build", build)
    assert main(to_arguments(flags)) == 1
    _, spent, line = capsys.readouterr().err.splitlines()
    assert "documents were done for $" in spent
    assert line.startswith("the run failed: RuntimeError: ")
    assert "is falling" in line


def test_a_job_fault_is_one_sentence(
    flags: dict[str, Any],
    endpoint: GeminiEndpoint,
    capsys: pytest.CaptureFixture[str],
    tenfold_clock: None,
) -> None:
    """A wrong key is said once, by its code, without a traceback, and exit code 1."""
    endpoint.set_behaviour(faults=[{"fault": "http_401"}])
    assert main(to_arguments(flags)) == 1
    _, *rest = capsys.readouterr().err.splitlines()
    (line,) = rest
    assert line.startswith("the run failed: ")
    assert line.endswith("(bad_credentials)")


def losing(doubled: str | None) -> Any:
    """Return a `process` that loses one document, and gives another's row twice if told to."""
    real = validate._Check.process

    def process(self: Any, answer: Answer) -> Iterator[Any]:
        name = Path(answer.document.uri).name
        if name == "document-000000.pdf":
            return
        yield from real(self, answer)
        if name == doubled:
            yield from real(self, answer)

    return process


@pytest.mark.parametrize(
    ("doubled", "says"),
    [
        (None, "4 documents were matched, but 3 landed"),
        ("document-000001.pdf", "some were lost and others counted twice"),
    ],
)
def test_a_document_lost_on_the_way_fails_the_run(
    doubled: str | None,
    says: str,
    flags: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ledger notices a loss, even where a double hides it from the counts."""
    monkeypatch.setattr(validate._Check, "process", losing(doubled))
    with pytest.raises(pipeline.RunFailed, match=says) as failed:
        pipeline.run(**flags)
    assert "ledger_unbalanced" in str(failed.value)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["balanced"] is False
    assert summary["matched"] == 4


def test_a_second_run_pays_nothing(job: Job, endpoint: GeminiEndpoint, tmp_path: Path) -> None:
    """The same documents again come from the journal, in rows and summary alike."""
    write_invoices(tmp_path / "in", 3)
    first = job(input=f"{tmp_path}/in/*.pdf")
    again = job(input=f"{tmp_path}/in/*.pdf", resume=False)
    assert endpoint.stats()["calls"] == 3
    assert (first.summary.journaled, again.summary.journaled) == (0, 3)
    assert again.summary.calls == 0
    assert again.summary.cost_usd == "0"
    assert set(again.extracted) == set(first.extracted)


def test_unknown_flags_are_refused_by_run_too(flags: dict[str, Any]) -> None:
    """A misspelt keyword is an error, not silence."""
    with pytest.raises(pipeline.UsageFault, match="--max_inflight"):
        pipeline.run(**flags, max_inflight=3)


class Elsewhere(PipelineRunner):
    """A runner that hands the job over and leaves it in a given state."""

    state = PipelineState.RUNNING

    def run_pipeline(self, pipeline: beam.Pipeline, options: PipelineOptions) -> PipelineResult:
        """Take the job and do nothing."""
        return _Left(self.state)


class _Left(PipelineResult):
    def wait_until_finish(self, duration: int | None = None) -> str:
        return str(self.state)


class Fails(Elsewhere):
    """A runner whose job fails."""

    state = PipelineState.FAILED


class Cancelled(Elsewhere):
    """A runner whose job is cancelled."""

    state = PipelineState.CANCELLED


def test_a_runner_that_does_not_wait_leaves_no_summary(
    flags: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A submitted job gives None, or a line that says where its summary will be."""
    runner = f"{__name__}.Elsewhere"
    assert pipeline.run(**flags, runner=runner) is None
    assert not (tmp_path / "summary.json").exists()
    other = {"runner": runner, "run_id": "away", "journal": f"{tmp_path}/another-journal"}
    assert main(to_arguments({**flags, **other})) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1].startswith("the job was submitted")
    assert f"{tmp_path}/summary.json" in printed.err


@pytest.mark.parametrize(("runner", "state"), [("Fails", "FAILED"), ("Cancelled", "CANCELLED")])
def test_a_job_that_ended_badly_elsewhere_is_a_failed_run(
    runner: str, state: str, flags: dict[str, Any]
) -> None:
    """A terminal state other than DONE is never taken for success."""
    with pytest.raises(pipeline.RunFailed, match=state):
        pipeline.run(**flags, runner=f"{__name__}.{runner}")


@pytest.mark.parametrize(
    ("runner", "mode", "here"),
    [
        (None, None, True),
        ("DirectRunner", None, True),
        ("DirectRunner", "multi_threading", True),
        ("DirectRunner", "multi_processing", False),
        ("PortableRunner", None, False),
        ("FlinkRunner", None, False),
        ("apache_beam.runners.portability.fn_api_runner.fn_runner.FnApiRunner", None, True),
    ],
)
def test_work_in_this_process_is_told_from_other(
    runner: str | None, mode: str | None, here: bool, flags: dict[str, Any]
) -> None:
    """Only work in this process has progress to show."""
    given = {**flags, "runner": runner, "direct_running_mode": mode}
    assert prepare(to_arguments(given)).works_here is here


def test_warnings_are_said_before_the_run(
    flags: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A model without a price is warned of, once, when the run starts."""
    caplog.set_level(logging.WARNING, "sluicegate")
    pipeline.run(**flags, model="gemini-9-flash", runner=f"{__name__}.Elsewhere")
    (warning,) = [r.getMessage() for r in caplog.records if r.name == "sluicegate"]
    assert "gemini-9-flash" in warning


def test_the_package_offers_little() -> None:
    """What can be imported from the package is two functions and what they give or raise."""
    assert set(pipeline.__all__) == {"RunFailed", "Summary", "UsageFault", "estimate", "run"}
    assert inspect.getdoc(pipeline.run)


def test_control_c_stops_the_run_and_keeps_what_was_paid(tmp_path: Path) -> None:
    """SIGINT: calls in flight end and are kept, then code 130 and one line, no traceback."""
    documents = write_invoices(tmp_path / "in", 6)
    slow = [{"fault": "extra_fields", "match": sha256(path), "after": 3} for path in documents[3:]]
    with GeminiEndpoint(reader="canned") as endpoint:
        endpoint.set_behaviour(faults=slow)
        given = ["--input=in/*.pdf", "--output=out", f"--gemini_endpoint={endpoint.url}"]
        with started(given, tmp_path) as process:
            journal = tmp_path / "out/journal"
            while len(list(journal.rglob("*.json.gz"))) < 3:
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.1)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            endpoint_calls = endpoint.stats()["calls"]
    assert process.returncode == 130
    assert err.splitlines()[-1] == "stopped; the same command goes on from here"
    assert "Traceback" not in err
    assert out == ""
    assert len(list(journal.rglob("*.json.gz"))) == endpoint_calls
    assert json.loads((journal / "lease.json").read_text())["released"], "the next run may begin"


def test_a_run_leaves_no_engine_behind(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """A nightly process that runs the job again and again does not collect threads."""

    def engines() -> int:
        return sum(thread.name == "gemini-engine" for thread in threading.enumerate())

    before = engines()
    write_invoices(tmp_path / "in", 3)
    job(input=str(tmp_path / "in/*"))
    assert engines() == before
    endpoint.set_behaviour(faults=[{"fault": "http_401"}])
    with pytest.raises(pipeline.RunFailed):
        job(input=str(tmp_path / "in/*"), output=str(tmp_path / "other"))
    assert engines() == before
