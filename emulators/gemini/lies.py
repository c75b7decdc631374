"""Answers that are short or muddled and look whole, as models give them: from a right one.

drop_last_third  the last third of the records or, of a single one, of its lines, is not there
drop_rows        one line in twenty is not there
fewer_rows       a list is the shorter the longer it should be: 40 lines are whole, 160 are 80
merge_records    the first two records are one, with the header of the first and all lines
split_record     a record of several pages is two, with the header on both and the lines shared

The count that is asked beside records is that of those that are there: a model that drops some
does not know. A rule for what a document does not have leaves its answer as it is.
"""

import math
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]

_WHOLE = 40  # lines of a list that are all there, however long the rest would be


def told(lie: str, answer: Any) -> Any:
    """Return the answer with a lie of `LIES` told."""
    return LIES[lie](answer) if isinstance(answer, dict) else answer


def _drop_last_third(answer: Answer) -> Answer:
    records = _records(answer)
    if records is None or len(records) == 1:
        return _each_list(answer, lambda rows: rows[: 2 * len(rows) // 3])
    return _of(answer, records[: 2 * len(records) // 3])


def _drop_rows(answer: Answer) -> Answer:
    return _each_list(answer, lambda rows: [r for n, r in enumerate(rows) if n % 20 != _at(rows)])


def _at(rows: list[Any]) -> int:
    return min(7, len(rows) - 1)


def _fewer_rows(answer: Answer) -> Answer:
    def shorter(rows: list[Any]) -> list[Any]:
        return rows[: max(_WHOLE, math.isqrt(_WHOLE * len(rows)))]

    return _each_list(answer, shorter)


def _merge_records(answer: Answer) -> Answer:
    records = _records(answer) or []
    if len(records) < 2:
        return answer
    first, second, *rest = records
    values = {
        name: value + second["values"][name] if isinstance(value, list) else value
        for name, value in first["values"].items()
    }
    merged = {**first, "last_page": second["last_page"], "values": values}
    return _of(answer, [merged, *rest])


def _split_record(answer: Answer) -> Answer:
    records = _records(answer) or []
    long = [n for n, each in enumerate(records) if each["last_page"] > max(each["first_page"], 1)]
    if not long:
        return answer
    at = long[0]
    whole = records[at]
    middle = max(whole["first_page"], 1)
    halves = [
        {**whole, "last_page": middle, "values": _half(whole["values"], 0)},
        {**whole, "first_page": middle + 1, "values": _half(whole["values"], 1)},
    ]
    return _of(answer, [*records[:at], *halves, *records[at + 1 :]])


def _half(values: Answer, number: int) -> Answer:
    return {
        name: (value[: len(value) // 2], value[len(value) // 2 :])[number]
        if isinstance(value, list)
        else value
        for name, value in values.items()
    }


def _records(answer: Answer) -> list[Answer] | None:
    records = answer.get("records")
    return records if isinstance(records, list) and "record_count" in answer else None


def _of(answer: Answer, records: list[Answer]) -> Answer:
    return {**answer, "records": records, "record_count": len(records)}


def _each_list(answer: Answer, change: Callable[[list[Any]], list[Any]]) -> Answer:
    records = _records(answer)
    if records is None:
        return {n: change(v) if isinstance(v, list) and v else v for n, v in answer.items()}
    return _of(answer, [{**each, "values": _each_list(each["values"], change)} for each in records])


LIES: dict[str, Callable[[Answer], Answer]] = {
    "drop_last_third": _drop_last_third,
    "drop_rows": _drop_rows,
    "fewer_rows": _fewer_rows,
    "merge_records": _merge_records,
    "split_record": _split_record,
}
