"""Beam's in-process runner, with what larger runners have: a shuffle on disk, and bundles.

    step ── elements ──> partition 0, 1, 2 … by a hash of the key   (memory, then files)
                              └─ one bundle each, one after another ─ grouped by Beam ──> next step

Beam's own runs a stage as a single bundle and holds every shuffle in memory, twice while it groups.
Nothing of a stage's outputs waits in the data channel here, either: they are taken as they come.
It knows Beam 2.77 from inside, which the product pins.
"""

import itertools
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from apache_beam.coders.coder_impl import create_InputStream  # type: ignore[attr-defined]
from apache_beam.metrics import monitoring_infos
from apache_beam.portability.api import beam_fn_api_pb2
from apache_beam.runners.portability.fn_api_runner import execution, fn_runner

Report = Callable[[str, int, float], None]

# What a shuffle holds in memory before it writes to its files.
_MEMORY_BYTES = 32 << 20


class Shuffles:
    """All shuffles of one run: where they lie, in how many parts, and what crossed them."""

    def __init__(self, folder: Path, parts: int) -> None:
        self.folder, self.parts = folder, parts
        self._number = itertools.count()
        self.crossed: dict[str, int] = {}  # bytes, by name

    def path(self) -> Path:
        """Return a name for the files of one more shuffle."""
        return self.folder / f"shuffle-{next(self._number)}"

    def count(self, name: str, size: int) -> None:
        """Add to what crossed."""
        self.crossed[name] = self.crossed.get(name, 0) + size


# Beam's own, whatever stands in their place during a run.
_Grouping = execution.GroupingBuffer
_List = execution.ListBuffer


class _DiskGrouping(_Grouping):
    """A shuffle by key: elements as they are encoded, parted by key; grouped part by part."""

    shuffles: Shuffles
    name = ""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._arguments = arguments
        self._held = [bytearray() for _ in range(self.shuffles.parts)]
        self._held_bytes = 0
        self._paths = [self.shuffles.path()]

    def append(self, elements_data: bytes) -> None:
        stream = create_InputStream(elements_data)
        coder, key_coder = self._pre_grouped_coder.get_impl(), self._key_coder.get_impl()
        start, size = 0, len(elements_data)
        while start < size:
            key, _ = coder.decode_from_stream(stream, True).value  # noqa: FBT003 - Beam's way
            end = size - stream.size()
            part = zlib.crc32(key_coder.encode(key)) % len(self._held)
            self._held[part] += elements_data[start:end]
            start = end
        self.shuffles.count(self.name, size)
        self._held_bytes += size
        if self._held_bytes > _MEMORY_BYTES:
            self._spill()

    def extend(self, input_buffer: Any) -> None:
        if isinstance(input_buffer, _DiskGrouping):
            self._paths += input_buffer._paths  # noqa: SLF001 - its own kind
            for part, held in enumerate(input_buffer._held):  # noqa: SLF001
                self._held[part] += held
            self._held_bytes += input_buffer._held_bytes  # noqa: SLF001

    def bundles(self) -> Iterator[list[bytes]]:
        """Group part after part; each is forgotten once it was given."""
        for part, held in enumerate(self._held):
            grouped = _Grouping(*self._arguments)
            for path in self._paths:
                file = path.with_suffix(f".{part}")
                if file.exists():
                    grouped.append(file.read_bytes())
                    file.unlink()
            grouped.append(bytes(held))
            self._held[part] = bytearray()
            found = grouped.partition(1)[0]
            if any(found):
                yield found

    def _spill(self) -> None:
        for part, held in enumerate(self._held):
            if held:
                with self._paths[0].with_suffix(f".{part}").open("ab") as file:
                    file.write(held)
                self._held[part] = bytearray()
        self._held_bytes = 0


class _DiskList(_List):
    """What passes between two stages without a shuffle: chunks of encoded elements, in order."""

    shuffles: Shuffles
    name = ""

    def __init__(self, coder_impl: Any) -> None:
        super().__init__(coder_impl)
        self._inputs: list[bytes]
        self._held_bytes, self._sizes = 0, list[int]()
        self._path = self.shuffles.path()

    def append(self, element: bytes) -> None:
        self.shuffles.count(self.name, len(element))
        self._keep(element)

    def _keep(self, element: bytes) -> None:
        super().append(element)
        self._held_bytes += len(element)
        if self._held_bytes > _MEMORY_BYTES:
            with self._path.open("ab") as file:
                file.writelines(self._inputs)
            self._sizes += map(len, self._inputs)
            self._inputs, self._held_bytes = [], 0

    def bundles(self) -> Iterator[list[bytes]]:
        """Give what lies on disk chunk by chunk, and what is held in memory as one bundle."""
        if self._sizes:
            with self._path.open("rb") as file:
                for size in self._sizes:
                    yield [file.read(size)]
        if self._inputs or not self._sizes:
            yield list(self)

    def extend(self, extra: Any) -> None:
        for bundle in extra.bundles() if isinstance(extra, _DiskList) else [extra]:
            for chunk in bundle:
                self._keep(chunk)

    def copy(self) -> Any:
        """Return a second reader of the same chunks."""
        other: Any = super().copy()  # with what is held in memory
        other._path, other._sizes = self._path, list(self._sizes)  # noqa: SLF001 - its own kind
        return other


