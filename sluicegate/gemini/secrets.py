"""Where an API key comes from: the environment, or Secret Manager. Never a flag."""

import logging

from google.api_core import exceptions as api
from google.auth import exceptions as auth

from sluicegate.faults import JobFault
from sluicegate.gemini.connection import API_KEY_VARIABLES, environment_key


def fetch_api_key(secret: str) -> str:
    """Return the key: of the secret version if one is named, else of the environment.

    `secret` is `projects/P/secrets/S` or `projects/P/secrets/S/versions/V`. Raises JobFault
    naming the secret, never its content.
    """
    if not secret:
        key = environment_key()
        if not key:
            raise JobFault(
                "bad_credentials", f"no API key: set {API_KEY_VARIABLES[0]} or --api_key_secret"
            )
        return key
    # Some 0.15 s of CPU, which whoever has the key in the environment need not pay.
    from google.cloud import secretmanager  # noqa: PLC0415

    name = secret if "/versions/" in secret else f"{secret}/versions/latest"
    try:
        client = secretmanager.SecretManagerServiceClient()
        payload = client.access_secret_version(name=name).payload.data
        return str(payload.decode("utf-8")).strip()
    except (api.GoogleAPIError, auth.GoogleAuthError, UnicodeDecodeError) as error:
        logging.getLogger(__name__).debug("reading %s failed", name)
        raise JobFault(
            "bad_credentials",
            f"cannot read the API key from {name!r}: {type(error).__name__}; whoever runs the "
            "workers needs roles/secretmanager.secretAccessor on that secret",
        ) from None
