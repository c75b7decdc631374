"""The stand-in knows what came in when, whose quota it used and which quota was in force."""

import contextlib
import json
from typing import Any

import pytest
from google.genai import errors

from emulators.gemini import Behaviour, FaultRule, GeminiEndpoint
from emulators.gemini.accounts import Account, Accounts
from emulators.gemini.timeline import Timeline, Trace
from emulators.loopback import Loopback
from tests.emulators.asking import developer, extract


def knock(account: Account, now: float, *, caller: str = "key", document: int = 1) -> bool:
    """Call once, and return whether the call was admitted."""
    visit = account.arrive(caller, document, now)
    if account.admit(now) is not None:
        visit.reject()
        return False
    account.enter(visit)
    return True


def series(account: Account, now: float, caller: str = "key") -> dict[str, Any]:
    """Return what one caller's timeline says."""
    timeline = account.as_json(now)
    assert timeline is not None
    return dict(timeline["callers"][caller])


def test_calls_are_counted_by_the_time_of_their_arrival() -> None:
    """Whatever becomes of a call later is counted in the tenth of a second in which it came."""
    trace = Trace(100.0)
    first, second = trace.arrive(100.05, 1), trace.arrive(100.31, 2)
    first.admit()
    second.reject()
    first.charge(7)
    first.answer(102.05)
    first.leave(102.05)
    third = trace.arrive(100.38, 3)
    third.admit()
    third.fail()
    found = trace.as_json()
    assert found["received"] == [1, 0, 0, 2]
    assert found["admitted"] == [1, 0, 0, 1]
    assert found["rejected"] == [0, 0, 0, 1]
    assert found["failed"] == [0, 0, 0, 1]
    assert found["tokens"] == [7, 0, 0, 0]
    assert found["busy"] == [2.0, 0, 0, 0]
    assert (found["documents"], found["latencies"]) == (3, [2.0])


def test_a_documents_latency_begins_with_its_first_call() -> None:
    """A document that was rejected, and asked again, has waited since its first arrival."""
    trace = Trace(0.0)
    trace.arrive(1.0, 5).reject()
    trace.arrive(4.0, 5).answer(6.5)
    assert trace.as_json()["latencies"] == [5.5]
    assert trace.as_json()["documents"] == 1


def test_an_endless_run_does_not_grow_the_timeline() -> None:
    """After an hour of bins, calls are counted as lying beyond, and still have a latency."""
    trace = Trace(0.0)
    late = trace.arrive(1e9, 1)
    late.admit()
    late.answer(1e9 + 1)
    found = trace.as_json()
    assert len(found["received"]) == 36_000
    assert found["beyond"] == 1
    assert sum(found["received"]) == sum(found["admitted"]) == 0
    assert found["latencies"] == [1.0]


def test_too_many_callers_are_counted_together() -> None:
    """A timeline keeps a hundred callers apart and no more."""
    timeline = Timeline(0.0, 0.0)
    for number in range(150):
        timeline.trace(f"key-{number}").arrive(0.0, number)
    callers = timeline.as_json(1.0)["callers"]
    assert len(callers) == 101
    assert sum(callers["(others)"]["received"]) == 50


def test_projects_have_quotas_of_their_own_and_keys_of_one_share_it() -> None:
    """Key a.2 finds the quota used that a.1 has used up; key b does not."""
    accounts = Accounts(Behaviour(requests_per_minute=60, burst=1, quota_per_project=True))
    assert knock(accounts.of("a.1"), 0.0, caller="a.1")
    assert not knock(accounts.of("a.2"), 0.0, caller="a.2")
    assert knock(accounts.of("b"), 0.0, caller="b")
    timelines = accounts.as_json(1.0)
    assert set(timelines) == {"a", "b"}
    assert set(timelines["a"]["callers"]) == {"a.1", "a.2"}


def test_all_keys_share_one_quota_unless_told_otherwise() -> None:
    """Without quotas for each project there is one for everybody."""
    accounts = Accounts(Behaviour(requests_per_minute=60, burst=1))
    assert knock(accounts.of("a"), 0.0)
    assert not knock(accounts.of("b"), 0.0)


