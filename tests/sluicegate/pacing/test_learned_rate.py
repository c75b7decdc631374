"""The pacer against every kind of server, on virtual time: full quota, next to no waste."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

import pytest

from benchmarks.simulation.chance import Chance
from benchmarks.simulation.servers import Bucket, Contention, Latency, Server, Slots, Window
from benchmarks.simulation.virtual_run import Client, FixedConcurrency, Paced, Result, simulate
from sluicegate.pacing.pacer import PacerSettings

HALF_A_SECOND = Latency()


@dataclass(frozen=True)
class Model:
    """A server, its clients, and what is expected after the start, as medians over seeds."""

    server: Callable[[int], Server]
    goodput: float
    waste: float
    clients: int = 1
    latency: Latency = HALF_A_SECOND
    seconds: float = 120.0
    after: float = 15.0
    share: float = 0.5
    per_minute: float | None = None
    joins: Sequence[float] = ()

    def run(self, seed: int, make: Callable[[], Client] | None = None) -> Result:
        """Simulate it with the product's pacer, or with another client."""
        settings = PacerSettings(max_in_flight=4000, requests_per_minute=self.per_minute)
        clients = [make() if make else Paced(settings) for _ in range(self.clients)]
        return simulate(
            self.server(seed), clients, self.seconds, self.latency, seed=seed, joins=self.joins
        )

    def meets(self, outcomes: Sequence[Result]) -> str:
        """Return what is not as expected, or nothing."""
        goodput = median(outcome.goodput(self.after) for outcome in outcomes)
        waste = median(outcome.waste(self.after) for outcome in outcomes)
        share = median(outcome.worst_share(self.after) for outcome in outcomes)
        found = f"goodput {goodput:.3f}, waste {waste:.4f}, worst share {share:.2f}"
        good = goodput >= self.goodput and waste <= self.waste and share >= self.share
        return "" if good else found


