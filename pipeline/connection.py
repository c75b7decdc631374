"""How Gemini is reached: which service, by which credentials, at which address."""

from dataclasses import replace

from apache_beam.options.pipeline_options import GoogleCloudOptions

from pipeline.flags.run import RunFlags
from sluicegate.faults import UsageFault
from sluicegate.gemini.connection import API_KEY_VARIABLES, Connection, environment_key
from sluicegate.gemini.processing import STANDARD, way_of


def read_last_resort(given: RunFlags, connection: Connection) -> Connection | None:
    """Return where documents are asked about that met no capacity until their deadline.

    Raises UsageFault where it is wanted without flex.
    """
    if given.flex_fallback == "never":
        return None
    if given.processing == STANDARD.tier:
        raise UsageFault(
            f"--flex_fallback={given.flex_fallback} says what becomes of flex calls; "
            "give --processing=flex with it"
        )
    if given.processing != "flex":
        return None
    timeout = given.call_timeout or STANDARD.timeout_seconds[connection.service]
    return replace(connection, tier=STANDARD.tier, timeout_seconds=timeout)


def read_connection(given: RunFlags, cloud: GoogleCloudOptions) -> Connection:
    """Choose the service; raise UsageFault with one sentence where none can be reached."""
    service, secret = given.gemini_service, given.api_key_secret
    if service == "auto" and cloud.project and environment_key() and not secret:
        raise UsageFault(
            "there is an API key in the environment and a --project: they are billed apart and "
            "have other terms; say --gemini_service=vertex or --gemini_service=developer"
        )
    if service == "auto":
        service = "developer" if secret or environment_key() else "vertex"
    if service == "developer" and not (secret or environment_key()):
        raise UsageFault(f"no API key: set {' or '.join(API_KEY_VARIABLES)}, or --api_key_secret")
    if service == "vertex" and not cloud.project:
        raise UsageFault(
            "no way to reach Gemini: give --project for Vertex AI, "
            f"or set {API_KEY_VARIABLES[0]} for the Developer API"
        )
    way = way_of(given.processing)
    if refusal := way.refusal(service, given.gemini_location):
        raise UsageFault(f"--processing={given.processing}: {refusal}")
    return Connection(
        service=service,
        project=str(cloud.project or ""),
        location=given.gemini_location,
        endpoint=given.gemini_endpoint,
        api_key_secret=secret,
        timeout_seconds=given.call_timeout or way.timeout_seconds[service],
        tier=way.tier,
    )
