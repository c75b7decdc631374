"""Which files one load job takes: BigQuery's limits. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class RowFile(NamedTuple):
    """A whole file of rows on its way into a table."""

    uri: str
    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """What one load job may have (https://cloud.google.com/bigquery/quotas#load_jobs, 2026)."""

    files: int = 10_000
    size_bytes: int = 15 * 10**12


def load_parts(files: Iterable[RowFile], limits: LoadLimits) -> list[list[str]]:
    """Divide files into as few parts as the limits allow, each for one load job."""
    parts: list[list[str]] = []
    size = 0
    for file in sorted(files):
        is_full = not parts or len(parts[-1]) == limits.files
        if is_full or size + file.size_bytes > limits.size_bytes:
            parts.append([])
            size = 0
        parts[-1].append(file.uri)
        size += file.size_bytes
    return parts
