"""What every server of the local cloud is: on a loopback port, started, waited for, stopped."""

from abc import ABC, abstractmethod
from typing import Self

from emulators.loopback import HOST


class LoopbackServer(ABC):
    """A server on ``127.0.0.1``; use as a context manager, or with `start` and `stop`.

    ``port`` is a free one of the loopback unless it is given. A kind of server says how it begins
    and ends.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._serving = False

    @property
    def address(self) -> str:
        """HOST:PORT, as clients of gRPC take it."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """The base URL to give to a client."""
        return f"http://{self.address}"

    def start(self) -> Self:
        """Serve, and return once it does; raises `StandInError`. It may be started again later."""
        if not self._serving:
            self._begin()
            self._serving = True
        return self

    def stop(self) -> None:
        """Stop serving: connections are refused from then on. Does nothing the second time."""
        if self._serving:
            self._serving = False
            self._end()

    @abstractmethod
    def _begin(self) -> None:
        """Serve, and return once requests are answered; leave nothing behind where that fails."""

    @abstractmethod
    def _end(self) -> None:
        """Stop serving, and wait until nothing is left of it."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
