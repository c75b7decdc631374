"""BigQuery on the loopback: bqemulator, which runs on DuckDB.

``python -m emulators.bigquery ARGS…`` is ``bqemulator ARGS…`` with DuckDB's spatial extension
taken from its wheel first, since bqemulator would otherwise download it when it starts.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from emulators.loopback import HOST, Loopback, StandInError, free_port
from emulators.process import ServerProcess, start_server

# A freshly started machine needs about 5 s; the first load job needs more (imports of pandas).
_TIMEOUT_SECONDS = 60.0


class BigQueryEmulator:
    """A BigQuery stand-in that finds ``gs://`` files of load jobs under ``gcs_root``.

    Tables live in memory and are gone after `stop`. ``folder`` receives the log; without it a
    temporary folder is used and removed.
    """

    def __init__(
        self,
        project: str = "sluicegate-local",
        *,
        gcs_root: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        self.project = project
        self.gcs_root = gcs_root
        self._given = folder
        self._server: ServerProcess | None = None
        self._connection: Loopback | None = None
        self.folder = Path()
        self.port = 0
        self.grpc_port = 0

    @property
    def url(self) -> str:
        """The base URL, as ``BIGQUERY_EMULATOR_HOST`` wants it."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "bigquery.log"

    def start(self) -> Self:
        """Start the server and wait until it answers; raises `StandInError`."""
        self.folder = self._given or Path(tempfile.mkdtemp(prefix="sluicegate-bigquery-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.grpc_port = free_port(), free_port()
        command = [sys.executable, "-m", "emulators.bigquery", "start", "--project", self.project]
        command += ["--rest-host", HOST, "--rest-port", str(self.port), "--log-level", "warning"]
        command += ["--grpc-host", HOST, "--grpc-port", str(self.grpc_port)]
        environment = {"PYTHONPATH": os.pathsep.join([_package_parent(), *_python_path()])}
        if self.gcs_root is not None:
            environment["BQEMU_GCS_LOCAL_ROOT"] = str(self.gcs_root.resolve())
        try:
            self._server = start_server(
                "bqemulator",
                command,
                port=self.port,
                log=self.log,
                ready="/readyz",
                environment=environment,
            )
        except BaseException:
            self._remove_folder()
            raise
        self._connection = Loopback(self.port, timeout=_TIMEOUT_SECONDS)
        return self

    def stop(self) -> None:
        """End the server, and remove its folder unless it was given; safe to call twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._server is not None:
            self._server.stop()
            self._server = None
            self._remove_folder()

    def _remove_folder(self) -> None:
        if self._given is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def create_dataset(self, name: str, *, location: str = "US") -> None:
        """Create a dataset; one that exists already is left as it is."""
        dataset = {
            "datasetReference": {"projectId": self.project, "datasetId": name},
            "location": location,
        }
        path = f"/bigquery/v2/projects/{quote(self.project)}/datasets"
        status, body = self._open().send_json("POST", path, dataset)
        if status not in {200, 409}:
            message = f"dataset {name!r} was not created: {status} {body[:300]!r}"
            raise StandInError(message)

    def table(self, dataset: str, table: str) -> Any:
        """Return a table's resource as the REST API gives it; raises `StandInError` if missing."""
        return self._open().get_json(
            f"/bigquery/v2/projects/{quote(self.project)}/datasets/{dataset}/tables/{table}"
        )

    def _open(self) -> Loopback:
        if self._connection is None:
            message = "the BigQuery stand-in is not running; call start() first"
            raise StandInError(message)
        return self._connection

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _package_parent() -> str:
    return str(Path(__file__).resolve().parent.parent)


def _python_path() -> list[str]:
    return [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]


def main() -> None:
    """Run bqemulator's own command line, with DuckDB's spatial extension in place."""
    # Both take seconds to import and belong to the server's process only.
    from bqemulator.cli import main as bqemulator_main  # noqa: PLC0415
    from duckdb_extensions import (  # type: ignore[import-untyped]  # noqa: PLC0415
        import_extension,
    )

    from emulators.bigquery_gaps import fill_gaps  # noqa: PLC0415

    import_extension("spatial")
    fill_gaps()
    bqemulator_main()


if __name__ == "__main__":
    main()
