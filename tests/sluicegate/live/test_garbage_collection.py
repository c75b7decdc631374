"""What a document took is freed when its result is there, without the garbage collector.

Real calls over HTTP to the stand-in, with the SDK's own frames and errors.
"""

import gc
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import pytest

from emulators.gemini import Behaviour, FaultRule, GeminiEndpoint
from sluicegate.asking.journal import Journal
from sluicegate.asking.response import ApiError
from sluicegate.gemini.client import GenaiClient
from sluicegate.gemini.connection import Connection, RequestTemplate
from sluicegate.gemini.response_schema import gemini_schema
from sluicegate.live import garbage_collection
from sluicegate.live.engine import Engine
from sluicegate.media.prepare import Part
from sluicegate.records import Answer, Document
from tests.sluicegate.live.in_memory import CLOCK, GOOD, KIND, MODEL, Gemini, document, settings
from tests.sluicegate.live.rig import png

# Each hits some documents once: rejected, overloaded, no reply, refused, an unusable answer.
FAULTS = (
    *("http_429", "http_503", "reset", "reset_mid_body", "html_200"),
    *("http_400_document", "finish_SAFETY", "cut_json", "no_candidates"),
)


@contextmanager
def cycles() -> Iterator[list[Any]]:
    """Return what the block left in reference cycles, which only the collector would free."""
    found: list[Any] = []
    gc.collect()
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def files(folder: Path) -> list[Document]:
    """Write sound documents, one that is cut, one of words and one that is gone."""
    found = [document(folder, f"{n}.png", png(n)) for n in range(40)]
    found.append(document(folder, "cut.png", png(50)[:60]))
    found.append(document(folder, "words.pdf", b"no document at all"))
    found.append(document(folder, "gone.png", png(51)))
    os.remove(found[-1].uri)  # noqa: PTH107
    return found


def ours(thing: Any) -> bool:
    """Return whether this is a document's, or a frame of ours."""
    if isinstance(thing, TracebackType):
        thing = thing.tb_frame
    if isinstance(thing, FrameType):
        return "/sluicegate/" in thing.f_code.co_filename
    return isinstance(thing, Document | Part)


def test_no_document_waits_for_the_garbage_collector(tmp_path: Path) -> None:
    """After answers, failures, and calls that were rejected or broke off, nothing is left."""
    template = RequestTemplate(MODEL.name, KIND.prompt, gemini_schema(KIND.fields), {})
    documents = files(tmp_path)
    with GeminiEndpoint(Behaviour(retry_info=False), reader="canned") as endpoint:
        connection = Connection("developer", endpoint=endpoint.url)
        engine = Engine(
            settings(),
            partial(Journal, prefix=f"{tmp_path}/j"),
            lambda: GenaiClient(connection, template, time.monotonic, "key"),
            CLOCK,
        )
        engine.submit(documents[0]).result(timeout=30)
        endpoint.set_behaviour(
            faults=tuple(FaultRule(fault=name, share=0.1, times=1) for name in FAULTS)
        )
        with cycles() as left:
            with ThreadPoolExecutor(2) as submitters:
                futures = list(submitters.map(engine.submit, documents[1:]))
            results = [future.result(timeout=60) for future in futures]
            del futures
        struck = endpoint.stats()["by_fault"]
        engine.close()
    codes = {result.code for result in results if not isinstance(result, Answer)}
    assert {"document_rejected", "changed", "unsupported_type"} <= codes
    assert sum(isinstance(result, Answer) for result in results) > 20
    assert set(struck) == set(FAULTS)
    assert [repr(thing)[:200] for thing in left if ours(thing)] == []


def test_a_refused_document_leaves_nothing(tmp_path: Path) -> None:
    """The fault passes frames that hold the request, and none of them holds the fault."""
    refused = ApiError(400, {"code": 400, "message": "The document has no pages."})
    client = Gemini([GOOD, refused, refused])
    engine = Engine(settings(), partial(Journal, prefix=f"{tmp_path}/j"), lambda: client, CLOCK)
    first, *more = files(tmp_path)[:3]
    engine.submit(first).result(timeout=30)
    with cycles() as left:
        for one in more:
            assert not isinstance(engine.submit(one).result(timeout=30), Answer)
    engine.close()
    assert [repr(thing)[:200] for thing in left if ours(thing)] == []


@pytest.fixture
def usual() -> Iterator[tuple[int, int, int]]:
    """Set Python's own thresholds for a test, and what was set again afterwards."""
    gc.collect()  # engines that other tests have left
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield 700, 10, 10
    gc.set_threshold(*before)


def test_the_collector_runs_rarely_while_engines_do(
    tmp_path: Path, usual: tuple[int, int, int]
) -> None:
    """In whatever order they end, the last one restores what the first one found."""
    first, second = (
        Engine(settings(), partial(Journal, prefix=f"{tmp_path}/{n}"), Gemini) for n in range(2)
    )
    assert gc.get_threshold() == (10_000, 10, 10)
    first.close()
    assert gc.get_threshold() == (10_000, 10, 10)
    second.close()
    assert gc.get_threshold() == usual


@pytest.mark.parametrize("young", [0, 50_000])
def test_a_collector_that_runs_more_rarely_is_kept(usual: tuple[int, int, int], young: int) -> None:
    """It may be off (0), or tuned by the program that runs the job."""
    gc.set_threshold(young, *usual[1:])
    garbage_collection.collect_rarely()
    assert gc.get_threshold()[0] == young
    garbage_collection.collect_as_before()
    assert gc.get_threshold()[0] == young
