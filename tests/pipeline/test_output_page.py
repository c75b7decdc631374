"""docs/output.md and docs/running-again.md: their SQL, Python and JSON do what the pages say."""

import json
import re
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest
from google.cloud import bigquery
from support import Job, sha256, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from sluicegate.landing.failure_lines import failure_line
from sluicegate.records import Failure
from tests.pipeline.many import BAD, GOOD, Scripted
from transforms.outputs.bigquery_table import latest_sql

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "output.md").read_text("utf-8")
SQL = re.findall(r"^```sql\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
LATEST, SCHEDULED, COST, MISSING, WARNINGS, EXTERNAL, CURRENT = SQL


def test_the_view_is_the_one_that_runs_create() -> None:
    """Who reads the page reads what is there."""
    assert latest_sql("my-project.invoices.extracted") in LATEST


def test_the_scheduled_table_is_made_of_the_view() -> None:
    """It reads the very view that runs create."""
    (view,) = re.findall(r"VIEW `(.*?)`", LATEST)
    assert f"FROM `{view}`" in SCHEDULED


def test_the_external_table_has_the_columns_of_a_record() -> None:
    """Each key of a failure line, and none that there is not."""
    from datetime import UTC, datetime  # noqa: PLC0415

    line = failure_line(Failure("a", "timeout", "m"), "r", datetime.now(UTC), "invoice")
    columns = EXTERNAL[EXTERNAL.index("(") : EXTERNAL.index("OPTIONS")]
    flat = re.sub(r"STRUCT<.*?>", "STRUCT", columns)
    assert sorted(re.findall(r"(\w+) [A-Z0-9]+", flat)) == sorted(json.loads(line))


def test_the_lifecycle_rule_is_json() -> None:
    """As gcloud takes it: rules with an action and a condition."""
    page = (DOCS / "running-again.md").read_text("utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (rule,) = json.loads(block)["rule"]
    assert rule["action"] == {"type": "Delete"}
    assert rule["condition"]["matchesPrefix"] == ["work/journal/"]


def test_failures_stand_until_a_row_takes_their_place(
    cloud: LocalCloud,
    endpoint: GeminiEndpoint,
    api_key: str,
    tmp_path: Path,
    tenfold_clock: None,
) -> None:
    """Two fail, one of them twice; the replay of one lands it, and one failure stands."""
    name = f"t{uuid.uuid4().hex[:10]}"
    once, twice, _good = write_invoices(tmp_path / "in", 3)
    settings: dict[str, Any] = {
        "output": f"{cloud.project}:tests.{name}",
        "failures": f"gs://sluicegate/{name}/failures",
        "project": cloud.project,
        "gemini_service": "developer",
        "gemini_endpoint": endpoint.url,
    }
    blocked = {"fault": "finish_SAFETY", "match": sha256(twice)}
    endpoint.set_behaviour(faults=[{"fault": "http_502", "match": sha256(once)}, blocked])
    pipeline.run(**settings, input=f"{tmp_path}/in/*")
    assert [row["code"] for row in standing(cloud, name)] == ["blocked", "server_error"]
    endpoint.set_behaviour(faults=[blocked])
    summary = pipeline.run(**settings, replay=f"{settings['failures']}/**")
    assert summary is not None
    assert (summary.matched, summary.rows, summary.failures) == (2, 1, 1)
    (left,) = standing(cloud, name)
    assert (left["document_uri"], left["code"]) == (str(twice), "blocked")
    assert left["run_id"] == summary.run_id
    assert left["tokens"]["prompt_tokens"] == 0, "the answer of the first run was in the journal"


def test_failures_of_records_stand_beside_the_rows_of_the_others(
    cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path
) -> None:
    """Each with its index, until all of the document's records land; both queries find it."""
    name = f"t{uuid.uuid4().hex[:10]}"
    paths = write_invoices(tmp_path / "in", 1)
    scripted = Scripted(paths)
    settings: dict[str, Any] = {
        "output": f"{cloud.project}:tests.{name}", "failures": f"gs://sluicegate/{name}/failures",
        "project": cloud.project, "gemini_service": "developer", "input": f"{tmp_path}/in/*",
        "records": "many",
    }  # fmt: skip
    missing = MISSING.replace("my-project.invoices.extracted", f"{cloud.project}.tests.{name}")
    for records, indexes in (([GOOD, BAD, GOOD, BAD], [1, 3]), ([GOOD] * 3, [])):
        scripted.say({paths[0]: records})
        with scripted.endpoint() as said:
            summary = pipeline.run(
                **settings, gemini_endpoint=said.url, ignore_journal=True, resume=False
            )
        assert summary is not None
        assert summary.record_failures == len(indexes)
        assert sorted(row["record_index"] for row in standing(cloud, name)) == indexes
        found = [dict(row) for row in cloud.bigquery_client().query_and_wait(missing)]
        assert [row["record_failures"] for row in found] == ([2] if indexes else [])


def test_the_queries_of_rows_say_what_is_asked(
    cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path
) -> None:
    """Dollars by model are the run's; a row with a warning is among those to look at."""
    name = f"t{uuid.uuid4().hex[:10]}"
    write_invoices(tmp_path / "in", 2)
    summary = pipeline.run(
        input=f"{tmp_path}/in/*",
        output=f"{cloud.project}:tests.{name}",
        failures=f"gs://sluicegate/{name}/failures",
        project=cloud.project,
        gemini_service="developer",
        gemini_endpoint=endpoint.url,
    )
    assert summary is not None
    table = f"{cloud.project}.tests.{name}"
    client: bigquery.Client = cloud.bigquery_client()
    query = COST.replace("my-project.invoices.extracted", table).replace("RUN_ID", summary.run_id)
    (row,) = client.query_and_wait(query)
    assert (row["documents"], row["dollars"]) == (2, Decimal(summary.cost_usd or "0"))
    found = client.query_and_wait(WARNINGS.replace("my-project.invoices.extracted", table))
    rows = client.query_and_wait(f"SELECT provenance.warnings AS warnings FROM `{table}`")
    assert sorted(row["warning"] for row in found) == sorted(
        warning for row in rows for warning in row["warnings"]
    )


def standing(cloud: LocalCloud, name: str) -> list[dict[str, Any]]:
    """Make the page's table and view for a test's table; return what stands, by code.

    The emulator knows no external tables: the same columns are loaded from the same files.
    """
    client: bigquery.Client = cloud.bigquery_client()
    names = {
        "my-project.invoices.extracted": f"{cloud.project}.tests.{name}",
        "my-project.invoices.extracted_latest": f"{cloud.project}.tests.{name}_latest",
        "my-project.invoices.failures_current": f"{cloud.project}.tests.{name}_current",
        "my-project.invoices.failures": f"{cloud.project}.tests.{name}_failures",
    }

    def here(sql: str) -> str:
        for there, place in names.items():
            sql = sql.replace(f"`{there}`", f"`{place}`")
        return sql

    table = here(EXTERNAL).replace("EXTERNAL TABLE", "TABLE").partition("OPTIONS")[0]
    client.delete_table(names["my-project.invoices.failures"], not_found_ok=True)
    client.query_and_wait(table)
    config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON")
    blobs = cloud.storage_client().list_blobs("sluicegate", prefix=f"{name}/failures/")
    uris = [f"gs://sluicegate/{blob.name}" for blob in blobs if blob.size]
    reference = names["my-project.invoices.failures"]
    client.load_table_from_uri(uris, reference, job_config=config).result()
    client.query_and_wait(here(CURRENT))
    current = names["my-project.invoices.failures_current"]
    return [dict(row) for row in client.query_and_wait(f"SELECT * FROM `{current}` ORDER BY code")]


def test_the_current_rows_of_files(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's Python keeps the row made last."""
    write_invoices(tmp_path / "in", 2)
    job(input=f"{tmp_path}/in/*")
    last = job(input=f"{tmp_path}/in/*", no_resume=True)
    (example,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {"fastavro": fastavro}
    exec(compile(example, "output.md", "exec"), found)
    rows = [row for rows in found["current"].values() for row in rows.values()]
    assert {row["provenance"]["run_id"] for row in rows} == {last.summary.run_id}
    assert len(rows) == 2
