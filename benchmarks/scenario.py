"""What a scenario is: how the server behaves, who runs side by side, and what is to be reached."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Server:
    """How the stand-in behaves: a latency's median, what a 429 leaves out, and its faults."""

    latency: float = 0.5
    silences: tuple[str, ...] = ("--no-quota-failure",)
    faults: tuple[str, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """The stand-in's flags for it; latencies are lognormal."""
        faults = (f"--fault={fault}" for fault in self.faults)
        return (f"--latency={self.latency:g}", "--latency-sigma=0.5", *self.silences, *faults)


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

    ``chance`` is the share of calls that is rejected however slowly they are sent, over the run.

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
    chance: float = 0.0
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


# As Vertex AI answers: not even when to come back.
SILENT = Server(silences=("--no-quota-failure", "--no-retry-info", "--no-help-link"))

# 20 calls a second, of which a bucket saves up 3 s; no Sluicegate is told.
UNTOLD = Quota(("--requests-per-minute=1200", "--burst=60"))
STEPS = Quota((*UNTOLD.flags, "--requests-schedule=60=480,120=1800"))
