"""What is measured by default or by name: servers, quotas and peers, a row each."""

from collections.abc import Mapping
from dataclasses import replace

from benchmarks.chance import BY_CHANCE
from benchmarks.goals import STEPPED, given, learnt, lost_nothing
from benchmarks.peers.catalogue import OTHERS, OURS, SINGLE_OTHERS
from benchmarks.scenario import SILENT, STEPS, UNTOLD, Goal, Quota, Scenario, Server

_PLAIN = Server()
_SLOW = Server(latency=5)
# A 429 that names its quota of calls leaves nothing to learn: of those, only `named` have such.
_NAMING = Server(silences=())

# 20 calls a second, of which a bucket saves up 3 s or .1 s.
_DEEP = Quota(UNTOLD.flags, ("--requests_per_minute=1200",))
_SHALLOW = replace(_DEEP, flags=("--requests-per-minute=1200", "--burst=2"))
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
    (*learnt(), *given()),
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
        quota=UNTOLD,
        peers=_ONE_SCRIPT,
        goals=learnt(goodput=0.98, waste=0.001),
        load=45,
        standard=False,
    ),
    Scenario(
        "named-steps",
        "as steps, but each 429 names the quota",
        _NAMING,
        STEPS,
        _ONE_SCRIPT,
        STEPPED,
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
        server=SILENT,
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
        server=SILENT,
        standard=False,
    ),
    Scenario(
        "steps",
        "20, then 8, then 30 calls/s, a minute each",
        _PLAIN,
        STEPS,
        ("sluicegate", *SINGLE_OTHERS),
        STEPPED,
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
        (*learnt(shares=True, goodput=0.99), *given(shares=True, goodput=0.99)),
        processes=2,
        load=65,
    ),
    Scenario(
        "four",
        "four processes on one quota of 20 calls/s",
        _PLAIN,
        replace(_DEEP, given=("--requests_per_minute=300",)),
        (*OURS, "script-retries"),
        (*learnt(shares=True, goodput=0.99, waste=0.05), *given(shares=True, goodput=0.99)),
        processes=4,
        load=80,
    ),
    Scenario(
        "two-slow",
        "two processes on one quota of 20 calls/s, 5 s latency",
        _SLOW,
        UNTOLD,
        _ONE_SCRIPT,
        learnt(shares=True),
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
        lost_nothing(*OURS),
        documents=1100,
        load=60,
    ),
    Scenario(
        "concurrency",
        "8 calls at a time, 0.5 s latency",
        _NAMING,
        _CONCURRENCY,
        (*_ONE_SCRIPT, "runinference"),
        lost_nothing("sluicegate"),
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
            *lost_nothing(*OURS),
            *(Goal(name, "outage_traffic", at_least=False, bound=0.05) for name in OURS),
        ),
        documents=2300,
        seconds=115,
        outage_seconds=60,
        outage_after_seconds=80,
        load=45,
    ),
)
SCENARIOS: Mapping[str, Scenario] = {each.name: each for each in (*_TABLE, *BY_CHANCE)}
