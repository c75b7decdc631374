"""Beam without what it does over and over: half of the CPU of each job of the tests.

Building one job looks at 14,000 signatures of some hundred methods, reads the source of each for a
`yield` beside a `return`, makes 470 parsers of options with 5,700 help formatters, of which none
prints help, and reads the same flags with each. Every hint of a type has a stack trace, for a
message that nobody gets. Its pickles are packed 160 times, with a window of 900 kB, which takes
longer to clear than to use: here they stay as they are, and are read in this process alone. Each
side input is weighed beside all globals of all modules. The SDK reads all certificates of this
machine three times for a client. Each job for other machines asks pip what is installed. Each step
is pickled and read back, to see that it can be, before it is pickled for the job. Nothing of what
is remembered here changes what is built: 0.95 s of CPU for a job of five documents were 0.45 s.
Traces, sources and weights, which came later, were 0.1 s of 0.48 s.

And Beam waits for threads of its own. Each bundle has one that wakes up ever later, up to 200 ms,
to see in which step the bundle is, and its end waits until that one is awake: a fifth of what a
bundle took. Each kind of bundle is built in another thread, so that a runner can give up a step
that does not unpickle. Both are left out; which step is at work is known all the same, and only how
long each took is not.
"""

import argparse
import bz2
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any
from unittest import mock
from weakref import WeakKeyDictionary

from apache_beam.internal import cloudpickle_pickler, pickler
from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser
from apache_beam.runners.portability import stager
from apache_beam.runners.worker import bundle_processor, statecache, statesampler
from apache_beam.transforms import core, ptransform, userstate
from apache_beam.typehints import decorators
from google.genai import _api_client

_AS_IT_IS = b"\0"  # what is packed begins with "BZh"
_BZ2 = SimpleNamespace(
    compress=lambda data, compresslevel=9: _AS_IT_IS + data,  # noqa: ARG005
    decompress=lambda data: data[1:] if data[:1] == _AS_IT_IS else bz2.decompress(data),
)
_NO_COPIES = SimpleNamespace(**{**vars(pickler), "roundtrip": lambda value: value})
_NO_TRACE = SimpleNamespace(format_stack=lambda limit: [])  # noqa: ARG005
_SSL = SimpleNamespace(**{**vars(ssl), "create_default_context": cache(ssl.create_default_context)})


class _Here(futures.Executor):
    """Does at once, and in the thread that asks, what it is given."""

    def __init__(self, **_: object) -> None:
        pass

    def submit(self, function: Any, /, *given: Any, **named: Any) -> futures.Future[Any]:
        done = futures.Future[Any]()
        try:
            done.set_result(function(*given, **named))
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            done.set_exception(error)
        return done


_HERE = SimpleNamespace(ThreadPoolExecutor=_Here, TimeoutError=futures.TimeoutError)


@contextmanager
def quick_beam() -> Iterator[None]:
    """Have this process's Beam remember until exit."""
    formatter, signature = argparse.HelpFormatter(""), _by_function(decorators.get_signature)
    hints = _by_function(decorators.IOTypeHints.from_callable)

    def one_formatter(_: object) -> argparse.HelpFormatter:
        return formatter

    with (
        mock.patch.multiple(decorators, get_signature=signature, traceback=_NO_TRACE),
        mock.patch.object(core, "get_signature", signature),
        mock.patch.object(decorators.IOTypeHints, "from_callable", hints),
        mock.patch.object(ptransform, "get_signature", signature),
        mock.patch.object(ptransform, "pickler", _NO_COPIES),
        mock.patch.object(core, "_check_fn_use_yield_and_return", _by_code()),
        mock.patch.object(statecache, "get_deep_size", _weigh),
        mock.patch.multiple(statesampler.StateSampler, start=_start_sampler, stop=_stop_sampler),
        mock.patch.object(bundle_processor, "concurrent", SimpleNamespace(futures=_HERE)),
        mock.patch.object(userstate, "get_dofn_specs", _by_class()),
        mock.patch.object(PipelineOptions, "__init__", _by_flags()),
        mock.patch.object(PipelineOptions, "_visible_option_list", _visible),
        mock.patch.object(_BeamArgumentParser, "_get_formatter", one_formatter),
        mock.patch.object(cloudpickle_pickler, "bz2", _BZ2),
        mock.patch.object(stager, "subprocess", _freezes_once()),
        mock.patch.object(_api_client, "ssl", _SSL),
        # Else each parser looks for translations of its headings, in eight places.
        mock.patch.dict(os.environ, LANGUAGE="C"),
    ):
        yield


def _by_function(real: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Remember what is said of a function, or of a method of it, as long as there is one."""
    known: dict[type, Any] = {kind: WeakKeyDictionary() for kind in (FunctionType, MethodType)}

    def told(function: Any) -> Any:
        if type(function) not in known:
            return real(function)
        found, key = known[type(function)], getattr(function, "__func__", function)
        if type(key) is not FunctionType:
            return real(function)
        if key not in found:
            found[key] = real(function)
        return found[key]

    return told


def _by_code() -> Callable[[Any], Any]:
    """Remember what the source of a function holds."""
    real, known = core._check_fn_use_yield_and_return, dict[Any, Any]()

    def check(function: Any) -> Any:
        code = getattr(function, "__code__", None)
        if code is None:
            return real(function)
        if code not in known:
            known[code] = real(function)
        return known[code]

    return check


def _weigh(*_: object) -> int:
    """Return what Beam is to take for the bytes of a side input: all are small."""
    return 1024


def _freezes_once() -> SimpleNamespace:
    """Ask pip once what is installed."""
    real = stager.subprocess.check_output

    @cache
    def known(*words: str) -> bytes:
        return bytes(real(words))

    return SimpleNamespace(check_output=lambda words: known(*words))


def _start_sampler(self: Any) -> None:
    """Begin to know in which step a bundle is, without a thread that looks."""
    self.tracked_thread = threading.current_thread()
    statesampler.set_current_tracker(self)
    self.started = True


def _stop_sampler(self: Any) -> None:
    statesampler.set_current_tracker(None)
    self.finished = True


def _visible(options: Any) -> list[str]:
    return sorted(name for name in vars(options._visible_options) if name[0] != "_")


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
