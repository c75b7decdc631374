"""The short form of `make torture`: one seed, killed three times."""

from pathlib import Path

import pytest
from torture.kills import kill_and_rerun
from torture.long import FLAGS, check_windows, write_long
from torture.many import read_many, write_many
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


def test_files_of_many_records_go_on_to_the_record(cloud: LocalCloud, tmp_path: Path) -> None:
    """Every record is a current row or a failure of the run that landed its document."""
    write_many(tmp_path / "documents", 50)
    flags = {"records": "many"}
    with Place(
        cloud, tmp_path, tmp_path / "documents", 5, latency=0.1, reader=read_many, flags=flags
    ) as place:
        killed = kill_and_rerun(place, kills=2)
    assert killed.found.rows + killed.found.failures == 50
    assert "records = " in killed.found.records


def test_files_in_windows_go_on_to_the_window(cloud: LocalCloud, tmp_path: Path) -> None:
    """What a killed run was answered about some pages of a file is not asked again."""
    windows = write_long(tmp_path / "documents", 30)
    with Place(
        cloud, tmp_path, tmp_path / "documents", 9, latency=0.1, flags=FLAGS, requests=windows
    ) as place:
        killed = kill_and_rerun(place, kills=2)
        said = check_windows(place, kills=2)
    assert killed.found.rows + killed.found.failures == 30
    assert killed.found.rows > 5
    assert f"of {windows} windows" in said
