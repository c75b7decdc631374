"""Load jobs as BigQuery documents them, where bqemulator 1.4 has them otherwise.

- A job id that was used before is refused: 409, reason duplicate
  (https://cloud.google.com/bigquery/docs/running-jobs#generate-jobid).
- What is wrong with a load is an error of the job, not of the request that starts it; a table that
  is not there is one with CREATE_NEVER.
- Partitions and clusters that are said and are not the table's are refused: "Incompatible table
  partitioning specification. Expects …, but input …".
- Columns are found by their names, and those that a file lacks are null; the emulator goes by
  their order.
- Load jobs fail for a reason that passes when `load_faults.json` in the server's folder says so.
- A load job runs on after the request that started it, and whoever sent that, for as many seconds
  as `load_seconds.json` says; its rows are in the table when it is done.
- A load copies no table: the emulator keeps a copy of the whole table after each change, for time
  travel, which takes seconds with millions of rows.
- Load jobs are noted in `load_jobs.jsonl` of the server's folder: asked for, running, done.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from bqemulator.api.routes import jobs
from bqemulator.domain.errors import AlreadyExistsError, DomainError
from bqemulator.domain.events import TableDataChanged
from bqemulator.jobs import executor
from bqemulator.versioning import snapshots

from emulators.bigquery_names import FAULTS, FOLDER, LOADS, SECONDS


def fill_load_gaps() -> None:
    """Patch this process's bqemulator; call it before the server starts."""
    routes: Any = jobs
    loads: Any = executor
    run = routes.execute_load_job
    under_way: set[asyncio.Task[None]] = set()

    async def load(project: str, job_id: str, config: dict[str, Any], context: Any) -> Any:
        error = _planned() or _refused(config, context)
        if error is None:
            try:
                return await run(project, job_id, config, context)
            except DomainError as problem:
                error = {"reason": problem.bq_reason, "message": problem.message}
            except Exception as problem:  # noqa: BLE001 - whatever DuckDB raises is the job's error
                error = {"reason": "invalid", "message": f"Error while reading data: {problem}"}
        return routes._failed_job_meta(  # noqa: SLF001
            project, job_id, "LOAD", config, error, context.clock.now()
        )

    async def handle(project: str, job_id: str, config: dict[str, Any], ctx: Any) -> Any:
        _note(job_id, config, "asked")
        if ctx.catalog.get_job(project, job_id) is not None:
            message = f"Already Exists: Job {project}:US.{job_id}"
            raise AlreadyExistsError(message)
        seconds = float(_said(SECONDS) or 0)
        if not seconds:
            job = await load(project, job_id, config, ctx)
            _note(job_id, config, "done")
            return job

        async def later() -> None:
            await asyncio.sleep(seconds)
            ctx.catalog.upsert_job(await load(project, job_id, config, ctx))
            _note(job_id, config, "done")

        task = asyncio.create_task(later())
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        _note(job_id, config, "running")
        now = ctx.clock.now()
        done = routes._failed_job_meta(project, job_id, "LOAD", config, {}, now)  # noqa: SLF001
        change = {"state": "RUNNING", "error_result": None, "end_time": None}
        return done.model_copy(update=change)

    versions: Any = snapshots.SnapshotManager
    versions.record_change = _changed
    routes._handle_load_job_with_async_envelope = handle  # noqa: SLF001
    loads._insert_via_arrow_view = _by_name  # noqa: SLF001


def _by_name(*, arrow_table: Any, view_name: str, target_ref: str, ctx: Any) -> None:
    ctx.engine.connection.register(view_name, arrow_table)
    try:
        ctx.engine.execute(f"INSERT INTO {target_ref} BY NAME SELECT * FROM {view_name}")
    finally:
        ctx.engine.connection.unregister(view_name)


def _changed(self: Any, project: str, dataset: str, table: str) -> None:
    self._events.publish(TableDataChanged(project, dataset, table))


def _planned() -> dict[str, str] | None:
    """Take the next fault that was asked for."""
    faults: list[dict[str, str]] | None = _said(FAULTS)
    if not faults:
        return None
    (_folder() / FAULTS).write_text(json.dumps(faults[1:]))
    return faults[0]


def _folder() -> Path:
    return Path(os.environ.get(FOLDER, "."))


def _said(name: str) -> Any:
    path = _folder() / name
    return json.loads(path.read_text()) if path.exists() else None


def _note(job_id: str, config: dict[str, Any], state: str) -> None:
    noted = {"job": job_id, "state": state, "table": config["load"]["destinationTable"]["tableId"]}
    with (_folder() / LOADS).open("a") as file:
        file.write(json.dumps(noted) + "\n")


def _refused(config: dict[str, Any], context: Any) -> dict[str, str] | None:
    load = config["load"]
    place = load["destinationTable"]
    name = f"{place['projectId']}:{place['datasetId']}.{place['tableId']}"
    table = context.catalog.get_table(place["projectId"], place["datasetId"], place["tableId"])
    if table is None:
        if load.get("createDisposition") == "CREATE_NEVER":
            return {"reason": "notFound", "message": f"Not found: Table {name}"}
        return None
    said = load.get("timePartitioning"), (load.get("clustering") or {}).get("fields")
    if said == (None, None):
        return None
    has = table.time_partitioning
    partitioning = (
        {"type": has.type, **({"field": has.field} if has.field else {})} if has else None
    )
    clustering = list(table.clustering.fields) if table.clustering else None
    if said == (partitioning, clustering):
        return None
    return {
        "reason": "invalid",
        "message": "Incompatible table partitioning specification. "
        f"Expects {partitioning} {clustering}, but input {said[0]} {said[1]}",
    }
