"""The command as a process of its own.

Nothing of ours runs between fork and exec (no `preexec_fn`): where this process uses gRPC, its
threads would start again in the fork, and write into the other's standard error that their files
were closed under them.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from support import KEY

_ROOT = Path(__file__).parents[1]


@contextmanager
def ctrl_c_is_heard() -> Iterator[None]:
    """Have processes that are started take Ctrl-C: a shell's background commands ignore it.

    What is ignored stays so in a new program; what has a handler, as here, is taken again.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def started(arguments: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command in a folder, with the key and little else around it; kill it in the end."""
    with ctrl_c_is_heard():
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", *arguments],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(_ROOT),
                 "GEMINI_API_KEY": KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
