"""Law 7: what does not fit its column is a document's fault, whatever the value."""

import contextlib
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.document_types.columns import fit_columns
from sluicegate.faults import DocumentFault

LIMIT = Decimal(10) ** 29


def column(kind: str, mode: str = "NULLABLE", **more: Any) -> list[dict[str, Any]]:
    """Return the columns of a table with the one column `n`."""
    return [{"name": "n", "type": kind, "mode": mode, **more}]


def fit(value: Any, kind: str, mode: str = "NULLABLE") -> tuple[Any, list[str]]:
    """Fit one value; return it and the warnings."""
    row, warnings = fit_columns({"n": value}, column(kind, mode))
    return row["n"], warnings


def refusal(value: Any, kind: str) -> str:
    """Return why a value does not fit."""
    with pytest.raises(DocumentFault) as caught:
        fit(value, kind)
    assert caught.value.code == "value_out_of_range"
    return caught.value.message


@pytest.mark.parametrize(
    "number",
    ["0", "-0.0", "1.123456789", "9999999999999999999999999999", "1E+28", "-1E+28", "1.5E+3"],
)
def test_numbers_within_numeric_are_untouched(number: str) -> None:
    """Digits that fit are kept as they are, without a warning."""
    assert fit(Decimal(number), "NUMERIC") == (Decimal(number), [])


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_numeric_fits(sign: int) -> None:
    """29 nines before the point and 9 after it are NUMERIC's largest value, on both sides."""
    largest = Decimal(("-" if sign < 0 else "") + "9" * 29)
    assert fit(largest, "NUMERIC") == (largest, [])
    exact = Decimal(("-" if sign < 0 else "") + "9" * 29 + "." + "9" * 9)
    assert fit(exact, "NUMERIC") == (exact, [])


@pytest.mark.parametrize("number", ["1E+29", "-1E+29", "1E+999999", "9" * 29 + ".9999999999"])
def test_numbers_beyond_numeric_are_out_of_range(number: str) -> None:
    """10**29 and more is out of range, also where only rounding leads there."""
    assert "NUMERIC" in refusal(Decimal(number), "NUMERIC")


@pytest.mark.parametrize("number", ["NaN", "sNaN", "-NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_out_of_range(number: str) -> None:
    """NUMERIC has no NaN and no infinity."""
    refusal(Decimal(number), "NUMERIC")


def test_zero_fits_however_it_is_written() -> None:
    """`0E+50` is zero."""
    assert fit(Decimal("0E+50"), "NUMERIC")[0] == 0


def test_finer_numbers_are_rounded_with_a_warning() -> None:
    """The tenth decimal is rounded half to even, with a warning."""
    assert fit(Decimal("1.0000000005"), "NUMERIC") == (
        Decimal("1.000000000"),
        ["n: rounded to 9 decimals"],
    )
    assert fit(Decimal("1.0000000015"), "NUMERIC")[0] == Decimal("1.000000002")
    number, warnings = fit(Decimal("12345678901234567890123456789.12345678951"), "NUMERIC")
    assert number == Decimal("12345678901234567890123456789.123456790")
    assert len(warnings) == 1


@pytest.mark.parametrize("number", ["1E+999999", "1E-999999", "1E-999999999", "9" * 10**5])
def test_huge_exponents_are_fast(number: str) -> None:
    """No number of a million digits is ever built."""
    started = time.process_time()
    with contextlib.suppress(DocumentFault):
        fit(Decimal(number), "NUMERIC")
    assert time.process_time() - started < 0.5


@given(number=st.decimals())
def test_any_decimal_fits_or_is_out_of_range(number: Decimal) -> None:
    """Nothing but a DocumentFault; what fits has NUMERIC's scale and size."""
    try:
        fitted, _ = fit(number, "NUMERIC")
    except DocumentFault:
        return
    exponent = fitted.as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent >= -9
    assert -LIMIT < fitted < LIMIT


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0])
def test_whole_numbers_of_64_bits_fit(number: int) -> None:
    """INTEGER is INT64."""
    assert fit(number, "INTEGER") == (number, [])


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_larger_whole_numbers_are_out_of_range(number: int) -> None:
    """One more is out of range."""
    assert "INT64" in refusal(number, "INTEGER")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_floats_are_finite(number: float) -> None:
    """JSON and tables have no NaN."""
    refusal(number, "FLOAT")


def test_surrogates_and_nul_are_replaced_with_a_warning() -> None:
    """A hostile character becomes U+FFFD, and the row says so."""
    text, warnings = fit("a\x00b\ud800c\udfff", "STRING")
    assert text == "a\ufffdb\ufffdc\ufffd"
    assert len(warnings) == 1
    assert "replaced" in warnings[0]
    assert fit("naïve \U0001f9fe", "STRING") == ("naïve \U0001f9fe", [])


@pytest.mark.parametrize("text", ["a" * ((1 << 20) + 1), "é" * ((1 << 19) + 1)])
def test_text_is_bounded_in_bytes(text: str) -> None:
    """One value has at most 1 MiB of UTF-8."""
    assert "1,048,576" in refusal(text, "STRING")
    assert len(fit("a" * (1 << 20), "STRING")[0]) == 1 << 20


def test_a_row_is_bounded_too() -> None:
    """Many values that fit may not fit together."""
    columns = column("STRING", "REPEATED")
    with pytest.raises(DocumentFault) as caught:
        fit_columns({"n": ["a" * (1 << 20)] * 9}, columns)
    assert caught.value.code == "value_out_of_range"
    assert fit_columns({"n": ["a" * (1 << 20)] * 8}, columns)[0]["n"]


def test_a_required_column_needs_a_value() -> None:
    """The error names the REQUIRED column."""
    with pytest.raises(DocumentFault, match=r"^n: "):
        fit(None, "STRING", "REQUIRED")
    assert fit(None, "STRING") == (None, [])
    assert fit(None, "STRING", "REPEATED") == ([], [])


def test_the_path_of_a_nested_value_is_named() -> None:
    """The error for a value deep in a row names record, index and column."""
    nested = column("RECORD", "REPEATED", fields=column("NUMERIC"))
    with pytest.raises(DocumentFault, match=r"^n\[1\]\.n: "):
        fit_columns({"n": [{"n": Decimal(1)}, {"n": Decimal("NaN")}]}, nested)


def test_unknown_values_are_left_out() -> None:
    """Only what has a column gets into the row."""
    assert fit_columns({"n": "a", "m": "b"}, column("STRING"))[0] == {"n": "a"}


def test_dates_and_booleans_pass() -> None:
    """Every date of Python's is one of BigQuery's."""
    assert fit(date(1, 1, 1), "DATE") == (date(1, 1, 1), [])
    assert fit(date(9999, 12, 31), "DATE") == (date(9999, 12, 31), [])
    assert fit(False, "BOOLEAN") == (False, [])


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5))),
    ],
)
def test_moments_outside_the_years_1_to_9999_in_utc_are_out_of_range(moment: datetime) -> None:
    """A time zone may move a moment out of TIMESTAMP's range: the load would fail on it."""
    refusal(moment, "TIMESTAMP")


def test_moments_inside_fit() -> None:
    """The first and the last microsecond of TIMESTAMP."""
    for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert fit(moment, "TIMESTAMP") == (moment, [])
