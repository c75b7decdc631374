"""Envoy's own rate limit service with its Redis, where both programs are on this machine."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from emulators.loopback import HOST, free_port
from emulators.process import ServerProcess, start_server

REDIS = ("redis-server", "valkey-server")
SERVICE = "ratelimit"


def programs() -> tuple[str, str]:
    """Return the paths of Redis and of the service, or skip the test."""
    redis = next(filter(None, map(shutil.which, REDIS)), None)
    service = shutil.which(SERVICE)
    if not redis or not service:
        pytest.skip(f"{SERVICE} and {' or '.join(REDIS)} are not both on PATH")
    return redis, service


@contextmanager
def running(folder: Path, limits: dict[str, tuple[int, str]], domain: str) -> Iterator[str]:
    """Run the service with limits by model; yield HOST:PORT. All is ended, and reaped, at exit."""
    redis, service = programs()
    rules = [
        {"key": "model", "value": model, "rate_limit": {"requests_per_unit": number, "unit": unit}}
        for model, (number, unit) in limits.items()
    ]
    config = folder / "limits" / "config"
    config.mkdir(parents=True)
    (config / "limits.yaml").write_text(yaml.safe_dump({"domain": domain, "descriptors": rules}))
    store, http, grpc, debug = (free_port() for _ in range(4))
    keep_nothing = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    counters = ServerProcess(
        "Redis",
        [redis, "--bind", HOST, "--port", str(store), *keep_nothing],
        port=store,
        log=folder / "redis.log",
    )
    try:
        wait_for_listener(counters)
        server = start_server(
            "Envoy's rate limit service",
            [service],
            port=http,
            log=folder / "ratelimit.log",
            ready="/healthcheck",
            environment={
                "HOST": HOST,
                "GRPC_HOST": HOST,
                "DEBUG_HOST": HOST,
                "PORT": str(http),
                "GRPC_PORT": str(grpc),
                "DEBUG_PORT": str(debug),
                "USE_STATSD": "false",
                "REDIS_SOCKET_TYPE": "tcp",
                "REDIS_URL": f"{HOST}:{store}",
                "RUNTIME_ROOT": str(folder),
                "RUNTIME_SUBDIRECTORY": "limits",
                "RUNTIME_WATCH_ROOT": "false",
            },
        )
        try:
            yield f"{HOST}:{grpc}"
        finally:
            server.stop()
    finally:
        counters.stop()


def wait_for_listener(server: ServerProcess) -> None:
    """Return once something listens on the server's port; fail if it ends before."""
    while server.running:
        try:
            socket.create_connection((HOST, server.port), timeout=1).close()
        except OSError:
            continue
        return
    pytest.fail(f"{server.name} ended: {server.log_tail()}")
