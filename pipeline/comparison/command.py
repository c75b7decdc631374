"""The commands compare and evaluate: flags in, a table and an exit code out, a report."""

import json
import logging
import tempfile
from collections.abc import Callable
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
from rich.console import Console

from pipeline.command import wide_console
from pipeline.comparison.graph import build_compare, build_evaluate
from pipeline.comparison.settings import read_compare_settings, read_evaluate_settings
from pipeline.comparison.tables import show_changes, show_scores
from pipeline.exit_codes import DONE
from pipeline.flags.comparison import COMPARE, EVALUATE
from pipeline.run_command import run_command
from pipeline.run_failed import RunFailed
from pipeline.run_graph import run_graph
from pipeline.runners import is_local
from sluicegate.evaluation.change_report import ChangeReport
from sluicegate.evaluation.score_report import ScoreReport
from sluicegate.storage import StoreError, store_for


def compare(arguments: list[str], prog: str = "") -> int:  # noqa: ARG001 - as of every command
    """Run the command; return an exit code as its `--help` says."""

    def run(given: dict[str, Any], options: PipelineOptions, _: Console) -> int:
        settings = read_compare_settings(
            given, is_local=is_local(options), project=_project(options)
        )
        report: ChangeReport | None = _run(
            options, settings.report, lambda root, prefix: build_compare(root, settings, prefix)
        )
        if report is None:
            return DONE
        show_changes(report, wide_console(), settings.report)
        limit = settings.max_regressions
        if limit is not None and report["regressions"] > limit:
            raise RunFailed(
                f"{report['regressions']:,} documents regressed; --max_regressions allows {limit:,}"
            )
        return DONE

    return run_command(COMPARE.flags, arguments, run)


def evaluate(arguments: list[str], prog: str = "") -> int:  # noqa: ARG001 - as of every command
    """Run the command; return an exit code as its `--help` says."""

    def run(given: dict[str, Any], options: PipelineOptions, _: Console) -> int:
        settings = read_evaluate_settings(
            given, is_local=is_local(options), project=_project(options)
        )
        report: ScoreReport | None = _run(
            options, settings.report, lambda root, prefix: build_evaluate(root, settings, prefix)
        )
        if report is None:
            return DONE
        show_scores(report, wide_console(), settings.report)
        least, reached = settings.min_accuracy, report["accuracy"] or 0.0
        if least is not None and reached < least:
            raise RunFailed(f"{reached:.2%} are right; --min_accuracy asks for {least:.2%}")
        return DONE

    return run_command(EVALUATE.flags, arguments, run)


def _project(options: PipelineOptions) -> str:
    return str(options.view_as(GoogleCloudOptions).project or "")


def _run(options: PipelineOptions, prefix: str, build: Callable[[beam.Pipeline, str], None]) -> Any:
    """Run a graph to its end and return the report it wrote; None if the runner does not wait."""
    with tempfile.TemporaryDirectory(prefix="sluicegate-report-") as folder:
        place = prefix or f"{folder}/report"
        if not run_graph(options, lambda root: build(root, place)):
            logging.getLogger("sluicegate").warning(
                "the job was submitted; its report will be at %s.html", place
            )
            return None
        try:
            return json.loads(store_for(place).read(f"{place}.json"))
        except StoreError as error:
            raise RunFailed(f"the run ended, but its report cannot be read: {error}") from error
