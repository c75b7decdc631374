"""HTTP sessions for all APIs: through the environment's proxy, and without cookies.

By itself, aiohttp would look the proxy up on a thread for every request, and read ~/.netrc, whose
entries are not for these APIs.
"""

from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

_DNS_SECONDS = 300


def new_session(base_url: str, connections: int, **options: Any) -> aiohttp.ClientSession:
    """Return a session for requests to that URL. Close it when it is no longer used.

    It opens at most so many connections, or any number for 0; `options` are aiohttp's.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=_DNS_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=_environment_proxy(base_url),
        **options,
    )


def _environment_proxy(url: str) -> str | None:
    """Return the environment's proxy for requests to that URL, or None."""
    target = urlsplit(url)
    proxy = None if proxy_bypass(target.netloc) else getproxies().get(target.scheme)
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy
