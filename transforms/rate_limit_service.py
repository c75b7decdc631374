"""A client of Envoy's rate limit service, for one permit a call: a hard cap across jobs.

Beam's `EnvoyRateLimiter` speaks the same protocol, and this uses its messages, but not the class:
it sleeps in the requesting thread until the window ends, so hundreds of calls in flight would take
as many threads; it retries a dead service silently for 40 seconds, which nothing can interrupt; and
where the service has no limit for this job, it takes that as a permit without a warning. Nor is
this `grpc.aio`: two event loops in one process with it write errors into the log
(github.com/grpc/grpc/issues/25364). Calls of the ordinary channel are futures too.

One hit a request: the service also counts hits over the limit. A batch of hits that fits only in
part would use up the window, and one larger than the limit would never get a permit.
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

messages: Any = rate_limit_pb2  # generated at import: type checkers do not know the names

_METHOD = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"
_ANSWER_SECONDS = 5.0  # as Beam's EnvoyRateLimiter waits
# The service is in one's own network, in plain text: no HTTP proxy, and no connection that another
# channel shares and may close.
_OPTIONS = (("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1))
# Fields of RateLimitResponse.DescriptorStatus that Beam's messages leave out: the limit, and how
# much of it is left. A service that has no limit for the descriptor sets neither.
_CURRENT_LIMIT, _LIMIT_REMAINING = 2, 3


@dataclass(frozen=True, slots=True)
class EnvoyRateLimits:
    """Where permits are requested, and for what. Plain data, pickled for the workers.

    The descriptor is `model=MODEL` of the domain; the protocol is plain gRPC.
    """

    address: str  # HOST:PORT
    domain: str
    model: str
    run_id: str = ""

    def __str__(self) -> str:
        return f"{self.address}, domain {self.domain}, model={self.model}"

    def __call__(self) -> "EnvoyClient":
        """Return a client, on the event loop that will use it; nothing is sent yet."""
        return EnvoyClient(self)


class EnvoyClient:
    """Requests permits. Scope: one event loop. After a failure it connects anew."""

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
        """Return 0.0 if one call may be made, else the seconds until one may.

        Raises Unreachable.
        """
        channel = self._channel = self._channel or self._connect()
        try:
            answer = await _answer(self._should_rate_limit.future(self._request, _ANSWER_SECONDS))
        except grpc.RpcError as error:
            if channel is self._channel:
                # The network may have dropped its connection.
                await self.close()
            raise self._unreachable(f"{error.code().name}: {error.details()}") from None
        if answer.overall_code == messages.RateLimitResponse.OK:
            self._check_limited(answer)
            return 0.0
        if answer.overall_code == messages.RateLimitResponse.OVER_LIMIT:
            return _until_reset(answer)
        raise self._unreachable(f"it answered neither OK nor OVER_LIMIT: {answer.overall_code}")

    async def close(self) -> None:
        """Close the connection; the next request opens another."""
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
        """Warn once where a permit was given because the service has no limit."""
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
    """Return the seconds until the last of the exhausted limits resets; 1 if not given."""
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
    """Return the answer of a call that ends on one of gRPC's threads; raise grpc.RpcError."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def end_on_loop() -> None:
        if not ended.done():
            ended.set_result(None)

    def end(_: grpc.Future) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nothing waits
            loop.call_soon_threadsafe(end_on_loop)

    call.add_done_callback(end)
    await ended
    return call.result()
