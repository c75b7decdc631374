"""Rows in Parquet files: NUMERIC is decimal128(38, 9), DATE date32, TIMESTAMP microseconds in UTC.

What is null, and what is not, is as in the Avro schema of the same rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filebasedsink import FileBasedSink
from apache_beam.io.filesystem import CompressionTypes

from sluicegate.document_types.table_fit import Columns
from sluicegate.document_types.table_schema import NUMERIC_PRECISION, NUMERIC_SCALE
from sluicegate.landing.earlier_rows import COLUMNS, RECORD, DamagedFile
from sluicegate.landing.row_formats import TITLES
from transforms.final_names import KeepsFinalNames

_TYPES = {
    "STRING": pa.string(),
    "INTEGER": pa.int64(),
    "FLOAT": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "NUMERIC": pa.decimal128(NUMERIC_PRECISION, NUMERIC_SCALE),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
}
# Rows are packed, in a tenth of their space as Python's objects, once there are so many or they
# have so much text: a row may have 8 MiB of it. Many files may be open at once in one worker, so
# what a file holds back is small.
_PACKED_ROWS, _PACKED_TEXT = 100, 1 << 20
_ROW_GROUP_BYTES = 8 << 20
_READ_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Parquet:
    """Parquet, by columns: resume reads those it needs and no others. Pages have checksums."""

    name = "parquet"
    title = TITLES[name]
    glob = "*.parquet"

    def prepare(self, folder: str, columns: Columns) -> None:
        """Do nothing: a file says itself what it holds."""

    def write(self, path: str, columns: Columns) -> beam.PTransform:
        """Return Beam's step for files, with a sink of our own.

        Beam's WriteToParquet holds a thousand rows of whatever size as Python's objects, and puts
        them all into one batch, which Arrow refuses above 2 GiB of text.
        """
        return beam.io.iobase.Write(KeepsFinalNames(_Sink(path, f".{self.name}", columns)))

    def rows(self, file: IO[bytes], uri: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield whole rows, as the file's own schema has them."""
        return _read(file, None)

    def marked_columns(self, file: IO[bytes]) -> Iterator[dict[str, Any]]:
        """Yield rows with those of `COLUMNS` that there are; the others are not read."""
        return _read(file, COLUMNS)


def arrow_schema(columns: Columns) -> pa.Schema:
    """Return the Arrow schema of a table schema's rows."""
    return pa.schema([_field(column) for column in columns])


def _field(column: dict[str, Any]) -> pa.Field:
    kind = (
        pa.struct([_field(inner) for inner in column["fields"]])
        if column["type"] == "RECORD"
        else _TYPES[column["type"]]
    )
    if column["mode"] == "REPEATED":
        items = pa.list_(pa.field("element", kind, nullable=False))
        return pa.field(column["name"], items, nullable=False)
    return pa.field(column["name"], kind, nullable=column["mode"] != "REQUIRED")


class _Sink(FileBasedSink):
    """Shards that appear once they are whole, as those of Beam's other sinks."""

    def __init__(self, path: str, ending: str, columns: Columns) -> None:
        super().__init__(
            path, None, file_name_suffix=ending, compression_type=CompressionTypes.UNCOMPRESSED
        )
        self._columns = columns

    def open(self, temp_path: str) -> "_Writer":
        return _Writer(super().open(temp_path), arrow_schema(self._columns))

    def write_record(self, writer: "_Writer", values: dict[str, Any]) -> None:
        writer.add(values)

    def close(self, writer: "_Writer") -> None:
        writer.close()


class _Writer:
    """One open file. Rows are gathered to batches, batches to row groups. Not shared."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._file, self._schema = file, schema
        self._writer = pq.ParquetWriter(file, schema, write_page_checksum=True)
        self._rows: list[dict[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []
        self._text = self._bytes = 0

    def add(self, values: dict[str, Any]) -> None:
        self._rows.append(values)
        self._text += _text_in(values)
        if len(self._rows) >= _PACKED_ROWS or self._text >= _PACKED_TEXT:
            self._pack()
            if self._bytes >= _ROW_GROUP_BYTES:
                self._flush()

    def close(self) -> None:
        if self._rows:
            self._pack()
        if self._batches:
            self._flush()
        self._writer.close()
        self._file.close()

    def _pack(self) -> None:
        batch = pa.RecordBatch.from_pylist(self._rows, schema=self._schema)
        self._batches.append(batch)
        self._bytes += batch.nbytes
        self._rows, self._text = [], 0

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._batches))
        self._batches, self._bytes = [], 0


def _text_in(value: Any) -> int:
    """Return how many characters of text there are in a value, at any depth."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_text_in, value.values()))
    return sum(map(_text_in, value)) if isinstance(value, list) else 0


def _read(file: IO[bytes], wanted: tuple[str, ...] | None) -> Iterator[dict[str, Any]]:
    watched = _Watched(file)
    try:
        found = pq.ParquetFile(pa.PythonFile(watched, mode="r"), page_checksum_verification=True)
        columns = _there(found, wanted) if wanted else None
        for batch in found.iter_batches(_READ_ROWS, columns=columns):
            yield from batch.to_pylist()
    except DamagedFile:
        raise
    except Exception as error:
        # Arrow has OSError for damage too: what storage could not give may be whole all the same.
        if watched.trouble:
            raise watched.trouble from error
        raise DamagedFile(f"{type(error).__name__}: {error}") from error


def _there(file: pq.ParquetFile, wanted: tuple[str, ...]) -> list[str]:
    """Return the columns that are there; raise DamagedFile for a file without those of any row."""
    paths = {leaf.path for leaf in _leaves(file)}
    if not set(wanted) - set(RECORD) <= paths:
        raise DamagedFile("it holds no rows")
    return [name for name in wanted if name in paths]


def _leaves(file: pq.ParquetFile) -> Iterator[Any]:
    return (file.schema.column(index) for index in range(len(file.schema.names)))


class _Watched:
    """A file as Arrow reads it, which remembers what its store could not give."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.trouble: OSError | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self.trouble = error
            raise

    def seek(self, *place: int) -> int:
        return self._file.seek(*place)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """Leave the file open: whoever opened it closes it."""