class _Arrivals(list):  # type: ignore[type-arg]
    """What a worker puts into the data channel, handed on at once instead of kept."""

    def __init__(self, take: Callable[[Any], None]) -> None:
        super().__init__()
        self._take = take

    def append(self, element: Any) -> None:
        self._take(element)


class _Watched(fn_runner.BundleManager):
    """Runs a stage as Beam does, and reports it."""

    report: Report

    def process_bundle(self, *arguments: Any, **more: Any) -> Any:
        began = time.monotonic()
        found = super().process_bundle(*arguments, **more)
        self.report(self.bundle_context_manager.stage.name, 1, time.monotonic() - began)
        return found


class _Bundles(_Watched):
    """Runs a stage bundle by bundle."""

    def process_bundle(self, inputs: Any, expected_outputs: Any, *rest: Any, **more: Any) -> Any:
        began, count, merged, splits = time.monotonic(), 0, None, []
        for part in _bundles(inputs):
            count += 1
            self._hand_on(expected_outputs)
            result, split = fn_runner.BundleManager.process_bundle(
                self, part, expected_outputs, *rest, **more
            )
            splits += split
            merged = _merged(result, merged)
        self.report(self.bundle_context_manager.stage.name, count, time.monotonic() - began)
        return merged, splits

    def _hand_on(self, outputs: Any) -> None:
        context: Any = self.bundle_context_manager

        def take(element: Any) -> None:
            if isinstance(element, beam_fn_api_pb2.Elements.Data) and element.data:
                name = outputs[element.transform_id]
                buffer = context.get_buffer(name, element.transform_id)
                buffer.name = name.decode(errors="replace")
                buffer.append(element.data)

        for handler in context.worker_handlers:
            handler.data_conn._inputs = _Arrivals(take)  # noqa: SLF001


def _bundles(inputs: Any) -> Iterator[dict[str, Any]]:
    """Part a stage's inputs into bundles: the small ones first, in one; at least one."""
    large = {name: each for name, each in inputs.items() if hasattr(each, "bundles")}
    nothing: dict[str, Any] = dict.fromkeys(inputs, ())
    found = False
    if len(large) < len(inputs):
        found = True
        yield nothing | {name: each for name, each in inputs.items() if name not in large}
    for name, each in large.items():
        for bundle in each.bundles():
            found = True
            yield nothing | {name: bundle}
    if not found:
        yield nothing


def _merged(result: Any, before: Any) -> Any:
    if before is None:
        return result
    infos = itertools.chain(
        result.process_bundle.monitoring_infos, before.process_bundle.monitoring_infos
    )
    return beam_fn_api_pb2.InstructionResponse(
        process_bundle=beam_fn_api_pb2.ProcessBundleResponse(
            monitoring_infos=monitoring_infos.consolidate(infos)
        ),
        error=result.error or before.error,
    )


class MemoryRunner(fn_runner.FnApiRunner):
    """Beam's runner as it is; ``report`` hears of each stage: name, bundles, seconds."""

    _manager: type[_Watched] = _Watched

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def _get_bundle_manager(self, bundle_context_manager: Any) -> Any:
        manager = self._manager(
            bundle_context_manager,
            cache_token_generator=self.get_cache_token_generator(static=False),
        )
        manager.report = self._report
        return manager


class DiskRunner(MemoryRunner):
    """The runner of this file, for use within `on_disk`."""

    _manager = _Bundles


@contextmanager
def on_disk(shuffles: Shuffles) -> Iterator[None]:
    """Have the runners of this process shuffle on disk."""
    with ExitStack() as patches:
        for name, kind in (("GroupingBuffer", _DiskGrouping), ("ListBuffer", _DiskList)):
            ours = type(name, (kind,), {"shuffles": shuffles})
            patches.enter_context(mock.patch.object(execution, name, ours))
        yield
