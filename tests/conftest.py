"""What tests share: the local cloud, the Gemini stand-in, documents, and a way to run the job."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro
import pytest

from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from samples.generator import generate

KEY = "key-that-must-not-leak-7f3a"


@pytest.fixture(autouse=True, scope="session")
def no_downloads() -> Iterator[None]:
    """Keep Beam's DirectRunner from downloading Prism, as pipeline.local_runner does."""
    from apache_beam.runners.portability.prism_runner import PrismRunner  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PrismRunner, "run_pipeline", _no_prism)
        yield


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


def write_invoices(folder: Path, count: int, *, seed: int = 1, first: int = 0) -> list[Path]:
    """Write small invoices with a text layer, each with content of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(first, first + count):
        sample = generate(seed, index, formats=("pdf",), small=True)
        path = folder / sample.name
        path.write_bytes(sample.data)
        paths.append(path)
    return paths


def sha256(path: Path) -> str:
    """Name a document as the stand-in does."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True)
class Landed:
    """What a run left behind."""

    summary: Any
    rows: list[dict[str, Any]]
    failures: list[dict[str, Any]]

    @property
    def failed(self) -> dict[str, dict[str, Any]]:
        """Failure records by document."""
        return {record["document_uri"]: record for record in self.failures}

    @property
    def extracted(self) -> dict[str, dict[str, Any]]:
        """Rows by document."""
        return {row["document_uri"]: row for row in self.rows}


Job = Callable[..., Landed]


@pytest.fixture
def job(tmp_path: Path, endpoint: GeminiEndpoint, api_key: str) -> Job:
    """Return a function that runs the whole pipeline on local files, as `pipeline.run` does."""
    import pipeline  # noqa: PLC0415 - Beam takes seconds, and not every test needs it

    def run(**settings: Any) -> Landed:
        defaults = {"output": str(tmp_path / "out"), "gemini_endpoint": endpoint.url}
        summary = pipeline.run(**{**defaults, **settings})
        assert summary is not None
        return Landed(summary, read_rows(summary.rows_uri), read_failures(summary.failures_uri))

    return run


def files(pattern: str) -> list[Path]:
    """Return the local files of a glob that is wild in its last part alone, sorted."""
    folder, _, name = pattern.rpartition("/")
    return sorted(Path(folder).glob(name))


def read_rows(pattern: str) -> list[dict[str, Any]]:
    """Read Avro rows from local files."""
    rows: list[Any] = []
    for path in files(pattern):
        with path.open("rb") as file:
            rows.extend(fastavro.reader(file))
    return rows


def read_failures(pattern: str) -> list[dict[str, Any]]:
    """Read failure records from local files."""
    lines = [line for path in files(pattern) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def real_documents() -> Path:
    """Return the folder of real documents, or skip where it is absent."""
    given = os.environ.get("SLUICEGATE_REAL_DOCUMENTS")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real documents is not on this machine")
    return folder
