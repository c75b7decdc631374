"""Addresses that flags name: which are ones that a call, or a key, may go to."""

import re
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_GOOGLE = ".googleapis.com"
# Hosts beside Google's own that may be sent the workers' key or token, parted by commas; one that
# begins with a point means all below it. The image has it from its build.
HOSTS_VARIABLE = "SLUICEGATE_GEMINI_HOSTS"


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


def may_be_sent_credentials(url: str, more: str = "") -> bool:
    """Tell whether workers may call a base URL: one of Google's, this machine's, or of `more`."""
    host = urlsplit(url).hostname or ""
    allowed = [_GOOGLE, *(name.strip().lower() for name in more.split(",") if name.strip())]
    return is_loopback(host) or any(
        host.endswith(name) if name.startswith(".") else host == name for name in allowed
    )


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
