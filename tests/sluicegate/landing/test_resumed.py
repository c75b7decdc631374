"""Which rows of earlier runs a resumed run's summary stands for."""

from pathlib import Path
from typing import Any

import pytest

from sluicegate.landing.resumed import Resumed
from sluicegate.summary import Summary


def resumed(**changes: Any) -> Resumed | None:
    """Return what is read of a summary with some of it changed."""
    settings = {"input": ["gs://b/in/**"], "document_type": "invoice 1", "exclude": ["*.tmp"]}
    known: dict[str, Any] = {
        "run_id": "r", "started_at": "2026-01-01T12:00:00+00:00",
        "finished_at": "2026-01-01T13:00:00+00:00", "elapsed_seconds": 3600.0, "balanced": True,
        "matched": 3, "landed": 1, "partly": 0, "rows": 1, "failures": 0, "skipped": 2,
        "journaled": 0,
        "settings": settings | changes.pop("settings", {}),
    }  # fmt: skip
    return Resumed.of(Summary(**(known | changes)))


def taken(by: Resumed | None, uri: str = "gs://b/in/a.pdf", **changes: str) -> bool:
    """Tell whether a row counts."""
    assert by is not None
    row = {"at": "2026-01-01T11:00:00.000001+00:00", "document_type": "invoice 1"} | changes
    return by.takes(uri, row["at"], row["document_type"])


def test_a_run_that_skipped_nothing_stands_alone() -> None:
    """As does a replay, which has no input to find documents by."""
    assert resumed(skipped=0) is None
    assert resumed(settings={"input": []}) is None


def test_rows_of_the_input_and_type_that_were_there_count() -> None:
    """Not those of other documents or types, nor what was made later."""
    assert taken(resumed())
    assert taken(resumed(), at="2026-01-01T13:00:00.500000+00:00")
    assert not taken(resumed(), at="2026-01-01T13:00:01.000000+00:00")
    assert not taken(resumed(), document_type="invoice 2")
    assert not taken(resumed(), "gs://b/other/a.pdf")
    assert not taken(resumed(), "gs://c/in/a.pdf")
    assert not taken(resumed(), "gs://b/in/a.tmp")


@pytest.mark.parametrize("named", ["", "/", "/**", "/a.pdf", "/*.{pdf,png}"])
def test_input_is_found_however_it_was_named(tmp_path: Path, named: str) -> None:
    """A folder, a pattern, one file."""
    (tmp_path / "a.pdf").touch()
    by = resumed(settings={"input": [f"{tmp_path}{named}"]})
    assert taken(by, f"{tmp_path}/a.pdf")
    assert not taken(by, f"{tmp_path.parent}/b.pdf")


def test_a_list_of_names_is_not_held() -> None:
    """It may be as long as the input: every row of the type in the output counts."""
    assert taken(resumed(settings={"input": ["@names.txt"]}), "gs://elsewhere/x.pdf")
