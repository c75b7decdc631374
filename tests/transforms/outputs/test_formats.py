"""Formats of row files: each holds rows exactly, and says when a file is damaged."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.landing import earlier_rows
from sluicegate.landing.earlier_rows import DamagedFile, Wanted
from tests.transforms.outputs.row_files import ROWS, fitted, read, write
from transforms.outputs import FORMATS

WANTED = Wanted((), "invoice", "1")
# Formats whose files tell at every byte that they were cut.
WHOLE_OR_DAMAGED = ("avro", "parquet")


@pytest.fixture(scope="module", params=FORMATS)
def name(request: pytest.FixtureRequest) -> str:
    """Return each format's name in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def whole(name: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a file of forty rows."""
    rows = [fitted({"words": [f"{n}" * 50]}, n) for n in range(40)]
    return write(name, tmp_path_factory.mktemp(name), rows).read_bytes()


def marked(name: str, data: bytes | io.BytesIO) -> list[dict[str, Any]]:
    """Read from bytes what resume reads."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    return list(FORMATS[name].marked_columns(file))


def test_values_are_equal_in_every_format(tmp_path: Path) -> None:
    """The edges of every type, nulls, nested and empty lists: no digit, day or letter is lost."""
    found = {name: read(write(name, tmp_path / name, ROWS)) for name in FORMATS}
    assert set(found) == {"avro", "parquet", "jsonl"}
    for name, rows in found.items():
        assert rows == ROWS, name
        for row, expected in zip(rows, ROWS, strict=True):
            _same_types(row, expected)


def _same_types(one: Any, other: Any) -> None:
    """12 and 12.0 are equal, and still not the same value of a column."""
    assert type(one) is type(other)
    if isinstance(other, dict):
        for key, value in other.items():
            _same_types(one[key], value)
    elif isinstance(other, list):
        for each, value in zip(one, other, strict=True):
            _same_types(each, value)


@settings(deadline=None, max_examples=3)
@given(data=st.data())
def test_any_row_that_fits_comes_back(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever passes the columns survives the file unchanged."""
    numbers = st.decimals(
        min_value=-(10**28), max_value=10**28, allow_nan=False, allow_infinity=False, places=9
    )
    values = st.fixed_dictionaries(
        {},
        optional={
            "text": st.text(max_size=50),
            "amount": numbers,
            "real": st.floats(allow_nan=False, allow_infinity=False),
            "whole": st.integers(-(2**63), 2**63 - 1),
            "day": st.dates(),
            "moment": st.datetimes(timezones=st.timezones()).filter(
                lambda moment: 1 < moment.year < 9999
            ),
            "flag": st.booleans(),
            "words": st.lists(st.text(max_size=10)),
            "lines": st.lists(
                st.fixed_dictionaries(
                    {
                        "price": st.none() | numbers,
                        "parts": st.lists(st.fixed_dictionaries({"price": numbers})),
                    }
                ),
                max_size=3,
            ),
        },
    )
    rows = [fitted(each, n) for n, each in enumerate(data.draw(st.lists(values, max_size=30)))]
    assert read(write(name, tmp_path_factory.mktemp("any"), rows)) == rows


def test_other_readers_find_the_same(tmp_path: Path) -> None:
    """Avro and Parquet files say themselves what they hold, to whoever reads them."""
    with write("avro", tmp_path / "a", ROWS).open("rb") as file:
        assert list(fastavro.reader(file)) == ROWS
    assert pq.ParquetFile(write("parquet", tmp_path / "p", ROWS)).read().to_pylist() == ROWS


def test_a_run_without_rows_has_readable_files(name: str, tmp_path: Path) -> None:
    """No rows is a file without rows, not a missing one."""
    path = write(name, tmp_path, [])
    assert read(path) == []
    assert marked(name, path.read_bytes()) == []


