"""Launch: check, build, run, wait, and return the summary."""

import logging
from collections.abc import Iterable
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions
from apache_beam.runners.dataflow.dataflow_runner import DataflowPipelineResult
from apache_beam.runners.portability.portable_runner import PipelineResult as PortableResult
from apache_beam.runners.runner import PipelineResult, PipelineRunner, PipelineState

from pipeline import preflight
from pipeline.cluster_job import ClusterJob
from pipeline.dataflow import ready_for_dataflow, stages_only
from pipeline.dataflow_job import DataflowJob, as_journal_in_use
from pipeline.flags.flag import flags_of
from pipeline.flags.run import RunFlags
from pipeline.graph import build
from pipeline.journal_lease import hold_journal
from pipeline.options import parse_flags
from pipeline.ready import make_output_ready
from pipeline.remote_job import AboutJob, RemoteJob
from pipeline.run_failed import RunFailed, failed_with
from pipeline.runners import ends_with_launcher, in_worker_processes, is_local, make_runner
from pipeline.settings import Settings, read_settings
from pipeline.worker_processes import worker_processes
from sluicegate.faults import JobFault, UsageFault, find_job_fault, one_line
from sluicegate.live.engine import close_engines
from sluicegate.masking import mask
from sluicegate.storage import StoreError, store_for
from sluicegate.summary import Summary

__all__ = ["RunFailed", "Summary", "UsageFault", "launch", "prepare", "run"]

_LOG = logging.getLogger("sluicegate")


def run(**settings: Any) -> Summary | None:
    """Run the pipeline with the command line's flags as keywords, and return its summary.

        summary = pipeline.run(input="invoices/**", output="out")
        print(summary.rows, "rows in", summary.rows_uri)

    Lists repeat a flag, booleans are what they are, None leaves a flag out. Beam's own flags
    (`runner`, `project`, ...) are taken too. Returns None where the runner does not wait for the
    job. Raises UsageFault before anything is launched, RunFailed for a run that did not end well.
    """
    return launch(prepare(to_arguments(settings)))


def to_arguments(settings: dict[str, Any]) -> list[str]:
    """Render keywords as flags."""
    repeated = {flag.name for flag in flags_of(RunFlags) if flag.kind.repeated}
    arguments = []
    for name, value in settings.items():
        if value is None:
            continue
        values: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
        for one in values:
            text = str(one).lower() if isinstance(one, bool) else str(one)
            if name in repeated and isinstance(value, list | tuple):
                text = text.replace(",", "\\,")  # an item of a list is one pattern
            arguments.append(f"--{name}={text}")
    return arguments


class Prepared:
    """A run that was checked and can be launched."""

    def __init__(
        self, settings: Settings, options: PipelineOptions, runner: PipelineRunner
    ) -> None:
        self.settings, self.options, self.runner = settings, options, runner

    @property
    def works_here(self) -> bool:
        """Tell whether the work is done in this process."""
        return is_local(self.options) and not in_worker_processes(self.options)


def prepare(arguments: list[str]) -> Prepared:
    """Judge everything, then make ready; raise UsageFault if it cannot be run as given."""
    flags, options = parse_flags(arguments)
    settings = read_settings(flags, options)
    # WorkerThreads import nothing from the launcher's main module.
    options.view_as(SetupOptions).save_main_session = False
    ready_for_dataflow(settings, options)
    if settings.given.estimate is not None:
        raise UsageFault("--estimate is asked for on the command line, or by pipeline.estimate()")
    settings = settings.shared_among(worker_processes(options))
    runner = make_runner(options)
    settings = settings.with_warnings(preflight.check(settings))
    return Prepared(make_output_ready(settings), options, runner)


class Telling:
    """What a launch tells while it goes on; here, to the log."""

    def started(self, settings: Settings) -> None:
        """Tell that a run begins."""

    def submitted(self, about: AboutJob) -> None:
        """Tell that a job was handed over that goes on without this process."""
        self.say(about.submitted)

    def say(self, text: str) -> None:
        """Tell anything else that a person should know."""
        _LOG.warning("%s", text)


