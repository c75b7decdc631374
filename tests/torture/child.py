"""The pipeline's command in a process of its own, on the local cloud of another process."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from unittest import mock

from emulators.cloud import LOCAL_KEY
from emulators.patches import local_clients
from emulators.process import die_with_parent
from pipeline.command import main as command
from pipeline.launch import launch  # noqa: F401 - so that it is imported once for all runs

READ_API = "TORTURE_BIGQUERY_READ"
_ROOT = Path(__file__).parents[2]


def start(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> ForkServerProcess:
    """Start the command in that folder, with its output in the log."""
    process = _context().Process(
        target=_main, args=(list(arguments), dict(environment), folder, log)
    )
    process.start()
    return process


@cache
def _context() -> ForkServerContext:
    """Return what forks processes that have imported all they need: 2.5 s of CPU for each run.

    They are forked from a server that does nothing else. Its one thread beside the main one is that
    of Arrow's allocator, which is made for forks.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    path = os.pathsep.join([str(_ROOT), str(_ROOT / "tests")])
    with mock.patch.dict(os.environ, PYTHONPATH=path):
        ensure_running()
    return context


def _main(arguments: list[str], environment: dict[str, str], folder: Path, log: Path) -> None:
    die_with_parent()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY | os.O_CREAT), (2, os.O_WRONLY)):
        file = os.open(log if number else os.devnull, flags | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    with local_clients(
        project=os.environ["GOOGLE_CLOUD_PROJECT"],
        token=LOCAL_KEY,
        bigquery_url=os.environ["BIGQUERY_EMULATOR_HOST"],
        bigquery_read=os.environ[READ_API],
    ):
        sys.exit(command(arguments))
