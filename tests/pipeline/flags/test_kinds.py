"""Kinds of values: what each takes, and what it says of what it does not."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.flags.kinds import (
    RUN_ID,
    SHARE,
    Boolean,
    Choice,
    Exact,
    Kind,
    Names,
    Number,
    Patterns,
    Text,
    Whole,
)
from sluicegate.faults import UsageFault

COLOUR = Choice({"red": "Red", "green": "Green", "blue": "Blue"})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Text(), " as it is ", " as it is "),
        (Text(strip=True), " word ", "word"),
        (Text(str.isdigit, "digits", strip=True), "  ", ""),
        (Number(0, 10), "1e1", 10.0),
        (Number(0, 10), " 2.5 ", 2.5),
        (Whole(1, 1000), "7", 7),
        (Whole(1, 1000), "1e2", 100),
        (Exact(0, 1), " 0.10 ", Decimal("0.10")),
        (SHARE, "0", 0.0),
        (Boolean(), " TRUE ", True),
        (Boolean(), "false", False),
        (COLOUR, "green", "green"),
        (Names(), " a, b ,,c", ("a", "b", "c")),
        (Names(), ",", ()),
        (Patterns(), ["a,b", "b", r"c\,d", "{e,f}"], ("a", "b", "c,d", "{e,f}")),
        (Patterns(), [""], ()),
        (RUN_ID, "a.b-c_1", "a.b-c_1"),
    ],
)  # fmt: skip
def test_a_text_becomes_a_value(kind: Kind, text: Any, value: Any) -> None:
    """Of the kind's type, spaces around it as the kind has it."""
    found = kind.read("--x", text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (Text(str.isdigit, "give digits"), "a b", "--x 'a b': give digits"),
        (Number(0.1, 1e6), "many", "--x 'many' is not a number"),
        (Number(0.1, 1e6), "0", "--x 0 is not between 0.1 and 1e+06"),
        (Number(0, 3600), "nan", "--x nan is not between 0 and 3,600"),
        (Whole(1, 10), "2.5", "--x 2.5 is not a whole number"),
        (Exact(0, 1), "-1", "--x -1 is not between 0 and 1"),
        (Boolean(), "maybe", "--x 'maybe': use true or false"),
        (COLOUR, "Red", "--x 'Red': use red, green or blue"),
        (RUN_ID, "..", "--x '..': letters, digits, '-', '_' and '.', at most 100"),
        (RUN_ID, "a\n", r"--x 'a\n': letters, digits, '-', '_' and '.', at most 100"),
    ],
)
def test_what_is_none_is_refused_in_one_sentence(kind: Kind, text: str, says: str) -> None:
    """The flag, what was given, and what is taken."""
    with pytest.raises(UsageFault) as refused:
        kind.read("--x", text)
    assert str(refused.value) == says


def test_a_name_that_exists_is_one_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comma in the name of a file parts nothing."""
    (tmp_path / "a,b.pdf").touch()
    monkeypatch.chdir(tmp_path)
    assert Patterns().read("--x", ["a,b.pdf", "c,d.pdf"]) == ("a,b.pdf", "c", "d.pdf")
