"""Match: patterns in, documents out, each once and fingerprinted."""

from hashlib import sha256
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from sluicegate.faults import find_job_fault
from sluicegate.records import Document, document_id
from sluicegate.storage.local import LocalStore
from sluicegate.storage.stores import forget_clients
from transforms.match import Match


def files(folder: Path, *names: str) -> None:
    """Write files whose content is their name."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def test_documents_come_with_what_later_steps_need(tmp_path: Path) -> None:
    """URI, size, version and content digest; no bytes."""
    files(tmp_path, "a.pdf")
    with Pipeline() as pipeline:
        matched = pipeline | Match([f"{tmp_path}/*.pdf"], "r")
        expected = Document(
            uri=f"{tmp_path}/a.pdf",
            size_bytes=5,
            version=str((tmp_path / "a.pdf").stat().st_mtime_ns),
            digest=f"sha256:{sha256(b'a.pdf').hexdigest()}",
        )
        assert_that(matched.ok, equal_to([expected]))
        assert_that(matched.failed, equal_to([]), "failed")


def test_overlapping_patterns_match_a_document_once(tmp_path: Path) -> None:
    """Patterns, literal names and lists that match the same file give one document."""
    files(tmp_path, "a.pdf", "b.pdf", "deep/c.pdf")
    listed = tmp_path / "list.txt"
    listed.write_text(f"{tmp_path}/a.pdf\n{tmp_path}/deep/**\n{tmp_path}/a.pdf\n")
    patterns = [f"{tmp_path}/*.pdf", f"{tmp_path}/**.pdf", f"{tmp_path}/a.pdf", f"@{listed}"]
    with Pipeline() as pipeline:
        uris = (pipeline | Match(patterns, "r")).ok | beam.Map(lambda d: d.uri)
        expected = [f"{tmp_path}/{name}" for name in ("a.pdf", "b.pdf", "deep/c.pdf")]
        assert_that(uris, equal_to(expected))


def test_a_listed_name_that_is_gone_is_a_failure_of_its_own(tmp_path: Path) -> None:
    """What was listed by name is accounted for; the others continue."""
    files(tmp_path, "a.pdf")
    (tmp_path / "list.txt").write_text(f"{tmp_path}/a.pdf\n# gone:\n\n{tmp_path}/gone.pdf\n")
    with Pipeline() as pipeline:
        matched = pipeline | Match([f"@{tmp_path}/list.txt"], "r")
        assert_that(matched.ok | beam.Map(lambda d: d.uri), equal_to([f"{tmp_path}/a.pdf"]))
        failed = matched.failed | beam.Map(lambda f: (f.document_uri, f.code))
        assert_that(failed, equal_to([(f"{tmp_path}/gone.pdf", "not_found")]), "failed")


def test_a_file_that_vanishes_while_matching_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between listing and reading a file may go; that is no fault of the job."""
    files(tmp_path, "a.pdf", "b.pdf")
    real = LocalStore.digest

    def digest(store: LocalStore, document: Document) -> str:
        if document.uri.endswith("b.pdf"):
            Path(document.uri).unlink()
        return real(store, document)

    monkeypatch.setattr(LocalStore, "digest", digest)
    with Pipeline() as pipeline:
        matched = pipeline | Match([f"{tmp_path}/*.pdf"], "r")
        assert_that(matched.ok | beam.Map(lambda d: d.uri), equal_to([f"{tmp_path}/a.pdf"]))
        failed = matched.failed | beam.Map(lambda f: (f.document_uri, f.code))
        assert_that(failed, equal_to([(f"{tmp_path}/b.pdf", "changed")]), "failed")


def test_a_name_that_is_no_text_is_a_failure(tmp_path: Path) -> None:
    """A file name in no known encoding fails by itself, with an id like any other."""
    files(tmp_path, "a.pdf")
    Path(f"{tmp_path}/\udcff.pdf").write_bytes(b"x")
    with Pipeline() as pipeline:
        matched = pipeline | Match([f"{tmp_path}/*.pdf"], "r")
        assert_that(matched.ok | beam.Map(lambda d: d.uri), equal_to([f"{tmp_path}/a.pdf"]))
        failed = matched.failed | beam.Map(lambda f: (f.code, len(document_id(f.document_uri))))
        assert_that(failed, equal_to([("bad_name", 32)]), "failed")


@pytest.mark.parametrize("pattern", ["@{tmp}/gone.txt", "gs:///x"])
def test_input_that_breaks_after_the_launch_is_the_jobs_fault(
    pattern: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """A list or bucket that cannot be read stops the run with its name."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    forget_clients()
    request.addfinalizer(forget_clients)
    pipeline = Pipeline()
    _ = pipeline | Match([pattern.format(tmp=tmp_path)], "r")
    with pytest.raises(Exception, match="input_unreadable") as failed:
        pipeline.run().wait_until_finish()
    found = find_job_fault(str(failed.value))
    assert found is not None
    assert pattern.format(tmp=tmp_path) in found.message
