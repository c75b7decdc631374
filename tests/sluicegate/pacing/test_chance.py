"""Rejections by chance, in virtual time: most of what can be had, whatever they come with."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

import pytest

from benchmarks.simulation.chance import Chance, Pool, waves
from benchmarks.simulation.servers import Bucket, Latency, Server
from benchmarks.simulation.virtual_run import Paced, Result, simulate
from sluicegate.pacing.pacer import PacerSettings

SEEDS = range(1, 11)
Serving = Callable[[random.Random], Server]
STEPS = [(0.0, 20.0), (60.0, 8.0), (120.0, 30.0)]


@dataclass(frozen=True)
class Model:
    """A server, its clients, and what is expected after the start, as medians over ten seeds.

    `worst` is the least goodput of any seed: a law that mostly works starves somebody's night.
    """

    server: Serving
    goodput: float
    waste: float
    clients: int = 1
    seconds: float = 90.0
    after: float = 15.0
    share: float = 0.0
    worst: float = 0.0
    per_minute: float | None = None

    def run(self, seed: int) -> Result:
        """Simulate it."""
        settings = PacerSettings(requests_per_minute=self.per_minute)
        clients = [Paced(settings) for _ in range(self.clients)]
        joins = [0.3 * number for number in range(self.clients)]
        server = self.server(random.Random(seed + 100))
        return simulate(server, clients, self.seconds, Latency(), seed=seed, joins=joins)


def chance(share: float, rate: float = 20.0, said: float = 0.0, depth: float = 3.0) -> Serving:
    """Return a bucket of `depth` seconds beside which a share is rejected; `said` in RetryInfo."""
    return lambda rng: Chance(Bucket(rate, depth), share, rng, said)


def in_waves(rates: float | Sequence[tuple[float, float]]) -> Serving:
    """Return a bucket beside which nothing and a fifth are rejected, a minute each."""
    return lambda rng: Chance(Bucket(rates, 3.0), waves(0.2), rng)


# Without a quota: what is in reach of the climb is far less than 120 calls a second.
MODELS = {
    "1 %": Model(chance(0.01), 0.93, 0.04),
    "2 %": Model(chance(0.02), 0.93, 0.06, worst=0.8),
    "5 %": Model(chance(0.05), 0.95, 0.09, worst=0.8),
    "10 %": Model(chance(0.1), 0.95, 0.145, worst=0.8),
    "20 %": Model(chance(0.2), 0.93, 0.255, worst=0.8),
    "10 % that asks for a second": Model(chance(0.1, said=1.0), 0.95, 0.145),
    "10 %, 100 calls a second": Model(chance(0.1, rate=100.0), 0.93, 0.13, seconds=60),
    "10 %, a quota that was given": Model(chance(0.1), 0.85, 0.13, per_minute=1200),
    "5 %, a bucket of a second": Model(chance(0.05, depth=1.0), 0.93, 0.09),
    "10 %, hardly a bucket": Model(chance(0.1, depth=0.1), 0.8, 0.17),
    "5 %, no quota": Model(chance(0.05, rate=120.0), 0.85, 0.08, seconds=40, after=0),
    "20 %, no quota": Model(chance(0.2, rate=120.0), 0.8, 0.24, seconds=40, after=0),
    "waves": Model(in_waves(20.0), 0.9, 0.16, seconds=240, worst=0.8),
    "waves and steps": Model(in_waves(STEPS), 0.92, 0.1, seconds=180, worst=0.8),
    "5 % and steps": Model(
        lambda rng: Chance(Bucket(STEPS, 3.0), 0.05, rng), 0.8, 0.12, seconds=180, after=0
    ),
    "5 %, two clients": Model(chance(0.05), 0.95, 0.13, clients=2, share=0.5),
    "5 %, four clients": Model(chance(0.05), 0.95, 0.17, clients=4, share=0.33),
}


@cache
def results(name: str) -> Sequence[Result]:
    """Run a model with every seed."""
    return [MODELS[name].run(seed) for seed in SEEDS]


@pytest.mark.parametrize("name", MODELS)
def test_chance_is_not_taken_for_a_quota(name: str) -> None:
    """Most of what can be had is had, at little more waste than chance makes."""
    model, runs = MODELS[name], results(name)
    goodput = median(run.goodput(model.after) for run in runs)
    waste = median(run.waste(model.after) for run in runs)
    share = median(run.worst_share(model.after) for run in runs)
    found = f"goodput {goodput:.3f}, waste {waste:.3f}, worst share {share:.2f}"
    assert goodput >= model.goodput, found
    assert waste <= model.waste, found
    assert share >= model.share, found
    assert min(run.goodput(model.after) for run in runs) >= model.worst


def test_a_pool_that_others_fill_is_used_all_the_same() -> None:
    """Where a tenth is rejected whatever one sends, one sends more."""
    rates = []
    for seed in SEEDS:
        pool = Pool(1000.0, lambda _: 1080.0, random.Random(seed))
        result = simulate(pool, [Paced()], 40, Latency(), seed=seed)
        rates.append(result.clients[0].between(20, 40)[0] / 20)
    assert median(rates) >= 20
