"""What is measured: how the server behaves, who contends, and what Sluicegate is to reach."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from benchmarks.contenders.catalogue import OURS, PEERS, SINGLE_PEERS


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure of one contender is to be: at least or at most ``bound``."""

    contender: str
    figure: str
    at_least: bool
    bound: float

    def met(self, value: float) -> bool:
        """Tell whether a value reaches it; what was not measured does not."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Scenario:
    """One server, one quota for each contender, and documents for ``seconds`` at that quota.

    ``flags`` are the stand-in's, ``pipeline_flags`` those that Sluicegate gets, and
    ``known_flags`` those that tell it the quota besides. ``outage_seconds`` is how long the server
    is dead in the middle, ``tail_seconds`` how long the last answers may take. ``load`` is about
    how many calls all contenders make in a second: it decides what can run at the same time.
    ``standard`` scenarios run when none are named.
    """

    name: str
    title: str
    flags: tuple[str, ...]
    documents: int
    seconds: float
    contenders: tuple[str, ...]
    goals: tuple[Goal, ...] = ()
    processes: int = 1
    pipeline_flags: tuple[str, ...] = ()
    known_flags: tuple[str, ...] = ()
    outage_seconds: float = 0.0
    outage_after_seconds: float = 0.0
    tail_seconds: float = 20.0
    load: float = 100.0
    standard: bool = True

    @property
    def limit_seconds(self) -> float:
        """When whoever has not finished is stopped, from when it begins with its documents.

        A little later than at the quota's pace, and after the longest latencies.
        """
        return 1.1 * self.seconds + self.outage_seconds + self.tail_seconds

    def shortened(self, seconds: float) -> Self:
        """Return the scenario with as many documents as the quota allows in ``seconds``."""
        documents = max(1, round(self.documents * seconds / self.seconds))
        return dataclasses.replace(self, documents=documents, seconds=seconds)


_HALF_SECOND = ("--latency=0.5", "--latency-sigma=0.5")
_FIVE_SECONDS = ("--latency=5", "--latency-sigma=0.5")
# A 429 that names its quota leaves nothing to learn: only the scenario `named` has such.
_TWENTY = ("--requests-per-minute=1200", "--no-quota-failure")
_NAMED = ("--requests-per-minute=1200",)
_DEEP = ("--burst=60",)
_STEPS = ("--requests-schedule=60=480,120=1800",)
_SHALLOW = ("--burst=2",)
# As Vertex AI answers: not even when to come back.
_SILENT = ("--no-retry-info", "--no-help-link")
_KNOWN = ("--requests_per_minute=1200",)
# A page of a small invoice and its prompt are charged about 690 tokens.
_TOKENS_PER_MINUTE = 600_000


def _lost_nothing(*contenders: str) -> tuple[Goal, ...]:
    return tuple(
        Goal(name, figure, at_least=False, bound=0)
        for name in contenders
        for figure in ("lost", "not_done")
    )


def _shared(contender: str, goodput: float) -> tuple[Goal, ...]:
    """Return what several processes of one contender are to reach besides."""
    return (
        Goal(contender, "together", at_least=True, bound=goodput),
        Goal(contender, "share", at_least=True, bound=0.5),
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

SCENARIOS: Mapping[str, Scenario] = {
    each.name: each
    for each in (
        Scenario(
            "steady",
            "20 calls/s, 0.5 s latency, deep bucket, RetryInfo",
            (*_HALF_SECOND, *_TWENTY, *_DEEP),
            documents=1520,
            seconds=76,
            contenders=(*OURS, *PEERS),
            goals=(*_learnt(), *_given()),
            known_flags=_KNOWN,
            load=110,
        ),
        Scenario(
            "named",
            "as steady, but each 429 names the quota",
            (*_HALF_SECOND, *_NAMED, *_DEEP),
            documents=1520,
            seconds=76,
            contenders=("sluicegate", "script-retries"),
            goals=_learnt(goodput=0.98, waste=0.001),
            load=45,
            standard=False,
        ),
        Scenario(
            "named-steps",
            "as steps, but each 429 names the quota",
            (*_HALF_SECOND, *_NAMED, *_DEEP, *_STEPS),
            documents=3480,
            seconds=180,
            contenders=("sluicegate", "script-retries"),
            goals=_STEPPED,
            load=45,
            standard=False,
        ),
        Scenario(
            "slow",
            "20 calls/s, 5 s latency, deep bucket, RetryInfo",
            (*_FIVE_SECONDS, *_TWENTY, *_DEEP),
            documents=1520,
            seconds=76,
            contenders=(*OURS, *PEERS),
            goals=(*_learnt(), *_given()),
            known_flags=_KNOWN,
            tail_seconds=40,
            load=60,
        ),
        Scenario(
            "shallow",
            "20 calls/s, 0.5 s latency, bucket of 0.1 s, 429s without details",
            (*_HALF_SECOND, *_TWENTY, *_SHALLOW, *_SILENT),
            documents=1520,
            seconds=76,
            contenders=(*OURS, *SINGLE_PEERS),
            goals=(*_learnt(), *_given()),
            known_flags=_KNOWN,
            load=100,
        ),
        Scenario(
            "shallow-retryinfo",
            "20 calls/s, 0.5 s latency, bucket of 0.1 s, RetryInfo",
            (*_HALF_SECOND, *_TWENTY, *_SHALLOW),
            documents=1520,
            seconds=76,
            contenders=(*OURS, *SINGLE_PEERS),
            goals=(*_learnt(), *_given()),
            known_flags=_KNOWN,
            standard=False,
        ),
        Scenario(
            "deep-silent",
            "20 calls/s, 0.5 s latency, deep bucket, 429s without details",
            (*_HALF_SECOND, *_TWENTY, *_DEEP, *_SILENT),
            documents=1520,
            seconds=76,
            contenders=(*OURS, *SINGLE_PEERS),
            goals=(*_learnt(), *_given()),
            known_flags=_KNOWN,
            standard=False,
        ),
        Scenario(
            "steps",
            "20, then 8, then 30 calls/s, a minute each",
            (*_HALF_SECOND, *_TWENTY, *_DEEP, *_STEPS),
            documents=3480,
            seconds=180,
            contenders=("sluicegate", *SINGLE_PEERS),
            goals=_STEPPED,
            load=90,
        ),
        Scenario(
            "two",
            "two processes on one quota of 20 calls/s",
            (*_HALF_SECOND, *_TWENTY, *_DEEP),
            documents=1520,
            seconds=76,
            contenders=(*OURS, "script-retries"),
            goals=(
                *_learnt(shares=True, goodput=0.99, waste=0.02),
                *_given(shares=True, goodput=0.99),
            ),
            known_flags=("--requests_per_minute=600",),
            processes=2,
            load=65,
        ),
        Scenario(
            "four",
            "four processes on one quota of 20 calls/s",
            (*_HALF_SECOND, *_TWENTY, *_DEEP),
            documents=1520,
            seconds=76,
            contenders=(*OURS, "script-retries"),
            goals=(
                *_learnt(shares=True, goodput=0.99, waste=0.05),
                *_given(shares=True, goodput=0.99),
            ),
            known_flags=("--requests_per_minute=300",),
            processes=4,
            load=80,
        ),
        Scenario(
            "two-slow",
            "two processes on one quota of 20 calls/s, 5 s latency",
            (*_FIVE_SECONDS, *_TWENTY, *_DEEP),
            documents=1520,
            seconds=76,
            contenders=("sluicegate", "script-retries"),
            goals=_learnt(shares=True, goodput=0.97, waste=0.02),
            processes=2,
            tail_seconds=40,
            load=45,
            standard=False,
        ),
        Scenario(
            "tokens",
            "600,000 tokens a minute, 0.5 s latency",
            (*_HALF_SECOND, f"--tokens-per-minute={_TOKENS_PER_MINUTE}"),
            documents=1100,
            seconds=76,
            contenders=(*OURS, "script-retries", "runinference"),
            goals=_lost_nothing(*OURS),
            known_flags=(f"--tokens_per_minute={_TOKENS_PER_MINUTE}",),
            load=60,
        ),
        Scenario(
            "concurrency",
            "8 calls at a time, 0.5 s latency",
            (*_HALF_SECOND, "--max-concurrency=8"),
            documents=1070,
            seconds=76,
            contenders=("sluicegate", "script-retries", "runinference"),
            goals=_lost_nothing("sluicegate"),
            load=45,
        ),
        Scenario(
            "outage",
            "the server is killed for 60 s and comes back",
            (*_HALF_SECOND, *_TWENTY, *_DEEP),
            documents=2300,
            seconds=115,
            contenders=(*OURS, "script", "script-retries", "runinference"),
            goals=(
                *_lost_nothing(*OURS),
                *(Goal(name, "outage_traffic", at_least=False, bound=0.05) for name in OURS),
            ),
            known_flags=_KNOWN,
            outage_seconds=60,
            outage_after_seconds=80,
            load=45,
        ),
    )
}
