"""The formats of row files, and which of them a file has."""

from typing import Final

from sluicegate.faults import UsageFault
from sluicegate.landing import row_formats
from transforms.outputs.avro import Avro
from transforms.outputs.file_format import FileFormat
from transforms.outputs.jsonl import JsonLines
from transforms.outputs.parquet import Parquet

FORMATS: Final[dict[str, FileFormat]] = {
    each.name: each for each in (Avro(), Parquet(), JsonLines())
}
DEFAULT: Final = FORMATS[row_formats.DEFAULT]
ENDINGS: Final = tuple(f".{name}" for name in FORMATS)


def find_format(name: str) -> FileFormat:
    """Return the format of that name; raise UsageFault if there is none."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UsageFault(f"--output_format {name!r}: choose {', '.join(FORMATS)}") from None


def format_of(uri: str) -> FileFormat:
    """Return the format that a file's ending says; Avro where it says none."""
    return FORMATS.get(uri.rpartition(".")[2], DEFAULT)
