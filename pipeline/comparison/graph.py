"""The graphs of compare and evaluate: tables of contents, as `pipeline.graph`."""

from functools import partial

import apache_beam as beam

from pipeline.comparison.settings import CompareSettings, EvaluateSettings
from transforms.compare_endings import CompareEndings
from transforms.core.comparison.change_report import change_report
from transforms.core.comparison.page import change_page, score_page
from transforms.core.comparison.score_report import score_report
from transforms.read_endings import ReadEndings, ReadTruth
from transforms.score_endings import ScoreEndings
from transforms.write_report import WriteReport


def build_compare(root: beam.Pipeline, settings: CompareSettings, prefix: str) -> None:
    """Add every step of a comparison to the pipeline; the report goes to `prefix`."""
    sides = {
        "before": root | "Read before" >> ReadEndings(settings.before),
        "after": root | "Read after" >> ReadEndings(settings.after),
    }
    report = partial(change_report, before=settings.before.name, after=settings.after.name)
    changes = sides | "Compare" >> CompareEndings(settings.examples)
    changes | "Report" >> WriteReport(prefix, report, change_page)


def build_evaluate(root: beam.Pipeline, settings: EvaluateSettings, prefix: str) -> None:
    """Add every step of an evaluation to the pipeline; the report goes to `prefix`."""
    inputs = {
        "endings": root | "Read rows" >> ReadEndings(settings.rows),
        "truths": root | "Read truth" >> ReadTruth(settings.truth),
    }
    report = partial(score_report, rows=settings.rows.name, truth=settings.truth)
    scores = inputs | "Score" >> ScoreEndings(settings.rules, settings.examples)
    scores | "Report" >> WriteReport(prefix, report, score_page)
