"""Launch: check, build, run, wait, and return the summary."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions
from apache_beam.runners.runner import PipelineRunner, PipelineState

from pipeline import preflight
from pipeline.dataflow import ready_for_dataflow, stages_only
from pipeline.flags.flag import flags_of
from pipeline.flags.run import RunFlags
from pipeline.graph import build
from pipeline.options import parse_flags
from pipeline.ready import make_output_ready
from pipeline.runners import in_worker_processes, is_local, make_runner
from pipeline.settings import Settings, read_settings
from pipeline.worker_processes import worker_processes
from sluicegate.faults import JobFault, find_job_fault, one_line
from sluicegate.live.engine import close_engines
from sluicegate.masking import mask
from sluicegate.storage import StoreError, store_for
from sluicegate.summary import Summary

_LOG = logging.getLogger("sluicegate")


class RunFailed(Exception):  # noqa: N818 - what happened to the run, in the field's words
    """The run did not end well. The text says why, and what to do.

    `summary` is that of a run whose rows and failures have landed all the same: a fault ended its
    calls, or more documents failed than it was allowed.
    """

    def __init__(self, message: str, summary: Summary | None = None) -> None:
        super().__init__(message)
        self.summary = summary


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
    settings = settings.shared_among(worker_processes(options))
    runner = make_runner(options)
    settings = settings.with_warnings(preflight.check(settings))
    return Prepared(make_output_ready(settings), options, runner)


def launch(prepared: Prepared, started: Callable[[Settings], None] | None = None) -> Summary | None:
    """Run a prepared job to its end; raise RunFailed with one clear sentence if it fails."""
    settings = prepared.settings
    for warning in settings.warnings:
        _LOG.warning("%s", warning)
    if started:
        started(settings)
    try:
        pipeline = beam.Pipeline(prepared.runner, options=prepared.options)
        build(pipeline, settings)
        result = pipeline.run()
        state = result.wait_until_finish()
    except Exception as error:
        if "KeyboardInterrupt" in str(error):  # Beam wraps the one that hits a bundle
            raise KeyboardInterrupt from error
        raise _failed(settings, run_failed(error)) from error
    finally:
        close_engines(settings.run_id)
    if stages_only(prepared.options) or state is None or not PipelineState.is_terminal(state):
        return None
    if state != PipelineState.DONE:
        ended = RunFailed(f"the job ended in state {state}; see the runner's log")
        raise _failed(settings, ended)
    try:
        return _summary(settings)
    except StoreError as error:
        raise RunFailed(f"the run ended, but its summary cannot be read: {error}") from error


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
    return RunFailed("{message} ({code})".format(**summary.fault), summary)


def run_failed(error: Exception) -> RunFailed:
    """Return what failed in one sentence: the job's fault in it, however a runner wrapped it."""
    fault = error if isinstance(error, JobFault) else find_job_fault(_all_text(error))
    if fault:
        return RunFailed(f"{fault.message} ({fault.code})")
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
