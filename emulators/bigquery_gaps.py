"""What BigQuery does and bqemulator 1.4 does not: patched in, within the server's own process.

``python -m emulators.bigquery_gaps ARG…`` is ``bqemulator ARG…`` with all of it in place:

- The Storage Read API takes fields of a record, `record.field`, and returns a record of those.
- A table whose schema is updated with more fields, in records too, has them from then on.
- A table's resource says where it lies, as its dataset does; a view's has its query.
- Load jobs and read sessions: see `bigquery_loads` and `bigquery_reads`.
- DuckDB's spatial extension is taken from its wheel; bqemulator would download it at its start.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from bqemulator.api.routes import tables
from bqemulator.catalog import memory_repository
from bqemulator.cli import main as bqemulator_main
from bqemulator.grpc_api import read_servicer
from bqemulator.storage.sql_identifiers import quoted_table_ref
from bqemulator.storage.type_map import bq_schema_to_duckdb_columns
from duckdb_extensions import import_extension  # type: ignore[import-untyped]

from emulators.bigquery_loads import fill_load_gaps
from emulators.bigquery_reads import fill_read_gaps

_FIELD = re.compile(r"[A-Za-z_]\w{0,299}(\.[A-Za-z_]\w{0,299}){0,14}")


def main() -> None:
    """Run bqemulator's own command line with the gaps filled."""
    import_extension("spatial")
    fill_gaps()
    fill_load_gaps()
    fill_read_gaps()
    bqemulator_main()


def fill_gaps() -> None:
    """Patch this process's bqemulator; call it before the server starts."""
    read_servicer._COLUMN_NAME_RE = _FIELD  # noqa: SLF001
    selected = read_servicer._selected_fields  # noqa: SLF001
    build = read_servicer._build_read_sql  # noqa: SLF001

    def selected_columns(read_session: Any) -> list[str] | None:
        names = selected(read_session)
        return names and list(dict.fromkeys(name.partition(".")[0] for name in names))

    def build_read_sql(
        target: str, columns: list[str] | None, read_session: Any, caller: Any = None
    ) -> str:
        sql = build(target, columns, read_session, caller=caller)
        names = selected(read_session)
        if not names:
            return sql
        whole = ", ".join(f'"{column}"' for column in columns or ())
        return sql.replace(f"SELECT {whole} ", f"SELECT {', '.join(_select(names))} ", 1)

    update = memory_repository.MemoryCatalogRepository.update_table

    def update_table(self: Any, table: Any) -> Any:
        existing = self.get_table(table.project_id, table.dataset_id, table.table_id)
        if existing is not None and existing.table_type == table.table_type == "TABLE":
            target = quoted_table_ref(table.project_id, table.dataset_id, table.table_id)
            for path, kind in _added(existing.schema_.fields, table.schema_.fields, ()):
                place = ".".join(f'"{step}"' for step in path)
                self._engine.execute(
                    f"ALTER TABLE {target} ADD COLUMN IF NOT EXISTS {place} {kind}"
                )
        return update(self, table)

    described = tables._table_to_rest  # noqa: SLF001
    locations: dict[tuple[str, str], str] = {}
    create_dataset = memory_repository.MemoryCatalogRepository.create_dataset

    def dataset_created(self: Any, dataset: Any) -> Any:
        locations[dataset.project_id, dataset.dataset_id] = dataset.location
        return create_dataset(self, dataset)

    def table_to_rest(table: Any) -> dict[str, Any]:
        location = locations.get((table.project_id, table.dataset_id), "US")
        query = {"query": table.view_query, "useLegacySql": False}
        view = {"view": query} if table.view_query else {}
        return {**described(table), "location": location, **view}

    servicer: Any = read_servicer
    routes: Any = tables
    routes._table_to_rest = table_to_rest  # noqa: SLF001
    servicer._selected_fields = selected_columns  # noqa: SLF001
    servicer._build_read_sql = build_read_sql  # noqa: SLF001
    repository: Any = memory_repository.MemoryCatalogRepository
    repository.update_table = update_table
    repository.create_dataset = dataset_created


def _select(names: list[str]) -> Iterator[str]:
    """Yield DuckDB's columns for the names, each record once with what is wanted of it."""
    for column in dict.fromkeys(name.partition(".")[0] for name in names):
        inner = [rest for top, _, rest in (name.partition(".") for name in names) if top == column]
        if "" in inner:
            yield f'"{column}"'
        else:
            fields = ", ".join(f'"{name}" := "{column}"."{name}"' for name in inner)
            yield (
                f'CASE WHEN "{column}" IS NULL THEN NULL ELSE struct_pack({fields}) END '
                f'AS "{column}"'
            )


def _added(
    old: Sequence[Any], new: Sequence[Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the path and DuckDB type of each field that is new, in records too."""
    have = {field.name.lower(): field for field in old}
    for field in new:
        before = have.get(field.name.lower())
        if before is None:
            ((_, kind),) = bq_schema_to_duckdb_columns([_plain(field)])
            yield (*path, field.name), kind
        elif field.fields:
            element = ("element",) if field.mode == "REPEATED" else ()
            yield from _added(before.fields, field.fields, (*path, field.name, *element))


def _plain(field: Any) -> dict[str, Any]:
    fields = [_plain(child) for child in field.fields]
    return {"name": field.name, "type": field.type, "mode": field.mode, "fields": fields}


if __name__ == "__main__":
    main()
