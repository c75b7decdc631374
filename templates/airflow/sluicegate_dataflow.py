"""Every night the documents that are new, by the Flex Template on Dataflow. docs/airflow.md.

The whole inbox is given each time: documents whose row has landed are skipped, so a night that
was missed is made up for by the next one.
"""

from datetime import datetime, timedelta, timezone

from airflow import DAG
from airflow.providers.google.cloud.operators.dataflow import DataflowStartFlexTemplateOperator

# What `terraform output -raw make` says, and what is read and written.
PROJECT = "my-project"
REGION = "europe-west1"
BUCKET = "my-project-sluicegate"
WORKER = f"sluicegate-worker@{PROJECT}.iam.gserviceaccount.com"
SUBNETWORK = f"regions/{REGION}/subnetworks/sluicegate"
INPUT = "gs://my-project-invoices/inbox/**"
OUTPUT = f"{PROJECT}:invoices.extracted"
FAILURES = f"gs://{BUCKET}/work/failures"
# One name for one journal: Dataflow runs no two jobs of a name at once, so no document is asked
# about twice. `make launch ... DRY_RUN=1` prints the name that it gives to this journal.
JOB_NAME = "sluicegate-invoices"

with DAG(
    dag_id="sluicegate_dataflow",
    schedule="0 1 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017 - runs on Python 3.10 too
    catchup=False,
    max_active_runs=1,
    default_args={
        # Safe: what was paid for is in the journal, what has landed is skipped. Spread over hours,
        # so that a short outage, or a job that still runs, is over by the last one.
        "retries": 4,
        "retry_delay": timedelta(minutes=15),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(hours=4),
    },
) as dag:
    DataflowStartFlexTemplateOperator(
        task_id="extract",
        project_id=PROJECT,
        location=REGION,
        # The operator adds a random ending otherwise, and two jobs would share the journal.
        append_job_name=False,
        # The triggerer waits, not a worker: a job may take hours.
        deferrable=True,
        poll_sleep=60,
        # A deferred task does not see that somebody cancelled the job; this ends its wait.
        execution_timeout=timedelta(hours=20),
        body={
            "launchParameter": {
                "jobName": JOB_NAME,
                "containerSpecGcsPath": f"gs://{BUCKET}/templates/sluicegate.json",
                "parameters": {
                    "input": INPUT,
                    "output": OUTPUT,
                    "failures": FAILURES,
                    "gemini_service": "vertex",
                    "requests_per_minute": "300",
                    # More failures than this share fail the job, after rows have landed.
                    "max_failure_ratio": "0.1",
                },
                "environment": {
                    "serviceAccountEmail": WORKER,
                    "subnetwork": SUBNETWORK,
                    "ipConfiguration": "WORKER_IP_PRIVATE",
                    "tempLocation": f"gs://{BUCKET}/temp",
                    "stagingLocation": f"gs://{BUCKET}/staging",
                },
            }
        },
    )
