"""Files to parts: as few as the limits of a load job allow."""

from sluicegate.storage.load_parts import LoadLimits, RowFile, load_parts

FILES = [RowFile(f"f{number}", 10, 5) for number in range(5)]


def test_parts_keep_both_limits() -> None:
    """By number of files, and by bytes; the order of files does not matter."""
    assert load_parts(reversed(FILES), LoadLimits()) == [["f0", "f1", "f2", "f3", "f4"]]
    assert load_parts(FILES, LoadLimits(files=2)) == [["f0", "f1"], ["f2", "f3"], ["f4"]]
    assert load_parts(FILES, LoadLimits(size_bytes=15)) == [["f0", "f1", "f2"], ["f3", "f4"]]
    assert load_parts([], LoadLimits()) == []
    assert LoadLimits() == LoadLimits(10_000, 15_000_000_000_000)
