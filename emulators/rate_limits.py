"""A stand-in for Envoy's rate limit service: the v3 protocol over gRPC, counters in memory.

It counts as the reference implementation (github.com/envoyproxy/ratelimit) does:

- windows are fixed and begin with the clock's units: a second, a minute, an hour, a day;
- every hit is counted, the refused ones too;
- `duration_until_reset` is in whole seconds, rounded up; one for a limit of seconds, always;
- what no rule is about is OK, without a `current_limit`;
- a request without a domain is an error, UNKNOWN.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import grpc

from emulators.loopback import free_port
from emulators.rate_limit_messages import OK, OVER_LIMIT, UNITS, RateLimitRequest, RateLimitResponse
from emulators.server import LoopbackServer

_SERVICE = "envoy.service.ratelimit.v3.RateLimitService"
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in each `unit`: second, minute, hour or day."""

    requests_per_unit: int
    unit: str


class Hit(NamedTuple):
    """One answer: when (Unix time), in which window, and whether it was a permit."""

    at: float
    window: int
    permitted: bool


class RateLimitEndpoint(LoopbackServer):
    """Serves `rules` on the loopback; `address` is what `--rate_limit_service` takes.

    A rule is (domain, key, value): a limit; the value "" is about all values, each counted for
    itself. `hits` has what was answered. With `refuse_with` all get that status instead, with
    `overall_code` an answer that has this code and nothing else. `stop` and `start` end and begin
    it on the same port.
    """

    def __init__(
        self,
        rules: dict[tuple[str, str, str], Limit],
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(free_port())
        self.rules, self._now = rules, now
        self.hits: list[Hit] = []
        self.asked = threading.Event()  # set by each request
        self.refuse_with: grpc.StatusCode | None = None
        self.overall_code: int | None = None
        self._counters: Counter[tuple[str, str, str, int]] = Counter()
        self._lock = threading.Lock()
        self._server: Any = None

    @property
    def permits(self) -> list[Hit]:
        """The hits that were permitted, in order."""
        return [hit for hit in self.hits if hit.permitted]

    def _begin(self) -> None:
        handler = grpc.unary_unary_rpc_method_handler(
            self._should_rate_limit,
            request_deserializer=RateLimitRequest.FromString,
            response_serializer=RateLimitResponse.SerializeToString,
        )
        # Without SO_REUSEPORT nobody else can be given the port's connections.
        self._server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
        handlers = grpc.method_handlers_generic_handler(_SERVICE, {"ShouldRateLimit": handler})
        self._server.add_generic_rpc_handlers((handlers,))
        self._server.add_insecure_port(self.address)
        self._server.start()

    def _end(self) -> None:
        self._server.stop(None).wait()

    def _should_rate_limit(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.asked.set()
        if self.refuse_with:
            context.abort(self.refuse_with, "told to refuse")
        if self.overall_code is not None:
            return RateLimitResponse(overall_code=self.overall_code)
        if not request.domain:
            context.abort(grpc.StatusCode.UNKNOWN, "rate limit domain must not be empty")
        with self._lock:
            return self._count(request)

    def _count(self, request: Any) -> Any:
        now, response = self._now(), RateLimitResponse(overall_code=OK)
        window = int(now)
        for descriptor in request.descriptors:
            entry = descriptor.entries[0]
            named = (request.domain, entry.key, entry.value)
            limit = self.rules.get(named) or self.rules.get((request.domain, entry.key, ""))
            status = response.statuses.add(code=OK)
            if not limit or len(descriptor.entries) > 1:
                continue
            seconds = _SECONDS[limit.unit]
            window = int(now) // seconds
            self._counters[*named, window] += max(1, request.hits_addend)
            left = limit.requests_per_unit - self._counters[*named, window]
            status.current_limit.requests_per_unit = limit.requests_per_unit
            status.current_limit.unit = UNITS[limit.unit]
            status.limit_remaining = max(0, left)
            status.duration_until_reset.seconds = seconds - int(now) % seconds
            if left < 0:
                status.code = response.overall_code = OVER_LIMIT
        self.hits.append(Hit(now, window, response.overall_code == OK))
        return response
