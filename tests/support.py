"""What tests call: documents, the outcome of a run, where things lie."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fastavro
import pyarrow.parquet as pq
import pytest

from samples.generator import generate

KEY = "key-that-must-not-leak-7f3a"

_FINAL_FAULTS = (
    "http_400_document",
    "http_502",
    "http_504",
    "reset",
    "html_200",
    "finish_MAX_TOKENS",
    "finish_SAFETY",
    "finish_RECITATION",
    "cut_json",
    "wrong_types",
)


def mixed_faults() -> list[dict[str, Any]]:
    """Return rules by which a tenth of the documents meet a fault, always the same ones."""
    return [
        *({"fault": fault, "share": 0.005} for fault in _FINAL_FAULTS),
        *(
            {"fault": fault, "share": 0.0125, "times": 1}
            for fault in ("http_500", "finish_OTHER", "finish_MAX_TOKENS")
        ),
        # Each is taken for the quota: many would make this a test of patience.
        {"fault": "http_429", "share": 0.002, "times": 1, "retry_delay": 0.1},
    ]


def write_invoices(folder: Path, count: int, *, seed: int = 1, first: int = 0) -> list[Path]:
    """Write small invoices with a text layer, each with content of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(first, first + count):
        name, data = _invoice(seed, index)
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    return paths


@cache
def _invoice(seed: int, index: int) -> tuple[str, bytes]:
    """Return the name and the bytes of a small invoice, made once."""
    sample = generate(seed, index, formats=("pdf",), small=True)
    return sample.name, sample.data


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


def files(pattern: str) -> list[Path]:
    """Return the local files of a glob that is wild in its last part alone, sorted."""
    folder, _, name = pattern.rpartition("/")
    return sorted(Path(folder).glob(name))


def read_rows(pattern: str) -> list[dict[str, Any]]:
    """Read rows from local files with other readers than the product's; JSON Lines as they are."""
    rows: list[Any] = []
    for path in files(pattern):
        if path.suffix == ".parquet":
            rows.extend(pq.ParquetFile(path).read().to_pylist())
        elif path.suffix == ".jsonl":
            rows.extend(json.loads(line) for line in path.read_text("utf-8").split("\n") if line)
        else:
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
