"""Run code that may never end, or eat all memory, in a process of its own."""

import resource
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_MEMORY_BYTES = 2 << 30


def run_bounded(code: str, seconds: float = 6.0) -> str:
    """Run Python code; return what it printed.

    Raises subprocess.TimeoutExpired past the time, CalledProcessError where it failed.
    """
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=True,
        preexec_fn=_limit_memory,
    )
    return done.stdout.strip()


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
