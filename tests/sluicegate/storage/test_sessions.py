"""Sessions for all APIs: their connections outlive the patience of firewalls."""

import asyncio
import socket
import sys

import aiohttp
import pytest

from sluicegate.storage.sessions import kept_alive, new_session


@pytest.mark.skipif(sys.platform != "linux", reason="the options have other names elsewhere")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_connection_is_probed_every_minute(family: socket.AddressFamily) -> None:
    """A call of the flex tier is silent for longer than Compute Engine remembers a connection."""
    with kept_alive((family, socket.SOCK_STREAM, 6, "", ("::1", 1))) as made:
        assert (made.family, made.type) == (family, socket.SOCK_STREAM)
        found = [
            made.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
        ]
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert found == [60, 60, 5]


def test_every_session_makes_its_connections_so() -> None:
    """Those of stores too, whose large objects may be slow."""

    async def factory() -> object:
        async with new_session("https://example.com", 1) as session:
            assert isinstance(session.connector, aiohttp.TCPConnector)
            return session.connector._socket_factory

    assert asyncio.run(factory()) is kept_alive
