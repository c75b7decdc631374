"""Files that have their final names keep them, however often a runner finalizes."""

from pathlib import Path

import apache_beam as beam
import pytest

from transforms.final_names import KeepsFinalNames


@pytest.fixture
def sink(tmp_path: Path) -> KeepsFinalNames:
    """Return Beam's sink of lines, kept."""
    beams = beam.io.WriteToText(f"{tmp_path}/out/rows", file_name_suffix=".txt")
    return KeepsFinalNames(beams._sink)


def write(sink: KeepsFinalNames, *shards: str) -> tuple[str, list[str]]:
    """Write temporary files, as bundles of one attempt do."""
    folder = sink.initialize_write()
    results = []
    for number, text in enumerate(shards):
        writer = sink.open_writer(folder, f"{text}-{number}")
        writer.write(text)
        results.append(writer.close())
    return folder, results


def finalize(sink: KeepsFinalNames, folder: str, results: list[str]) -> int:
    """Do what Beam's last two steps do; return how many files got their names."""
    sink.pre_finalize(folder, results)
    return len(list(sink.finalize_write(folder, results, None)))


def lines(folder: Path) -> list[str]:
    """Return the lines of all files, sorted."""
    return sorted(path.read_text().strip() for path in (folder / "out").glob("rows-*"))


def test_a_second_finalization_changes_nothing(sink: KeepsFinalNames, tmp_path: Path) -> None:
    """Beam's own sink would delete all files, and then miss the temporary ones."""
    folder, results = write(sink, "a", "b")
    assert finalize(sink, folder, results) == 2
    assert finalize(sink, folder, list(reversed(results))) == 0
    assert lines(tmp_path) == ["a", "b"]
    assert not [path for path in (tmp_path / "out").iterdir() if path.is_dir()]


def test_a_finalization_that_was_broken_off_is_ended(sink: KeepsFinalNames, tmp_path: Path) -> None:
    """Of three files one had its name: it stays, and the others get theirs."""
    folder, results = write(sink, "a", "b", "c")
    sink.pre_finalize(folder, results)
    first = sorted(results)[1]
    Path(first).rename(tmp_path / "out/rows-00001-of-00003.txt")
    assert finalize(sink, folder, results) == 2
    assert lines(tmp_path) == ["a", "b", "c"]


@pytest.mark.parametrize("again", [("a",), ("a", "b"), ("a", "b", "c"), ()])
def test_of_two_attempts_the_last_one_counts(
    sink: KeepsFinalNames, tmp_path: Path, again: tuple[str, ...]
) -> None:
    """A job that began again from its start may have more bundles than before, or fewer."""
    for shards in (("a", "b"), again):
        finalize(sink, *write(sink, *shards))
    assert lines(tmp_path) == sorted(again)


def test_the_same_through_a_pipeline(sink: KeepsFinalNames, tmp_path: Path) -> None:
    """The sink is pickled, and named in the graph, as Beam's own."""
    with beam.Pipeline() as job:
        _ = job | beam.Create(["a"], reshuffle=False) | beam.io.iobase.Write(sink)
    assert lines(tmp_path) == ["a"]
