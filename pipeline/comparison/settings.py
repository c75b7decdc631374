"""From flags to frozen settings of compare and evaluate."""

from dataclasses import dataclass
from typing import Any

from pipeline.comparison.sources import check_fields, check_truth, find_source
from pipeline.flags.comparison import CompareFlags, EvaluateFlags
from pipeline.flags.flag import judge
from sluicegate.evaluation.scoring import Rules
from sluicegate.faults import UsageFault
from sluicegate.storage import StoreError, is_gcs, store_for
from transforms.read_outcomes import Source


@dataclass(frozen=True, slots=True)
class CompareSettings:
    """Everything a comparison needs to know."""

    before: Source
    after: Source
    report: str  # a prefix; "" for a report that is only printed
    examples: int
    max_regressions: int | None


@dataclass(frozen=True, slots=True)
class EvaluateSettings:
    """Everything an evaluation needs to know."""

    rows: Source
    truth: str
    rules: Rules
    report: str
    examples: int
    min_accuracy: float | None


def read_compare_settings(
    flags: dict[str, Any], *, is_local: bool, project: str = ""
) -> CompareSettings:
    """Judge all flags; raise UsageFault with one sentence for the first that is wrong."""
    given = judge(CompareFlags, flags)
    return CompareSettings(
        before=find_source(
            "before", given.before, given.before_failures, given.before_run_id, project=project
        ),
        after=find_source(
            "after", given.after, given.after_failures, given.after_run_id, project=project
        ),
        report=_report(given.report, is_local=is_local),
        examples=given.examples,
        max_regressions=given.max_regressions,
    )


def read_evaluate_settings(
    flags: dict[str, Any], *, is_local: bool, project: str = ""
) -> EvaluateSettings:
    """Judge all flags; raise UsageFault with one sentence for the first that is wrong."""
    given = judge(EvaluateFlags, flags)
    rows = find_source("rows", given.rows, given.failures, given.run_id, project=project)
    truth = check_truth(given.truth)
    if given.fields:
        check_fields(given.fields, rows)
    return EvaluateSettings(
        rows=rows,
        truth=truth,
        rules=Rules(tolerance=given.tolerance, fields=given.fields),
        report=_report(given.report, is_local=is_local),
        examples=given.examples,
        min_accuracy=given.min_accuracy,
    )


def _report(text: str, *, is_local: bool) -> str:
    """Return the prefix of the report, without an ending that it may have been given."""
    prefix = text.rstrip("/").removesuffix(".json").removesuffix(".html")
    if not is_local and not is_gcs(prefix):
        raise UsageFault("--report=gs://… is needed with a runner that is not local")
    if prefix:
        try:
            store_for(prefix).check_writable(prefix)
        except StoreError as error:
            raise UsageFault(f"--report: {error}") from error
    return prefix
