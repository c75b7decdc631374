"""The local disk: every name that a file system allows, and no error but StoreError."""

import contextlib
import gc
import hashlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluicegate.records import Document
from sluicegate.storage import NotFound, StoreError, is_gcs, join, store_for
from sluicegate.storage.local import LocalStore

STORE = LocalStore()


def tree(root: Path, *names: str) -> Path:
    """Make files, each holding its own name."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(name))
    return root


def names(pattern: str, root: Path) -> list[str]:
    """Return what a pattern below the root matches, as names below the root, sorted."""
    found = STORE.list(f"{root}/{pattern}")
    return sorted(document.uri.removeprefix(f"{root}/") for document in found)


def test_a_match_has_size_and_version(tmp_path: Path) -> None:
    """A listing gives both."""
    tree(tmp_path, "a.pdf")
    (found,) = STORE.list(f"{tmp_path}/*.pdf")
    stat = (tmp_path / "a.pdf").stat()
    assert found == Document(f"{tmp_path}/a.pdf", 5, str(stat.st_mtime_ns))
    assert STORE.stat(found.uri) == found


def test_what_is_written_survives_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is on the disk before it has its name."""
    synced = []

    def fsync(file: int) -> None:
        synced.append((os.pread(file, 9, 0), (tmp_path / "paid").exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    STORE.write(f"{tmp_path}/paid", b"an answer")
    assert synced == [(b"an answer", False)]
    assert (tmp_path / "paid").read_bytes() == b"an answer"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.pdf", ["a.pdf", "b c.pdf"]),
        ("**.pdf", ["a.pdf", "b c.pdf", "x/y/e.pdf", "x/é 漢.pdf"]),
        ("x/*", ["x/é 漢.pdf"]),
        ("x/**", ["x/y/e.pdf", "x/y/f.png", "x/é 漢.pdf"]),
        ("**/e.pdf", ["x/y/e.pdf"]),
        ("x/", ["x/y/e.pdf", "x/y/f.png", "x/é 漢.pdf"]),
        ("x", ["x/y/e.pdf", "x/y/f.png", "x/é 漢.pdf"]),
        ("x/*/{e,f}.p*", ["x/y/e.pdf", "x/y/f.png"]),
        ("*/y/?.pdf", ["x/y/e.pdf"]),
        ("a.pdf", ["a.pdf"]),
        ("b c.pdf", ["b c.pdf"]),
        ("nothing.pdf", []),
        ("nowhere/*.pdf", []),
        ("nowhere/", []),
        ("[1].png", ["[1].png"]),
        ("{1}.png", ["{1}.png"]),
        ("[[]1].png", ["[1].png"]),
    ],
)
def test_patterns_on_a_tree(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    """Spaces, Unicode, folders, braces, and names that look like patterns but exist."""
    tree(tmp_path, "a.pdf", "b c.pdf", "x/y/e.pdf", "x/y/f.png", "x/é 漢.pdf", "[1].png", "{1}.png")
    assert names(pattern, tmp_path) == sorted(expected)


def test_one_file_has_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are absolute, however the pattern was written."""
    tree(tmp_path, "a.pdf", "x/b.pdf")
    monkeypatch.chdir(tmp_path)
    top, below = f"{tmp_path}/a.pdf", f"{tmp_path}/x/b.pdf"
    for pattern in ("*.pdf", "./*.pdf", "x/../*.pdf", f"{tmp_path}//*.pdf", "a.pdf", "./a.pdf"):
        assert [d.uri for d in STORE.list(pattern)] == [top], pattern
    assert [d.uri for d in STORE.list("x/*")] == [below]
    for pattern in ("**", ".", "./", f"{tmp_path}/"):
        assert sorted(d.uri for d in STORE.list(pattern)) == [top, below], pattern


def test_names_that_are_no_utf8_are_listed_and_read(tmp_path: Path) -> None:
    """They are listed with surrogates, by which their bytes can be read."""
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.pdf"))).write_bytes(b"x")
    (found,) = STORE.list(f"{tmp_path}/*")
    assert os.fsencode(found.uri).endswith(b"caf\xe9.pdf")
    assert STORE.read(found.uri) == b"x"


def test_folder_cycles_end(tmp_path: Path) -> None:
    """A link to a folder above it is not followed."""
    tree(tmp_path, "x/a.pdf", "x/y/b.pdf")
    (tmp_path / "x/y/up").symlink_to("..")
    (tmp_path / "x/top").symlink_to(tmp_path)
    found = names("**.pdf", tmp_path)
    assert sorted(Path(name).name for name in found) == ["a.pdf", "b.pdf"]
    # Nor where it leads to the very folder that the pattern begins in.
    assert names("x/**.pdf", tmp_path) == names("x/**/*.pdf", tmp_path)
    assert len(names("x/**.pdf", tmp_path)) == 2


def test_listed_folders_are_closed(tmp_path: Path) -> None:
    """A listing of a thousand linked folders does not use up the process's handles."""
    tree(tmp_path, "x/a.pdf")
    (tmp_path / "x/top").symlink_to(tmp_path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        names("**.pdf", tmp_path)
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


def test_linked_files_are_files(tmp_path: Path) -> None:
    """A link to a file is a document under its own name."""
    tree(tmp_path, "store/a.pdf", "in/b.pdf")
    (tmp_path / "in/a.pdf").symlink_to("../store/a.pdf")
    assert names("in/*", tmp_path) == ["in/a.pdf", "in/b.pdf"]


def test_links_to_nowhere_are_left_out(tmp_path: Path) -> None:
    """A dangling link, and one to itself, do not stop the listing."""
    tree(tmp_path, "a.pdf")
    (tmp_path / "gone.pdf").symlink_to("nowhere.pdf")
    assert names("*.pdf", tmp_path) == ["a.pdf"]
    (tmp_path / "loop.pdf").symlink_to("loop.pdf")
    assert names("*.pdf", tmp_path) == ["a.pdf"]


def test_a_link_beside_its_folder_hides_nothing(tmp_path: Path) -> None:
    """A folder that is also reached by a link is still found under the name that was asked for."""
    for n in range(8):
        tree(tmp_path, f"real{n}/a.pdf")
        (tmp_path / f"link{n}").symlink_to(f"real{n}")
        (tmp_path / f"alias{n}").symlink_to(f"real{n}")
    assert names("r*/a.pdf", tmp_path) == [f"real{n}/a.pdf" for n in range(8)]


def test_pipes_are_no_documents(tmp_path: Path) -> None:
    """Reading a named pipe would wait for ever."""
    tree(tmp_path, "a.pdf")
    os.mkfifo(tmp_path / "pipe.pdf")
    assert names("*.pdf", tmp_path) == ["a.pdf"]


def test_unfinished_files_of_the_store_are_not_listed(tmp_path: Path) -> None:
    """A file that its writer has not renamed yet is no input; other hidden files are."""
    tree(tmp_path, ".part-abc", ".hidden", ".part-abc.pdf")
    assert sorted(names("*", tmp_path)) == [".hidden", ".part-abc.pdf"]


def test_a_pattern_too_long_for_a_name_is_a_pattern(tmp_path: Path) -> None:
    """Braces with many names outgrow what a name may have, and mean those files all the same."""
    tree(tmp_path, "invoice-0003-of-a-customer.pdf")
    choice = ",".join(f"invoice-{number:04}-of-a-customer.pdf" for number in range(40))
    assert names(f"{{{choice}}}", tmp_path) == ["invoice-0003-of-a-customer.pdf"]


@pytest.mark.parametrize("pattern", ["a" * 5000, "a" * 5000 + "/*", "x\0y", "x\0/*", "a.pdf/*"])
def test_impossible_names_are_store_errors_or_nothing(tmp_path: Path, pattern: str) -> None:
    """A name that no file system allows raises no other error."""
    tree(tmp_path, "a.pdf")
    with contextlib.suppress(StoreError):
        assert names(pattern, tmp_path) == []


@pytest.mark.parametrize("uri", ["nowhere/a.pdf", "a.pdf/b", "x\0y", "a" * 5000, "folder"])
def test_reading_what_is_no_file_is_a_store_error(tmp_path: Path, uri: str) -> None:
    """The error names the URI."""
    tree(tmp_path, "a.pdf", "folder/b")
    for attempt in (STORE.read, lambda u: STORE.digest(Document(u, 1))):
        with pytest.raises(StoreError, match=r"'"):
            attempt(f"{tmp_path}/{uri}")


def test_missing_files_are_not_found(tmp_path: Path) -> None:
    """NotFound is the StoreError of what is not there."""
    for attempt in (STORE.read, STORE.stat):
        with pytest.raises(NotFound, match="nowhere"):
            attempt(f"{tmp_path}/nowhere.pdf")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_forbidden_files_are_store_errors(tmp_path: Path) -> None:
    """The error names the permission."""
    tree(tmp_path, "a.pdf", "closed/b.pdf")
    (tmp_path / "a.pdf").chmod(0)
    (tmp_path / "closed").chmod(0)
    with pytest.raises(StoreError, match="Permission denied"):
        STORE.read(f"{tmp_path}/a.pdf")
    with pytest.raises(StoreError, match="Permission denied"):
        list(STORE.list(f"{tmp_path}/closed/*"))
    (tmp_path / "closed").chmod(0o700)


def test_a_changed_version_is_not_found(tmp_path: Path) -> None:
    """The version that was matched is read, or none."""
    tree(tmp_path, "a.pdf")
    uri = f"{tmp_path}/a.pdf"
    version = STORE.stat(uri).version
    assert STORE.read(uri, version) == b"a.pdf"
    os.utime(uri, ns=(1, 1))
    with pytest.raises(NotFound, match="changed"):
        STORE.read(uri, version)
    assert STORE.read(uri, "1") == b"a.pdf"


def test_digest(tmp_path: Path) -> None:
    """The first bytes, and the SHA-256 of all."""
    tree(tmp_path, "a.pdf")
    document = STORE.stat(f"{tmp_path}/a.pdf")
    assert STORE.digest(document) == f"sha256:{hashlib.sha256(b'a.pdf').hexdigest()}"


def test_writing_makes_folders_and_replaces(tmp_path: Path) -> None:
    """An object appears whole, and nothing is left beside it."""
    uri = f"{tmp_path}/x/y/a b.json"
    STORE.write(uri, b"one")
    STORE.write(uri, b"two")
    assert Path(uri).read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "x/y").iterdir()] == ["a b.json"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """Where the target cannot be replaced, no partial file stays."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="folder"):
        STORE.write(f"{tmp_path}/folder", b"x" * 100)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    tree(tmp_path, "file")
    with pytest.raises(StoreError):
        STORE.write(f"{tmp_path}/file/below", b"x")


def test_a_reader_never_sees_half_of_a_write(tmp_path: Path) -> None:
    """An open reader keeps the old file; a new one gets the new file."""
    uri = f"{tmp_path}/a"
    STORE.write(uri, b"old")
    with Path(uri).open("rb") as reader:
        STORE.write(uri, b"new!")
        assert reader.read() == b"old"
    assert STORE.read(uri) == b"new!"


def test_check_writable_leaves_no_file(tmp_path: Path) -> None:
    """A folder that could be created passes and is not created; a file in its place is an error."""
    STORE.check_writable(f"{tmp_path}/x/y")
    assert list(tmp_path.iterdir()) == []
    tree(tmp_path, "file")
    with pytest.raises(StoreError, match="file"):
        STORE.check_writable(f"{tmp_path}/file")
    with pytest.raises(StoreError):
        STORE.check_writable(f"{tmp_path}/file/below")


def test_a_listing_is_a_stream(tmp_path: Path) -> None:
    """The first file is given before all are collected."""
    tree(tmp_path, "a", "b")
    listing = STORE.list(f"{tmp_path}/*")
    assert isinstance(listing, Iterator)
    assert next(listing).size_bytes == 1


def test_uris_find_their_store() -> None:
    """Paths are local, one store for all; prefixes join with one slash."""
    assert isinstance(store_for("a/b.pdf"), LocalStore)
    assert store_for("a") is store_for("/b")
    assert is_gcs("gs://b/a")
    assert not is_gcs("/gs:/b")
    assert join("gs://b/x/", "a") == join("gs://b/x", "a") == "gs://b/x/a"
