"""WriteReport: a total as a JSON file and as an HTML page."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from sluicegate.faults import JobFault
from sluicegate.storage import StoreError, store_for


class WriteReport(beam.PTransform):
    """A collection of one total to `PREFIX.json` and `PREFIX.html`. A sink.

    `report` makes plain JSON from the total and `finished_at` (ISO 8601), `page` makes HTML from
    that JSON. Raises JobFault on the worker when they cannot be written.
    """

    def __init__(
        self,
        prefix: str,
        report: Callable[..., Any],
        page: Callable[[Any], str],
    ) -> None:
        super().__init__()
        self._write = _Write(prefix, report, page)

    def expand(self, total: PCollection[Any]) -> None:
        """Build the step."""
        _ = total | "Write" >> beam.ParDo(self._write)


class _Write(beam.DoFn):
    def __init__(self, prefix: str, report: Callable[..., Any], page: Callable[[Any], str]) -> None:
        self._prefix = prefix
        self._report = report
        self._page = page

    def process(self, total: Any) -> None:
        report = self._report(total, finished_at=datetime.now(UTC).isoformat(timespec="seconds"))
        texts = {
            ".html": self._page(report),
            ".json": json.dumps(report, indent=2, ensure_ascii=False) + "\n",
        }
        for suffix, text in texts.items():
            uri = f"{self._prefix}{suffix}"
            try:
                # UTF-8 cannot encode lone surrogates, which a hostile answer may hold.
                store_for(uri).write(uri, text.encode("utf-8", "backslashreplace"))
            except StoreError as error:
                raise JobFault("report_unwritable", str(error)) from error
