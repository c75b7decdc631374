"""The rate limit service of a run: from its flags to what is asked, and where it is of no use."""

from collections.abc import Callable
from typing import Any

from pipeline.values import host_and_port, is_loopback
from sluicegate.faults import UsageFault
from sluicegate.gemini.catalogue import Model
from sluicegate.pacing.shared_limit import RateLimitService
from transforms.rate_limit_service import EnvoyRateLimits

# As the flag's default in pipeline/options.py; a template passes it where nobody filled it in.
DEFAULT_DOMAIN = "sluicegate"


def read_rate_limits(flags: dict[str, Any], model: Model, run_id: str) -> EnvoyRateLimits | None:
    """Return where permits are asked for; None where no service is named.

    Raises UsageFault for an address that is none, and for a domain without a service: a run that
    was thought to be capped would not be.
    """
    address = str(flags.get("rate_limit_service", "")).strip()
    domain = str(flags.get("rate_limit_domain", DEFAULT_DOMAIN))
    if not address:
        if domain != DEFAULT_DOMAIN:
            raise UsageFault("--rate_limit_domain needs --rate_limit_service=HOST:PORT")
        return None
    if not host_and_port(address):
        raise UsageFault(
            f"--rate_limit_service {address!r}: give HOST:PORT, as limits.internal:8081"
        )
    return EnvoyRateLimits(address, domain, model.name, run_id)


def check_workers_reach(limits: Callable[[], RateLimitService] | None) -> None:
    """Raise UsageFault for a service on this machine, which workers elsewhere cannot ask."""
    if not isinstance(limits, EnvoyRateLimits):
        return
    place = host_and_port(limits.address)
    if place and is_loopback(place[0]):
        raise UsageFault(
            f"--rate_limit_service {limits.address} would be each worker itself on Dataflow; "
            "give an address in the workers' network"
        )
