"""Batch jobs of a run: whether there are to be any, and on what terms."""

from pipeline.flags.run import RunFlags
from sluicegate.batch.collecting import Patience
from sluicegate.batch.connect import BatchSettings, ConnectBatch
from sluicegate.faults import UsageFault
from sluicegate.gemini.batch.lines import request_body
from sluicegate.gemini.batch.vertex_input import refusal
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
    if given.estimate is not None:  # its sample is asked about by calls: now, not within a day
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
    kind = connect.engine.document_type
    request = request_body(connect.engine.template, (), kind.max_output_tokens)
    if connect.connection.is_vertex and (why := refusal(request)):
        raise UsageFault(
            f"--processing=batch: document type {kind.name!r} cannot be asked about in batch jobs "
            f"of Vertex AI, {why}; use --processing=flex, which costs as much"
        )
    return ConnectBatch(
        connect,
        BatchSettings(
            leftovers=given.batch_leftovers,
            canary=given.batch_canary,
            most_documents=given.batch_documents or 0,
            patience=Patience(given.batch_deadline, given.batch_forget),
        ),
    )
