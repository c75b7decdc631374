"""Half an hour of overload in virtual time: shared capacity that others use too, and wander with.

    make bench BENCH_ARGS='--scenario overload'

The simulator of `benchmarks.simulation` runs the pacer alone, not the pipeline: minutes become
milliseconds, and the same seed gives the same run. The server rejects by chance, the more the
further the load is over what is left, without details, as Vertex AI does.
"""

import datetime as dt
import math
import random
from typing import Any

from benchmarks import machine
from benchmarks.measures import FIRST_SECONDS, START_SECONDS
from benchmarks.simulation.servers import Contention, Latency
from benchmarks.simulation.virtual_run import Client, FixedConcurrency, Paced, simulate

NAME = "overload"
TITLE = "half an hour on shared capacity, 5 to 30 calls/s, simulated: the pacer alone"
_SECONDS = 1800
_LOW, _HIGH, _PERIOD_SECONDS = 5.0, 30.0, 600.0
_SEED = 1
# A point of the plot is a mean over so many seconds.
_STEP_SECONDS = 10


def measure(seconds: int = _SECONDS) -> dict[str, Any]:
    """Return the result of the simulation in the form in which results are stored."""
    clients: dict[str, tuple[str, Client]] = {
        "sluicegate": ("Sluicegate's pacer", Paced()),
        "fixed-10": ("10 at a time, again after 1 s", FixedConcurrency(10)),
        "fixed-40": ("40 at a time, again after 1 s", FixedConcurrency(40)),
    }
    return {
        "scenario": NAME,
        "title": TITLE,
        "documents": 0,
        "server": f"benchmarks.simulation.servers.Contention({_LOW:g}, {_HIGH:g}, "
        f"{_PERIOD_SECONDS:g}), seed {_SEED}",
        "measured": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "repeated": 1,
        "cores_busy": None,
        "waiting": None,
        "machine": machine.describe(),
        "contenders": {
            name: {
                "title": title,
                "command": f"python -m benchmarks --scenario {NAME}  # {title}",
                "error": "",
                **_run(client, seconds),
            }
            for name, (title, client) in clients.items()
        },
    }


def _run(client: Client, seconds: int) -> dict[str, Any]:
    server = Contention(_LOW, _HIGH, _PERIOD_SECONDS, random.Random(_SEED))
    outcome = simulate(server, [client], seconds, Latency(), seed=_SEED)
    (traffic,) = outcome.clients
    figures = {
        "goodput": outcome.goodput(),
        "goodput_later": outcome.goodput(START_SECONDS),
        "waste": outcome.waste(),
        "waste_first": outcome.waste(0.0, FIRST_SECONDS),
        "waste_later": outcome.waste(START_SECONDS),
    }
    starts = range(0, seconds, _STEP_SECONDS)
    series = {
        "at": 0.0,
        "step": _STEP_SECONDS,
        "admitted": [_rate(traffic.admitted, start) for start in starts],
        "rejected": [_rate(traffic.rejected, start) for start in starts],
        "quota": [
            (start, server.capacity(start, start + _STEP_SECONDS) / _STEP_SECONDS)
            for start in starts
        ],
    }
    plain = {
        name: None if math.isnan(value) else round(value, 5) for name, value in figures.items()
    }
    return {"figures": plain, "runs": [plain], "series": [series]}


def _rate(moments: list[float], start: int) -> float:
    """Return how many of the moments a second lie in a step of the plot."""
    return sum(start <= moment < start + _STEP_SECONDS for moment in moments) / _STEP_SECONDS
