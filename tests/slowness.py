"""Which tests start processes or servers, or read with OCR: they are marked, and go first.

Short forms of torture, fuzzing and benchmarks are marked as equipment, and have a target of their
own: they test what tests.

Nobody has to remember it. A test does so where its module has taken in what starts them, or what
was made in a module of the equipment that has, or where a fixture of its does.
"""

import subprocess
import sys
from functools import cache
from socketserver import BaseServer
from types import ModuleType
from typing import Any

import pytest
from aiohttp import web
from scheduling import READING, group_of, rank_of

from emulators.cloud import LocalCloud
from emulators.server import LoopbackServer

_SERVERS = {BaseServer, LocalCloud, LoopbackServer}
_FIXTURES = {"cloud", "endpoint", "flink", "job", "service"}
_EQUIPMENT = (
    "alone", "benchmarks", "cluster", "emulators", "fuzz", "pages", "samples", "starting", "tests",
    "torture",
)  # fmt: skip
_OF_EQUIPMENT = ("tests/benchmarks/", "tests/fuzz/", "tests/torture/")


def mark_and_order(items: list[pytest.Item]) -> None:
    """Mark what is slow, and put it first: what is left for the end then takes milliseconds."""
    for item in items:
        if (
            group_of(item.nodeid) == READING
            or _FIXTURES & set(item.fixturenames)
            or _starts(item.module.__name__)
        ):
            item.add_marker("slow")
            if item.nodeid.startswith(_OF_EQUIPMENT):
                item.add_marker("equipment")
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, rank_of(item.nodeid)))


@cache
def _starts(name: str) -> bool:
    """Tell whether a module, or one of the equipment behind it, has what starts something."""
    seen, left = set[str](), [name]
    while left:
        if (module := left.pop()) in seen or module not in sys.modules:
            continue
        seen.add(module)
        values = list(vars(sys.modules[module]).values())
        if any(map(_is_starter, values)):
            return True
        left += filter(None, map(_home, values))
    return False


def _is_starter(value: Any) -> bool:
    if isinstance(value, type) and not _SERVERS.isdisjoint(value.__mro__):
        return True
    return value is subprocess or value is web


def _home(value: Any) -> str:
    """Return the module of the equipment that a value is, or was made in; else nothing."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return str(name) if str(name).partition(".")[0] in _EQUIPMENT else ""
