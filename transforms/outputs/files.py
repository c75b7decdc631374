"""Files under a path prefix: `<prefix>/rows/<run_id>/rows-SSSSS-of-NNNNN.<format>`.

Files are opened by ourselves, one after the other in each worker: Beam's readers take a name for
a pattern, and one with brackets for another name. A run writes as many files as its runner likes.
Which format a file has its ending says, so that files of several formats are read as one output.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import PBegin, PCollection

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.table_fit import Columns
from sluicegate.document_types.table_schema import table_schema
from sluicegate.faults import JobFault, UsageFault, one_line
from sluicegate.landing.earlier_rows import DamagedFile, Mark, Wanted
from sluicegate.log import EventKind, log_event
from sluicegate.records import Row
from sluicegate.storage import StoreError, join, store_for
from sluicegate.storage.finding import (
    check_files,
    files_under,
    in_its_folder,
    matches_any,
    names_folder,
)
from sluicegate.storage.patterns import literal
from transforms.outputs.file_format import FileFormat, row_files
from transforms.outputs.formats import DEFAULT, ENDINGS, FORMATS, format_of
from transforms.outputs.output import Ready

# Marks of one file that are held until its end is reached, some 40 MB. A local run writes one file,
# of however many rows; such a file is read twice.
_MARKS_HELD = 100_000
_FILES_LOOKED_AT = 20
_ANY_FORMAT = f"{{{','.join(FORMATS)}}}"


@dataclass(frozen=True, slots=True)
class RowFiles:
    """Row files of one format under a path prefix. As text it is the prefix."""

    prefix: str
    format: FileFormat = DEFAULT
    needs_temp_location = False

    def __str__(self) -> str:
        return self.prefix

    @property
    def folder(self) -> str:
        """The folder of all runs' rows."""
        return join(self.prefix, "rows")

    @property
    def default_failures(self) -> str:
        """Failures lie beside the rows."""
        return join(self.prefix, "failures")

    def rows_uri(self, run_id: str) -> str:
        """Return a glob of the run's files."""
        return join(self._folder_of(run_id), row_files(self.format.name))

    def files_of(self, run_id: str) -> str:
        """Return a pattern of the run's files in any format."""
        return join(self._folder_of(run_id), row_files(_ANY_FORMAT))

    def make_ready(
        self,
        document_type: DocumentType,
        run_id: str,
        *,
        resume: bool,
        temp_location: str = "",  # noqa: ARG002
    ) -> Ready:
        """Look for rows of earlier runs, in any format; write what a format wants beside rows."""
        columns: Columns = table_schema(document_type.fields)["fields"]
        earlier = StoredFiles(join(literal(self.folder), f"*/{row_files(_ANY_FORMAT)}"))
        found = resume and matches_any("output", earlier.pattern)
        try:
            self.format.prepare(self._folder_of(run_id), columns)
        except StoreError as error:
            raise UsageFault(f"--output: {error}") from error
        return Ready(columns, earlier if found else None)

    def try_out(self, columns: Columns, run_id: str, temp_location: str) -> None:
        """Return no step: the preflight has looked whether files can be written."""

    def write(self, columns: Columns, run_id: str, temp_location: str) -> beam.PTransform:  # noqa: ARG002
        """Return the step from Rows to the names of their files, once these are whole."""
        return _WriteFiles(self.format, join(self._folder_of(run_id), "rows"), columns)

    def show_corrected(self, rows: str, columns: Columns) -> str:  # noqa: ARG002
        """Return that files have no view."""
        return f"a view is made of tables, and {self} is none"

    def _folder_of(self, run_id: str) -> str:
        return join(self.folder, run_id)


class _WriteFiles(beam.PTransform):
    def __init__(self, written_as: FileFormat, path: str, columns: Columns) -> None:
        super().__init__()
        self._format, self._path, self._columns = written_as, path, columns

    def expand(self, rows: PCollection[Row]) -> PCollection[str]:
        values = rows | "Values" >> beam.Map(_values)
        return values | self._format.title >> self._format.write(self._path, self._columns)


