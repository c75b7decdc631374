"""The local cloud as a whole: Cloud Storage, BigQuery and, when wanted, the Gemini stand-in."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self
from unittest import mock

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage

from emulators.bigquery import BigQueryEmulator
from emulators.gcs import GcsEmulator
from emulators.gemini.process import GeminiProcess
from emulators.loopback import HOST, StandInError
from emulators.patches import local_clients

PROJECT = "sluicegate-local"
BUCKET = "sluicegate"
DATASET = "sluicegate"
# What the Gemini stand-in is given as key and token; it accepts any unless told otherwise.
LOCAL_KEY = "local-key"


class LocalCloud:
    """Stand-ins for the cloud services a run needs, started and stopped together.

    ``folder`` keeps objects and logs after `stop`; without it a temporary folder is used and
    removed. ``gemini`` starts the Gemini stand-in in a process of its own with ``gemini_args`` as
    further command-line arguments. Starting raises `StandInError` with the end of the log.
    """

    def __init__(
        self,
        project: str = PROJECT,
        *,
        buckets: Sequence[str] = (BUCKET,),
        datasets: Sequence[str] = (DATASET,),
        gemini: bool = False,
        gemini_args: Sequence[str] = (),
        bigquery: bool = True,
        folder: Path | None = None,
    ) -> None:
        self.project = project
        self.buckets = tuple(buckets)
        self.datasets = tuple(datasets)
        self._gemini_args = tuple(gemini_args)
        self._given = folder
        self._started = ExitStack()
        self.folder = Path()
        self._with_gemini = gemini
        self._with_bigquery = bigquery
        self.gcs: GcsEmulator | None = None
        self.bigquery: BigQueryEmulator | None = None
        self.gemini: GeminiProcess | None = None

    def start(self) -> Self:
        """Start everything and create the buckets and datasets; raises `StandInError`."""
        with ExitStack() as started:
            self.folder = self._given or Path(tempfile.mkdtemp(prefix="sluicegate-cloud-"))
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._given is None:
                started.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.gcs = started.enter_context(GcsEmulator(self.folder))
            for bucket in self.buckets:
                self.gcs.create_bucket(bucket)
            if self._with_bigquery:
                self.bigquery = started.enter_context(
                    BigQueryEmulator(self.project, gcs_root=self.gcs.root, folder=self.folder)
                )
                for dataset in self.datasets:
                    self.bigquery.create_dataset(dataset)
            if self._with_gemini:
                self.gemini = started.enter_context(
                    GeminiProcess(
                        self._gemini_args,
                        folder=self.folder,
                        environment={"STORAGE_EMULATOR_HOST": self.gcs.url},
                    )
                )
            self._started = started.pop_all()
        return self

    def stop(self) -> None:
        """End everything, in reverse order; safe to call twice."""
        self._started.close()
        self.gcs = self.bigquery = self.gemini = None

    @property
    def gemini_url(self) -> str | None:
        """The Gemini stand-in's base URL, or None if it was not asked for."""
        return self.gemini.url if self.gemini else None

    def environment(self) -> dict[str, str]:
        """Return the environment variables with which other processes find this cloud."""
        gcs = self._gcs()
        loopback = ",".join(filter(None, [os.environ.get("NO_PROXY"), HOST, "localhost"]))
        found = {
            "GOOGLE_CLOUD_PROJECT": self.project,
            "STORAGE_EMULATOR_HOST": gcs.url,
            "NO_PROXY": loopback,
            "no_proxy": loopback,
            # Looking for a metadata server takes seconds where there is none.
            "NO_GCE_CHECK": "true",
        }
        if self.bigquery:
            found["BIGQUERY_EMULATOR_HOST"] = self.bigquery.url
        if self.gemini_url:
            found["SLUICEGATE_GEMINI_ENDPOINT"] = self.gemini_url
            found["GEMINI_API_KEY"] = LOCAL_KEY
        return found

    @contextmanager
    def patch(self) -> Iterator[Self]:
        """Make this process use the local cloud, Beam's own connectors included, until exit.

        Sets `environment`, answers every request for default credentials with a made-up token,
        and points Beam's BigQuery client, which knows no emulator, at this one.
        """
        bigquery = self.bigquery
        with (
            mock.patch.dict(os.environ, self.environment()),
            local_clients(
                project=self.project,
                token=LOCAL_KEY,
                bigquery_url=bigquery.url if bigquery else None,
                bigquery_read=f"{HOST}:{bigquery.grpc_port}" if bigquery else None,
            ),
        ):
            yield self

    def upload(self, bucket: str, local_folder: Path, prefix: str = "") -> list[str]:
        """Store every file under ``local_folder`` below ``prefix`` and return the URIs, sorted."""
        return self._gcs().upload(bucket, Path(local_folder), prefix)

    def storage_client(self) -> storage.Client:
        """Return Google's Cloud Storage client, anonymous, for this cloud."""
        return storage.Client(
            self.project,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": self._gcs().url},
        )

    def bigquery_client(self) -> bigquery.Client:
        """Return Google's BigQuery client, anonymous, for this cloud; raises `StandInError`."""
        if self.bigquery is None:
            message = "the local cloud runs without BigQuery; start() it with bigquery=True"
            raise StandInError(message)
        return bigquery.Client(
            self.project,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": self.bigquery.url},
        )

    def gemini_stats(self) -> Any:
        """Return what the Gemini stand-in counted so far; raises `StandInError`."""
        if self.gemini is None:
            message = "the local cloud runs without Gemini; start() it with gemini=True"
            raise StandInError(message)
        return self.gemini.stats()

    def _gcs(self) -> GcsEmulator:
        if self.gcs is None:
            message = "the local cloud is not running; call start() first"
            raise StandInError(message)
        return self.gcs

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
