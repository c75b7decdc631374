"""The values of flags: text in, numbers, truths and URLs out, or one clear sentence."""

import re
from typing import Any
from urllib.parse import urlsplit

from sluicegate.faults import UsageFault
from sluicegate.storage import exists_locally
from sluicegate.storage.patterns import split_patterns

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def number(flags: dict[str, Any], name: str, default: float, *, low: float, high: float) -> float:
    """Return a flag's number; raise UsageFault if it is none or out of bounds."""
    text = flags.get(name, default)
    try:
        found = float(text)
    except (TypeError, ValueError):
        raise UsageFault(f"--{name} {text!r} is not a number") from None
    if not low <= found <= high:
        raise UsageFault(f"--{name} {text} is not between {low:g} and {high:,g}")
    return found


def whole(flags: dict[str, Any], name: str, default: int, *, low: int, high: int) -> int:
    """Return a flag's whole number; raise UsageFault as `number` does, and for a fraction."""
    found = number(flags, name, default, low=low, high=high)
    if found != int(found):
        raise UsageFault(f"--{name} {flags[name]} is not a whole number")
    return int(found)


def boolean(flags: dict[str, Any], name: str, *, default: bool = False) -> bool:
    """Return a flag's truth; raise UsageFault for another word than true or false."""
    text = str(flags.get(name, default)).strip().lower()
    if text not in ("true", "false"):
        raise UsageFault(f"--{name} {text!r}: use true or false")
    return text == "true"


def host_and_port(text: str) -> tuple[str, int] | None:
    """Take HOST:PORT apart, an IPv6 host in brackets; None for anything else."""
    try:
        url = urlsplit(f"//{text}")
        host, port = url.hostname, url.port
    except ValueError:
        return None
    plain = not (url.path or url.query or url.fragment or "@" in text or re.search(r"\s", text))
    return (host, port) if plain and host and port else None


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is this machine's own."""
    return host in _LOOPBACK


def patterns(flags: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a flag's file patterns, each once, in order; none where it is not given."""
    found = [
        part
        for text in flags.get(name, ())
        # A name with a comma in it that exists is itself.
        for part in ([text] if exists_locally(text) else split_patterns(text))
    ]
    return tuple(dict.fromkeys(found))


def is_base_url(text: str) -> bool:
    """Take http(s)://host[:port][/path]: no user or password, they would end in the summary."""
    try:
        url = urlsplit(text)
        usable = url.port is None or 0 < url.port < 65536
    except ValueError:
        return False
    plain = not (url.query or url.fragment or url.username or url.password)
    # A key does not travel in the clear; on this machine it does not travel.
    safe = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or ""))
    return usable and plain and safe and bool(url.hostname)
