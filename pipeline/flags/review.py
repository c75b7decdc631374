"""The commands `review` and `correct`, and the tables of their flags."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.flags.command import Command
from pipeline.flags.flag import flag
from pipeline.flags.kinds import Boolean, Text, Whole
from pipeline.flags.sides import failures_of, run_id_of, side

_MANY = 10**6

_reviewed = partial(flag, group="what is reviewed")
_shown = partial(flag, group="how it is shown")
_landed = partial(flag, group="what is landed, and where")


def _document_type(add: Any) -> Any:
    return add(
        Text(),
        "The document type of the rows: a built-in one or a YAML file, local or gs://.",
        otherwise="the built-in type that the rows name, else the columns that they have",
        metavar="TYPE",
    )


@dataclass(frozen=True, kw_only=True)
class ReviewFlags:
    """Rows, which of their documents a person looks at, and where the page goes."""

    rows: str = side(_reviewed)
    failures: str = failures_of(_reviewed, "rows")
    run_id: str = run_id_of(_reviewed, "rows")
    document_type: str = _document_type(_reviewed)
    documents: str = _reviewed(
        Text(),
        "Where the documents lie now: a folder or gs:// prefix, under which the ends of their "
        "names are looked for first.",
        otherwise="where the rows say",
        metavar="PREFIX",
    )
    worst: int = _reviewed(
        Whole(0, _MANY), "Documents in the queue that goes worst first.", default=200
    )
    random: int = _reviewed(
        Whole(0, _MANY),
        "Documents in the random queue, the one that accuracy is measured by.",
        default=50,
    )
    seed: str = _reviewed(
        Text(), "Another text draws another random queue.", otherwise="the same queue every time"
    )
    output: str = _shown(
        Text(),
        "The folder of the page, or with --serve of the decisions.",
        default="review",
        metavar="FOLDER",
    )
    serve: bool = _shown(
        Boolean(),
        "Serve the page to this machine's browser, for thousands of documents: pages are drawn "
        "when they are looked at, and every decision is on the disk before the next.",
        default=False,
    )
    port: int = _shown(Whole(0, 65535), "The port to serve at; 0 takes a free one.", default=0)
    reviewer: str = _shown(
        Text(),
        "Who reviews, for the corrections; the page can change it.",
        otherwise="the name of the account",
        metavar="NAME",
    )
    ocr: bool = _shown(
        Boolean(),
        "Recognise pages without text, seconds each, where the package is installed that does it "
        "(extra [ocr]).",
        default=True,
    )
    open: bool = _shown(Boolean(), "Open the page in the browser.", default=False)


@dataclass(frozen=True, kw_only=True)
class CorrectFlags:
    """Corrections, and the table beside the rows that they go to."""

    corrections: str = _landed(
        Text(),
        "What a review has left: corrections.jsonl, or the decisions of --serve; a file or a "
        "pattern, local or gs://.",
        required="the corrections of a review",
        metavar="FILES",
    )
    document_type: str = _landed(
        Text(),
        "The document type of the rows: a built-in one or a YAML file, local or gs://.",
        default="invoice",
        metavar="TYPE",
    )
    output: str = _landed(
        Text(),
        "Where corrections go: project:dataset.table, or a path prefix for files. Not the rows' "
        "own table.",
        required="a table or path prefix of their own",
        metavar="TABLE|PREFIX",
    )
    output_format: str = _landed(
        Text(),
        "How they are written under a path prefix, as of run.",
        otherwise="avro",
        metavar="FORMAT",
    )
    rows: str = _landed(
        Text(),
        "The table that was reviewed: beside it a view TABLE_reviewed is made, of its current "
        "rows with corrections in their place.",
        otherwise="no view is made",
        metavar="TABLE",
    )


REVIEW = Command(
    name="review",
    module="pipeline.review",
    entry="pipeline.reviewing.command:review",
    flags=ReviewFlags,
    usage="--rows=RUN [--serve]",
    brief="look at doubtful values beside their pages, by keys, and correct them",
    description="Look at rows beside the pages that they were read from: each value with its box, "
    "the doubtful ones first, all by keys. Makes a folder whose index.html opens from the disk, "
    "without a server and without a network; with --serve the same page for thousands of "
    "documents. What is corrected is saved as ground truth that evaluate reads, and that correct "
    "lands.",
    examples="""\
  # The worst 200 documents of a run and 50 random ones, as a folder
  {prog} --rows=out/summaries/A.json --output=out/review --open

  # A table with thousands of documents, served to this machine alone
  {prog} --rows=my-project:invoices.extracted --worst=5000 --random=500 --serve \\
      --output=out/review

  # Rows of another machine, whose documents lie here
  {prog} --rows=out/rows/A --documents=invoices
""",
    notes="""\
Accuracy is quoted from the random queue alone; the page says it with its interval.
""",
    done="the page is there, or was served until Ctrl-C",
    failed="the page could not be made",
)

CORRECT = Command(
    name="correct",
    module="pipeline.correct",
    entry="pipeline.reviewing.landing:correct",
    flags=CorrectFlags,
    usage="--corrections=FILE --output=TABLE",
    brief="land the corrections of a review in a table beside the rows",
    description="Land the corrections of a review: every record that a person looked at as a row "
    "of the document type, with who looked when, and at what, in the column review. Rows are not "
    "edited: corrections go to a table of their own, and a view prefers them.",
    examples="""\
  # Into BigQuery, with the view my-project:invoices.extracted_reviewed
  {prog} --corrections=out/review/corrections.jsonl --rows=my-project:invoices.extracted \\
      --output=my-project:invoices.extracted_corrections --project=my-project \\
      --temp_location=gs://my-bucket/temp

  # Into files
  {prog} --corrections=corrections.jsonl --output=out/corrections --output_format=jsonl
""",
    done="landed",
    failed="a line cannot be landed, or the output refused it",
)
