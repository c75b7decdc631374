"""A table of its own in the emulated BigQuery, and documents beside it: what tests ask of them."""

import uuid
from pathlib import Path
from typing import Any

from google.cloud import bigquery

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from sluicegate.document_types.invoice import INVOICE
from sluicegate.document_types.table_schema import table_schema


class Place:
    """A table of its own with documents beside it."""

    def __init__(self, cloud: LocalCloud, endpoint: GeminiEndpoint, folder: Path) -> None:
        assert cloud.bigquery
        self.cloud, self.endpoint, self.folder = cloud, endpoint, folder
        self.emulator = cloud.bigquery
        self.name = f"t{uuid.uuid4().hex[:10]}"
        self.table = f"{cloud.project}.tests.{self.name}"
        self.client: bigquery.Client = cloud.bigquery_client()

    def run(self, **settings: Any) -> Any:
        """Run the job over the folder into the table."""
        return pipeline.run(
            **{
                "input": f"{self.folder}/in/**",
                "output": f"{self.cloud.project}:tests.{self.name}",
                "failures": f"{self.folder}/failures",
                "temp_location": f"gs://sluicegate/{self.name}/temp",
                "project": self.cloud.project,
                "gemini_service": "developer",
                "gemini_endpoint": self.endpoint.url,
                **settings,
            }
        )

    def make(self, **settings: Any) -> None:
        """Make the table before any run does, with partitions and clusters of another kind."""
        table = bigquery.Table(self.table, schema=table_schema(INVOICE.fields)["fields"])
        for name, value in settings.items():
            setattr(table, name, value)
        self.client.create_table(table)

    def uris(self) -> list[str]:
        """Return the documents of all rows of the table itself, sorted."""
        query = f"SELECT document_uri FROM `{self.table}` ORDER BY document_uri"
        return [row["document_uri"] for row in self.client.query_and_wait(query)]

    def documents(self) -> list[str]:
        """Return the documents of the input, sorted."""
        return sorted(str(path) for path in (self.folder / "in").iterdir())

    def load_ids(self) -> list[str]:
        """Return ids of load jobs into the table, sorted."""
        return sorted(
            job.job_id
            for job in self.client.list_jobs()
            if job.job_type == "load" and job.destination.table_id == self.name
        )
