"""How Gemini is reached: which service, by which credentials, at which address."""

import re
from typing import Any

from apache_beam.options.pipeline_options import GoogleCloudOptions

from pipeline.values import is_base_url, number
from sluicegate.faults import UsageFault
from sluicegate.gemini.connection import API_KEY_VARIABLES, Connection, environment_key


def read_connection(flags: dict[str, Any], cloud: GoogleCloudOptions) -> Connection:
    """Judge the flags; raise UsageFault with one sentence for the first that is wrong."""
    service = flags.get("gemini_service", "auto")
    secret = flags.get("api_key_secret", "")
    if service == "auto" and cloud.project and environment_key() and not secret:
        raise UsageFault(
            "there is an API key in the environment and a --project: they are billed apart and "
            "have other terms; say --gemini_service=vertex or --gemini_service=developer"
        )
    if service == "auto":
        service = "developer" if secret or environment_key() else "vertex"
    if service not in ("vertex", "developer"):
        raise UsageFault(f"--gemini_service {service!r}: use vertex, developer or auto")
    if service == "developer" and not (secret or environment_key()):
        raise UsageFault(f"no API key: set {' or '.join(API_KEY_VARIABLES)}, or --api_key_secret")
    if service == "vertex" and not cloud.project:
        raise UsageFault(
            "no way to reach Gemini: give --project for Vertex AI, "
            f"or set {API_KEY_VARIABLES[0]} for the Developer API"
        )
    if secret and not re.fullmatch(r"projects/[^/]+/secrets/[^/]+(/versions/[^/]+)?", secret):
        raise UsageFault(f"--api_key_secret {secret!r}: give projects/PROJECT/secrets/NAME")
    endpoint = flags.get("gemini_endpoint", "")
    if endpoint and not is_base_url(endpoint):
        raise UsageFault(
            f"--gemini_endpoint {endpoint!r}: give a base URL, as https://host; "
            "http:// on this machine only"
        )
    return Connection(
        service=service,
        project=str(cloud.project or ""),
        location=flags.get("gemini_location", "global"),
        endpoint=endpoint,
        api_key_secret=secret,
        timeout_seconds=number(flags, "call_timeout", 300, low=0.1, high=3600),
    )