STEPS = [(0.0, 20.0), (60.0, 8.0), (120.0, 30.0)]
MODELS = {
    "quota known, deep bucket": Model(lambda _: Bucket(20), 0.98, 0.001, per_minute=1200),
    "quota known, shallow": Model(lambda _: Bucket(20, 0.1), 0.98, 0.001, per_minute=1200),
    "bucket of one second": Model(lambda _: Bucket(20), 0.99, 0.02),
    "bucket of three seconds": Model(lambda _: Bucket(20, 3.0), 0.99, 0.02),
    "bucket of a minute": Model(lambda _: Bucket(20, 60.0), 0.99, 0.02, seconds=200, after=90),
    "shallow bucket": Model(lambda _: Bucket(20, 0.1), 0.97, 0.02),
    "fixed windows with RetryInfo": Model(
        lambda _: Window(1200), 0.98, 0.02, seconds=300, after=60
    ),
    "fixed windows, nothing said": Model(
        lambda _: Window(1200, retry_info=False), 0.97, 0.08, seconds=300, after=60
    ),
    "long RetryInfo": Model(
        lambda _: Bucket(20, retry_info=lambda _: 30.0),
        0.8,
        0.005,
        latency=Latency(1.5),
        seconds=1800,
        after=240,
    ),
    "long RetryInfo, deep bucket": Model(
        lambda _: Bucket(20, 3.0, retry_info=lambda _: 30.0),
        0.8,
        0.005,
        latency=Latency(1.5),
        seconds=1800,
        after=240,
    ),
    "true RetryInfo": Model(lambda _: Bucket(20, retry_info=lambda wait: wait), 0.99, 0.02),
    "cap on concurrency": Model(lambda _: Slots(20, Latency().mean), 0.95, 0.01),
    # Found: .81, with a deviation of .03 from seed to seed. Rejections are by chance here: trials
    # that look for it cost four of the six calls in a hundred that are rejected.
    "contention": Model(
        lambda seed: Contention(10, 30, 60, random.Random(seed)), 0.79, 0.07, seconds=180
    ),
    "quota steps": Model(lambda _: Bucket(STEPS), 0.93, 0.03, seconds=180, after=0),
    "latency 0.2 s": Model(lambda _: Bucket(20), 0.99, 0.02, latency=Latency(0.2)),
    "latency 60 s": Model(lambda _: Bucket(20), 0.99, 0.02, latency=Latency(60.0)),
    "heavy tail": Model(lambda _: Bucket(20), 0.99, 0.02, latency=Latency(2.0, 0.8, 0.05)),
    "quota of 1 a second": Model(lambda _: Bucket(1, 10), 0.97, 0.047, seconds=900, after=75),
    "quota of 200 a second": Model(lambda _: Bucket(200, 0.5), 0.97, 0.01, seconds=60),
    "two processes": Model(lambda _: Bucket(20), 0.99, 0.02, clients=2),
    "four processes": Model(lambda _: Bucket(20), 0.99, 0.05, clients=4),
    "four processes, one by one": Model(
        lambda _: Bucket(20), 0.99, 0.07, clients=4, seconds=180, after=75, joins=(0, 20, 40, 60)
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_quota_is_found_and_kept(name: str) -> None:
    """Goodput, waste and the worst share, whatever the server is like."""
    model = MODELS[name]
    assert not model.meets([model.run(seed) for seed in (1, 2, 3)])


@pytest.mark.parametrize("limit", [10, 64])
@pytest.mark.parametrize("name", MODELS)
def test_a_fixed_concurrency_would_fail(name: str, limit: int) -> None:
    """The expectations can fail: what most scripts do meets none of them."""
    model = MODELS[name]
    assert model.meets([model.run(1, lambda: FixedConcurrency(limit))])


@pytest.mark.parametrize("depth", [0.1, 1.0])
def test_the_start_wastes_little(depth: float) -> None:
    """Of the first 75 s, at most 3 % of the calls are rejected."""
    outcomes = [simulate(Bucket(20, depth), [Paced()], 75, seed=seed) for seed in range(1, 8)]
    assert median(outcome.waste() for outcome in outcomes) <= 0.03


@pytest.mark.parametrize("latency", [0.2, 0.5, 5.0])
@pytest.mark.parametrize("rate", [20, 100])
def test_a_given_quota_is_not_exceeded_from_the_first_call_on(rate: float, latency: float) -> None:
    """However small the bucket: at most one call of a thousand is rejected, start included."""
    for seed in range(1, 6):
        given = Paced(PacerSettings(requests_per_minute=60 * rate))
        outcome = simulate(Bucket(rate, 2 / rate), [given], 75, Latency(latency), seed=seed)
        assert outcome.waste() <= 0.001


def test_a_quota_the_server_names_is_kept() -> None:
    """After a 429 that says 1200 a minute there are few others, and an increase is found."""
    outcome = simulate(Bucket(20), [Paced(named=lambda _: 1200)], 120)
    assert outcome.goodput(15) >= 0.98
    assert outcome.waste(15) <= 0.005
    rates = dict(STEPS)
    named = Paced(named=lambda now: 60 * rates[max(since for since in rates if since <= now)])
    outcome = simulate(Bucket(STEPS), [named], 180)
    assert outcome.goodput() >= 0.85
    assert outcome.waste() <= 0.02


def test_a_named_quota_is_shared_all_the_same() -> None:
    """Two processes: the name is that of the whole, and neither starves."""
    clients = [Paced(named=lambda _: 1200), Paced(named=lambda _: 1200)]
    outcome = simulate(Bucket(20), clients, 120)
    assert outcome.goodput(15) >= 0.98
    assert outcome.worst_share(15) >= 0.5


def test_nothing_grows_while_something_else_holds_calls_back() -> None:
    """With two calls in flight at a time the rate stays near what they use."""
    client = Paced(PacerSettings(max_in_flight=2))
    outcome = simulate(Bucket(1000), [client], 300, Latency(1.0))
    used = len(outcome.clients[0].admitted) / 300
    assert client.pacer.requests.rate < 15 * used


def test_clients_of_one_quota_do_not_take_it_for_a_cap_on_concurrency() -> None:
    """Rejections that others cause come at any number in flight, and nobody starves for them."""
    for seed in range(1, 9):
        clients = [Paced(), Paced()]
        outcome = simulate(Bucket(20, 3.0), clients, 60, seed=seed)
        assert [client.pacer.cap_on_concurrency for client in clients] == [math.inf] * 2
        assert outcome.worst_share(15) >= 0.3


def test_shares_are_about_equal_and_cost_little() -> None:
    """Of four clients the worst has three quarters of a fair share on average, within a minute.

    Large steps, cuts after a few rejections by chance, and taking a lull for being alone all make
    unequal shares. Two clients waste 2.1 % of their calls, .6 of it in trials.
    """
    fours, twos = (
        [simulate(Bucket(20), [Paced() for _ in range(n)], 76, seed=seed) for seed in range(1, 21)]
        for n in (4, 2)
    )
    assert mean(outcome.worst_share(15) for outcome in fours) >= 0.73
    assert mean(outcome.waste(15) for outcome in fours) <= 0.048
    assert mean(outcome.worst_share(15) for outcome in twos) >= 0.85
    assert mean(outcome.waste(15) for outcome in twos) <= 0.022


@pytest.mark.parametrize(
    ("rate", "clients", "waste"), [(5.0, 4, 0.28), (10.0, 4, 0.18), (20.0, 8, 0.18), (0.5, 1, 0.25)]
)
def test_slow_clients_do_not_take_a_quota_for_chance(
    rate: float, clients: int, waste: float
) -> None:
    """A few calls in a trial tell nothing: one rejected of two is no chance of a half.

    Found: .20, .14, .15 and .15; with trials at any rate, that believe one rejection, .38, .20,
    .21 and .35.
    """
    outcomes = [
        simulate(Bucket(rate, 3.0), [Paced() for _ in range(clients)], 400, seed=seed)
        for seed in range(1, 13)
    ]
    assert median(outcome.waste(40) for outcome in outcomes) <= waste
    assert median(outcome.goodput(40) for outcome in outcomes) >= 0.95


class Leaving(Paced):
    """A client that has no more work from some second on."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self._until = until

    def admit(self, now: float, draw: float) -> Any:
        """Start a call while there is work."""
        return super().admit(now, draw) if now < self._until else math.inf


def test_what_others_leave_is_taken_over() -> None:
    """When three of four have done their work, the last soon uses all of the quota."""
    outcomes = [
        simulate(Bucket(20), [Paced(), *(Leaving(60) for _ in range(3))], 120, seed=seed)
        for seed in range(1, 10)
    ]
    assert median(outcome.goodput(60, 90) for outcome in outcomes) >= 0.6
    assert median(outcome.goodput(80, 120) for outcome in outcomes) >= 0.97
    assert median(outcome.waste(60) for outcome in outcomes) <= 0.03


class Noisy(Bucket):
    """A bucket that rejects two of a hundred calls besides, whatever their rate."""

    def __init__(self, rate: float, seed: int) -> None:
        super().__init__(rate)
        self._chance = random.Random(seed)

    def admit(self, now: float, in_flight: int) -> bool:
        """Take a call if a token is there and chance agrees."""
        return self._chance.random() >= 0.02 and super().admit(now, in_flight)


def test_a_given_quota_is_not_left_for_chance() -> None:
    """Rejections now and then lower a learned rate, but not one that was given."""
    given = [Paced(PacerSettings(requests_per_minute=1200))]
    assert simulate(Noisy(20, 5), given, 200).goodput(15) >= 0.95


def test_a_given_quota_of_few_calls_is_not_left_for_much_chance() -> None:
    """Of one or two calls a second a fifth is rejected: found .65, without trials .4."""
    for per_minute in (60, 100):
        outcomes = [
            simulate(
                Chance(Bucket(per_minute / 60, 3.0), 0.2, random.Random(seed + 100)),
                [Paced(PacerSettings(requests_per_minute=per_minute))],
                600,
                seed=seed,
            )
            for seed in range(1, 13)
        ]
        assert median(outcome.goodput(15) for outcome in outcomes) >= 0.57
