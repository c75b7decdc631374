"""The client of Envoy's rate limit service, over real gRPC."""

import asyncio
import logging
import pickle
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import grpc
import pytest

from emulators.loopback import HOST, free_port
from emulators.rate_limits import RateLimitEndpoint
from sluicegate.log import Event
from sluicegate.pacing.shared_limit import Unreachable
from tests.rate_limits.conftest import DOMAIN, MODEL, RATE
from transforms.rate_limit_service import EnvoyClient, EnvoyRateLimits

Ask = Callable[[EnvoyClient], Coroutine[Any, Any, Any]]


def asking(address: str, ask: Ask, model: str = MODEL, domain: str = DOMAIN) -> Any:
    """Run what asks on a loop of its own, and close the client."""

    async def work() -> Any:
        client = pickle.loads(pickle.dumps(EnvoyRateLimits(address, domain, model, "r1")))()
        try:
            return await ask(client)
        finally:
            await client.close()

    return asyncio.run(work())


async def ask_often(client: EnvoyClient, times: int = 8) -> list[float]:
    """Ask one after the other."""
    return [await client.request_permit() for _ in range(times)]


def test_a_limit_is_given_out_and_then_refused(service: str) -> None:
    """Five permits of an hour's five; then the seconds until the hour ends."""
    found = asking(service, ask_often, "five-an-hour")
    assert found[:5] == [0.0] * 5
    assert all(0 < seconds <= 3600 for seconds in found[5:])


def test_several_may_be_asked_for_at_once(service: str) -> None:
    """Questions do not wait for each other's answers, and each counts once."""

    async def ask(client: EnvoyClient) -> list[float]:
        return list(await asyncio.gather(*(client.request_permit() for _ in range(16))))

    assert asking(service, ask, "five-an-hour").count(0.0) == 5


def test_a_limit_of_seconds_ends_within_one(service: str) -> None:
    """The service rounds up: what is refused says one second, always."""
    found = asking(service, lambda client: ask_often(client, 3 * RATE + 5))
    assert RATE <= found.count(0.0) < len(found)
    assert set(found) == {0.0, 1.0}


def test_no_permits_at_all_is_a_refusal(service: str) -> None:
    """A limit of 0 gives none."""
    (seconds,) = asking(service, lambda client: ask_often(client, 1), "none")
    assert 0 < seconds <= 86_400


@pytest.mark.parametrize(
    ("model", "domain", "warned"), [("other", DOMAIN, 1), (MODEL, "typo", 1), (MODEL, DOMAIN, 0)]
)
def test_a_cap_that_is_none_is_said_once(
    service: str, model: str, domain: str, warned: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Envoy permits what it has no limit for: a typing error would lift the cap in silence."""
    assert 0.0 in asking(service, lambda client: ask_often(client, 3), model, domain)
    lines = [record.msg for record in caplog.records if isinstance(record.msg, Event)]
    assert [line.facts["event"] for line in lines] == ["rate_limit_missing"] * warned
    for line in lines:
        assert model in line.sentence
        assert domain in line.sentence
        assert line.facts["run_id"] == "r1"


def test_an_empty_domain_is_an_error_of_the_services(service: str) -> None:
    """What the service says is said, with its address."""
    with pytest.raises(Unreachable, match=f"{service}: UNKNOWN: .*domain"):
        asking(service, lambda client: client.request_permit(), domain="")


@pytest.mark.parametrize(
    "status", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.UNKNOWN]
)
def test_every_other_status_is_no_permit(
    stand_in: RateLimitEndpoint, status: grpc.StatusCode
) -> None:
    """Whatever it is that answers, and however: only OK is a permit."""
    stand_in.refuse_with = status
    with pytest.raises(Unreachable, match=status.name):
        asking(stand_in.address, lambda client: client.request_permit())


def test_an_answer_without_a_code_is_no_permit(stand_in: RateLimitEndpoint) -> None:
    """UNKNOWN is a code of the protocol too."""
    stand_in.overall_code = 0
    with pytest.raises(Unreachable, match="neither OK nor OVER_LIMIT"):
        asking(stand_in.address, lambda client: client.request_permit())


def test_a_refusal_without_a_time_is_for_a_second(stand_in: RateLimitEndpoint) -> None:
    """Other services of the same protocol may leave the time out."""
    stand_in.overall_code = 2
    assert asking(stand_in.address, lambda client: client.request_permit()) == 1.0


def test_a_service_that_restarts_is_found_again(stand_in: RateLimitEndpoint) -> None:
    """A connection that broke is made anew by the next question."""

    async def ask(client: EnvoyClient) -> list[float]:
        before = await client.request_permit()
        await asyncio.to_thread(stand_in.stop)
        for _ in range(3):
            with pytest.raises(Unreachable, match="UNAVAILABLE"):
                await client.request_permit()
        await asyncio.to_thread(stand_in.start)
        return [before, await client.request_permit()]

    assert asking(stand_in.address, ask) == [0.0, 0.0]


def test_a_service_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that takes connections and never answers is no answer, in bounded time."""
    monkeypatch.setattr("transforms.rate_limit_service._ANSWER_SECONDS", 0.2)
    with socket.create_server((HOST, 0)) as silent:
        address = f"{HOST}:{silent.getsockname()[1]}"
        with pytest.raises(Unreachable, match=f"{address}: DEADLINE_EXCEEDED"):
            asking(address, lambda client: client.request_permit())


def test_nobody_there_is_said_with_the_address() -> None:
    """The sentence has what somebody needs to mend it, on one line."""
    address = f"{HOST}:{free_port()}"
    with pytest.raises(Unreachable, match=f"{address}: UNAVAILABLE: .*refused") as caught:
        asking(address, lambda client: client.request_permit())
    assert "\n" not in str(caught.value)


def test_a_proxy_of_the_environment_is_not_used(
    stand_in: RateLimitEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service is in one's own network."""
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, f"http://{HOST}:{free_port()}")
    monkeypatch.setenv("no_proxy", "")
    assert asking(stand_in.address, lambda client: client.request_permit()) == 0.0


def test_a_question_that_is_given_up_leaves_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A cancelled call ends at once; the loop hears no more of it."""

    async def ask(client: EnvoyClient) -> None:
        question = asyncio.ensure_future(client.request_permit())
        await asyncio.sleep(0)
        question.cancel()
        await asyncio.wait([question])
        assert question.cancelled()

    with socket.create_server((HOST, 0)) as silent:
        caplog.set_level(logging.ERROR)
        asking(f"{HOST}:{silent.getsockname()[1]}", ask)
    assert not caplog.records
