"""The dashboard and the alerts: Google's own schemas take them, and their metrics exist."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from google.cloud import monitoring_dashboard_v1, monitoring_v3
from google.protobuf import json_format

from sluicegate import metrics

FOLDER = Path(__file__).parents[2] / "templates" / "monitoring"
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
ALERTS = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("alerts/*.json")}
OURS = {
    value
    for name, value in vars(metrics).items()
    if name.isupper() and isinstance(value, str) and name != "NAMESPACE"
}
# https://cloud.google.com/monitoring/api/metrics_gcp_d_h, dataflow, as PromQL names them.
DATAFLOWS = {
    "dataflow_googleapis_com:job_user_counter",
    "dataflow_googleapis_com:job_current_num_vcpus",
    "dataflow_googleapis_com:job_is_failed",
}
SECTIONS = {
    "failure-ratio", "records-missing", "throttled", "spend-rate", "stalled", "job-failed",
}  # fmt: skip


def found(tree: Any, key: str) -> Iterator[Any]:
    """Yield every value that a key has, anywhere."""
    if isinstance(tree, dict):
        yield from (value for name, value in tree.items() if name == key)
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for each in inner:
        yield from found(each, key)


QUERIES = [*found(DASHBOARD, "prometheusQuery"), *found(list(ALERTS.values()), "query")]


def test_there_is_what_was_promised() -> None:
    """Failure ratio, records missing, throttled time, spend rate, stalled, failed: each has one."""
    assert set(ALERTS) == SECTIONS
    assert len(QUERIES) > 15


def test_the_dashboard_is_one_that_google_knows() -> None:
    """No field, type or enumeration is unknown to the dashboards API."""
    parsed = json_format.ParseDict(DASHBOARD, monitoring_dashboard_v1.Dashboard.pb()())
    assert parsed.display_name == "Sluicegate"
    tiles = parsed.mosaic_layout.tiles
    assert all(tile.x_pos + tile.width <= parsed.mosaic_layout.columns for tile in tiles)
    taken = [
        (tile.x_pos + x, tile.y_pos + y)
        for tile in tiles
        for x in range(tile.width)
        for y in range(tile.height)
    ]
    assert len(taken) == len(set(taken)), "no tile lies on another"


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_an_alert_is_one_that_google_knows(name: str) -> None:
    """No field is unknown to the alerting API, and whoever is called is told what to do."""
    parsed = json_format.ParseDict(ALERTS[name], monitoring_v3.AlertPolicy.pb()())
    assert parsed.display_name.startswith("Sluicegate: ")
    assert len(parsed.conditions) == 1
    assert len(parsed.documentation.content) > 150
    seconds = parsed.conditions[0].condition_prometheus_query_language.duration.seconds
    assert seconds % 60 == 0


def test_an_unknown_field_would_be_seen() -> None:
    """The checks above can fail."""
    with pytest.raises(json_format.ParseError):
        json_format.ParseDict({**DASHBOARD, "tiles": []}, monitoring_dashboard_v1.Dashboard.pb()())


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_parses_and_its_metrics_exist(query: str) -> None:
    """Every counter it names is one that the steps have; every metric is one of Dataflow's."""
    promql_parser.parse(query)
    assert set(re.findall(r"[a-z_]+_googleapis_com:\w+", query)) <= DATAFLOWS
    for names in re.findall(r'metric_name=~?"([^"]*)"', query):
        assert set(names.split("|")) <= OURS
    assert query.count("{") == query.count('job_name=~"sluicegate.*"')


def test_every_counter_is_shown() -> None:
    """A counter that nobody looks at would not be needed."""
    shown = {name for query in QUERIES for name in re.findall(r"\w+", query)}
    assert shown >= OURS


def test_the_log_panel_finds_what_jobs_say() -> None:
    """Its pattern is that of the lines that `tell` writes."""
    from sluicegate.log import Event  # noqa: PLC0415

    (panel,) = found(DASHBOARD, "logsPanel")
    pattern = re.search(r'=~"(.*)"$', panel["filter"])
    assert pattern
    line = str(Event("The sentence.", {"event": "job_fault", "run_id": "r", "code": "c"}))
    assert re.search(pattern.group(1).replace('\\"', '"'), line)
    assert not re.search(pattern.group(1).replace('\\"', '"'), "anything else")
