"""Replay: failure files to documents, each once, as they are now."""

import json
import logging
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from sluicegate.records import Document
from sluicegate.sources.replay import Choice
from transforms.match import Match
from transforms.replay import Replay


def line(uri: Path | str, code: str, at: str = "2026-11-23T12:00:00", **more: Any) -> str:
    """Return a failure line, as far as it is read."""
    record = {"document_uri": str(uri), "code": code, "failed_at": at, "run_id": "r0", **more}
    return json.dumps(record) + "\n"


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Return a folder with three documents, and one for failure files."""
    (tmp_path / "in").mkdir()
    (tmp_path / "failures/r0").mkdir(parents=True)
    for name in "abc":
        (tmp_path / f"in/{name}.pdf").write_text(name)
    return tmp_path / "in", tmp_path / "failures"


def names(found: Any) -> str:
    """Name what was found: a document by its stem, a failure by its code."""
    return Path(found.uri).stem if isinstance(found, Document) else str(found.code)


def check(
    pattern: str, choice: Choice, expected: list[str], unusable: int = 0, run_id: str = "r1"
) -> None:
    """Run the step; check what it finds and how many lines it passes over."""
    with Pipeline() as pipeline:
        replayed = pipeline | Replay([pattern], choice, run_id)
        found = replayed.found | beam.Map(lambda pair: names(pair[1]))
        assert_that(found, equal_to(expected), "found")
        lines = replayed.unusable | beam.CombineGlobally(sum)
        assert_that(lines, equal_to([unusable]), "unusable")


def test_failures_of_several_files_become_documents(places: tuple[Path, Path]) -> None:
    """Each once, by its latest failure; what is gone fails again."""
    documents, failures = places
    a, b, c = (documents / f"{name}.pdf" for name in "abc")
    first, second = failures / "r0/failures-0.jsonl", failures / "r0/failures-1.jsonl"
    first.write_text(line(a, "timeout") + line(b, "timeout") + line(c, "blocked"))
    second.write_text(
        line(b, "blocked", "2026-11-23T13:00:00", run_id="r1")
        + line(documents / "gone.pdf", "timeout")
    )
    check(f"{failures}/**", Choice(), ["a", "b", "c", "not_found"])
    check(f"{failures}/**", Choice(frozenset({"timeout"})), ["a", "not_found"])
    check(f"{failures}/**", Choice(retryable_only=True), ["a", "not_found"])
    check(str(first), Choice(frozenset({"blocked"})), ["c"])


def test_broken_lines_are_named_and_counted(
    places: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    """Never fatal, never silent: file and line are said."""
    documents, failures = places
    path = failures / "r0/failures-0.jsonl"
    path.write_bytes(
        b"\xff\n"
        + line(documents / "a.pdf", "timeout").encode()
        + b'{"document_uri": "x", "co\n\n'
        + line(documents / "b.pdf", "timeout").encode().rstrip()
    )
    with caplog.at_level(logging.WARNING, "sluicegate"):
        check(f"{failures}/**", Choice(), ["a", "b"], unusable=3, run_id="broken-lines")
    for number in (1, 3, 4):
        assert f"{path}, line {number}: passed over" in caplog.text


def test_files_of_a_killed_run_are_left_out(places: tuple[Path, Path]) -> None:
    """What Beam was still writing is no failure file, cut lines and all."""
    documents, failures = places
    unfinished = failures / "r0/beam-temp-failures-1/x.failures.jsonl"
    unfinished.parent.mkdir()
    unfinished.write_text('{"docum')
    (failures / "r0/failures-0.jsonl").write_text(line(documents / "a.pdf", "timeout"))
    check(f"{failures}/**", Choice(), ["a"])


def test_a_document_of_input_and_replay_is_one(places: tuple[Path, Path]) -> None:
    """It is matched once, whichever way it was found."""
    documents, failures = places
    (failures / "r0/failures-0.jsonl").write_text(
        line(documents / "a.pdf", "timeout") + line(documents / "gone.pdf", "timeout")
    )
    with Pipeline() as pipeline:
        replayed = pipeline | Replay([f"{failures}/**"], Choice(), "r")
        matched = replayed.found | Match([f"{documents}/[ab].pdf"], "r")
        assert_that(matched.ok | "Ok" >> beam.Map(names), equal_to(["a", "b"]), "ok")
        assert_that(matched.failed | "No" >> beam.Map(names), equal_to(["not_found"]), "failed")


def test_a_file_that_cannot_be_read_is_the_jobs_fault(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay that leaves documents out says so."""
    documents, failures = places
    (failures / "r0/failures-0.jsonl").write_text(line(documents / "a.pdf", "timeout"))

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr("transforms.replay.FileSystems.open", refuse)
    with pytest.raises(Exception, match="replay_unreadable"):
        check(f"{failures}/**", Choice(), ["a"])


def test_a_list_names_failure_files(places: tuple[Path, Path]) -> None:
    """Patterns are given as those of --input are: also by a file of them."""
    documents, failures = places
    (failures / "r0/failures-0.jsonl").write_text(line(documents / "a.pdf", "timeout"))
    (failures.parent / "list.txt").write_text(f"# these\n{failures}/**\n")
    check(f"@{failures.parent}/list.txt", Choice(), ["a"])
