"""The pacer alone in virtual time, against servers that no minutes on a machine are enough for.

    make bench BENCH_ARGS='--scenario overload,chance-simulated'

Minutes become milliseconds, and the same seed gives the same run. Rejections come without details,
as Vertex AI sends them.
"""

import datetime as dt
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import machine
from benchmarks.measures import FIRST_SECONDS, START_SECONDS
from benchmarks.simulation.chance import Chance
from benchmarks.simulation.servers import Bucket, Contention, Latency, Server
from benchmarks.simulation.virtual_run import Client, FixedConcurrency, Paced, simulate

_SEED = 1


@dataclass(frozen=True, slots=True)
class Simulated:
    """A server, how many seconds it is called, and over how many a point of the plot is a mean."""

    name: str
    title: str
    server: Callable[[random.Random], Server]
    described: str
    seconds: int
    step: int

    def measure(self, seconds: int | None = None) -> dict[str, Any]:
        """Return the result in the form in which results are stored."""
        clients: dict[str, tuple[str, Client]] = {
            "sluicegate": ("Sluicegate's pacer", Paced()),
            "fixed-10": ("10 at a time, again after 1 s", FixedConcurrency(10)),
            "fixed-40": ("40 at a time, again after 1 s", FixedConcurrency(40)),
        }
        return {
            "scenario": self.name,
            "title": self.title,
            "documents": 0,
            "server": f"benchmarks.simulation.{self.described}, seed {_SEED}",
            "measured": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "repeated": 1,
            "cores_busy": None,
            "waiting": None,
            "machine": machine.describe(),
            "contenders": {
                name: {
                    "title": title,
                    "command": f"python -m benchmarks --scenario {self.name}  # {title}",
                    "error": "",
                    **_run(self, client, seconds or self.seconds),
                }
                for name, (title, client) in clients.items()
            },
        }


def _run(scenario: Simulated, client: Client, seconds: int) -> dict[str, Any]:
    server, step = scenario.server(random.Random(_SEED)), scenario.step
    outcome = simulate(server, [client], seconds, Latency(), seed=_SEED)
    (traffic,) = outcome.clients
    figures = {
        "goodput": outcome.goodput(),
        "goodput_later": outcome.goodput(START_SECONDS),
        "waste": outcome.waste(),
        "waste_first": outcome.waste(0.0, FIRST_SECONDS),
        "waste_later": outcome.waste(START_SECONDS),
    }
    starts = range(0, seconds, step)
    series = {
        "at": 0.0,
        "step": step,
        "admitted": [_rate(traffic.admitted, start, step) for start in starts],
        "rejected": [_rate(traffic.rejected, start, step) for start in starts],
        "quota": [(start, server.capacity(start, start + step) / step) for start in starts],
    }
    plain = {
        name: None if math.isnan(value) else round(value, 5) for name, value in figures.items()
    }
    return {"figures": plain, "runs": [plain], "series": [series]}


def _rate(moments: list[float], start: int, step: int) -> float:
    """Return how many of the moments a second lie in a step of the plot."""
    return sum(start <= moment < start + step for moment in moments) / step


_TABLE = (
    Simulated(
        "overload",
        "half an hour on shared capacity, 5 to 30 calls/s, simulated: the pacer alone",
        lambda chance: Contention(5.0, 30.0, 600.0, chance),
        "servers.Contention(5, 30, 600)",
        seconds=1800,
        step=10,
    ),
    Simulated(
        "chance-simulated",
        "20 calls/s, and a tenth rejected by chance besides, simulated: the pacer alone",
        lambda chance: Chance(Bucket(20.0), 0.1, chance),
        "chance.Chance(servers.Bucket(20), .1)",
        seconds=120,
        step=1,
    ),
)
SIMULATED: Mapping[str, Simulated] = {each.name: each for each in _TABLE}
