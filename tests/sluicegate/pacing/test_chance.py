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
STEPS = [(0.0, 20.0), (60.0, 8.0), (120.0, 30.0)]


@dataclass(frozen=True)
class Model:
    """A server, its clients, and what is expected after the start, as medians over ten seeds."""

    server: Callable[[random.Random], Server]
    goodput: float
    waste: float
    clients: int = 1
    seconds: float = 90.0
    after: float = 15.0
    share: float = 0.0
    per_minute: float | None = None

    def run(self, seed: int) -> Result:
        """Simulate it."""
        settings = PacerSettings(requests_per_minute=self.per_minute)
        clients = [Paced(settings) for _ in range(self.clients)]
        joins = [0.3 * number for number in range(self.clients)]
        server = self.server(random.Random(seed + 100))
        return simulate(server, clients, self.seconds, Latency(), seed=seed, joins=joins)


def chance(share: float, rate: float = 20.0, said: float = 0.0) -> Callable[..., Server]:
    """Return a bucket beside which a share is rejected by chance; `said` in RetryInfo."""
    return lambda rng: Chance(Bucket(rate), share, rng, said)


# Without a quota: what is in reach of the climb is far less than 120 calls a second.
MODELS = {
    "1 %": Model(chance(0.01), 0.87, 0.03),
    "2 %": Model(chance(0.02), 0.85, 0.045),
    "5 %": Model(chance(0.05), 0.88, 0.085),
    "10 %": Model(chance(0.1), 0.88, 0.14),
    "20 %": Model(chance(0.2), 0.8, 0.25),
    "10 % that asks for a second": Model(chance(0.1, said=1.0), 0.88, 0.14),
    "10 %, 100 calls a second": Model(chance(0.1, rate=100.0), 0.85, 0.13, seconds=60),
    "10 %, a quota that was given": Model(chance(0.1), 0.85, 0.13, per_minute=1200),
    "5 %, no quota": Model(chance(0.05, rate=120.0), 0.8, 0.08, seconds=40, after=0),
    "20 %, no quota": Model(chance(0.2, rate=120.0), 0.6, 0.24, seconds=40, after=0),
    "waves": Model(lambda rng: Chance(Bucket(20), waves(0.2), rng), 0.75, 0.15, seconds=180),
    "5 % and steps": Model(
        lambda rng: Chance(Bucket(STEPS), 0.05, rng), 0.75, 0.12, seconds=180, after=0
    ),
    "5 %, two clients": Model(chance(0.05), 0.92, 0.11, clients=2, share=0.45),
    "5 %, four clients": Model(chance(0.05), 0.87, 0.12, clients=4, share=0.4),
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


def test_a_pool_that_others_fill_is_used_all_the_same() -> None:
    """Where a tenth is rejected whatever one sends, one sends more."""
    rates = []
    for seed in SEEDS:
        pool = Pool(1000.0, lambda _: 1080.0, random.Random(seed))
        result = simulate(pool, [Paced()], 40, Latency(), seed=seed)
        rates.append(result.clients[0].between(20, 40)[0] / 20)
    assert median(rates) >= 20
