"""docs/reprocessing.md: its SQL and Python do what the page says, its commands parse."""

import json
import re
import shlex
import uuid
from pathlib import Path
from typing import Any

import fastavro
import pytest
from google.cloud import bigquery
from support import Job, sha256, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.options import parse_flags
from sluicegate.landing.failure_lines import failure_line
from sluicegate.records import Failure
from transforms.outputs.bigquery_table import latest_sql

PAGE = (Path(__file__).parents[2] / "docs/reprocessing.md").read_text("utf-8")
SQL = re.findall(r"^```sql\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
LATEST, EXTERNAL, CURRENT = SQL


def test_the_view_is_the_one_that_runs_create() -> None:
    """Who reads the page reads what is there."""
    assert latest_sql("my-project.invoices.extracted") in LATEST


def test_the_external_table_has_the_columns_of_a_record() -> None:
    """Each key of a failure line, and none that there is not."""
    from datetime import UTC, datetime  # noqa: PLC0415

    line = failure_line(Failure("a", "timeout", "m"), "r", datetime.now(UTC), "invoice")
    columns = EXTERNAL[EXTERNAL.index("(") : EXTERNAL.index("OPTIONS")]
    flat = re.sub(r"STRUCT<.*?>", "STRUCT", columns)
    assert sorted(re.findall(r"(\w+) [A-Z0-9]+", flat)) == sorted(json.loads(line))


def test_the_lifecycle_rule_is_json() -> None:
    """As gcloud takes it: rules with an action and a condition."""
    (block,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (rule,) = json.loads(block)["rule"]
    assert rule["action"] == {"type": "Delete"}
    assert rule["condition"]["matchesPrefix"] == ["work/journal/"]


def test_the_command_of_a_replay_parses() -> None:
    """Its flags exist."""
    found = re.search(r"^    (python -m pipeline .*?[^\\])$", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    flags, _ = parse_flags(shlex.split(found[1].replace("\\\n", " "))[3:])
    assert flags["replay_retryable_only"] == "true"


def test_failures_stand_until_a_row_takes_their_place(
    cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path
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
    endpoint.set_behaviour(faults=[{"fault": "http_503", "match": sha256(once)}, blocked])
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


def standing(cloud: LocalCloud, name: str) -> list[dict[str, Any]]:
    """Make the page's table and view for a test's table; return what stands, by code.

    The emulator knows no external tables: the same columns are loaded from the same files.
    """
    client: bigquery.Client = cloud.bigquery_client()
    names = {
        "my-project.invoices.extracted": f"{cloud.project}.tests.{name}",
        "my-project.invoices.failures_current": f"{cloud.project}.tests.{name}_current",
        "my-project.invoices.failures": f"{cloud.project}.tests.{name}_failures",
    }

    def here(sql: str) -> str:
        for there, place in names.items():
            sql = sql.replace(f"`{there}`", f"`{place}`")
        return sql

    table = here(EXTERNAL).replace("EXTERNAL TABLE", "TABLE").partition("OPTIONS")[0]
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
    exec(compile(example, "reprocessing.md", "exec"), found)
    rows = found["current"].values()
    assert {row["provenance"]["run_id"] for row in rows} == {last.summary.run_id}
    assert len(rows) == 2
