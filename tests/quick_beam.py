"""Beam without what it does over and over: half of the CPU of each job of the tests.

Building one job looks at 14,000 signatures of some hundred methods, makes 470 parsers of options
with 5,700 help formatters, of which none prints help, and reads the same flags with each. Its
pickles are packed 160 times, most of them the same ones, with a window of 900 kB, which takes
longer to clear than to use. And the SDK reads all certificates of this machine three times for a
client. Nothing of what is remembered here changes what is built: 0.95 s of CPU for a job of five
documents were 0.45 s.
"""

import argparse
import bz2
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache, lru_cache
from types import MethodType, SimpleNamespace
from typing import Any
from unittest import mock

from apache_beam.internal import cloudpickle_pickler
from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser
from apache_beam.transforms import core, userstate
from google.genai import _api_client

_BZ2 = SimpleNamespace(
    compress=lru_cache(4096)(lambda data, compresslevel=1: bz2.compress(data, 1)),  # noqa: ARG005
    decompress=lru_cache(4096)(bz2.decompress),
)
_SSL = SimpleNamespace(**{**vars(ssl), "create_default_context": cache(ssl.create_default_context)})


@contextmanager
def quick_beam() -> Iterator[None]:
    """Have this process's Beam remember until exit."""
    formatter = argparse.HelpFormatter("")

    def one_formatter(_: object) -> argparse.HelpFormatter:
        return formatter

    with (
        mock.patch.object(core, "get_function_args_defaults", _by_function()),
        mock.patch.object(userstate, "get_dofn_specs", _by_class()),
        mock.patch.object(PipelineOptions, "__init__", _by_flags()),
        mock.patch.object(_BeamArgumentParser, "_get_formatter", one_formatter),
        mock.patch.object(cloudpickle_pickler, "bz2", _BZ2),
        mock.patch.object(_api_client, "ssl", _SSL),
        # Else each parser looks for translations of its headings, in eight places.
        mock.patch.dict(os.environ, LANGUAGE="C"),
    ):
        yield


def _by_function() -> Callable[[Any], Any]:
    real, known = core.get_function_args_defaults, dict[Any, Any]()

    def arguments(function: Any) -> Any:
        if not isinstance(function, MethodType):
            return real(function)
        if function.__func__ not in known:
            known[function.__func__] = real(function)
        return known[function.__func__]

    return arguments


def _by_class() -> Callable[[Any], Any]:
    """Remember the states and timers of a class of steps, unless a step has a method of its own."""
    real, known = userstate.get_dofn_specs, dict[Any, Any]()

    def specs(step: Any) -> Any:
        if isinstance(vars(step).get("process"), MethodType):
            return real(step)
        kind = type(step)
        if kind not in known:
            known[kind] = real(step)
        return known[kind]

    return specs


def _by_flags() -> Callable[..., None]:
    """Remember what a class of options makes of flags; each object gets values of its own."""
    real, known = PipelineOptions.__init__, dict[Any, Any]()

    def init(self: Any, flags: Any = None, **values: Any) -> None:
        if flags is None or values:
            real(self, flags, **values)
            return
        key = (type(self), tuple(flags))
        if key not in known:
            real(self, flags)
            values = vars(self._visible_options)
            mutable = [name for name, value in values.items() if isinstance(value, list | dict)]
            known[key] = (deepcopy(values), mutable)
            return
        values, mutable = known[key]
        values = {**values, **{name: deepcopy(values[name]) for name in mutable}}
        self._flags = flags
        self._visible_options = argparse.Namespace(**values)
        self._all_options = values

    return init
