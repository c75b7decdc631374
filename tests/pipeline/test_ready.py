"""Checking is one thing, making ready another: a check leaves all as it was."""

import uuid
from pathlib import Path

import pytest
from google.api_core.exceptions import NotFound
from support import write_invoices

from emulators.cloud import LocalCloud
from pipeline import preflight
from pipeline.launch import to_arguments
from pipeline.options import parse_flags
from pipeline.ready import make_output_ready
from pipeline.settings import read_settings


def test_a_check_makes_no_table(cloud: LocalCloud, api_key: str, tmp_path: Path) -> None:
    """Only making ready creates it, with its view; what is there then may hold earlier rows."""
    write_invoices(tmp_path / "in", 1)
    name = f"{cloud.project}.tests.t{uuid.uuid4().hex[:10]}"
    flags = {
        "input": f"{tmp_path}/in/*",
        "output": name,
        "failures": f"{tmp_path}/failures",
        "temp_location": "gs://sluicegate/temp",
        "gemini_service": "developer",
        "project": cloud.project,
    }
    settings = read_settings(*parse_flags(to_arguments(flags)))
    client = cloud.bigquery_client()
    preflight.check(settings)
    with pytest.raises(NotFound):
        client.get_table(name)
    ready = make_output_ready(settings)
    assert (ready.landed, ready.warnings) == (None, ())
    columns = [field.name for field in client.get_table(name).schema]
    assert columns == [field["name"] for field in ready.columns]
    assert client.get_table(f"{name}_latest").table_type == "VIEW"
    assert str(make_output_ready(settings).landed) == str(settings.output)


def test_a_check_makes_no_folder(api_key: str, tmp_path: Path) -> None:
    """Places that are not there yet are held to be writable by their parents."""
    write_invoices(tmp_path / "in", 1)
    flags = {"input": f"{tmp_path}/in/*", "output": f"{tmp_path}/a/b"}
    settings = read_settings(*parse_flags(to_arguments(flags)))
    preflight.check(settings)
    assert make_output_ready(settings).landed is None
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
