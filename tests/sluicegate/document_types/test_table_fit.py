"""Whether a table fits: what is added, what can be altered, what needs another table."""

from typing import Any

import pytest

from sluicegate.document_types.table_fit import Misfit, advice, extended, misfits, respelt


def column(name: str, kind: str = "STRING", mode: str = "NULLABLE", *fields: Any) -> dict[str, Any]:
    """Return a column in BigQuery's JSON."""
    made: dict[str, Any] = {"name": name, "type": kind, "mode": mode}
    return {**made, "fields": list(fields)} if fields else made


ITEMS = column("items", "RECORD", "REPEATED", column("text"), column("price", "NUMERIC"))
OLD = [column("id"), column("total", "NUMERIC"), ITEMS]


def test_the_same_columns_fit() -> None:
    """In any order, under either of BigQuery's two names of a type."""
    assert misfits(OLD, OLD[::-1], frozenset()) == []
    old, new = [column("n", "INTEGER"), column("f", "FLOAT64")], [column("n", "INT64")]
    assert misfits(old, [*new, column("f", "FLOAT")], frozenset()) == []
    assert extended(OLD, OLD[::-1]) == OLD


def test_columns_and_fields_are_added_at_the_end() -> None:
    """In records too, and never as REQUIRED: the table has rows without them."""
    new = [
        column("more", "DATE", "REQUIRED"),
        column("items", "RECORD", "REPEATED", column("unit"), column("text")),
        column("id"),
    ]
    assert misfits(OLD, new, frozenset()) == []
    longer = extended(OLD, new)
    assert [each["name"] for each in longer] == ["id", "total", "items", "more"]
    assert [each["name"] for each in longer[2]["fields"]] == ["text", "price", "unit"]
    assert longer[3]["mode"] == "NULLABLE"


def test_columns_that_the_type_lost_stay() -> None:
    """They are left empty, unless they must not be."""
    assert misfits([*OLD, column("gone")], OLD, frozenset()) == []
    (misfit,) = misfits([*OLD, column("gone", mode="REQUIRED")], OLD, frozenset())
    assert misfit.alter == "ALTER COLUMN `gone` DROP NOT NULL"


@pytest.mark.parametrize(
    ("old", "new", "alter"),
    [
        (column("a", "INTEGER"), column("a", "NUMERIC"), "ALTER COLUMN `a` SET DATA TYPE NUMERIC"),
        (column("a", "INT64"), column("a", "FLOAT"), "ALTER COLUMN `a` SET DATA TYPE FLOAT64"),
        (column("a", "NUMERIC"), column("a", "FLOAT"), "ALTER COLUMN `a` SET DATA TYPE FLOAT64"),
        (column("a", "STRING"), column("a", "DATE"), ""),
        (column("a", "NUMERIC"), column("a", "INTEGER"), ""),
        (column("a", "STRING"), column("a", "STRING", "REPEATED"), ""),
        (column("a", "INTEGER", "REPEATED"), column("a", "NUMERIC", "REPEATED"), ""),
        (ITEMS, column("items"), ""),
        (
            column("r", "RECORD", "NULLABLE", column("a", "INTEGER")),
            column("r", "RECORD", "NULLABLE", column("a", "NUMERIC")),
            "",
        ),
    ],
)
def test_another_type_is_a_misfit(old: dict[str, Any], new: dict[str, Any], alter: str) -> None:
    """Numbers that BigQuery widens have a statement; all else needs another table."""
    (misfit,) = misfits([old], [new], frozenset())
    assert misfit.alter == alter
    assert "the type wants" in misfit.reason


@pytest.mark.parametrize(
    ("kind", "limits", "said"),
    [
        ("NUMERIC", {"precision": "12", "scale": "2"}, "NUMERIC(12, 2)"),
        ("NUMERIC", {"precision": "12"}, "NUMERIC(12)"),
        ("STRING", {"maxLength": "20"}, "STRING(20)"),
    ],
)
def test_a_type_with_limits_is_refused_and_can_be_freed_of_them(
    kind: str, limits: dict[str, str], said: str
) -> None:
    """A row beyond them would fail the load; in records and arrays another table is needed."""
    plain, limited = column("a", kind), {**column("a", kind), **limits}
    (misfit,) = misfits([limited], [plain], frozenset())
    assert misfit.reason == f"column 'a' is {said}, the type wants {kind}"
    assert misfit.alter == f"ALTER COLUMN `a` SET DATA TYPE {kind}"
    (inside,) = misfits(
        [column("r", "RECORD", "NULLABLE", limited)],
        [column("r", "RECORD", "NULLABLE", plain)],
        frozenset(),
    )
    repeated = {"mode": "REPEATED"}
    (array,) = misfits([limited | repeated], [plain | repeated], frozenset())
    assert (inside.alter, array.alter) == ("", "")
    assert misfits([limited], [], frozenset()) == [], "no row of the type has a value there"


def test_a_required_column_must_always_be_filled() -> None:
    """By a field that the type requires; else the constraint has to go."""
    old, new = [column("id", mode="REQUIRED")], [column("id")]
    assert misfits(old, new, frozenset({"id"})) == []
    (misfit,) = misfits(old, new, frozenset())
    assert misfit == Misfit(
        "column 'id' is REQUIRED and may be empty in this type", "ALTER COLUMN `id` DROP NOT NULL"
    )
    inner = [column("r", "RECORD", "NULLABLE", column("id", mode="REQUIRED"))]
    (misfit,) = misfits(inner, [column("r", "RECORD", "NULLABLE", column("id"))], frozenset({"id"}))
    assert misfit.reason.startswith("column 'r.id'")
    assert misfit.alter == ""


def test_names_ignore_case_and_rows_are_written_in_the_types() -> None:
    """BigQuery takes Total for total; a row has it under one name."""
    old = [column("ID"), column("Items", "RECORD", "REPEATED", column("Text"))]
    assert misfits(old, OLD, frozenset()) == []
    assert [each["name"] for each in extended(old, OLD)] == ["ID", "Items", "total"]
    loaded = respelt(extended(old, OLD), OLD)
    assert [each["name"] for each in loaded] == ["id", "items", "total"]
    assert [each["name"] for each in loaded[1]["fields"]] == ["text", "price"]


def test_the_advice_is_complete() -> None:
    """Every statement that mends the table, and the table to use instead."""
    found = [Misfit("one", "A"), Misfit("two", "B")]
    assert advice("p.d.t", found, "p:d.t_v2") == (
        "one; two. Run: ALTER TABLE `p.d.t` A; ALTER TABLE `p.d.t` B; "
        "or write to another table: --output=p:d.t_v2"
    )
    assert "cannot be altered" in advice("p.d.t", [*found, Misfit("three")], "p:d.t_v2")
    assert "Run:" not in advice("p.d.t", [*found, Misfit("three")], "p:d.t_v2")
