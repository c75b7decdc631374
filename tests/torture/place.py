"""A place to run the real pipeline under fire: documents, a table, and processes to kill.

Everything is real but the services: the command runs in a process of its own, against the local
cloud and the Gemini stand-in, each behind a gateway that can be broken.
"""

import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, Self

from support import write_invoices
from torture.child import READ_API, start
from torture.gateway import Gateway

from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.gemini.reading import ReadFields
from emulators.loopback import HOST
from samples.generator import generate
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.records import Usage

MAX_IN_FLIGHT = 16
# Longer than any run here takes by itself.
_PATIENCE_SECONDS = 600.0
# What of the documents is answered badly, paid for and final; and what passes at the second call.
FINAL = ("cut_json", "finish_SAFETY", "wrong_types")
PASSING = ("http_503", "http_429")


class Violation(AssertionError):  # noqa: N818 - what it is
    """A law that was broken, in one sentence."""


def write_documents(folder: Path, count: int) -> None:
    """Write `count` documents: one in 25 of them cannot be read by anyone."""
    broken = count // 25
    write_invoices(folder, count - broken, seed=11)
    for index in range(broken):
        sample = generate(12, index, formats=("pdf",), broken=1.0, small=True)
        # A line of its own, so that no two are one content.
        (folder / f"broken-{index:04}.pdf").write_bytes(sample.data + b"\n%% %d" % index)


