"""WriteRows: rows to a BigQuery table by load jobs, or to Avro files under a path prefix."""

from typing import Any

import apache_beam as beam
from apache_beam.io.gcp.bigquery import BigQueryDisposition, WriteToBigQuery
from apache_beam.pvalue import PCollection

from sluicegate.document_types.table_schema import avro_schema
from sluicegate.records import Row
from sluicegate.storage import join

PARTITIONING = {"timePartitioning": {"type": "DAY", "field": "processed_at"}}


class WriteRowsToBigQuery(beam.PTransform):
    """Rows to `project:dataset.table` by FILE_LOADS with Avro files: exact, and free of charge.

    The table is created if it is missing, partitioned by day of processed_at. Returns what is
    complete once the rows have landed.
    """

    def __init__(self, table: str, schema: dict[str, Any], temp_location: str) -> None:
        super().__init__()
        self._table, self._schema, self._temp_location = table, schema, temp_location

    def expand(self, rows: PCollection[Row]) -> PCollection[Any]:
        """Build the step."""
        loaded = (
            rows
            | "Values" >> beam.Map(_values_for, self._schema["fields"])
            | "Load"
            >> WriteToBigQuery(
                self._table,
                schema=self._schema,
                method=WriteToBigQuery.Method.FILE_LOADS,
                temp_file_format="AVRO",
                custom_gcs_temp_location=self._temp_location,
                create_disposition=BigQueryDisposition.CREATE_IF_NEEDED,
                write_disposition=BigQueryDisposition.WRITE_APPEND,
                additional_bq_parameters=PARTITIONING,
            )
        )
        return loaded.destination_load_jobid_pairs


class WriteRowsToFiles(beam.PTransform):
    """Rows to `<prefix>/<run_id>/rows-SSSSS-of-NNNNN.avro`. Returns their names, once written."""

    def __init__(self, prefix: str, schema: dict[str, Any], run_id: str) -> None:
        super().__init__()
        self._path = join(prefix, f"{run_id}/rows")
        self._schema = avro_schema(schema, "Row")

    def expand(self, rows: PCollection[Row]) -> PCollection[str]:
        """Build the step."""
        return (
            rows
            | "Values" >> beam.Map(_values)
            | "Avro" >> beam.io.WriteToAvro(self._path, self._schema, file_name_suffix=".avro")
        )


def _values_for(row: Row, columns: list[dict[str, Any]]) -> dict[str, Any]:
    return _whole(row.values, columns)


def _whole(values: dict[str, Any], columns: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a record with all that the table has of it, which may be more than the type has."""
    whole = {}
    for column in columns:
        value, repeated = values.get(column["name"]), column.get("mode") == "REPEATED"
        fields = column.get("fields")
        if value is None:
            value = [] if repeated else None
        elif fields:
            value = [_whole(one, fields) for one in value] if repeated else _whole(value, fields)
        whole[column["name"]] = value
    return whole


def _values(row: Row) -> dict[str, Any]:
    return row.values
