"""Files that are no documents are left out by name, counted, and taken if asked for by name."""

from pathlib import Path

import pytest

from sluicegate.records import Document
from sluicegate.sources.excluding import SYSTEM_FILES, Exclude, read_exclude
from sluicegate.sources.matching import Excluded, list_documents


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store", "._scan.pdf", "__MACOSX/scan.pdf", "__MACOSX/deep/er/._x", "Thumbs.db",
        "thumbs.db", "ehthumbs_vista.db", "desktop.ini", "Desktop.ini", "~$Rechnung.docx",
        ".~lock.a.odt#", "2026_$folder$",
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["", "/data/in/", "gs://bucket/", "gs://bucket/a b/"])
def test_files_of_systems_are_left_out(where: str, name: str) -> None:
    """Wherever they lie."""
    assert Exclude().excludes(where + name)


@pytest.mark.parametrize(
    "name",
    [
        "a.pdf",
        "DS_Store.pdf",
        "Thumbs.db.pdf",
        "~a.pdf",
        "$folder$/a.pdf",
        "MACOSX/a.pdf",
        ".hidden.pdf",
    ],
)
def test_documents_are_not(name: str) -> None:
    """What only looks a little like one is a document."""
    assert not Exclude().excludes(f"/in/{name}")


@pytest.mark.parametrize(
    ("pattern", "left_out", "kept"),
    [
        ("*.xml", "gs://b/x/a.xml", "gs://b/x/a.xml.pdf"),
        ("drafts/**", "/in/drafts/2026/a.pdf", "/in/drafts.pdf"),
        ("/in/drafts/*", "/data/in/drafts/a.pdf", "/in/drafts/deep/a.pdf"),
        ("gs://b/x/*.pdf", "gs://b/x/a.pdf", "gs://c/x/a.pdf"),
        ("{a,b}.pdf", "/in/b.pdf", "/in/c.pdf"),
    ],
)
def test_patterns_are_of_names_or_of_paths(pattern: str, left_out: str, kept: str) -> None:
    """With a slash it is the end of a path, by whole folders."""
    exclude = Exclude((pattern,))
    assert exclude.excludes(left_out)
    assert not exclude.excludes(kept)


def test_the_default_may_be_replaced_or_put_off() -> None:
    """A list of one's own, or none."""
    assert read_exclude(()).patterns == SYSTEM_FILES
    assert read_exclude(("*.xml",)).patterns == ("*.xml",)
    assert not read_exclude(("none",)).excludes("/in/.DS_Store")


def test_what_is_left_out_is_listed_as_such(tmp_path: Path) -> None:
    """It is counted; a file that is named outright is taken, whatever its name."""
    for name in ("a.pdf", ".DS_Store"):
        (tmp_path / name).write_bytes(b"x")
    found = list(list_documents(f"{tmp_path}/*", Exclude()))
    assert Excluded(f"{tmp_path}/.DS_Store") in found
    assert [each.uri for each in found if isinstance(each, Document)] == [f"{tmp_path}/a.pdf"]
    (named,) = list_documents(f"{tmp_path}/.DS_Store", Exclude())
    assert isinstance(named, Document)
