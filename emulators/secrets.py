"""A stand-in for Secret Manager: secrets that a test sets, read through Google's own client."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service import transports

from emulators.json_server import JsonServer

_ACCESS = ":access"
_REASONS = {403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


class SecretsEndpoint(JsonServer):
    """Serves `secrets` on the loopback; use as a context manager.

    Names are those of versions (`projects/P/secrets/S/versions/latest`). A value of bytes is the
    secret; a number is the status that its reader is refused with. `read` has what was asked for.
    """

    def __init__(self, secrets: dict[str, bytes | int]) -> None:
        super().__init__()
        self.secrets, self.read = secrets, list[str]()

    @contextmanager
    def patch(self) -> Iterator[None]:
        """Point this process's clients here until exit: Google's client knows no emulator."""
        original = secretmanager.SecretManagerServiceClient

        def local() -> secretmanager.SecretManagerServiceClient:
            transport = transports.SecretManagerServiceRestTransport(
                host=self.address,
                url_scheme="http",
                credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            )
            return original(transport=transport)

        with mock.patch.object(secretmanager, "SecretManagerServiceClient", local):
            yield

    def answer(  # the method and the body say nothing here
        self, _method: str, path: str, _body: bytes
    ) -> tuple[int, dict[str, Any]]:
        """Give the secret, or refuse as its reader is refused."""
        name = path.removeprefix("/v1/").removesuffix(_ACCESS)
        self.read.append(name)
        found = self.secrets.get(name, 404) if path.endswith(_ACCESS) else 404
        if isinstance(found, int):
            return found, {
                "error": {"code": found, "message": "refused", "status": _REASONS.get(found, "")}
            }
        return 200, {"name": name, "payload": {"data": base64.b64encode(found).decode()}}
