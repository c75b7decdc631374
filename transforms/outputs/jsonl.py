"""Rows in JSON Lines files: one object a line, UTF-8, as `bq load` takes them, without loss.

Numbers of NUMERIC columns are texts ("12.5"): readers that know binary floating point alone, and
JavaScript and jq are such, keep no more than 15 digits of a JSON number. Integers beyond 2^53 are
texts too, which BigQuery asks for; dates are 2026-11-23, times 2026-11-23T12:00:00.123456Z
(https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json, Limitations).

Which texts are numbers says `schema.json` beside the files of a run. It is BigQuery's own JSON of
a table schema: `bq load --source_format=NEWLINE_DELIMITED_JSON` takes the same file.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

import apache_beam as beam
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.pvalue import PCollection

from sluicegate.document_types.table_fit import Columns
from sluicegate.landing.earlier_rows import DamagedFile
from sluicegate.landing.row_formats import TITLES
from sluicegate.storage import NotFound, StoreError, join, store_for
from transforms.final_names import KeepsFinalNames
from transforms.outputs.file_format import row_files

SCHEMA = "schema.json"
_EXACT_IN_A_DOUBLE = 2**53


@dataclass(frozen=True, slots=True)
class JsonLines:
    """JSON Lines. Nothing in a file tells that it was cut at the end of a line."""

    name = "jsonl"
    title = TITLES[name]
    glob = row_files("jsonl")  # failure records and ground truth are .jsonl as well

    def prepare(self, folder: str, columns: Columns) -> None:
        """Write the schema."""
        uri = join(folder, SCHEMA)
        store_for(uri).write(uri, (json.dumps(columns, indent=2) + "\n").encode())

    def write(self, path: str, columns: Columns) -> beam.PTransform:
        """Return Beam's own step for lines of text, fed with ours."""
        return _WriteLines(path, f".{self.name}", columns)

    def rows(self, file: IO[bytes], uri: str) -> Iterator[dict[str, Any]]:
        """Yield whole rows, typed as the schema beside the file says."""
        columns = _schema_beside(uri)
        for record in _records(file):
            try:
                yield _typed_record(record, columns)
            except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
                raise DamagedFile(f"a row is not as {SCHEMA} says: {error}") from error

    def marked_columns(self, file: IO[bytes]) -> Iterator[dict[str, Any]]:
        """Yield rows as they are but for the time, which is all that is typed of `COLUMNS`."""
        for record in _records(file):
            try:
                yield {**record, "processed_at": _instant(record["processed_at"])}
            except (ValueError, TypeError, KeyError) as error:
                raise DamagedFile(f"it holds no rows: {type(error).__name__}: {error}") from error


class _WriteLines(beam.PTransform):
    def __init__(self, path: str, ending: str, columns: Columns) -> None:
        super().__init__()
        self._path, self._ending, self._columns = path, ending, columns

    def expand(self, values: PCollection[dict[str, Any]]) -> PCollection[str]:
        beams = beam.io.WriteToText(
            self._path,
            file_name_suffix=self._ending,
            compression_type=CompressionTypes.UNCOMPRESSED,
        )
        return (
            values
            | "Render" >> beam.Map(json_line, self._columns)
            | "Lines" >> beam.io.iobase.Write(KeepsFinalNames(beams._sink))  # noqa: SLF001
        )


def json_line(values: dict[str, Any], columns: Columns) -> str:
    """Return a row as one line of JSON, without the newline."""
    return json.dumps(_plain_record(values, columns), ensure_ascii=False, separators=(",", ":"))


def _plain_record(values: dict[str, Any], columns: Columns) -> dict[str, Any]:
    return {column["name"]: _plain(values.get(column["name"]), column) for column in columns}


def _plain(value: Any, column: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_plain(item, column) for item in value]
    if value is None:
        return None
    if column["type"] == "RECORD":
        return _plain_record(value, column["fields"])
    return _PLAIN.get(column["type"], _as_it_is)(value)


def _as_it_is(value: Any) -> Any:
    return value


def _decimal(value: Decimal) -> str:
    """Return the digits without trailing zeros: equal numbers are equal texts."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _integer(value: int) -> int | str:
    return value if abs(value) < _EXACT_IN_A_DOUBLE else str(value)


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "NUMERIC": _decimal,
    "INTEGER": _integer,
    "DATE": date.isoformat,
    "TIMESTAMP": _moment,
}


def _records(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file, numbers exact; raise DamagedFile at a line that is none."""
    for number, line in enumerate(file, 1):
        try:
            record = json.loads(line, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise DamagedFile(f"line {number}: {type(error).__name__}: {error}") from error
        if not isinstance(record, dict):
            raise DamagedFile(f"line {number} holds no row")
        yield record


def _schema_beside(uri: str) -> Columns:
    place = join(uri.rpartition("/")[0] or ".", SCHEMA)
    try:
        found = json.loads(store_for(place).read(place))
    except NotFound as error:
        raise DamagedFile(
            f"there is no {place!r}, which says what its texts are; keep it with the rows"
        ) from error
    except StoreError as error:
        raise OSError(str(error)) from error
    except ValueError as error:
        raise DamagedFile(f"{place!r} is no schema: {error}") from error
    if not isinstance(found, list):
        raise DamagedFile(f"{place!r} is no schema")
    return found


def _typed_record(record: dict[str, Any], columns: Columns) -> dict[str, Any]:
    return {column["name"]: _typed(record.get(column["name"]), column) for column in columns}


def _typed(value: Any, column: dict[str, Any]) -> Any:
    if column["mode"] == "REPEATED":
        return [_typed(item, {**column, "mode": "NULLABLE"}) for item in value or ()]
    if value is None:
        return None
    if column["type"] == "RECORD":
        return _typed_record(value, column["fields"])
    return _TYPED[column["type"]](value)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_TYPED: dict[str, Callable[[Any], Any]] = {
    "STRING": str,
    "INTEGER": int,
    "FLOAT": float,
    "BOOLEAN": bool,
    "NUMERIC": Decimal,
    "DATE": date.fromisoformat,
    "TIMESTAMP": _instant,
}
