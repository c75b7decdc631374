"""The commands `compare` and `evaluate`, and the tables of their flags."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from pipeline.flags.command import Command
from pipeline.flags.flag import flag
from pipeline.flags.kinds import SHARE, Exact, Names, Text, Whole
from pipeline.flags.sides import failures_of, run_id_of, side

_MANY = 10**12

_compared = partial(flag, group="what is compared")
_evaluated = partial(flag, group="what is evaluated")
_reported = partial(flag, group="what is reported")


def _report() -> Any:
    return _reported(
        Text(),
        "Where the report goes: PREFIX.json and PREFIX.html, local or gs://.",
        otherwise="printed alone; required with a runner that is not local",
        metavar="PREFIX",
    )


def _examples() -> Any:
    return _reported(
        Whole(0, 50),
        "Examples of each kind of each field, 0 to 50.",
        default=5,
    )


@dataclass(frozen=True, kw_only=True)
class CompareFlags:
    """Two outputs, and what may differ."""

    before: str = side(_compared)
    before_failures: str = failures_of(_compared, "before")
    before_run_id: str = run_id_of(_compared, "before")
    after: str = side(_compared)
    after_failures: str = failures_of(_compared, "after")
    after_run_id: str = run_id_of(_compared, "after")
    report: str = _report()
    examples: int = _examples()
    max_regressions: int | None = _reported(
        Whole(0, _MANY),
        "Documents that may regress; with more the exit code is 1.",
        otherwise="any number",
    )


@dataclass(frozen=True, kw_only=True)
class EvaluateFlags:
    """Rows, what is true of their documents, and how much has to be right."""

    rows: str = side(_evaluated)
    failures: str = failures_of(_evaluated, "rows")
    run_id: str = run_id_of(_evaluated, "rows")
    truth: str = _evaluated(
        Text(),
        "Ground truth, JSON Lines: a file or a pattern, local or gs://.",
        required="a JSON Lines file, or a pattern",
        metavar="FILES",
    )
    fields: tuple[str, ...] = _evaluated(
        Names(),
        "Columns to score, comma-separated.",
        otherwise="all that both truth and rows have",
    )
    tolerance: Decimal = _evaluated(  # noqa: RUF009 - it returns a field
        Exact(0, _MANY),
        "How far a number may be off and still count as normalised.",
        default=0,
    )
    report: str = _report()
    examples: int = _examples()
    min_accuracy: float | None = _reported(
        SHARE,
        "Share of the truth's values, 0 to 1, that must be right; below it the exit code is 1.",
        otherwise="any",
        metavar="SHARE",
    )


COMPARE = Command(
    name="compare",
    module="pipeline.compare",
    entry="pipeline.comparison.command:compare",
    flags=CompareFlags,
    usage="--before=RUN --after=RUN",
    brief="join two runs by document and report what changed",
    description="Join two runs, or two outputs, by document and report what changed: outcomes "
    "(rows that became failures, and back), warnings, and every field of every row; lines are "
    "brought together by best assignment first. Prints a table, and writes it as JSON and as a "
    "self-contained HTML page.",
    examples="""\
  # Two runs, by their summaries: where rows and failures are is in them
  {prog} --before=out/summaries/A.json --after=out/summaries/B.json \\
      --report=out/reports/a-b

  # Two runs in one table, on Dataflow
  {prog} --before=my-project:invoices.extracted --before_run_id=A \\
      --after=my-project:invoices.extracted --after_run_id=B \\
      --report=gs://my-bucket/reports/a-b --runner=DataflowRunner --project=my-project \\
      --region=europe-west1 --temp_location=gs://my-bucket/temp --setup_file=./setup.py

  # A gate for a change of prompt or model: no document may get worse
  {prog} --before=out/summaries/A.json --after=out/summaries/B.json \\
      --max_regressions=0
""",
    notes="""\
A regression is a document that had a row and now fails, or whose row has a warning that it did
not have.
""",
    done="compared",
    failed="the run failed or --max_regressions was exceeded",
)

EVALUATE = Command(
    name="evaluate",
    module="pipeline.evaluate",
    entry="pipeline.comparison.command:evaluate",
    flags=EvaluateFlags,
    usage="--rows=RUN --truth=FILE",
    brief="score rows against ground truth, field by field",
    description="Score rows against ground truth, field by field: exact, normalised (right but "
    "for case, spaces, punctuation or the tolerance), missing, wrong, and extra. Lines are brought "
    "together by best assignment. Prints a table, and writes it as JSON and as a self-contained "
    "HTML page.",
    examples="""\
  # A run over the samples against what is true of them
  {prog} --rows=out/summaries/A.json --truth=samples/truth.jsonl \\
      --report=out/reports/a

  # A table, some of its columns, and a gate for CI
  {prog} --rows=my-project:invoices.extracted --run_id=A \\
      --failures='gs://my-bucket/work/failures/A' --truth=gs://my-bucket/truth.jsonl \\
      --fields=invoice_id,total_amount --min_accuracy=0.98
""",
    notes="""\
The truth is JSON Lines. A line names its document (document_uri, document or file: the full URI,
the end of it, or the file's name if only one has it) and gives fields under the columns' names:
  {"document": "a.pdf", "invoice_id": "A-1", "total_amount": "12.50", "line_items": [...]}
Null says that the document has no such value, a field left out is not scored. "expect" other than
"row" (or "invoice") says that the document should fail; FIELD_alternatives lists further right
values; FIELD_scored: false leaves a field out.
""",
    done="evaluated",
    failed="the run failed or the accuracy is below --min_accuracy",
)