def launch(prepared: Prepared, telling: Telling | None = None) -> Summary | None:
    """Run a prepared job to its end; raise RunFailed with one clear sentence if it fails."""
    settings, telling = prepared.settings, telling or Telling()
    for warning in settings.warnings:
        _LOG.warning("%s", warning)
    telling.started(settings)
    state = _run(prepared, telling)
    if stages_only(prepared.options) or state is None or not PipelineState.is_terminal(state):
        return None
    if state != PipelineState.DONE:
        ended = RunFailed(f"the job ended in state {state}; see the runner's log")
        raise _failed(settings, ended)
    try:
        return _summary(settings)
    except StoreError as error:
        raise RunFailed(f"the run ended, but its summary cannot be read: {error}") from error


def _run(prepared: Prepared, telling: Telling) -> str | None:
    """Run a job while its journal is held; return the state that it was last seen in."""
    settings, options = prepared.settings, prepared.options
    with hold_journal(settings, options) as hold:
        try:
            pipeline = beam.Pipeline(prepared.runner, options=options)
            build(pipeline, settings)
            result = pipeline.run()
            job = _remote(result, options)
            # From here on it goes on whatever becomes of this process.
            hold.goes_on = not ends_with_launcher(options)
            if not job:
                state = result.wait_until_finish()
            else:
                telling.submitted(job.about)
                state = job.wait(telling.say)
            hold.goes_on = hold.goes_on and not PipelineState.is_terminal(state)
        except RunFailed:
            raise
        except Exception as error:
            if "KeyboardInterrupt" in str(error):  # Beam wraps the one that hits a bundle
                raise KeyboardInterrupt from error
            if in_use := as_journal_in_use(error, options, settings.journal):
                raise in_use from error
            hold.goes_on = False  # it ended: what it failed with is known
            raise _failed(settings, run_failed(error)) from error
        else:
            return None if state is None else str(state)
        finally:
            close_engines(settings.run_id)


def _remote(result: PipelineResult, options: PipelineOptions) -> RemoteJob | None:
    """Return the job of a result that goes on without this process."""
    if isinstance(result, DataflowPipelineResult):
        return DataflowJob(result, options) if result.has_job else None
    if isinstance(result, PortableResult) and not ends_with_launcher(options):
        return ClusterJob(result, options)
    return None


def _summary(settings: Settings) -> Summary:
    return Summary.from_json(store_for(settings.summary).read(settings.summary))


def _failed(settings: Settings, said: RunFailed) -> RunFailed:
    """Return what a run failed with: by its summary, where it came so far, else what was said.

    A runner may not tell the fault that was raised last; and `said` has no summary.
    """
    try:
        summary = _summary(settings)
    except (StoreError, ValueError, TypeError):
        return said
    if summary.run_id != settings.run_id or not summary.fault:
        return said
    return failed_with(summary.fault["code"], summary.fault["message"], summary)


def run_failed(error: Exception) -> RunFailed:
    """Return what failed in one sentence: the job's fault in it, however a runner wrapped it."""
    fault = error if isinstance(error, JobFault) else find_job_fault(_all_text(error))
    if fault:
        return failed_with(fault.code, fault.message)
    said = mask(f"{type(error).__name__}: {one_line(error, 800)}")
    return RunFailed(f"{said}{next((hint for step, hint in _HINTS if step in said), '')}")


# What to do about the errors of Beam's own sinks, by the step that they come from.
_GO_ON = "then run the same command again: no answer is paid for twice"
_HINTS = (
    ("'Write failures", f"; make room or mend permissions at --failures, {_GO_ON}"),
    ("'Write rows", f"; see that --output and --temp_location can be written, {_GO_ON}"),
)


def _all_text(error: BaseException) -> str:
    texts, seen = [], set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        texts.append(str(cause))
        cause = cause.__cause__ or cause.__context__
    return "\n".join(texts)