def test_a_schedule_changes_the_quota_and_saves_nothing_up() -> None:
    """From its second on another rate holds, and the timeline says since when."""
    behaviour = Behaviour(requests_per_minute=600, burst=5, requests_schedule="10=60,20=1200")
    account = Accounts(behaviour).of("key")
    admitted = [0, 0, 0]
    for tick in range(3000):
        admitted[tick // 1000] += knock(account, 100 + tick / 100)
    assert admitted == pytest.approx([105, 10, 200], abs=2)
    timeline = account.as_json(130.0)
    assert timeline is not None
    limits = [(each["since"], each["limits"]["requests_per_minute"]) for each in timeline["quota"]]
    assert limits == [(0.0, 600), (10.0, 60), (20.0, 1200)]


@pytest.mark.parametrize("text", ["60", "a=1", "60=", "-1=60", "10=0"])
def test_a_senseless_schedule_is_refused(text: str) -> None:
    """Seconds and calls are numbers that make sense, or the behaviour does not come about."""
    with pytest.raises(ValueError, match="requests_schedule"):
        Behaviour(requests_per_minute=60, requests_schedule=text)


def test_a_schedule_needs_a_quota_to_change() -> None:
    """A schedule without a first quota is refused."""
    with pytest.raises(ValueError, match="give both"):
        Behaviour(requests_schedule="1=60")


def test_a_change_of_quota_leaves_calls_in_flight() -> None:
    """What is in flight when the behaviour changes still counts against the new limit."""
    accounts = Accounts(Behaviour(max_concurrency=2))
    account = accounts.of("key")
    assert knock(account, 0.0)
    accounts.behave(Behaviour(max_concurrency=1))
    assert not knock(account, 1.0)
    timeline = account.as_json(1.0)
    assert timeline is not None
    assert [each["limits"]["max_concurrency"] for each in timeline["quota"]] == [2, 1]


def test_forgetting_begins_the_timeline_with_the_next_call() -> None:
    """After a reset the first bin is that of the next call; calls in flight count on."""
    accounts = Accounts(Behaviour(max_concurrency=1))
    account = accounts.of("key")
    assert knock(account, 0.0)
    accounts.forget()
    assert accounts.as_json(1.0) == {}
    assert not knock(account, 50.0)
    assert series(account, 50.0)["received"] == [1]


def test_the_timeline_is_read_over_http() -> None:
    """Real calls of two projects show up with their counts, tokens and latencies."""
    behaviour = Behaviour(
        latency=0.05, requests_per_minute=60, burst=1, quota_per_project=True, retry_info=False
    )
    with GeminiEndpoint(behaviour, reader="canned") as endpoint:
        extract(developer(endpoint, key="a.1"))
        extract(developer(endpoint, key="b"))
        with pytest.raises(errors.ClientError, match="429"):
            extract(developer(endpoint, key="a.2"))
        with Loopback(int(endpoint.url.rpartition(":")[2])) as connection:
            found = connection.get_json("/_control/timeline")
    assert set(found) == {"a", "b"}
    first, second = found["a"]["callers"]["a.1"], found["a"]["callers"]["a.2"]
    assert (sum(first["received"]), sum(first["admitted"]), sum(first["rejected"])) == (1, 1, 0)
    assert (sum(second["received"]), sum(second["admitted"]), sum(second["rejected"])) == (1, 0, 1)
    assert sum(first["tokens"]) > 258
    assert sum(first["busy"]) >= 0.05
    assert first["latencies"][0] >= 0.05
    assert second["latencies"] == []
    assert found["a"]["quota"][0]["limits"]["requests_per_minute"] == 60
    assert json.dumps(found["b"]["callers"]["b"]["received"]) == "[1]"


def counted(*rules: FaultRule, calls: int) -> tuple[dict[str, int], dict[str, Any]]:
    """Call so often under a quota of a single call; return the timeline's sums and the counts."""
    behaviour = Behaviour(requests_per_minute=1, burst=1, faults=rules)
    with GeminiEndpoint(behaviour, reader="canned") as endpoint:
        for _ in range(calls):
            with contextlib.suppress(errors.APIError):
                extract(developer(endpoint))
        with Loopback(int(endpoint.url.rpartition(":")[2])) as connection:
            caller = next(iter(connection.get_json("/_control/timeline")[""]["callers"].values()))
        names = ("received", "admitted", "rejected", "failed")
        return {name: sum(caller[name]) for name in names}, endpoint.stats()


def test_a_rejection_by_chance_uses_nothing_of_the_quota() -> None:
    """Three are rejected by chance, and the fourth finds the one call that is allowed."""
    found, stats = counted(FaultRule(fault="http_429", chance=1.0, next=3), calls=5)
    assert found == {"received": 5, "admitted": 1, "rejected": 4, "failed": 0}
    assert stats["by_fault"] == {"http_429": 3}
    assert stats["by_quota"] == {"requests_per_minute": 1}


def test_a_wave_begins_with_its_projects_first_call() -> None:
    """Each project has its own first span, and after a change of behaviour a new one."""
    accounts = Accounts(Behaviour(quota_per_project=True))
    for name, first in (("a", 100.0), ("b", 150.0)):
        knock(accounts.of(name), first)
    knock(accounts.of("a"), 170.0)
    assert [accounts.of(name).seconds(170.0) for name in ("a", "b", "c")] == [70.0, 20.0, 0.0]
    accounts.behave(Behaviour(quota_per_project=True))
    knock(accounts.of("a"), 180.0)
    assert accounts.of("a").seconds(185.0) == 5.0
    found, _ = counted(FaultRule(fault="http_429", chance=1.0, wave=3600), calls=1)
    assert found["admitted"] == 1


def test_an_overloaded_model_is_counted_as_failed() -> None:
    """A 503 by chance was admitted, has used the quota, and brought nothing."""
    found, stats = counted(FaultRule(fault="http_503", chance=1.0), calls=2)
    assert found == {"received": 2, "admitted": 1, "rejected": 1, "failed": 1}
    assert stats["by_fault"] == {"http_503": 1}
    assert stats["by_status"] == {"429": 1, "503": 1}


def test_a_changed_behaviour_is_in_the_timeline() -> None:
    """A quota set at run time is noted with the moment from which it held."""
    with GeminiEndpoint(Behaviour(requests_per_minute=600), reader="canned") as endpoint:
        extract(developer(endpoint))
        with Loopback(int(endpoint.url.rpartition(":")[2])) as connection:
            connection.send_json("POST", "/_control/behaviour", {"requests_per_minute": 300})
            extract(developer(endpoint), b"%PDF another")
            found = connection.get_json("/_control/timeline")
    quota = found[""]["quota"]
    assert [each["limits"]["requests_per_minute"] for each in quota] == [600, 300]
    assert quota[1]["since"] > 0
