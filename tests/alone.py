"""The real command in a network of its own: `python -m alone FLAG...` prints what came of it.

Parts of Beam listen on every interface while they run: the servers of its worker processes, Prism,
worker pools. In a network namespace nobody else can reach them, and whatever listens afterwards
was left behind. `run` puts a run into one; it needs Linux and `unshare`.
"""

import fcntl
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import KEY, mixed_faults

from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.process import die_with_parent

_ROOT = Path(__file__).parents[1]
_SEPARATE = ("unshare", "--map-root-user", "--net")
_SET_FLAGS, _UP = 0x8914, 0x1  # SIOCSIFFLAGS, IFF_UP
_LISTENING = "0A"
_ENDING_SECONDS = 5.0


def run(flags: Sequence[str]) -> dict[str, Any]:
    """Run the command with an endpoint at which a tenth of the documents meet a fault.

    Returns its exit `code`, what it `said`, the endpoint's `stats`, and what it left running
    (`left`, command lines) and `listening` (ports). Skips where no network can be made.
    """
    tried = shutil.which("unshare") and subprocess.run([*_SEPARATE, "true"], capture_output=True)
    if not tried or tried.returncode:
        pytest.skip("this user cannot make a network namespace (unshare --net)")
    done = subprocess.run(
        [*_SEPARATE, sys.executable, "-m", "alone", *flags],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "GEMINI_API_KEY": KEY,
            "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "tests")]),
        },
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(flags: Sequence[str]) -> None:
    """Run it, in the namespace."""
    die_with_parent()
    _raise_loopback()
    with GeminiEndpoint(Behaviour(latency=0.05), reader="canned") as endpoint:
        endpoint.set_behaviour(faults=mixed_faults())
        before = set(_listening())
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", f"--gemini_endpoint={endpoint.url}", *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        said, _ = process.communicate()
        found = {
            "code": process.returncode,
            "said": said.decode(errors="replace"),
            "left": list(_of_session(process.pid)),
            "listening": sorted(set(_listening()) - before),
            "stats": endpoint.stats(),
        }
    print(json.dumps(found))


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh", b"lo", _UP))


def _listening() -> Iterator[int]:
    """Yield the TCP ports on which something listens in this network."""
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{name}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == _LISTENING:
                yield int(local.rpartition(":")[2], 16)


def _of_session(session: int) -> Iterator[str]:
    """Yield the command lines of a session's processes that do not end by themselves at once."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            of = (process / "stat").read_text().rpartition(")")[2].split()[3]
            if int(of) == session and not _ends(int(process.name)):
                yield (process / "cmdline").read_text().replace("\0", " ")
        except OSError:  # it ended just now
            continue


def _ends(process: int) -> bool:
    """Wait for the end of a process, which may have been told to, for a few seconds at most."""
    handle = os.pidfd_open(process)
    try:
        return bool(select.select([handle], [], [], _ENDING_SECONDS)[0])
    finally:
        os.close(handle)


if __name__ == "__main__":
    main(sys.argv[1:])
