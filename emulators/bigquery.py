"""BigQuery on the loopback: bqemulator, which runs on DuckDB."""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from emulators.bigquery_names import EXPIRED, FAULTS, FOLDER, LOADS, SECONDS, SESSIONS
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
        found = {"PYTHONPATH": python_path(), FOLDER: str(self.folder)}
        if self.gcs_root is not None:
            found["BQEMU_GCS_LOCAL_ROOT"] = str(self.gcs_root.resolve())
        return found

    def fail_loads(self, *reasons: str, message: str = "") -> None:
        """Fail the next load jobs, one for each reason, after they have been started."""
        text = message or "Error encountered during job execution. Retrying may solve the problem."
        faults = [{"reason": reason, "message": text} for reason in reasons]
        (self.folder / FAULTS).write_text(json.dumps(faults))

    def run_loads_for(self, seconds: float) -> None:
        """Have the next load jobs run so long after the request that starts them; 0 ends that."""
        (self.folder / SECONDS).write_text(json.dumps(seconds))

    def loads(self, table: str, state: str) -> list[str]:
        """Return ids of load jobs into a table that were "asked" for, "running" or "done" so far.

        One that was done within the request that started it was never "running". A table is named
        by its last part.
        """
        return [
            load["job"]
            for load in self._noted(LOADS)
            if (load["table"], load["state"]) == (table, state)
        ]

    def expire_sessions(self) -> None:
        """Have the next read of a stream fail as that of an aged session."""
        (self.folder / EXPIRED).touch()

    def read_sessions(self, table: str) -> list[dict[str, Any]]:
        """Return what read sessions of a table, named by its last part, were asked for."""
        sessions = self._noted(SESSIONS)
        return [session for session in sessions if session["table"].endswith(f"/{table}")]

    def _noted(self, name: str) -> list[dict[str, Any]]:
        noted = self.folder / name
        lines = noted.read_text().splitlines(keepends=True) if noted.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def create_dataset(self, name: str, *, location: str = "US", project: str = "") -> None:
        """Create a dataset; one that exists already is left as it is."""
        project = project or self.project
        dataset = {
            "datasetReference": {"projectId": project, "datasetId": name},
            "location": location,
        }
        path = f"/bigquery/v2/projects/{quote(project)}/datasets"
        self.connection.close()  # the server has, after some idle seconds; it is opened anew
        status, body = self.connection.send_json("POST", path, dataset)
        if status not in {200, 409}:
            message = f"dataset {name!r} was not created: {status} {body[:300]!r}"
            raise StandInError(message)

    def table(self, dataset: str, table: str) -> Any:
        """Return a table's resource as the REST API gives it; raises `StandInError` if missing."""
        return self.connection.get_json(
            f"/bigquery/v2/projects/{quote(self.project)}/datasets/{dataset}/tables/{table}"
        )
