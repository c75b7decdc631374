"""What tests share: the local cloud, the Gemini stand-in, documents, and a way to run the job."""

import asyncio
import gc
import hashlib
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apache_beam.runners.portability.prism_runner import PrismRunner
from place import Place
from quick_beam import quick_beam
from scheduling import ByGroup
from slowness import mark_and_order
from support import KEY, Job, Landed, read_failures, read_rows, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from sluicegate.evidence import ocr
from sluicegate.evidence.pages import Page
from sluicegate.evidence.places import Places
from sluicegate.evidence.reader import Parts
from sluicegate.landing import evidence
from sluicegate.live import document_worker, engine
from sluicegate.log import FAULTS
from sluicegate.pacing.clock import Clock
from sluicegate.pacing.pacer import Pacer, PacerSettings


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep what is imported and collected out of garbage collections: it stays until the end.

    A full one took half a second, and a tenth of the CPU of runs was theirs.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell tests that start processes or servers from the others, and run them first."""
    mark_and_order(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """Have one worker run what shares something dear to make."""
    return ByGroup(config, log)


@pytest.fixture(autouse=True, scope="session")
def beam() -> Iterator[None]:
    """Keep Beam's DirectRunner from downloading Prism, as pipeline.runners does; make it quick."""
    with pytest.MonkeyPatch.context() as patch, quick_beam():
        patch.setattr(PrismRunner, "run_pipeline", _no_prism)
        yield


@pytest.fixture(autouse=True, scope="session")
def no_power_cuts() -> Iterator[None]:
    """Have files that are synced stay in memory: each waits for the disk, and no test for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def ocr_once() -> Iterator[None]:
    """Have the stand-in recognise an image once, on one core: the others are busy with tests."""
    read, known = ocr.read, dict[Any, Page]()

    def recognised(image: np.ndarray, number: int, scale: float = 1.0) -> Page:
        key = (hashlib.sha256(image.tobytes()).digest(), image.shape, number, scale)
        if key not in known:
            known[key] = read(image, number, scale)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ocr, "THREADS", 1)
        patch.setattr(ocr, "read", recognised)
        yield


@pytest.fixture(autouse=True, scope="session")
def small_documents_once() -> Iterator[None]:
    """Have the words of a small document found once: most runs are over the same invoices."""
    read = evidence.read_text

    class Pages(list[Page]):
        """Pages that are read, with their index."""

        @cached_property
        def places(self) -> Places:
            return Places(self)

    @lru_cache(256)  # of 150 kB each
    def known(parts: tuple[tuple[str, bytes], ...], *, ocr: bool) -> Pages:
        return Pages(read(parts, ocr=ocr))

    def read_text(parts: Parts, *, ocr: bool = True) -> list[Page]:
        is_small = sum(len(data) for _, data in parts) < 20_000
        return known(tuple(parts), ocr=ocr) if is_small else Pages(read(parts, ocr=ocr))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "read_text", read_text)
        patch.setattr(evidence, "Places", lambda pages: pages.places)
        yield


@pytest.fixture
def tenfold_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the engine's clock ten times as fast: backoffs and patience take a tenth of the time."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / 10)

    clock = Clock(monotonic=lambda: 10 * time.monotonic(), sleep=sleep)
    monkeypatch.setattr(engine, "Clock", lambda: clock)


@pytest.fixture
def high_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin the search for a quota at 200 calls a second: at 8, five documents take half of one.

    Tests of what is rejected have one of their own that leaves it at 8.
    """

    def pacer(settings: PacerSettings, shift: float = 0.0) -> Pacer:
        tuning = replace(settings.tuning, start_rate=200.0)
        return Pacer(replace(settings, tuning=tuning), shift)

    monkeypatch.setattr(document_worker, "Pacer", pacer)


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """Give loggers back the levels that they had: commands that tests run change them."""
    loggers = [logging.getLogger(name) for name in ("sluicegate", FAULTS, "apache_beam", "root")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def _no_prism(*_: object) -> None:
    raise NotImplementedError("tests run on Beam's in-process runner")


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """Run one local cloud (GCS and BigQuery) for the whole session."""
    with LocalCloud(buckets=["sluicegate"], datasets=["tests"]) as running, running.patch():
        yield running


@pytest.fixture
def endpoint() -> Iterator[GeminiEndpoint]:
    """Run a Gemini stand-in that answers at once with values made from the schema."""
    with GeminiEndpoint(Behaviour(), reader="canned") as running:
        yield running


@pytest.fixture
def api_key(monkeypatch: pytest.MonkeyPatch) -> str:
    """Put an API key into the environment, and nothing else that chooses a service."""
    for name in ("GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    return KEY


@pytest.fixture
def place(
    cloud: LocalCloud, endpoint: GeminiEndpoint, api_key: str, tmp_path: Path
) -> Iterator[Place]:
    """Give a table's place with three documents; load jobs are as always after it."""
    write_invoices(tmp_path / "in", 3)
    found = Place(cloud, endpoint, tmp_path)
    yield found
    found.emulator.fail_loads()
    found.emulator.run_loads_for(0)


@pytest.fixture
def job(tmp_path: Path, endpoint: GeminiEndpoint, api_key: str) -> Job:
    """Return a function that runs the whole pipeline on local files, as `pipeline.run` does."""

    def run(**settings: Any) -> Landed:
        defaults = {"output": str(tmp_path / "out"), "gemini_endpoint": endpoint.url}
        summary = pipeline.run(**{**defaults, **settings})
        assert summary is not None
        return Landed(summary, read_rows(summary.rows_uri), read_failures(summary.failures_uri))

    return run
