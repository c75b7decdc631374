"""What is measured: how the server behaves, what is run side by side, and what is to be reached."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from benchmarks.peers.catalogue import OTHERS, OURS, SINGLE_OTHERS


@dataclass(frozen=True, slots=True)
class Server:
    """How the stand-in behaves: a latency's median, and what a 429 leaves out."""

    latency: float = 0.5
    silences: tuple[str, ...] = ("--no-quota-failure",)

    @property
    def flags(self) -> tuple[str, ...]:
        """The stand-in's flags for it; latencies are lognormal."""
        return (f"--latency={self.latency:g}", "--latency-sigma=0.5", *self.silences)


@dataclass(frozen=True, slots=True)
class Quota:
    """What each peer may use: the stand-in's flags, and those that tell Sluicegate of it.

    Where the second are missing no Sluicegate is told. Of several processes each is told its part.
    """

    flags: tuple[str, ...]
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure of one peer is to be: at least or at most ``bound``."""

    peer: str
    figure: str
    at_least: bool
    bound: float

    def met(self, value: float) -> bool:
        """Tell whether a value reaches it; what was not measured does not."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Scenario:
    """One server, one quota for each peer, and documents for ``seconds`` at that quota.

    ``outage_seconds`` is how long the server is dead in the middle, ``tail_seconds`` how long the
    last answers may take. ``load`` is about how many calls all peers make in a second: it decides
    what can run at the same time. ``standard`` scenarios run when none are named.
    """

    name: str
    title: str
    server: Server
    quota: Quota
    peers: tuple[str, ...]
    goals: tuple[Goal, ...]
    documents: int = 1520
    seconds: float = 76
    processes: int = 1
    outage_seconds: float = 0.0
    outage_after_seconds: float = 0.0
    tail_seconds: float = 20.0
    load: float = 100.0
    standard: bool = True

    @property
    def flags(self) -> tuple[str, ...]:
        """The stand-in's flags."""
        return (*self.server.flags, *self.quota.flags)

    @property
    def limit_seconds(self) -> float:
        """When whoever has not finished is stopped, from when it begins with its documents.

        A little later than at the quota's pace, and after the longest latencies.
        """
        return 1.1 * self.seconds + self.outage_seconds + self.tail_seconds

    def shortened(self, seconds: float) -> Self:
        """Return the scenario with as many documents as the quota allows in ``seconds``."""
        documents = max(1, round(self.documents * seconds / self.seconds))
        return replace(self, documents=documents, seconds=seconds)


def _lost_nothing(*peers: str) -> tuple[Goal, ...]:
    return tuple(
        Goal(name, figure, at_least=False, bound=0)
        for name in peers
        for figure in ("lost", "not_done")
    )


def _shared(peer: str, goodput: float) -> tuple[Goal, ...]:
    """Return what several processes of one peer are to reach besides."""
    return (
        Goal(peer, "together", at_least=True, bound=goodput),
        Goal(peer, "share", at_least=True, bound=0.5),
    )


def _learnt(
    *, shares: bool = False, goodput: float = 0.97, waste: float = 0.02
) -> tuple[Goal, ...]:
    """Return the goals of a quota that is not known."""
    goals = [
        Goal("sluicegate", "goodput_later", at_least=True, bound=goodput),
        Goal("sluicegate", "waste_later", at_least=False, bound=waste),
        *_lost_nothing("sluicegate"),
    ]
    if shares:
        goals += _shared("sluicegate", goodput)
    else:
        goals.append(Goal("sluicegate", "waste_first", at_least=False, bound=0.03))
    return tuple(goals)


def _given(*, shares: bool = False, goodput: float = 0.98) -> tuple[Goal, ...]:
    """Return the goals of a quota that is known; of several processes each knows its part."""
    goals = [
        Goal("sluicegate-known", "goodput_later", at_least=True, bound=goodput),
        Goal("sluicegate-known", "waste", at_least=False, bound=0.001),
        *_lost_nothing("sluicegate-known"),
    ]
    return (*goals, *_shared("sluicegate-known", goodput)) if shares else tuple(goals)


_STEPPED = (
    Goal("sluicegate", "goodput", at_least=True, bound=0.93),
    Goal("sluicegate", "waste", at_least=False, bound=0.03),
    *_lost_nothing("sluicegate"),
)

_PLAIN = Server()
_SLOW = Server(latency=5)
# A 429 that names its quota of calls leaves nothing to learn: of those, only `named` have such.
_NAMING = Server(silences=())
# As Vertex AI answers: not even when to come back.
_SILENT = Server(silences=("--no-quota-failure", "--no-retry-info", "--no-help-link"))

