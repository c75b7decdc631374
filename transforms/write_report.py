"""WriteReport: what was added up, as JSON and as a page."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from sluicegate.faults import JobFault
from sluicegate.storage import StoreError, store_for


class WriteReport(beam.PTransform):
    """The one total of a collection to `PREFIX.json` and `PREFIX.html`. A sink.

    `report` makes plain JSON of the total and the time it is finished at (ISO 8601), `page` makes
    HTML of that JSON. Raises JobFault on the worker when they cannot be written.
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
        self._prefix, self._report, self._page = prefix, report, page

    def process(self, total: Any) -> None:
        report = self._report(total, finished_at=datetime.now(UTC).isoformat(timespec="seconds"))
        texts = {
            ".html": self._page(report),
            ".json": json.dumps(report, indent=2, ensure_ascii=False) + "\n",
        }
        for ending, text in texts.items():
            uri = f"{self._prefix}{ending}"
            try:
                # Lone surrogates of a hostile answer must not stop the writer.
                store_for(uri).write(uri, text.encode("utf-8", "backslashreplace"))
            except StoreError as error:
                raise JobFault("report_unwritable", str(error)) from error
