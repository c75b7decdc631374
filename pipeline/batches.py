"""Batch jobs of a run: whether there are to be any, and on what terms."""

from pipeline.flags.run import RunFlags
from sluicegate.batch.collecting import Patience
from sluicegate.batch.connect import BatchSettings, ConnectBatch
from sluicegate.faults import UsageFault
from sluicegate.live.connect import Connect
from sluicegate.storage import is_gcs


def read_batches(given: RunFlags, connect: Connect) -> ConnectBatch | None:
    """Return how the first model is asked in batches; None where it is asked by calls.

    Raises UsageFault with one sentence for what cannot be done that way.
    """
    if given.processing != "batch":
        if given.wait:
            raise UsageFault("--wait is for batch jobs: give --processing=batch, too")
        return None
    if given.ignore_journal:
        raise UsageFault(
            "--ignore_journal takes no answer of an earlier run, and what a batch job answers is "
            "collected by a later one: with --processing=batch give a new --journal instead"
        )
    if given.wait and not given.resume:
        raise UsageFault(
            "--wait runs the job again, and each run skips what has landed: not with --resume=false"
        )
    if connect.connection.is_vertex and not is_gcs(connect.journal):
        raise UsageFault(
            "--processing=batch on Vertex AI reads its requests from Cloud Storage: give "
            "--journal=gs://...; or use the Developer API"
        )
    return ConnectBatch(
        connect.engine,
        connect.connection,
        connect.journal,
        connect.run_id,
        BatchSettings(
            leftovers=given.batch_leftovers,
            canary=given.batch_canary,
            most_documents=given.batch_documents or 0,
            patience=Patience(given.batch_deadline, given.batch_forget),
        ),
        connect.max_cost_usd,
    )