def test_a_file_gives_the_columns_that_matter(name: str, whole: bytes) -> None:
    """What resume sees of a row is the same, whatever the format."""
    rows = marked(name, whole)
    assert len(rows) == 40
    assert WANTED.mark(rows[7]) == WANTED.mark(fitted({}, 7))
    if name != "jsonl":
        nested = {f"provenance.{column}" for column in rows[0]["provenance"]}
        assert {*rows[0], *nested} - {"provenance"} == set(earlier_rows.COLUMNS)


def test_rows_without_the_columns_are_none(name: str, tmp_path: Path) -> None:
    """A file of something else is damaged, as far as rows go."""
    others: dict[str, Callable[[Any], Any]] = {
        "avro": lambda path: path.write_bytes(_other_avro()),
        "parquet": lambda path: pq.write_table(pa.table({"a": [1]}), path),
        "jsonl": lambda path: path.write_text('{"a": 1}\n'),
    }
    path = tmp_path / f"rows-0.{name}"
    others[name](path)
    with pytest.raises(DamagedFile):
        marked(name, path.read_bytes())


def _other_avro() -> bytes:
    file = io.BytesIO()
    schema = fastavro.parse_schema({"type": "record", "name": "X", "fields": []})
    fastavro.writer(file, schema, [{}])
    return file.getvalue()


def test_a_cut_file_is_damaged(name: str, whole: bytes) -> None:
    """Wherever it is cut; JSON Lines alone cannot tell a cut between two lines."""
    for end in (3, 100, len(whole) // 2, len(whole) - 20, len(whole) - 2):
        with pytest.raises(DamagedFile):
            marked(name, whole[:end])
    if name in WHOLE_OR_DAMAGED:
        with pytest.raises(DamagedFile):
            marked(name, b"")
        with pytest.raises(DamagedFile):
            marked(name, whole[:-1])


def test_lines_that_were_cut_between_two_are_fewer_rows(tmp_path: Path) -> None:
    """The documents of the lost lines are done again: none is skipped wrongly."""
    data = write("jsonl", tmp_path, ROWS).read_bytes()
    lines = data.splitlines(keepends=True)
    assert len(marked("jsonl", b"".join(lines[:3]))) == 3


@settings(deadline=None, max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), end=st.floats(0.01, 1))
def test_any_damage_is_damage_and_never_another_error(
    name: str, whole: bytes, place: float, value: int, end: float
) -> None:
    """Bits that flip and tails that are gone give rows or DamagedFile."""
    data = bytearray(whole[: max(1, int(end * len(whole)))])
    data[int(place * len(data))] = value
    try:
        rows = marked(name, bytes(data))
    except DamagedFile:
        return
    assert len(rows) <= 40


def test_parquet_tells_of_a_flipped_bit_in_a_value(tmp_path: Path) -> None:
    """Pages have checksums: another value does not pass for what was written."""
    path = write("parquet", tmp_path, [fitted({"text": "needle" * 9})])
    data = path.read_bytes()
    assert data.count(b"needle") >= 1
    path.write_bytes(data.replace(b"needle", b"noodle", 1))
    with pytest.raises(DamagedFile, match="checksum"):
        read(path)


class Gone(io.BytesIO):
    """A file whose storage fails, after so many bytes."""

    def __init__(self, data: bytes, gives: int) -> None:
        super().__init__(data)
        self._gives = gives

    def read(self, *size: int | None) -> bytes:
        """Give what it can, then fail."""
        found = super().read(*size)
        self._gives -= len(found)
        if self._gives < 0:
            raise ConnectionResetError("storage went away")
        return found

    def __next__(self) -> bytes:
        """Fail as `read` does."""
        found = super().__next__()
        self._gives -= len(found)
        if self._gives < 0:
            raise ConnectionResetError("storage went away")
        return found


def test_storage_that_fails_is_no_damage(name: str, whole: bytes) -> None:
    """The file may be whole: it is not for the repair to throw away."""
    for gives in (0, 500, len(whole) // 3):
        with pytest.raises(ConnectionResetError):
            marked(name, Gone(whole, gives))