def _values(row: Row) -> dict[str, Any]:
    return row.values


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """The row files that a pattern matches, each in the format that its ending says."""

    pattern: str
    failures: str = ""

    @classmethod
    def named(cls, text: str) -> "StoredFiles":
        """Return the row files under a prefix, or of a pattern; with a prefix its failures too."""
        names = f"**/{{{','.join(each.glob for each in FORMATS.values())}}}"
        beside = ""
        if names_folder(text, ENDINGS):
            beside = join(literal(text), "failures/**.jsonl")
        return cls(files_under(text, names, ENDINGS), beside)

    @classmethod
    def of_summary(cls, rows_uri: str, *, all_runs: bool = False) -> "StoredFiles":
        """Return the row files of one run, by its summary's glob; or of all runs, in any format."""
        if not all_runs:
            return cls(in_its_folder(rows_uri))
        folder = rows_uri.rpartition("/")[0].rpartition("/")[0]
        return cls(join(literal(folder), f"*/{row_files(_ANY_FORMAT)}"))

    def check(self, flag: str, *, has_rows: bool = True) -> None:
        """Raise UsageFault if no file matches; a run without rows may have none."""
        if has_rows:
            check_files(flag, self.pattern)

    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns in the first files; empty where none can be read."""
        found: dict[str, None] = {}
        try:
            names = (file.uri for file in store_for(self.pattern).list(self.pattern))
            for uri in itertools.islice(names, _FILES_LOOKED_AT):
                found |= dict.fromkeys(next(_whole_rows(uri), {}))
        except (StoreError, JobFault):
            return ()  # the run itself says what is wrong with them
        return tuple(found)

    def marks(
        self,
        begin: PBegin,
        wanted: Wanted,
        run_id: str,
        prefixes: PCollection[tuple[str, ...]],  # noqa: ARG002 - a file has rows of anywhere
    ) -> PCollection[tuple[str, Mark]]:
        """Read documents and marks of all rows."""
        return (
            begin
            | "Pattern" >> beam.Create([self.pattern], reshuffle=False)
            | "List" >> beam.FlatMap(_list)
            | "Spread" >> beam.Reshuffle()
            | "Read" >> beam.ParDo(_ReadMarks(wanted, run_id))
        )

    def rows(self, begin: PBegin, run_id: str) -> PCollection[dict[str, Any]]:  # noqa: ARG002
        """Read whole rows of all runs."""
        return (
            begin
            | "Row files pattern" >> beam.Create([self.pattern], reshuffle=False)
            | "List row files" >> beam.FlatMap(_list)
            | "Spread row files" >> beam.Reshuffle()
            | "Read row files" >> beam.FlatMap(_whole_rows)
        )

    def read_here(self, run_id: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield whole rows of all runs."""
        for uri in _list(self.pattern):
            yield from _whole_rows(uri)


def _list(pattern: str) -> Iterator[str]:
    try:
        yield from (file.uri for file in store_for(pattern).list(pattern))
    except StoreError as error:
        raise JobFault("output_unreadable", f"rows in {pattern!r}: {error}") from error


def _whole_rows(uri: str) -> Iterator[dict[str, Any]]:
    try:
        with FileSystems.open(uri) as file:
            yield from format_of(uri).rows(file, uri)
    except (DamagedFile, OSError) as error:
        reason = one_line(f"{type(error).__name__}: {error}")
        raise JobFault("output_unreadable", f"{uri!r} cannot be read: {reason}") from error


class _ReadMarks(beam.DoFn):
    """Files of rows to marks. Nothing of a file counts before its last row was read."""

    def __init__(self, wanted: Wanted, run_id: str) -> None:
        self._wanted, self._run_id = wanted, run_id

    def process(self, uri: str) -> Iterator[tuple[str, Mark]]:
        try:
            held = self._held(uri)
        except DamagedFile as damage:
            log_event(
                EventKind.ROWS_DAMAGED,
                f"{uri} is no whole file of rows and counts as absent ({damage}); "
                "its documents are done again, from the journal: remove it",
                self._run_id,
            )
            return
        yield from self._read(uri) if held is None else held

    def _held(self, uri: str) -> list[tuple[str, Mark]] | None:
        """Return a whole file's marks; None if they are too many to hold, and to be read again."""
        held: list[tuple[str, Mark]] = []
        many = False
        for mark in self._read(uri):
            if len(held) == _MARKS_HELD:
                held, many = [], True
            if not many:
                held.append(mark)
        return None if many else held

    def _read(self, uri: str) -> Iterator[tuple[str, Mark]]:
        try:
            with FileSystems.open(uri, compression_type=CompressionTypes.UNCOMPRESSED) as file:
                for row in format_of(uri).marked_columns(file):
                    mark = self._wanted.mark(row)
                    if mark:
                        yield mark
        except OSError as error:
            raise JobFault("output_unreadable", f"earlier rows in {uri}: {error}") from error