class Process(Protocol):
    """A process, forked or started: what `multiprocessing` calls its own."""

    @property
    def exitcode(self) -> int | None:
        """Its exit code; None while it goes on."""
        ...

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, for so many seconds at most."""
        ...

    def kill(self) -> None:
        """End it on the spot."""
        ...


@dataclass
class Run:
    """One run of the command."""

    process: Process
    log: Path

    @property
    def over(self) -> bool:
        """Whether it ended."""
        return self.process.exitcode is not None

    def kill(self) -> bool:
        """End it on the spot; tell whether there was something to end."""
        if self.over:
            return False
        self.process.kill()
        self.process.join()
        return True

    def wait(self) -> int:
        """Wait for its end and return the exit code; a run that does not end is a violation."""
        self.process.join(_PATIENCE_SECONDS)
        if (code := self.process.exitcode) is None:
            self.kill()
            raise Violation(f"no end after {_PATIENCE_SECONDS:.0f} s: {self.said()}")
        return code

    def said(self) -> str:
        """Return what it wrote, standard output and error."""
        return self.log.read_text(errors="replace")

    @property
    def verdict(self) -> str:
        """The one line that says why it failed."""
        lines = [
            line
            for line in self.said().splitlines()
            if line.startswith(("the run failed", "stopped at the ceiling", "error"))
        ]
        if len(lines) != 1 or "Traceback" in self.said():
            raise Violation(f"no single clear line, but: {self.said()[-3000:]}")
        return lines[0]


class Place:
    """A table, failures, a journal and an endpoint of one seed's own."""

    def __init__(
        self,
        cloud: LocalCloud,
        folder: Path,
        documents: Path,
        seed: int,
        latency: float = 0.2,
        reader: ReadFields | None = None,
        flags: Mapping[str, Any] | None = None,
        requests: int = 0,
    ) -> None:
        self.cloud, self.folder, self.seed = cloud, folder, seed
        self.documents = documents
        self.draw = random.Random(seed)
        self.flags = dict(flags or {})
        # What there is to ask about all documents: of windows more than one each.
        self.requests = requests or sum(1 for path in documents.rglob("*") if path.is_file())
        self.name = f"torture_{seed}_{uuid.uuid4().hex[:6]}"
        self.table = f"{cloud.project}.{cloud.datasets[0]}.{self.name}"
        on_gcs = bool(seed % 2)
        self.base = f"gs://{cloud.buckets[0]}/{self.name}"
        self.journal = f"{self.base}/journal" if on_gcs else str(folder / "journal")
        self.failures = f"{self.base}/failures" if seed % 3 else str(folder / "failures")
        self.endpoint = GeminiEndpoint(
            Behaviour(latency=latency, latency_sigma=0.5, seed=seed), reader=reader or "canned"
        )
        self._stack = ExitStack()
        self._runs = 0

    def __enter__(self) -> Self:
        assert self.cloud.gcs
        assert self.cloud.bigquery
        self.folder.mkdir(parents=True, exist_ok=True)
        enter = self._stack.enter_context
        enter(self.endpoint)
        self.endpoint.set_behaviour(
            faults=[{"fault": fault, "share": 0.02} for fault in FINAL]
            + [{"fault": each, "share": 0.03, "times": 1, "retry_delay": 0.1} for each in PASSING]
        )
        self.gemini = enter(Gateway(self.endpoint.port, self.seed))
        self.gcs = enter(Gateway(self.cloud.gcs.port, self.seed))
        self.bigquery = enter(Gateway(self.cloud.bigquery.port, self.seed))
        self.bigquery_read = enter(Gateway(self.cloud.bigquery.grpc_port, self.seed))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, **flags: Any) -> Run:
        """Start a run of the job; `flags` add to or replace the job's own."""
        self._runs += 1
        given: dict[str, Any] = {
            "input": f"{self.documents}/**",
            "output": self.table.replace(".", ":", 1),
            "failures": self.failures,
            "journal": self.journal,
            "temp_location": f"{self.base}/temp",
            "gemini_endpoint": self.gemini.url,
            "gemini_service": "developer",
            "project": self.cloud.project,
            "max_in_flight": MAX_IN_FLIGHT,
            "run_id": f"run-{self._runs}",
            "summary": str(self.folder / f"summary-{self._runs}.json"),
            **self.flags,
            **flags,
        }
        environment = {
            **os.environ,
            **self.cloud.environment(),
            "STORAGE_EMULATOR_HOST": self.gcs.url,
            "BIGQUERY_EMULATOR_HOST": self.bigquery.url,
            READ_API: f"{HOST}:{self.bigquery_read.port}",
            "GEMINI_API_KEY": "key-of-torture",
        }
        log = self.folder / f"run-{self._runs}.log"
        arguments = [f"--{name}={value}" for name, value in given.items() if value is not None]
        log.touch()
        return Run(start(arguments, environment, self.folder, log), log)

    def finish(self, tries: int = 1, **flags: Any) -> Run:
        """Run the job to its end; a run that fails is a violation after so many `tries`."""
        for left in reversed(range(tries)):
            run = self.start(**flags)
            if run.wait() == 0:
                return run
            if not left:
                raise Violation(f"the rerun failed: {run.said()[-3000:]}")
        raise ValueError("at least one try")

    @property
    def summary(self) -> Path:
        """The summary of the run started last."""
        return self.folder / f"summary-{self._runs}.json"

    @property
    def run_id(self) -> str:
        """The id of the run started last."""
        return f"run-{self._runs}"

    @property
    def answered(self) -> int:
        """Answers that were paid for so far."""
        return int(self.endpoint.stats()["answered"])

    @property
    def charged(self) -> Decimal:
        """Dollars that the endpoint would have charged so far, at the default model's prices."""
        catalogue, tokens = load_catalogue(), self.endpoint.stats()["tokens"]
        usage = Usage(tokens["prompt"], tokens["cached"], tokens["candidates"], tokens["thoughts"])
        cost = catalogue.get(catalogue.default).cost_usd(usage, catalogue.as_of)
        assert cost is not None
        return cost

    @property
    def counts(self) -> Counter[str]:
        """What the endpoint counted."""
        stats = self.endpoint.stats()
        return Counter({name: stats[name] for name in ("calls", "admitted", "answered")})

    def watch(self, run: Run, seconds: float = _PATIENCE_SECONDS) -> Iterator[int]:
        """Yield the answers so far, every 20 ms, until the run or the time ends."""
        end = time.monotonic() + seconds
        while not run.over and time.monotonic() < end:
            yield self.answered
            time.sleep(0.02)