# 20 calls a second, of which a bucket saves up 3 s or .1 s.
_DEEP = Quota(("--requests-per-minute=1200", "--burst=60"), ("--requests_per_minute=1200",))
_SHALLOW = replace(_DEEP, flags=("--requests-per-minute=1200", "--burst=2"))
_UNTOLD = replace(_DEEP, given=())
_STEPS = Quota((*_DEEP.flags, "--requests-schedule=60=480,120=1800"))
# A page of a small invoice and its prompt are charged about 690 tokens.
_TOKENS = Quota(("--tokens-per-minute=600000",), ("--tokens_per_minute=600000",))
_CONCURRENCY = Quota(("--max-concurrency=8",))

_ONE_SCRIPT = ("sluicegate", "script-retries")
_STEADY = Scenario(
    "steady",
    "20 calls/s, 0.5 s latency, deep bucket, RetryInfo",
    _PLAIN,
    _DEEP,
    (*OURS, *OTHERS),
    (*_learnt(), *_given()),
    load=110,
)
_SINGLE = replace(_STEADY, peers=(*OURS, *SINGLE_OTHERS), load=100)

_TABLE = (
    _STEADY,
    replace(
        _STEADY,
        name="named",
        title="as steady, but each 429 names the quota",
        server=_NAMING,
        quota=_UNTOLD,
        peers=_ONE_SCRIPT,
        goals=_learnt(goodput=0.98, waste=0.001),
        load=45,
        standard=False,
    ),
    Scenario(
        "named-steps",
        "as steps, but each 429 names the quota",
        _NAMING,
        _STEPS,
        _ONE_SCRIPT,
        _STEPPED,
        documents=3480,
        seconds=180,
        load=45,
        standard=False,
    ),
    replace(
        _STEADY,
        name="slow",
        title="20 calls/s, 5 s latency, deep bucket, RetryInfo",
        server=_SLOW,
        tail_seconds=40,
        load=60,
    ),
    replace(
        _SINGLE,
        name="shallow",
        title="20 calls/s, 0.5 s latency, bucket of 0.1 s, 429s without details",
        server=_SILENT,
        quota=_SHALLOW,
    ),
    replace(
        _SINGLE,
        name="shallow-retryinfo",
        title="20 calls/s, 0.5 s latency, bucket of 0.1 s, RetryInfo",
        quota=_SHALLOW,
        standard=False,
    ),
    replace(
        _SINGLE,
        name="deep-silent",
        title="20 calls/s, 0.5 s latency, deep bucket, 429s without details",
        server=_SILENT,
        standard=False,
    ),
    Scenario(
        "steps",
        "20, then 8, then 30 calls/s, a minute each",
        _PLAIN,
        _STEPS,
        ("sluicegate", *SINGLE_OTHERS),
        _STEPPED,
        documents=3480,
        seconds=180,
        load=90,
    ),
    Scenario(
        "two",
        "two processes on one quota of 20 calls/s",
        _PLAIN,
        replace(_DEEP, given=("--requests_per_minute=600",)),
        (*OURS, "script-retries"),
        (*_learnt(shares=True, goodput=0.99), *_given(shares=True, goodput=0.99)),
        processes=2,
        load=65,
    ),
    Scenario(
        "four",
        "four processes on one quota of 20 calls/s",
        _PLAIN,
        replace(_DEEP, given=("--requests_per_minute=300",)),
        (*OURS, "script-retries"),
        (*_learnt(shares=True, goodput=0.99, waste=0.05), *_given(shares=True, goodput=0.99)),
        processes=4,
        load=80,
    ),
    Scenario(
        "two-slow",
        "two processes on one quota of 20 calls/s, 5 s latency",
        _SLOW,
        _UNTOLD,
        _ONE_SCRIPT,
        _learnt(shares=True),
        processes=2,
        tail_seconds=40,
        load=45,
        standard=False,
    ),
    Scenario(
        "tokens",
        "600,000 tokens a minute, 0.5 s latency",
        _NAMING,
        _TOKENS,
        (*OURS, "script-retries", "runinference"),
        _lost_nothing(*OURS),
        documents=1100,
        load=60,
    ),
    Scenario(
        "concurrency",
        "8 calls at a time, 0.5 s latency",
        _NAMING,
        _CONCURRENCY,
        (*_ONE_SCRIPT, "runinference"),
        _lost_nothing("sluicegate"),
        documents=1070,
        load=45,
    ),
    Scenario(
        "outage",
        "the server is killed for 60 s and comes back",
        _PLAIN,
        _DEEP,
        (*OURS, "script", "script-retries", "runinference"),
        (
            *_lost_nothing(*OURS),
            *(Goal(name, "outage_traffic", at_least=False, bound=0.05) for name in OURS),
        ),
        documents=2300,
        seconds=115,
        outage_seconds=60,
        outage_after_seconds=80,
        load=45,
    ),
)
SCENARIOS: Mapping[str, Scenario] = {each.name: each for each in _TABLE}
