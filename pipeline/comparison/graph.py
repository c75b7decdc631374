"""The graphs of compare and evaluate: tables of contents, as `pipeline.graph`."""

from functools import partial

import apache_beam as beam

from pipeline.comparison.settings import CompareSettings, EvaluateSettings
from sluicegate.evaluation.change_report import change_report
from sluicegate.evaluation.score_report import score_report
from sluicegate.pages import change_page, score_page
from transforms.compare_outcomes import CompareOutcomes
from transforms.read_outcomes import ReadOutcomes, ReadTruth
from transforms.score_outcomes import ScoreOutcomes
from transforms.write_report import WriteReport


def build_compare(root: beam.Pipeline, settings: CompareSettings, prefix: str) -> None:
    """Add every step of a comparison to the pipeline; the report goes to `prefix`."""
    sides = {
        "before": root | "Read before" >> ReadOutcomes(settings.before),
        "after": root | "Read after" >> ReadOutcomes(settings.after),
    }
    report = partial(change_report, before=settings.before.name, after=settings.after.name)
    changes = sides | "Compare" >> CompareOutcomes(settings.examples)
    changes | "Report" >> WriteReport(prefix, report, change_page)


def build_evaluate(root: beam.Pipeline, settings: EvaluateSettings, prefix: str) -> None:
    """Add every step of an evaluation to the pipeline; the report goes to `prefix`."""
    inputs = {
        "outcomes": root | "Read rows" >> ReadOutcomes(settings.rows),
        "truths": root | "Read truth" >> ReadTruth(settings.truth),
    }
    report = partial(score_report, rows=settings.rows.name, truth=settings.truth)
    scores = inputs | "Score" >> ScoreOutcomes(settings.rules, settings.examples)
    scores | "Report" >> WriteReport(prefix, report, score_page)
