"""The Gemini stand-in in a process of its own, as whoever starts it sees it."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emulators.loopback import Loopback
from emulators.process import ProcessServer, python_path


class GeminiProcess(ProcessServer):
    """Runs ``python -m emulators.gemini`` with further arguments, and reads its controls.

    ``environment`` is what its environment has besides: where objects are, for one.
    """

    name = "the Gemini stand-in"
    log_name = "gemini.log"
    ready = "/_control/stats"

    def __init__(
        self,
        arguments: Sequence[str] = (),
        *,
        folder: Path | None = None,
        port: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(folder, port=port)
        self._arguments, self._environment = tuple(arguments), dict(environment or {})

    def command(self) -> list[str]:
        """Serve with the arguments."""
        return [sys.executable, "-m", "emulators.gemini", f"--port={self.port}", *self._arguments]

    def environment(self) -> dict[str, str]:
        """Return what was given, and where the modules are."""
        return {"PYTHONPATH": python_path(), **self._environment}

    def stats(self) -> dict[str, Any]:
        """Return what it has counted so far."""
        return self._control("stats")

    def timeline(self) -> dict[str, Any]:
        """Return calls by project, caller and tenth of a second, and the quotas."""
        return self._control("timeline")

    def _control(self, name: str) -> dict[str, Any]:
        # Not on `connection`: it may have been idle for longer than the server keeps one.
        with Loopback(self.process.port) as connection:
            return dict(connection.get_json(f"/_control/{name}"))
