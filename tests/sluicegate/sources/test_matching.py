"""What --input means: patterns, lists of them, and what matches nothing."""

from pathlib import Path

import pytest

from sluicegate.faults import UsageFault
from sluicegate.records import Document, Failure
from sluicegate.sources.matching import (
    ListingLimit,
    check_pattern,
    expand_lists,
    fingerprint_document,
    list_documents,
)
from sluicegate.storage import NotFound, StoreError


def listed(tmp_path: Path, content: bytes) -> list[str]:
    """Return the patterns of a list."""
    (tmp_path / "list.txt").write_bytes(content)
    return list(expand_lists(f"@{tmp_path}/list.txt"))


def test_a_pattern_is_itself() -> None:
    """Without the @, no file is read."""
    assert list(expand_lists("in/@x/*.pdf")) == ["in/@x/*.pdf"]


@pytest.mark.parametrize(
    ("content", "patterns"),
    [
        (b"a.pdf\nb/*.pdf\n", ["a.pdf", "b/*.pdf"]),
        (b"a.pdf", ["a.pdf"]),
        (b"\xef\xbb\xbfa.pdf\r\nb.pdf\r\n", ["a.pdf", "b.pdf"]),
        (b"# all\n\n   \n  a.pdf  \n\t# more\nb c.pdf", ["a.pdf", "b c.pdf"]),
        ("é漢.pdf\n".encode(), ["é漢.pdf"]),
        (b"a,b.pdf\n", ["a,b.pdf"]),
        (b"gs://b/{a,b}/**\n", ["gs://b/{a,b}/**"]),
        (b"", []),
        (b"#\n", []),
    ],
)
def test_lists_have_a_pattern_a_line(tmp_path: Path, content: bytes, patterns: list[str]) -> None:
    """BOM, comments, blank lines and the line ends of any system are left out."""
    assert listed(tmp_path, content) == patterns


def test_a_name_with_an_odd_separator_is_one_line(tmp_path: Path) -> None:
    """Only line ends end a line: U+2028 and the like may be part of a name."""
    assert listed(tmp_path, "a\u2028b.pdf\nc\x1cd.pdf\n".encode()) == ["a\u2028b.pdf", "c\x1cd.pdf"]


def test_a_missing_list_is_a_store_error(tmp_path: Path) -> None:
    """Its name is in the message."""
    with pytest.raises(NotFound, match="nowhere"):
        list(expand_lists(f"@{tmp_path}/nowhere.txt"))


def test_documents_are_listed(tmp_path: Path) -> None:
    """As the store describes them."""
    (tmp_path / "a.pdf").write_bytes(b"x")
    (found,) = list_documents(f"{tmp_path}/*.pdf")
    assert isinstance(found, Document)
    assert (found.uri, found.size_bytes) == (f"{tmp_path}/a.pdf", 1)


def test_a_pattern_without_a_match_is_accounted_for(tmp_path: Path) -> None:
    """An entry of a list without a file is a failure under its name."""
    pattern = f"{tmp_path}/gone.pdf"
    (failure,) = list_documents(pattern)
    assert isinstance(failure, Failure)
    assert (failure.document_uri, failure.code) == (pattern, "not_found")


def test_a_name_that_is_no_text_is_accounted_for(tmp_path: Path) -> None:
    """It cannot be a row's URI: a readable failure says so."""
    Path(f"{tmp_path}/caf\udce9.pdf").write_bytes(b"x")
    (failure,) = list_documents(f"{tmp_path}/*")
    assert isinstance(failure, Failure)
    assert failure.code == "bad_name"
    assert failure.document_uri.endswith("caf\\udce9.pdf")
    failure.document_uri.encode()


def test_content_is_fingerprinted_once(tmp_path: Path) -> None:
    """A digest that the store gave is kept; else the file is read."""
    (tmp_path / "a").write_bytes(b"x")
    one = Document(f"{tmp_path}/a", 1)
    assert fingerprint_document(one).startswith("sha256:")
    assert fingerprint_document(Document("nowhere", 1, digest="md5:1")) == "md5:1"
    with pytest.raises(StoreError):
        fingerprint_document(Document(f"{tmp_path}/b", 1))


def test_patterns_are_checked_before_the_launch(tmp_path: Path) -> None:
    """One match is enough, and so is a list that is not empty."""
    (tmp_path / "a.pdf").write_bytes(b"x")
    (tmp_path / "list.txt").write_text("gone.pdf")
    check_pattern(f"{tmp_path}/*.pdf")
    check_pattern(f"@{tmp_path}/list.txt")


def test_a_launch_gives_up_looking_for_a_match(tmp_path: Path) -> None:
    """After so many names with a warning, which names the pattern; sooner where one matches."""
    for n in range(30):
        (tmp_path / f"{n}.pdf").write_bytes(b"x")
    (tmp_path / "0.tif").write_bytes(b"x")
    now = [0.0]
    few = ListingLimit(lambda: now[0], until=60, names=20)
    said = check_pattern(f"{tmp_path}/**.png", limit=few)
    assert said.startswith(f"input '{tmp_path}/**.png': no match among the first 20 names; the job")
    assert check_pattern(f"{tmp_path}/*.pdf", limit=few) == ""
    many = ListingLimit.of(lambda: now[0])
    assert check_pattern(f"{tmp_path}/*.tif", limit=many) == ""
    with pytest.raises(UsageFault, match="matched no files"):
        check_pattern(f"{tmp_path}/*.png", limit=many)


def test_a_launch_gives_up_after_a_minute(tmp_path: Path) -> None:
    """The minute is that of all patterns; a page of names is looked at for each in any case."""
    for n in range(1_200):
        (tmp_path / f"{n}.pdf").touch()
    now = [0.0]
    limit = ListingLimit.of(lambda: now[0])
    with pytest.raises(UsageFault, match="matched no files"):
        check_pattern(f"{tmp_path}/*.png", limit=limit)
    now[0] = 61.0
    assert "among the first 1,000 names" in check_pattern(f"{tmp_path}/*.png", limit=limit)
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "a.pdf").touch()
    with pytest.raises(UsageFault, match="matched no files"):
        check_pattern(f"{tmp_path}/few/*.png", limit=limit)


@pytest.mark.parametrize(
    "pattern",
    ["{}/*.png", "{}/gone.pdf", "@{}/empty.txt", "@{}/gone.txt", "@{}/latin.txt", "@{}", "{}/[!]",
     "{}/[z-a].pdf", "{}/" + "a" * 300, "@"],
)  # fmt: skip
def test_what_cannot_work_is_the_commands_fault(tmp_path: Path, pattern: str) -> None:
    """Nothing matches, nothing listed, no such list, no text, no pattern: never a traceback."""
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9.pdf")
    with pytest.raises(UsageFault, match="input"):
        check_pattern(pattern.replace("{}", str(tmp_path)))
