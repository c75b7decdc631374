"""What a format of row files is. Each format is a file of this folder, listed in `formats`."""

from collections.abc import Iterator
from typing import IO, Any, Protocol

import apache_beam as beam

from sluicegate.document_types.table_fit import Columns


def row_files(ending: str) -> str:
    """Return the pattern of a run's row files within their folder."""
    return f"rows-*.{ending}"


class FileFormat(Protocol):
    """One way to write rows to files and read them back: values come back equal. Picklable."""

    @property
    def name(self) -> str:
        """What --output_format calls it; files end in a dot and this."""
        ...

    @property
    def title(self) -> str:
        """What people call it; the label of its step."""
        ...

    @property
    def glob(self) -> str:
        """The files of a folder that are taken for rows, where no pattern says which."""
        ...

    def prepare(self, folder: str, columns: Columns) -> None:
        """Write what readers need beside the files of a run, before the launch.

        Raises StoreError.
        """
        ...

    def write(self, path: str, columns: Columns) -> beam.PTransform:
        """Return the step from rows' values to the names of their files, once these are whole."""
        ...

    def rows(self, file: IO[bytes], uri: str) -> Iterator[dict[str, Any]]:
        """Yield whole rows. Raises DamagedFile where they break off, and OSError of the store."""
        ...

    def marked_columns(self, file: IO[bytes]) -> Iterator[dict[str, Any]]:
        """Yield rows with `COLUMNS`, which may be all that is read. Raises as `rows` does.

        What came before the break is to be forgotten with the rest: whoever repairs the output
        throws the file away.
        """
        ...
