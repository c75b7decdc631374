"""JSON written exactly: Decimal as its digits, and fragments verbatim that break it on purpose."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from json.encoder import encode_basestring


class Verbatim(str):
    """Text that goes into the JSON as it is, valid or not."""

    __slots__ = ()


def dumps(value: object) -> str:
    """Return ``value`` as JSON text; raises ``TypeError`` for what JSON cannot say."""
    return "".join(_pieces(value))


def _pieces(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value) if isinstance(value, Verbatim) else encode_basestring(value)
    elif value is None or isinstance(value, bool | int | float):
        yield json.dumps(value, ensure_ascii=False)
    elif isinstance(value, Decimal):
        if not value.is_finite():
            message = f"{value} has no JSON form"
            raise TypeError(message)
        yield format(value, "f")
    elif isinstance(value, dict):
        separator = "{"
        for key, item in value.items():
            yield f"{separator}{encode_basestring(str(key))}: "
            yield from _pieces(item)
            separator = ", "
        yield "}" if value else "{}"
    elif isinstance(value, list | tuple):
        separator = "["
        for item in value:
            yield separator
            yield from _pieces(item)
            separator = ", "
        yield "]" if value else "[]"
    elif isinstance(value, dt.date):
        yield f'"{value.isoformat()}"'
    else:
        message = f"{type(value).__name__} has no JSON form"
        raise TypeError(message)
