"""The command `run`, and the table of its flags."""

from dataclasses import dataclass

from pipeline.exit_codes import CODES_OF_RUN
from pipeline.flags.batch import BatchFlags
from pipeline.flags.command import Command
from pipeline.flags.cost import CostFlags
from pipeline.flags.earlier import EarlierFlags
from pipeline.flags.extraction import ExtractionFlags
from pipeline.flags.flow import FlowFlags
from pipeline.flags.places import PlaceFlags
from pipeline.flags.processing import ProcessingFlags
from pipeline.flags.service import ServiceFlags


@dataclass(frozen=True, kw_only=True)
class RunFlags(
    FlowFlags,
    ServiceFlags,
    CostFlags,
    BatchFlags,
    ProcessingFlags,
    ExtractionFlags,
    EarlierFlags,
    PlaceFlags,
):
    """All of them. A dataclass takes the fields of its last base first: so is the order here."""


RUN = Command(
    name="run",
    module="pipeline",
    entry="pipeline.command:main",
    flags=RunFlags,
    usage="--input=PATTERN --output=TABLE|PREFIX",
    brief="extract rows from documents",
    description="Extract structured rows from documents with Gemini: every document ends as "
    "its rows or as a failure record, and no answer is paid for twice.",
    examples="""\
  # A folder of invoices to Avro files on this machine, through the Developer API
  export GEMINI_API_KEY=...
  {prog} --input='invoices/**' --output=out

  # A bucket to BigQuery, through Vertex AI with your gcloud credentials
  {prog} --project=my-project --input='gs://my-bucket/2026/**.pdf' \\
      --output=my-project:invoices.extracted --failures=gs://my-bucket/failures

  # What would it cost? 200 documents are really asked; then the run itself, $40 at most
  {prog} --input='gs://my-bucket/2026/**.pdf' --output=my-project:invoices.extracted ... \\
      --estimate
  {prog} ... --max_cost_usd=40

  # The same on Dataflow
  {prog} ... --runner=DataflowRunner --region=europe-west1 \\
      --temp_location=gs://my-bucket/temp --setup_file=./setup.py
""",
    done="the ledger balances, whatever the number of failed documents",
    failed="the run failed or --max_failure_ratio was exceeded",
    more_codes=CODES_OF_RUN,
)
