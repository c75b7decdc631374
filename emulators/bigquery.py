"""BigQuery on the loopback: bqemulator, which runs on DuckDB."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from emulators.loopback import HOST, StandInError, free_port
from emulators.process import ProcessServer, python_path


class BigQueryEmulator(ProcessServer):
    """A BigQuery stand-in that finds ``gs://`` files of load jobs under ``gcs_root``.

    Tables live in memory and are gone after `stop`. ``url`` is what ``BIGQUERY_EMULATOR_HOST``
    wants; the Storage Read API is served on ``grpc_port``.
    """

    name = "bqemulator"
    log_name = "bigquery.log"
    ready = "/readyz"
    # A freshly started machine needs about 5 s; the first load job needs more (imports of pandas).
    timeout = 60.0

    def __init__(
        self,
        project: str = "sluicegate-local",
        *,
        gcs_root: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(folder)
        self.project = project
        self.gcs_root = gcs_root
        self.grpc_port = 0

    def command(self) -> list[str]:
        """Serve the project, and the Storage Read API on a further port."""
        self.grpc_port = free_port()
        command = [sys.executable, "-m", "emulators.bigquery_gaps", "start"]
        command += ["--project", self.project, "--log-level", "warning"]
        command += ["--rest-host", HOST, "--rest-port", str(self.port)]
        return [*command, "--grpc-host", HOST, "--grpc-port", str(self.grpc_port)]

    def environment(self) -> dict[str, str]:
        """Say where the buckets lie."""
        found = {"PYTHONPATH": python_path()}
        if self.gcs_root is not None:
            found["BQEMU_GCS_LOCAL_ROOT"] = str(self.gcs_root.resolve())
        return found

    def create_dataset(self, name: str, *, location: str = "US") -> None:
        """Create a dataset; one that exists already is left as it is."""
        dataset = {
            "datasetReference": {"projectId": self.project, "datasetId": name},
            "location": location,
        }
        path = f"/bigquery/v2/projects/{quote(self.project)}/datasets"
        status, body = self.connection.send_json("POST", path, dataset)
        if status not in {200, 409}:
            message = f"dataset {name!r} was not created: {status} {body[:300]!r}"
            raise StandInError(message)

    def table(self, dataset: str, table: str) -> Any:
        """Return a table's resource as the REST API gives it; raises `StandInError` if missing."""
        return self.connection.get_json(
            f"/bigquery/v2/projects/{quote(self.project)}/datasets/{dataset}/tables/{table}"
        )
