"""Flags of `run`: how fast, how long, and how many failures."""

from dataclasses import dataclass
from functools import partial

from pipeline.addresses import host_and_port
from pipeline.flags.flag import Form, flag
from pipeline.flags.kinds import SHARE, Number, Text, Whole

_WEEK = 604_800

_flag = partial(flag, group="flow")


@dataclass(frozen=True, kw_only=True)
class FlowFlags:
    """Quotas, caps, patience."""

    requests_per_minute: float | None = _flag(
        Number(0.1, 1e7),
        "Your quota of calls a minute, for the whole job: its worker processes get equal shares.",
        otherwise="learned from what the service rejects",
    )
    tokens_per_minute: float | None = _flag(
        Number(1000, 1e12),
        "Your quota of prompt tokens a minute, for the whole job.",
        otherwise="learned, where the service rejects calls for their tokens",
    )
    rate_limit_service: str = _flag(
        Text(host_and_port, wanted="give HOST:PORT, as limits.internal:8081", strip=True),
        "Envoy rate limit service that gives a permit for each call: a hard cap that several jobs "
        "share. Asked over gRPC in plain text, for the descriptor model=MODEL. No call is made "
        "without a permit.",
        metavar="HOST:PORT",
        example="limits.internal:8081",
        form=Form(regexes=(r"^[^\s/@]+:[1-9][0-9]{0,4}$",)),
    )
    rate_limit_domain: str = _flag(
        Text(),
        "Domain of the limit in the rate limit service.",
        default="sluicegate",
        metavar="NAME",
        form=Form(regexes=(r"^\S+$",), parent="rate_limit_service"),
    )
    max_in_flight: int | None = _flag(
        Whole(1, 10_000),
        "Calls in flight at once, at most, in each worker process; 1.5 times rate times latency is "
        "enough.",
        otherwise="400; with --processing=flex 2000",
    )
    max_megabytes_in_flight: float = _flag(
        Number(1, 1 << 20),
        "Memory for documents and their requests at once, in MiB, in each worker process; a "
        "document counts twice its size.",
        default=1024,
    )
    document_deadline: float | None = _flag(
        Number(1, _WEEK),
        "How long a document is offered again while the service answers 429 or is overloaded.",
        otherwise="3600; with --processing=flex 14400, which is 4 hours",
        metavar="SECONDS",
    )
    outage_patience: float | None = _flag(
        Number(1, _WEEK),
        "How long to wait while no call succeeds at all before giving up.",
        otherwise="600; with --processing=flex 3600",
        metavar="SECONDS",
    )
    max_failure_ratio: float = _flag(
        SHARE,
        "Share of failed documents, 0 to 1, above which the job fails once everything has landed.",
        default=1,
        metavar="SHARE",
        example="0.05",
    )
