"""Run code that may never end, or eat all memory, in a process of its own."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_MEMORY_BYTES = 2 << 30
# The process bounds itself: nothing of ours runs between fork and exec.
_LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_AS, ({0}, {0}))\n"


def run_bounded(code: str, seconds: float = 6.0) -> str:
    """Run Python code; return what it printed.

    Raises subprocess.TimeoutExpired past the time, CalledProcessError where it failed.
    """
    done = subprocess.run(
        [sys.executable, "-c", _LIMIT.format(_MEMORY_BYTES) + code],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=True,
    )
    return done.stdout.strip()
