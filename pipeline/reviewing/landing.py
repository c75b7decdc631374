"""The command correct: corrections in, rows beside the table that was reviewed, and its view."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
from rich.console import Console

from pipeline.command import say
from pipeline.exit_codes import DONE
from pipeline.flags.flag import judge
from pipeline.flags.review import CorrectFlags
from pipeline.reviewing.settings import check_fields
from pipeline.run_command import run_command
from pipeline.run_failed import RunFailed
from pipeline.run_graph import run_graph
from pipeline.run_names import run_name
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import load_document_type
from sluicegate.document_types.table_fit import Columns
from sluicegate.faults import UsageFault
from sluicegate.records import Row
from sluicegate.review.corrected_rows import corrected_row, corrected_type, says_something
from sluicegate.review.decisions import Line, truth_lines
from sluicegate.storage import StoreError, store_for
from sluicegate.storage.finding import check_files
from transforms.outputs import Output, parse_output


@dataclass(frozen=True, slots=True)
class CorrectSettings:
    """Everything that landing corrections needs to know."""

    lines: list[Line]
    document_type: DocumentType  # of the corrections
    output: Output
    rows: str
    run_id: str
    temp_location: str


def correct(arguments: list[str], prog: str = "") -> int:  # noqa: ARG001 - as of every command
    """Run the command; return an exit code as its `--help` says."""

    def run(given: dict[str, Any], options: PipelineOptions, console: Console) -> int:
        for text in land(_read_settings(given, options), options):
            say(console, text, DONE)
        return DONE

    return run_command(CorrectFlags, arguments, run)


def land(settings: CorrectSettings, options: PipelineOptions) -> Iterator[str]:
    """Land corrections and yield what to say; raise UsageFault or RunFailed."""
    output, run_id, temp = settings.output, settings.run_id, settings.temp_location
    ready = output.make_ready(settings.document_type, run_id, resume=False, temp_location=temp)
    yield from ready.warnings
    rows = list(_rows(settings, ready.columns))

    def build(root: beam.Pipeline) -> None:
        corrections = root | "Corrections" >> beam.Create(rows, reshuffle=False)
        _ = corrections | "Land" >> output.write(ready.columns, run_id, temp)

    if not run_graph(options, build):
        place = output.rows_uri(run_id)
        yield f"the job was submitted; {len(rows):,} corrections will be in {place}"
        return
    yield f"{len(rows):,} corrections are in {output.rows_uri(run_id)}"
    if settings.rows:
        yield output.show_corrected(settings.rows, ready.columns)


def _rows(settings: CorrectSettings, columns: Columns) -> Iterator[Row]:
    now = datetime.now(UTC)
    for line in settings.lines:
        try:
            yield corrected_row(line, settings.document_type, columns, settings.run_id, now)
        except ValueError as error:
            name = str(line.get("document_uri"))[:200]
            raise RunFailed(f"the correction of {name!r} cannot be landed: {error}") from error


def _read_settings(flags: dict[str, Any], options: PipelineOptions) -> CorrectSettings:
    given = judge(CorrectFlags, flags)
    cloud = options.view_as(GoogleCloudOptions)
    kind = load_document_type(given.document_type)
    check_fields(kind)
    output = parse_output(given.output, given.output_format, str(cloud.project or ""))
    if given.rows and str(output) == str(parse_output(given.rows)):
        raise UsageFault("--output is --rows: corrections go to a table of their own")
    temp = str(cloud.temp_location or "")
    if output.needs_temp_location and not temp:
        raise UsageFault(f"--temp_location=gs://… is needed for {output}: rows pass through it")
    now = datetime.now(UTC)
    return CorrectSettings(
        lines=_lines(given.corrections),
        document_type=corrected_type(kind),
        output=output,
        rows=given.rows,
        run_id=f"corrections-{run_name(now)}",
        temp_location=temp,
    )


def _lines(pattern: str) -> list[Line]:
    check_files("corrections", pattern)
    texts: list[str] = []
    try:
        store = store_for(pattern)
        for file in store.list(pattern):
            texts += store.read(file.uri).decode("utf-8").split("\n")
        lines = truth_lines(texts)
    except (StoreError, ValueError) as error:
        raise UsageFault(f"--corrections: {error}") from error
    lines = [line for line in lines if says_something(line)]
    if not lines:
        raise UsageFault(f"--corrections: {pattern!r} has no correction of a record")
    return lines
