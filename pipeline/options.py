"""The flags: Beam style, the same names as the Flex Template's parameters."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser

from pipeline.reprocessing import TRUTH, add_reprocessing_flags, spell_out
from sluicegate.faults import UsageFault
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.storage import is_text

EPILOG = """\
examples:
  # A folder of invoices to Avro files on this machine, through the Developer API
  export GEMINI_API_KEY=...
  python -m pipeline --input='invoices/**' --output=out

  # A bucket to BigQuery, through Vertex AI with your gcloud credentials
  python -m pipeline --project=my-project --input='gs://my-bucket/2026/**.pdf' \\
      --output=my-project:invoices.extracted --failures=gs://my-bucket/failures

  # The same on Dataflow
  python -m pipeline ... --runner=DataflowRunner --region=europe-west1 \\
      --temp_location=gs://my-bucket/temp --setup_file=./setup.py

Every other flag is Beam's own: --runner, --project, --region, --temp_location, ...
Exit codes: 0 the ledger balances, whatever the number of failed documents; 1 the run failed or
--max_failure_ratio was exceeded; 2 the command cannot be run as given.
"""


AddFlags = Callable[[argparse.ArgumentParser], None]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add every flag of the product. Defaults are None or text: values are judged in Settings."""
    files = parser.add_argument_group("documents and where results go")
    files.add_argument(
        "--input",
        action="append",
        metavar="PATTERN",
        help="Files to read: local or gs:// patterns, comma-separated or repeated. * and ? stay "
        "within a folder, ** crosses folders, {a,b} chooses. @FILE reads patterns from a file, "
        "one a line. Required, unless --replay is given.",
    )
    files.add_argument(
        "--exclude",
        action="append",
        metavar="PATTERN",
        help="Files to leave out, comma-separated or repeated: held against their names, or with a "
        "/ against the end of their paths. They are counted in the summary. 'none': leave out "
        "nothing. Default: files of systems and programs, such as .DS_Store and Thumbs.db.",
    )
    files.add_argument(
        "--output",
        metavar="TABLE|PREFIX",
        help="Where rows go: project:dataset.table, or a path prefix for Avro files. Required.",
    )
    files.add_argument(
        "--failures",
        metavar="PREFIX",
        help="Where failure records go, as JSON Lines. Default: 'failures' under a path --output; "
        "required with a table.",
    )
    files.add_argument(
        "--journal",
        metavar="PREFIX",
        help="Where answers are kept so that none is paid for twice. Keep it between runs. "
        "Default: 'journal' beside --failures.",
    )
    files.add_argument(
        "--summary",
        metavar="FILE",
        help="Where the run summary goes, as JSON. Default: 'summaries/RUN_ID.json' beside "
        "--failures.",
    )
    files.add_argument(
        "--run_id",
        metavar="ID",
        help="Name of this run in rows, failures and paths. Default: the time of the start and "
        "four random digits.",
    )

    add_reprocessing_flags(parser)

    what = parser.add_argument_group("what is extracted, by which model")
    what.add_argument(
        "--document_type",
        default="invoice",
        metavar="NAME|FILE",
        help="'invoice', or a YAML file, local or gs://, that defines another. Default: invoice.",
    )
    what.add_argument(
        "--model",
        default="",
        help=f"Gemini model. Default: {load_catalogue().default}, the cheapest that is current.",
    )
    what.add_argument(
        "--fallback_models",
        default="",
        metavar="MODELS",
        help="Models to ask in turn, comma-separated, where the one before gave no usable answer: "
        "cut, malformed, a recitation, or not valid. Each is paid for. Default: none.",
    )
    what.add_argument(
        "--allow_retired_model",
        default="false",
        help="Use a model that the catalogue lists as retired. Default: false.",
        **TRUTH,
    )

    service = parser.add_argument_group("how Gemini is reached")
    service.add_argument(
        "--gemini_service",
        default="auto",
        metavar="NAME",
        help="'vertex' (needs --project), 'developer' (needs an API key), or 'auto': developer if "
        "there is a key, else vertex; with a key and --project you have to say. Default: auto.",
    )
    service.add_argument(
        "--gemini_location",
        default="global",
        metavar="REGION",
        help="Vertex AI location. Default: global.",
    )
    service.add_argument(
        "--gemini_endpoint",
        default="",
        metavar="URL",
        help="Another base URL, for either service; http:// only on this machine.",
    )
    service.add_argument(
        "--api_key_secret",
        default="",
        metavar="NAME",
        help="Secret Manager name of the API key (projects/P/secrets/S), read on the worker. "
        "Without it the key is taken from GEMINI_API_KEY or GOOGLE_API_KEY.",
    )
    service.add_argument(
        "--call_timeout",
        default="300",
        metavar="SECONDS",
        help="How long one call may take. Default: 300.",
    )

    flow = parser.add_argument_group("flow")
    flow.add_argument(
        "--requests_per_minute",
        metavar="N",
        help="Your quota of calls a minute, for the whole job: its worker processes get equal "
        "shares. Default: learned from what the service rejects.",
    )
    flow.add_argument(
        "--tokens_per_minute",
        metavar="N",
        help="Your quota of prompt tokens a minute, for the whole job. Default: learned, where "
        "the service rejects calls for their tokens.",
    )
    flow.add_argument(
        "--rate_limit_service",
        metavar="HOST:PORT",
        help="Envoy rate limit service that gives a permit for each call: a hard cap that several "
        "jobs share. Asked over gRPC in plain text, for the descriptor model=MODEL. No call is "
        "made without a permit.",
    )
    flow.add_argument(
        "--rate_limit_domain",
        default="sluicegate",
        metavar="NAME",
        help="Domain of the limit in the rate limit service. Default: sluicegate.",
    )
    flow.add_argument(
        "--max_in_flight",
        default="400",
        metavar="N",
        help="Calls in flight at once, at most, in each worker process; 1.5 times rate times "
        "latency is enough. Default: 400.",
    )
    flow.add_argument(
        "--max_megabytes_in_flight",
        default="1024",
        metavar="N",
        help="Memory for documents and their requests at once, in MiB, in each worker process; a "
        "document counts twice its size. Default: 1024.",
    )
    flow.add_argument(
        "--document_deadline",
        default="3600",
        metavar="SECONDS",
        help="How long a document is offered again while the service answers 429. Default: 3600.",
    )
    flow.add_argument(
        "--outage_patience",
        default="600",
        metavar="SECONDS",
        help="How long to wait while no call succeeds at all before giving up. Default: 600.",
    )
    flow.add_argument(
        "--max_failure_ratio",
        default="1",
        metavar="SHARE",
        help="Share of failed documents, 0 to 1, above which the run ends with exit code 1. "
        "Default: 1.",
    )


