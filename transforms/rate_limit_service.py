"""Envoy's rate limit service, asked for one permit a call: a hard cap across jobs.

Beam's `EnvoyRateLimiter` speaks the same protocol, and this uses its messages, but not the class:
it sleeps in the thread that asks until the window ends, so hundreds of calls in flight would take
as many threads; it retries a dead service in silence for 40 seconds that nothing can cut short; and
it takes a service without a limit for this job as permission. Nor is this `grpc.aio`, of which two
event loops in one process write errors into the log (github.com/grpc/grpc/issues/25364): calls of
the ordinary channel are futures too.

One hit a request: the service counts hits that it refuses, so a batch of which only a part would
fit is lost to the window, and one that is larger than the limit would never be let through.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

import grpc
from apache_beam.io.components import rate_limit_pb2
from google.protobuf.unknown_fields import UnknownFieldSet

from sluicegate.faults import one_line
from sluicegate.log import EventKind, log_event
from sluicegate.pacing.shared_limit import Unreachable

messages: Any = rate_limit_pb2  # made at import: no type checker knows their names

_METHOD = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"
_ANSWER_SECONDS = 5.0  # as Beam's EnvoyRateLimiter waits
# A service of one's own network, in plain text: no HTTP proxy, and no connection that is shared
# with, or given up on by, another channel.
_OPTIONS = (("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1))
# Fields of RateLimitResponse.DescriptorStatus that Beam's messages leave out: which limit held,
# and how much of it is left. A service that has no limit for what it was asked sets neither.
_CURRENT_LIMIT, _LIMIT_REMAINING = 2, 3


@dataclass(frozen=True, slots=True)
class EnvoyRateLimits:
    """Where to ask, and for what. Plain data that travels to the workers.

    The service is asked for the descriptor `model=MODEL` of the domain, in plain gRPC.
    """

    address: str  # HOST:PORT
    domain: str
    model: str
    run_id: str = ""

    def __str__(self) -> str:
        return f"{self.address}, domain {self.domain}, model={self.model}"

    def __call__(self) -> "EnvoyClient":
        """Return a client. Call it on the event loop that will use it; nothing is sent yet."""
        return EnvoyClient(self)


class EnvoyClient:
    """Asks for shared_limit. Scope: one event loop; a connection that fails is made anew."""

    def __init__(self, limits: EnvoyRateLimits) -> None:
        self._limits = limits
        entry = messages.RateLimitDescriptor.Entry(key="model", value=limits.model)
        self._request = messages.RateLimitRequest(
            domain=limits.domain,
            descriptors=[messages.RateLimitDescriptor(entries=[entry])],
            hits_addend=1,
        )
        self._channel: grpc.Channel | None = None
        self._is_limited: bool | None = None

    async def request_permit(self) -> float:
        """Ask for one call: 0.0 if it may be made, else seconds until one may; or Unreachable."""
        channel = self._channel = self._channel or self._connect()
        try:
            answer = await _answer(self._should_rate_limit.future(self._request, _ANSWER_SECONDS))
        except grpc.RpcError as error:
            if channel is self._channel:
                # It may hang on a connection that the network has forgotten.
                await self.close()
            raise self._unreachable(f"{error.code().name}: {error.details()}") from None
        if answer.overall_code == messages.RateLimitResponse.OK:
            self._check_limited(answer)
            return 0.0
        if answer.overall_code == messages.RateLimitResponse.OVER_LIMIT:
            return _until_reset(answer)
        raise self._unreachable(f"it answered neither OK nor OVER_LIMIT: {answer.overall_code}")

    async def close(self) -> None:
        """Close the connection; the next question opens another."""
        channel, self._channel = self._channel, None
        if channel:
            channel.close()

    def _connect(self) -> grpc.Channel:
        channel = grpc.insecure_channel(self._limits.address, options=_OPTIONS)
        self._should_rate_limit = channel.unary_unary(
            _METHOD,
            request_serializer=messages.RateLimitRequest.SerializeToString,
            response_deserializer=messages.RateLimitResponse.FromString,
        )
        return channel

    def _unreachable(self, reason: str) -> Unreachable:
        return Unreachable(f"{self._limits.address}: {one_line(reason)}")

    def _check_limited(self, answer: Any) -> None:
        """Warn once where a permit was given because there is nothing to hold it against."""
        if self._is_limited is not None:
            return
        self._is_limited = any(
            field.field_number in (_CURRENT_LIMIT, _LIMIT_REMAINING)
            for status in answer.statuses
            for field in UnknownFieldSet(status)
        )
        if not self._is_limited:
            log_event(
                EventKind.RATE_LIMIT_MISSING,
                f"the rate limit service names no limit for model={self._limits.model} in the "
                f"domain {self._limits.domain!r}: if it has none, calls are not capped",
                self._limits.run_id,
            )


def _until_reset(answer: Any) -> float:
    """Return the seconds until the last of the limits that were hit begins anew; 1 if unsaid."""
    return (
        max(
            (
                status.duration_until_reset.ToTimedelta().total_seconds()
                for status in answer.statuses
                if status.code == messages.RateLimitResponse.OVER_LIMIT
            ),
            default=0.0,
        )
        or 1.0
    )


async def _answer(call: grpc.Future) -> Any:
    """Await a call that ends on a thread of gRPC's; raises grpc.RpcError."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def end() -> None:
        if not ended.done():
            ended.set_result(None)

    def tell_loop(_: grpc.Future) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(end)

    call.add_done_callback(tell_loop)
    await ended
    return call.result()
