"""HTTP sessions for all APIs: through the environment's proxy, kept alive, and without cookies.

By itself, aiohttp would look the proxy up on a thread for every request, and read ~/.netrc, whose
entries are not for these APIs.
"""

import socket
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

_DNS_SECONDS = 300
# Seconds of silence before a probe (macOS calls it otherwise), seconds between two, and how many.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPALIVE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}


def new_session(base_url: str, connections: int, **options: Any) -> aiohttp.ClientSession:
    """Return a session for requests to that URL. Close it when it is no longer used.

    It opens at most so many connections, or any number for 0; `options` are aiohttp's.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=connections, ttl_dns_cache=_DNS_SECONDS, socket_factory=kept_alive
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=_environment_proxy(base_url),
        **options,
    )


def kept_alive(address: tuple[Any, Any, int, str, Any]) -> socket.socket:
    """Return a socket that the network does not forget while an answer takes minutes.

    The firewall of Compute Engine forgets a connection that is idle for 10 minutes, and advises
    these values (cloud.google.com/compute/docs/troubleshooting/general-tips); network firewalls
    and home routers take less. The call would then wait for its timeout, and be billed.
    """
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEP_ALIVE.items():
        if number := getattr(socket, option, None):  # not every system has them all
            made.setsockopt(socket.IPPROTO_TCP, number, value)
    return made


def _environment_proxy(url: str) -> str | None:
    """Return the environment's proxy for requests to that URL, or None."""
    target = urlsplit(url)
    proxy = None if proxy_bypass(target.netloc) else getproxies().get(target.scheme)
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy
