"""The commands compare and evaluate: flags in, a table and an exit code out, a report."""

import json
import logging
import os
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, SetupOptions
from apache_beam.runners.runner import PipelineState
from rich.console import Console

from pipeline.command import DEBUG, quiet_logs, say, wide_console
from pipeline.comparison.graph import build_compare, build_evaluate
from pipeline.comparison.settings import read_compare_settings, read_evaluate_settings
from pipeline.comparison.tables import show_changes, show_scores
from pipeline.exit_codes import DONE, FAILED, STOPPED, UNUSABLE
from pipeline.flags.command import Command
from pipeline.flags.comparison import COMPARE, EVALUATE
from pipeline.launch import RunFailed, run_failed
from pipeline.options import parse_flags
from pipeline.runners import is_local, make_runner
from sluicegate.evaluation.change_report import ChangeReport
from sluicegate.evaluation.score_report import ScoreReport
from sluicegate.faults import UsageFault
from sluicegate.storage import StoreError, store_for


def compare(arguments: list[str], prog: str = "") -> int:  # noqa: ARG001 - as of every command
    """Run the command; return an exit code as its `--help` says."""

    def run(given: dict[str, Any], options: PipelineOptions) -> None:
        settings = read_compare_settings(
            given, is_local=is_local(options), project=_project(options)
        )
        report: ChangeReport | None = _run(
            options, settings.report, lambda root, prefix: build_compare(root, settings, prefix)
        )
        if report is None:
            return
        show_changes(report, wide_console(), settings.report)
        limit = settings.max_regressions
        if limit is not None and report["regressions"] > limit:
            raise RunFailed(
                f"{report['regressions']:,} documents regressed; --max_regressions allows {limit:,}"
            )

    return _main(COMPARE, arguments, run)


def evaluate(arguments: list[str], prog: str = "") -> int:  # noqa: ARG001 - as of every command
    """Run the command; return an exit code as its `--help` says."""

    def run(given: dict[str, Any], options: PipelineOptions) -> None:
        settings = read_evaluate_settings(
            given, is_local=is_local(options), project=_project(options)
        )
        report: ScoreReport | None = _run(
            options, settings.report, lambda root, prefix: build_evaluate(root, settings, prefix)
        )
        if report is None:
            return
        show_scores(report, wide_console(), settings.report)
        least, reached = settings.min_accuracy, report["accuracy"] or 0.0
        if least is not None and reached < least:
            raise RunFailed(f"{reached:.2%} are right; --min_accuracy asks for {least:.2%}")

    return _main(EVALUATE, arguments, run)


def _project(options: PipelineOptions) -> str:
    return str(options.view_as(GoogleCloudOptions).project or "")


def _main(
    command: Command,
    arguments: list[str],
    run: Callable[[dict[str, Any], PipelineOptions], None],
) -> int:
    console = Console(stderr=True, highlight=False)
    quiet_logs()
    try:
        run(*parse_flags(arguments, command.flags))
    except UsageFault as fault:
        return say(console, f"error: {fault}", UNUSABLE)
    except RunFailed as failure:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        return say(console, f"failed: {failure}", FAILED)
    except KeyboardInterrupt:
        return say(console, "stopped", STOPPED)
    return DONE


def _run(options: PipelineOptions, prefix: str, build: Callable[[beam.Pipeline, str], None]) -> Any:
    """Run a graph to its end and return the report it wrote; None if the runner does not wait."""
    options.view_as(SetupOptions).save_main_session = False
    runner = make_runner(options)
    with tempfile.TemporaryDirectory(prefix="sluicegate-report-") as folder:
        place = prefix or f"{folder}/report"
        try:
            pipeline = beam.Pipeline(runner, options=options)
            build(pipeline, place)
            result = pipeline.run()
            state = result.wait_until_finish()
        except Exception as error:
            if "KeyboardInterrupt" in str(error):  # Beam wraps the one that hits a bundle
                raise KeyboardInterrupt from error
            raise run_failed(error) from error
        if state is None or not PipelineState.is_terminal(state):
            logging.getLogger("sluicegate").warning(
                "the job was submitted; its report will be at %s.html", place
            )
            return None
        if state != PipelineState.DONE:
            raise RunFailed(f"the job ended in state {state}; see the runner's log")
        try:
            return json.loads(store_for(place).read(f"{place}.json"))
        except StoreError as error:
            raise RunFailed(f"the run ended, but its report cannot be read: {error}") from error
