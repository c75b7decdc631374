"""The rate limit service of a run: from its flags to what is asked, and where it is of no use."""

from collections.abc import Callable

from pipeline.addresses import host_and_port, is_loopback
from pipeline.flags.flow import FlowFlags
from sluicegate.faults import UsageFault
from sluicegate.gemini.catalogue import Model
from sluicegate.pacing.shared_limit import RateLimitService
from transforms.rate_limit_service import EnvoyRateLimits


def read_rate_limits(given: FlowFlags, model: Model, run_id: str) -> EnvoyRateLimits | None:
    """Return where permits are asked for; None where no service is named.

    Raises UsageFault for a domain without a service: a run that was thought to be capped would
    not be. A template passes the default domain where nobody filled it in.
    """
    address, domain = given.rate_limit_service, given.rate_limit_domain
    if not address:
        if domain != FlowFlags.rate_limit_domain:
            raise UsageFault("--rate_limit_domain needs --rate_limit_service=HOST:PORT")
        return None
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
