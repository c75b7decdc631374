"""The short form of `make torture TORTURE_ARGS=--loads`: each moment once, by slow load jobs."""

from pathlib import Path

import pytest
from torture.loads import MOMENTS, kill_around_the_load, loads
from torture.place import Place, write_documents

from emulators.cloud import LocalCloud


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 25 documents, one of them broken."""
    folder = tmp_path_factory.mktemp("torture") / "documents"
    write_documents(folder, 25)
    return folder


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_is_killed_around_its_load_has_each_row_once(
    cloud: LocalCloud, documents: Path, tmp_path: Path, moment: str
) -> None:
    """In the table itself, not only in the view; nothing is paid for twice."""
    with Place(cloud, tmp_path, documents, 3, latency=0.05) as place:
        killed = kill_around_the_load(place, moment, load_seconds=5)
    assert killed.killed
    assert killed.found.rows + killed.found.failures == 25


def test_a_load_that_outlives_its_run_is_waited_for(
    cloud: LocalCloud, documents: Path, tmp_path: Path
) -> None:
    """The rerun meets the running job by its id, starts no other, and skips what it landed."""
    with Place(cloud, tmp_path, documents, 8, latency=0.05) as place:
        killed = kill_around_the_load(place, "running", load_seconds=15)
        assert killed.open_loads == 1
        (asked, again) = loads(place, "asked")
        assert again == asked, "by the one id"
        assert loads(place, "done") == [asked]
