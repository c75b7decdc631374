"""Requests to a service's REST API on a thread: each is sent once, and what comes back is sorted.

a 2xx                                    its JSON
a 4xx but 408, 429 included              CallRefused: the service has done nothing
404, and 403 about a resource            NoSuchJob
anything else: 5xx, no reply, no JSON    CallUnclear: it may have done what was asked
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import google.auth
import requests
from google.auth import exceptions as auth
from google.auth.transport.requests import AuthorizedSession

from sluicegate.asking.batch_service import CallRefused, CallUnclear, NoSuchJob
from sluicegate.faults import JobFault, one_line
from sluicegate.gemini.connection import Connection
from sluicegate.gemini.error_body import read_error
from sluicegate.gemini.errors import judge_error
from sluicegate.masking import mask

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_SECONDS = 60.0  # for a reply; an upload or download may take longer, piece by piece
_UNCLEAR = (408,)


class Rest:
    """Sends JSON to one service. Scope: one thread at a time."""

    def __init__(self, connection: Connection, api_key: str = "") -> None:
        self.base = connection.base_url.rstrip("/")
        self._secrets = tuple(filter(None, (api_key,)))
        self._session = _session(connection)
        if api_key:
            self._session.headers["x-goog-api-key"] = api_key
        elif urlsplit(connection.endpoint).scheme == "http":
            self._session.headers["Authorization"] = "Bearer stand-in"

    def send(
        self,
        method: str,
        url: str,
        content: Any = None,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request; return its reply, whose status is 2xx, read to its end."""
        if not url.startswith(("http://", "https://")):
            url = f"{self.base}/{url}"
        try:
            reply = self._session.request(
                method, url, json=content, data=data, headers=headers, timeout=_SECONDS,
                allow_redirects=False,
            )  # fmt: skip
        except (auth.RefreshError, auth.DefaultCredentialsError) as error:
            raise JobFault("bad_credentials", f"no access token: {self._brief(error)}") from error
        except (requests.RequestException, auth.TransportError, OSError) as error:
            raise CallUnclear(self._brief(error)) from error
        if not reply.ok or reply.is_redirect:
            raise self._refusal(reply)
        return reply

    def json(self, method: str, url: str, content: Any = None) -> dict[str, Any]:
        """Send one request; return the JSON object of its reply."""
        reply = self.send(method, url, content)
        try:
            found = reply.json()
        except ValueError as error:
            raise CallUnclear(f"an unreadable reply: {self._brief(error)}") from error
        if not isinstance(found, dict):
            raise CallUnclear("a reply that is no JSON object")
        return found

    def _refusal(self, reply: requests.Response) -> Exception:
        error = read_error(reply.status_code, reply.content, *self._secrets)
        if not 400 <= error.status < 500 or error.status in _UNCLEAR:
            return CallUnclear(f"HTTP {error.status}: {error.message}")
        kind = NoSuchJob if error.status in (403, 404) else CallRefused
        return kind(error, judge_error(error))

    def _brief(self, error: BaseException) -> str:
        return one_line(mask(f"{type(error).__name__}: {error}", *self._secrets))


def _session(connection: Connection) -> requests.Session:
    """Return a session that sends nothing twice, but a request that its token was too old for."""
    # A token never goes over plain HTTP: such an endpoint is a stand-in on this machine.
    if not connection.is_vertex or urlsplit(connection.endpoint).scheme == "http":
        return requests.Session()
    try:
        credentials, _ = google.auth.default(scopes=_SCOPES)
    except auth.GoogleAuthError as error:
        raise JobFault("bad_credentials", f"no credentials: {one_line(error)}") from error
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
