"""The faults that take seconds; `make torture TORTURE_ARGS=--faults` has the others too."""

from pathlib import Path

import pytest
from torture.disk import NoDisk
from torture.faults import FAULTS
from torture.laws import check
from torture.place import Place, Violation, write_documents

from emulators.cloud import LocalCloud

QUICK = ("journal_full", "failures_full", "journal_damaged", "gemini_lies", "hostile_files",
         "ceiling_reached")  # fmt: skip


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 75 documents, three of them broken."""
    folder = tmp_path_factory.mktemp("torture") / "documents"
    write_documents(folder, 75)
    return folder


@pytest.mark.parametrize("name", QUICK)
def test_a_fault_is_survived(name: str, cloud: LocalCloud, documents: Path, tmp_path: Path) -> None:
    """The ledger balances or the run says what to do, and the rerun ends well."""
    try:
        with Place(cloud, tmp_path, documents, 2, latency=0.05) as place:
            assert "rows" in FAULTS[name](place)
    except NoDisk as reason:
        pytest.skip(f"mounting a small disk needs root on Linux: {reason}")


def test_a_broken_law_is_noticed(cloud: LocalCloud, documents: Path, tmp_path: Path) -> None:
    """A document that vanishes, and a row that comes twice, are violations."""
    with Place(cloud, tmp_path, documents, 4, latency=0.0) as place:
        place.finish()
        found = check(place, kills=0)
        client = cloud.bigquery_client()
        client.query_and_wait(
            f"DELETE FROM `{place.table}` WHERE document_uri IN "
            f"(SELECT MIN(document_uri) FROM `{place.table}`)"
        )
        with pytest.raises(Violation, match="missing"):
            check(place, kills=0)
        assert found.doubled_rows == 0
