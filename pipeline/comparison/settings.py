"""From flags to frozen settings of compare and evaluate."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.comparison.sources import check_truth, find_source
from pipeline.values import number, whole
from sluicegate.evaluation.scoring import Rules
from sluicegate.faults import UsageFault
from sluicegate.storage import StoreError, is_gcs, store_for
from transforms.read_outcomes import Source

_MAX_EXAMPLES = 50


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


def read_compare_settings(flags: dict[str, Any], *, is_local: bool) -> CompareSettings:
    """Judge all flags; raise UsageFault with one sentence for the first that is wrong."""
    flags = _given(flags)
    return CompareSettings(
        before=_source(flags, "before", "before_"),
        after=_source(flags, "after", "after_"),
        report=_report(flags, is_local=is_local),
        examples=whole(flags, "examples", 5, low=0, high=_MAX_EXAMPLES),
        max_regressions=(
            whole(flags, "max_regressions", 0, low=0, high=10**12)
            if "max_regressions" in flags
            else None
        ),
    )


def read_evaluate_settings(flags: dict[str, Any], *, is_local: bool) -> EvaluateSettings:
    """Judge all flags; raise UsageFault with one sentence for the first that is wrong."""
    flags = _given(flags)
    number(flags, "tolerance", 0, low=0, high=10**12)
    fields = [name.strip() for name in flags.get("fields", "").split(",")]
    return EvaluateSettings(
        rows=_source(flags, "rows", ""),
        truth=check_truth(flags.get("truth", "")),
        rules=Rules(
            tolerance=Decimal(str(flags.get("tolerance", "0")).strip()),
            fields=tuple(name for name in fields if name),
        ),
        report=_report(flags, is_local=is_local),
        examples=whole(flags, "examples", 5, low=0, high=_MAX_EXAMPLES),
        min_accuracy=(
            number(flags, "min_accuracy", 0, low=0, high=1) if "min_accuracy" in flags else None
        ),
    )


def _given(flags: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value not in (None, "")}


def _source(flags: dict[str, Any], name: str, prefix: str) -> Source:
    return find_source(
        name,
        flags.get(name, ""),
        flags.get(f"{prefix}failures", ""),
        flags.get(f"{prefix}run_id", ""),
    )


def _report(flags: dict[str, Any], *, is_local: bool) -> str:
    """Return the prefix of the report, without an outcome that it may have been given."""
    prefix = str(flags.get("report", "")).rstrip("/")
    prefix = prefix.removesuffix(".json").removesuffix(".html")
    if not is_local and not is_gcs(prefix):
        raise UsageFault("--report=gs://… is needed with a runner that is not local")
    if prefix:
        try:
            store_for(prefix).check_writable(prefix)
        except StoreError as error:
            raise UsageFault(f"--report: {error}") from error
    return prefix
