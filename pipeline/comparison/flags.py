"""The flags of compare and evaluate, and what their --help says."""

import argparse

_OUTPUT = (
    "the summary of a run (a .json file, local or gs://), project:dataset.table, or files of rows "
    "(Avro, Parquet, JSON Lines): a path prefix or a pattern"
)
_ELSEWHERE = """
Every other flag is Beam's own: --runner, --project, --region, --temp_location, ...
"""

COMPARE = {
    "prog": "python -m pipeline.compare",
    "usage": "python -m pipeline.compare --before=RUN --after=RUN [--flag=value ...]",
    "description": "Join two runs, or two outputs, by document and report what changed: outcomes "
    "(rows that became failures, and back), warnings, and every field of every row; lines are "
    "brought together by best assignment first. Prints a table, and writes it as JSON and as a "
    "self-contained HTML page.",
    "epilog": f"""\
examples:
  # Two runs, by their summaries: where rows and failures are is in them
  python -m pipeline.compare --before=out/summaries/A.json --after=out/summaries/B.json \\
      --report=out/reports/a-b

  # Two runs in one table, on Dataflow
  python -m pipeline.compare --before=my-project:invoices.extracted --before_run_id=A \\
      --after=my-project:invoices.extracted --after_run_id=B \\
      --report=gs://my-bucket/reports/a-b --runner=DataflowRunner --project=my-project \\
      --region=europe-west1 --temp_location=gs://my-bucket/temp --setup_file=./setup.py

  # A gate for a change of prompt or model: no document may get worse
  python -m pipeline.compare --before=out/summaries/A.json --after=out/summaries/B.json \\
      --max_regressions=0
{_ELSEWHERE}
A regression is a document that had a row and now fails, or whose row has a warning that it did
not have. Exit codes: 0 compared; 1 the run failed or --max_regressions was exceeded; 2 the command
cannot be run as given.
""",
}

EVALUATE = {
    "prog": "python -m pipeline.evaluate",
    "usage": "python -m pipeline.evaluate --rows=RUN --truth=FILE [--flag=value ...]",
    "description": "Score rows against ground truth, field by field: exact, normalised (right but "
    "for case, spaces, punctuation or the tolerance), missing, wrong, and extra. Lines are brought "
    "together by best assignment. Prints a table, and writes it as JSON and as a self-contained "
    "HTML page.",
    "epilog": f"""\
examples:
  # A run over the samples against what is true of them
  python -m pipeline.evaluate --rows=out/summaries/A.json --truth=samples/truth.jsonl \\
      --report=out/reports/a

  # A table, some of its columns, and a gate for CI
  python -m pipeline.evaluate --rows=my-project:invoices.extracted --run_id=A \\
      --failures='gs://my-bucket/work/failures/A' --truth=gs://my-bucket/truth.jsonl \\
      --fields=invoice_id,total_amount --min_accuracy=0.98

The truth is JSON Lines. A line names its document (document_uri, document or file: the full URI,
the end of it, or the file's name if only one has it) and gives fields under the columns' names:
  {{"document": "a.pdf", "invoice_id": "A-1", "total_amount": "12.50", "line_items": [...]}}
Null says that the document has no such value, a field left out is not scored. "expect" other than
"row" (or "invoice") says that the document should fail; FIELD_alternatives lists further right
values; FIELD_scored: false leaves a field out.
{_ELSEWHERE}
Exit codes: 0 evaluated; 1 the run failed or the accuracy is below --min_accuracy; 2 the command
cannot be run as given.
""",
}


def add_compare_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of compare. Defaults are None or text: values are judged in the settings."""
    group = parser.add_argument_group("what is compared")
    for side in ("before", "after"):
        group.add_argument(f"--{side}", metavar="RUN|OUTPUT", help=f"{_OUTPUT}. Required.")
        _add_choice(group, f"{side}_", side)
    _add_report(parser)
    parser.add_argument(
        "--max_regressions",
        metavar="N",
        help="Documents that may regress; with more the exit code is 1. Default: any number.",
    )


def add_evaluate_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of evaluate. Defaults are None or text: values are judged in the settings."""
    group = parser.add_argument_group("what is evaluated")
    group.add_argument("--rows", metavar="RUN|OUTPUT", help=f"{_OUTPUT}. Required.")
    _add_choice(group, "", "rows")
    group.add_argument(
        "--truth",
        metavar="FILES",
        help="Ground truth, JSON Lines: a file or a pattern, local or gs://. Required.",
    )
    group.add_argument(
        "--fields",
        metavar="NAMES",
        help="Columns to score, comma-separated. Default: all that both truth and rows have.",
    )
    group.add_argument(
        "--tolerance",
        default="0",
        metavar="N",
        help="How far a number may be off and still count as normalised. Default: 0.",
    )
    _add_report(parser)
    parser.add_argument(
        "--min_accuracy",
        metavar="SHARE",
        help="Share of the truth's values, 0 to 1, that must be right; below it the exit code "
        "is 1. Default: any.",
    )


def _add_choice(group: argparse._ArgumentGroup, prefix: str, side: str) -> None:
    group.add_argument(
        f"--{prefix}failures",
        metavar="PREFIX",
        help=f"Failure records of --{side}: a prefix or pattern of .jsonl files. Default: as the "
        "run's summary says, or 'failures' under a path prefix; else none.",
    )
    group.add_argument(
        f"--{prefix}run_id",
        metavar="ID",
        help=f"Only what that run wrote into --{side}. Default: as the summary says, else all; of "
        "several rows of a document the latest counts.",
    )


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report",
        metavar="PREFIX",
        help="Where the report goes: PREFIX.json and PREFIX.html, local or gs://. Default: printed "
        "alone; required with a runner that is not local.",
    )
    parser.add_argument(
        "--examples",
        default="5",
        metavar="N",
        help="Examples of each kind of each field, 0 to 50. Default: 5.",
    )
