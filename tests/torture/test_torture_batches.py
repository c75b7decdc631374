"""The short form of `make torture TORTURE_ARGS=--batches`: two lives of batch jobs, killed."""

from pathlib import Path

import pytest
from torture.batches import kill_batches
from torture.interleaving import interleave
from torture.place import Place, write_documents

from emulators.cloud import LocalCloud


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 50 documents, two of them broken."""
    folder = tmp_path_factory.mktemp("torture") / "documents"
    write_documents(folder, 50)
    return folder


def test_batch_runs_that_are_killed_go_on(
    cloud: LocalCloud, documents: Path, tmp_path: Path
) -> None:
    """While a job is created and while answers are stored; no request is answered in two jobs."""
    with Place(cloud, tmp_path, documents, 2, latency=0.05) as place:
        killed = kill_batches(place, ("sending", "part stored"))
    assert killed.found.rows + killed.found.failures == 50
    assert killed.jobs >= 3


def test_two_batch_runs_at_once_buy_nothing_twice(tmp_path: Path) -> None:
    """In 24 orders of their steps, drawn from seeds; `make torture` has 200."""
    interleave(tmp_path, range(24))
