"""Rules of faults as a person writes them: ``NAME[,key=value…]``, or an object of JSON."""

import dataclasses
from collections.abc import Mapping
from typing import Any

_WHOLE = {"next", "times"}
_FRACTIONS = {"share", "chance", "wave", "after", "seconds", "retry_delay", "retry_after"}


def read_rule(text: str) -> dict[str, Any]:
    """Return the settings in a rule's text, its name as ``fault``; raises ``ValueError``."""
    name, *settings = text.split(",")
    found: dict[str, Any] = {"fault": name.strip()}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            message = f"{setting!r} in fault {text!r} is not key=value"
            raise ValueError(message)
        found[key.strip()] = _number_or_text(key.strip(), value.strip())
    return found


def checked(rule: Any, given: Mapping[str, Any], what: str = "fault") -> dict[str, Any]:
    """Return settings that a dataclass of rules knows; raises ``ValueError`` for others.

    ``what`` it is a rule of, for the message.
    """
    known = {field.name for field in dataclasses.fields(rule)}
    if unknown := sorted(set(given) - known):
        message = f"unknown settings {unknown} of a {what}; expected some of {sorted(known)}"
        raise ValueError(message)
    if "fault" not in given:
        message = f"a rule of a {what} without a fault: {dict(given)}"
        raise ValueError(message)
    return dict(given)


def _number_or_text(key: str, value: str) -> object:
    if key in _WHOLE:
        return int(value)
    return float(value) if key in _FRACTIONS else value