class SluicegateOptions(PipelineOptions):
    """The product's flags, as Beam sees them."""

    @classmethod
    def _add_argparse_args(cls, parser: argparse.ArgumentParser) -> None:
        add_flags(parser)


class _Parser(_BeamArgumentParser):
    """An argument parser that raises instead of leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageFault(message)


def help_text() -> str:
    """Return what --help prints: the product's flags, and where to find Beam's."""
    return render_help(
        add_flags,
        prog="python -m pipeline",
        usage="python -m pipeline --input=PATTERN --output=TABLE|PREFIX [--flag=value ...]",
        description="Extract structured rows from documents with Gemini: every document ends as "
        "exactly one row or one failure record, and no answer is paid for twice.",
        epilog=EPILOG,
    )


def render_help(add: AddFlags, **texts: Any) -> str:
    """Return the help of a command: its flags, and the texts that argparse puts around them."""
    parser = _Parser(
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **texts
    )
    add(parser)
    return parser.format_help()


def parse_flags(
    arguments: list[str], add: AddFlags = add_flags
) -> tuple[dict[str, Any], PipelineOptions]:
    """Return a command's own flags as a dict, and all of them as Beam's options.

    Raises UsageFault for a flag that neither the product nor Beam knows, for a stray word, and
    for a value that Beam's own flags refuse.
    """
    for argument in arguments:
        if not is_text(argument):
            shown = argument.encode("utf-8", "backslashreplace").decode()
            raise UsageFault(f"{shown!r} is not UTF-8 text; rename the file, or name its folder")
    arguments = spell_out(arguments)
    ours = _Parser(allow_abbrev=False, add_help=False)
    add(ours)
    _refuse_repeats(ours, arguments)
    known, rest = ours.parse_known_args(arguments)
    everything = _Parser(allow_abbrev=False, add_help=False, conflict_handler="resolve")
    for options in {cls.__name__: cls for cls in _all_options()}.values():
        if options is SluicegateOptions:
            continue  # the flags of `python -m pipeline` are no other command's
        options._add_argparse_args(everything)  # noqa: SLF001 - Beam has no public way
    _, unknown = everything.parse_known_args(rest)
    if unknown:
        word = unknown[0]
        hint = (
            "see --help"
            if word.startswith("-")
            else "flags are given as --name=value, and patterns in quotes"
        )
        raise UsageFault(f"unknown flag {word.partition('=')[0]!r}; {hint}")
    return vars(known), PipelineOptions(arguments if add is add_flags else rest)


def _refuse_repeats(parser: argparse.ArgumentParser, arguments: list[str]) -> None:
    """Refuse a flag given twice: argparse would take the last and forget the other."""
    single = {
        option
        for action in parser._actions  # noqa: SLF001 - argparse has no public list of them
        if type(action).__name__ != "_AppendAction"
        for option in action.option_strings
    }
    names = [argument.partition("=")[0] for argument in arguments]
    for name in names:
        if name in single and names.count(name) > 1:
            raise UsageFault(f"{name} is given more than once")


def _all_options() -> list[type[PipelineOptions]]:
    found, queue = [], list(PipelineOptions.__subclasses__())
    while queue:
        cls = queue.pop()
        found.append(cls)
        queue.extend(cls.__subclasses__())
    return found
