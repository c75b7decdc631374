"""Places of buckets and datasets: those that are surely too far apart are told."""

import pytest

from sluicegate.storage.locations import can_load


@pytest.mark.parametrize(
    ("bucket", "dataset", "can"),
    [
        ("EUROPE-WEST1", "europe-west1", True),
        ("EU", "EU", True),
        ("EUROPE-WEST1", "EU", True),
        ("EU", "europe-west1", True),
        ("EUR4", "europe-west4", True),
        ("EUR4", "europe-west1", False),
        ("US-CENTRAL1", "EU", False),
        ("US-CENTRAL1", "us-east1", False),
        ("EU", "us-east1", False),
        ("ASIA-EAST1", "US", True),
        ("SOMEWHERE", "europe-west1", True),
        ("", "EU", True),
    ],
)
def test_places(bucket: str, dataset: str, can: bool) -> None:
    """As BigQuery's page on data locations has it; a place that is not known passes."""
    assert can_load(bucket, dataset) is can
