"""What an answer lacks, in words: the message of a failure that a person reads."""

from typing import Any

from pydantic import ValidationError

_MAX_SHOWN = 5
_OURS = {"model_type": "should be an object", "list_type": "should be a list"}
_PREFIX = "Value error, "  # pydantic's, before a sentence of ours


def describe_mismatch(error: ValidationError) -> str:
    """Return in one line what does not fit: path and reason, at most five of them.

    Of more, fields that were not found come first: that is the most usual failure of all.
    """
    found = error.errors(include_url=False, include_context=False)
    if len(found) > _MAX_SHOWN:
        found = sorted(found, key=lambda item: not _is_missing(item))
    lines = [_line(item) for item in found[:_MAX_SHOWN]]
    more = [f"and {len(found) - _MAX_SHOWN} more"] if len(found) > _MAX_SHOWN else []
    return "; ".join(lines + more)


def not_found(names: list[str]) -> str:
    """Say that fields have no value: `total was not found`, `none of a, b was found`."""
    if len(names) == 1:
        return f"{names[0]} was not found"
    return f"none of {', '.join(names)} was found"


def _is_missing(item: Any) -> bool:
    """Tell a field without a value: its name is not there, or null stands beside it."""
    in_list = bool(item["loc"]) and isinstance(item["loc"][-1], int)
    return item["type"] == "missing" or (item["input"] is None and not in_list)


def _line(item: Any) -> str:
    if _is_missing(item):
        return not_found([_path(item)])
    if item["input"] is None:
        return f"{_path(item)} is null"  # in a list: a column holds no null there
    reason = _OURS.get(item["type"]) or str(item["msg"]).removeprefix(_PREFIX)
    return f"{_path(item)}: {reason}"


def _path(item: Any) -> str:
    return ".".join(str(step) for step in item["loc"]) or "value"
