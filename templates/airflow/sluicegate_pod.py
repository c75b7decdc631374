"""Every night the documents that are new, by the plain command in a pod. docs/airflow.md.

For inboxes that one machine does in its night: no Dataflow, and the task sees the command's own
exit code and last sentence. Cloud Composer has no room for the product's pinned packages beside
its own, and needs none: the template's image has them.
"""

from datetime import datetime, timedelta, timezone

from airflow import DAG
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

PROJECT = "my-project"
REGION = "europe-west1"
BUCKET = "my-project-sluicegate"
# As `make template` printed it.
IMAGE = f"{REGION}-docker.pkg.dev/{PROJECT}/sluicegate/sluicegate:0.2.0"
FLAGS = {
    "project": PROJECT,
    "gemini_service": "vertex",
    "input": "gs://my-project-invoices/inbox/**",
    "output": f"{PROJECT}:invoices.extracted",
    "failures": f"gs://{BUCKET}/work/failures",
    "temp_location": f"gs://{BUCKET}/temp",
    "requests_per_minute": "300",
    "max_failure_ratio": "0.1",
}

with DAG(
    dag_id="sluicegate_pod",
    schedule="0 1 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017 - runs on Python 3.10 too
    catchup=False,
    # On one journal one run after another: two at once would both ask about what is new.
    max_active_runs=1,
    default_args={
        "retries": 4,
        "retry_delay": timedelta(minutes=15),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(hours=4),
    },
) as dag:
    KubernetesPodOperator(
        task_id="extract",
        name="sluicegate",
        # Where Composer's own cluster runs pods, as the environment's account. On another cluster
        # leave the three lines out, and name a service_account_name that is bound to the worker's
        # account (Workload Identity Federation for GKE).
        # Source: https://cloud.google.com/composer/docs/composer-3/use-kubernetes-pod-operator
        namespace="composer-user-workloads",
        config_file="/home/airflow/composer_kube_config",
        kubernetes_conn_id="kubernetes_default",
        image=IMAGE,
        cmds=["python", "/template/main.py"],
        arguments=[f"--{name}={value}" for name, value in FLAGS.items()],
        get_logs=True,
        deferrable=True,
        # A task that is tried again takes over its pod where it still runs, and starts no second.
        reattach_on_restart=True,
        on_finish_action="delete_succeeded_pod",
        execution_timeout=timedelta(hours=20),
        container_resources={
            "requests": {"cpu": "1", "memory": "4Gi"},
            "limits": {"memory": "8Gi"},
        },
    )
