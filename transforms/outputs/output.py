"""What an output is: where rows go, and where rows of earlier runs are read back from.

An output is a file of this folder. What is needed of it stands here and nowhere else: the jobs and
the steps know these two protocols, and nobody asks which output it is.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import apache_beam as beam
from apache_beam.pvalue import PBegin, PCollection

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.table_fit import Columns
from sluicegate.landing.earlier_rows import Mark, Wanted


class StoredRows(Protocol):
    """Rows that are there, of one run or of many. Plain and picklable: it goes to workers."""

    @property
    def failures(self) -> str:
        """A pattern of the failure files that lie beside the rows; "" where none do."""
        ...

    def check(self, flag: str, *, has_rows: bool = True) -> None:
        """Raise UsageFault, naming the flag, if there is nothing to read.

        `has_rows` is False where a run says itself that it wrote none.
        """
        ...

    def columns(self) -> tuple[str, ...]:
        """Return the names of the rows' columns; empty where they are not known before a read."""
        ...

    def marks(
        self,
        begin: PBegin,
        wanted: Wanted,
        run_id: str,
        prefixes: PCollection[tuple[str, ...]],
    ) -> PCollection[tuple[str, Mark]]:
        """Read documents and marks of rows, for resume: of each row `COLUMNS` alone.

        `prefixes` holds one tuple: every document of the run has a name that begins with one of
        them. Rows of other documents may be left out. A mark may come twice.

        A file that is damaged counts as absent, with a warning in the log of `run_id`. Raises
        JobFault("output_unreadable") on the worker if the rows cannot be read.
        """
        ...

    def rows(self, begin: PBegin, run_id: str) -> PCollection[dict[str, Any]]:
        """Read whole rows, for compare and evaluate; where it is cheap, those of `run_id` alone.

        Raises JobFault("output_unreadable") on the worker if they cannot be read.
        """
        ...

    def read_here(self, run_id: str) -> Iterator[dict[str, Any]]:
        """Yield whole rows in this process, as `rows` reads them: for review, which keeps few.

        Raises JobFault("output_unreadable") if they cannot be read.
        """
        ...


class Ready(NamedTuple):
    """An output that can take a run's rows."""

    columns: Columns  # all that it has: rows are written with all of them, in this order
    earlier: StoredRows | None  # rows of earlier runs to look at; None where there are none
    warnings: tuple[str, ...] = ()


class Output(Protocol):
    """Where a run's rows go. Plain and picklable; as text it is what --output names it by."""

    @property
    def folder(self) -> str:
        """The folder that all files of rows lie under; "" where rows do not go to files."""
        ...

    @property
    def default_failures(self) -> str:
        """Where failure records go unless a flag says it; "" where a flag has to."""
        ...

    @property
    def needs_temp_location(self) -> bool:
        """Whether rows pass through temporary files on Cloud Storage."""
        ...

    def rows_uri(self, run_id: str) -> str:
        """Return where the rows of a run are, as the summary says it; `parse_rows_uri` reads it."""
        ...

    def files_of(self, run_id: str) -> str:
        """Return a pattern of all row files that a run of this id can have left; "" for none."""
        ...

    def make_ready(
        self,
        document_type: DocumentType,
        run_id: str,
        *,
        resume: bool,
        temp_location: str = "",
    ) -> Ready:
        """Prepare the output before the launch, so that it takes the run's rows.

        Rows of earlier runs are looked for only if the run is to `resume`. What can be tried of
        writing is tried. Raises UsageFault if it cannot be made ready, saying what to do.
        """
        ...

    def try_out(self, columns: Columns, run_id: str, temp_location: str) -> beam.PTransform | None:
        """Return a step that passes elements once the worker has tried what `write` will do.

        None where there is nothing to try. The step raises JobFault if the try fails.
        """
        ...

    def write(self, columns: Columns, run_id: str, temp_location: str) -> beam.PTransform:
        """Return the step from Rows to what is complete once they have landed."""
        ...

    def show_corrected(self, rows: str, columns: Columns) -> str:
        """Show the current rows of `rows` with corrections, which are here, in their place.

        Returns what was made and how to read it, or why nothing was.
        """
        ...
