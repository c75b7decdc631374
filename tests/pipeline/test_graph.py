"""The graph holds the steps that its settings ask for, and no others."""

from typing import Any

import apache_beam as beam
import pytest

from pipeline.graph import build
from pipeline.launch import to_arguments
from pipeline.options import parse_flags
from pipeline.settings import read_settings

pytestmark = pytest.mark.usefixtures("api_key")


def steps(**flags: Any) -> set[str]:
    """Return the names of all steps of a run with these flags."""
    pipeline = beam.Pipeline()
    settings = read_settings(*parse_flags(to_arguments({"output": "out", "run_id": "r", **flags})))
    build(pipeline, settings)
    transforms = pipeline.to_runner_api().components.transforms.values()
    return {transform.unique_name for transform in transforms}


def test_documents_found_otherwise_are_taken_in_where_there_are_any() -> None:
    """To flatten with nothing would have a local run write and read every document once more."""
    assert "Match/And others" in steps(replay="failures/**")
    assert "Match/And others" in steps(replay="failures/**", input="in/*.pdf")
    assert "Match/And others" not in steps(input="in/*.pdf")
