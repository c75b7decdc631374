"""The short form of `make torture`: one seed, killed three times."""

from pathlib import Path

import pytest
from torture.kills import kill_and_rerun
from torture.place import Place, write_documents

from emulators.cloud import LocalCloud


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 75 documents, three of them broken."""
    folder = tmp_path_factory.mktemp("torture") / "documents"
    write_documents(folder, 75)
    return folder


def test_a_run_that_is_killed_goes_on(cloud: LocalCloud, documents: Path, tmp_path: Path) -> None:
    """One current row or failure for each document, and only what was in flight is paid twice."""
    with Place(cloud, tmp_path, documents, 7, latency=0.1) as place:
        killed = kill_and_rerun(place)
    assert len(killed.moments) == 3
    assert killed.found.rows + killed.found.failures == 75
    assert killed.found.failures >= 3
