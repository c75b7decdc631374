"""The environment's proxy, looked up once for each session.

aiohttp would do so on a thread for every request, and read ~/.netrc, whose entries are not for the
APIs that are called here.
"""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def environment_proxy(url: str) -> str | None:
    """Return the proxy that the environment names for requests to that URL, if it names one."""
    target = urlsplit(url)
    proxy = None if proxy_bypass(target.netloc) else getproxies().get(target.scheme)
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy
