"""Rows in Avro files: the schema in each file, blocks deflated. What a run writes by default."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import apache_beam as beam
import fastavro

from sluicegate.document_types.table_fit import Columns
from sluicegate.document_types.table_schema import PROVENANCE_COLUMNS, avro_schema, table_schema
from sluicegate.landing.earlier_rows import COLUMNS, PROVENANCE, DamagedFile
from sluicegate.landing.row_formats import TITLES
from transforms.final_names import KeepsFinalNames


@dataclass(frozen=True, slots=True)
class Avro:
    """Avro. Decimals, dates and microseconds are its logical types, as BigQuery loads them."""

    name = "avro"
    title = TITLES[name]
    glob = "*.avro"

    def prepare(self, folder: str, columns: Columns) -> None:
        """Do nothing: a file says itself what it holds."""

    def write(self, path: str, columns: Columns) -> beam.PTransform:
        """Return a step with Beam's own sink."""
        schema = avro_schema({"fields": columns}, "Row")
        beams = beam.io.WriteToAvro(path, schema, file_name_suffix=f".{self.name}")
        return beam.io.iobase.Write(KeepsFinalNames(beams._sink_provider(schema)))  # noqa: SLF001

    def rows(self, file: IO[bytes], uri: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield whole rows, as the file's own schema has them."""
        return _read(file, None)

    def marked_columns(self, file: IO[bytes]) -> Iterator[dict[str, Any]]:
        """Yield rows with `COLUMNS` alone; the rest is passed over."""
        return _read(file, _MARKED)


def _read(file: IO[bytes], schema: Any) -> Iterator[dict[str, Any]]:
    try:
        for row in fastavro.reader(file, reader_schema=schema):
            if not isinstance(row, dict):
                raise DamagedFile("it holds no rows")
            yield row
    except (OSError, DamagedFile):  # what storage could not give may be whole all the same
        raise
    except Exception as error:
        raise DamagedFile(f"{type(error).__name__}: {error}") from error


def _marked_schema() -> dict[str, Any]:
    *own, provenance = table_schema(())["fields"]
    wanted = [column for column in PROVENANCE_COLUMNS if column["name"] in PROVENANCE]
    marked = [column for column in own if column["name"] in COLUMNS]
    return avro_schema({"fields": [*marked, {**provenance, "fields": wanted}]}, "Row")


_MARKED = fastavro.parse_schema(_marked_schema())
