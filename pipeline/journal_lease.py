"""The launcher's part in the lease of the journal: taken before the launch, kept, given back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from apache_beam.options.pipeline_options import PipelineOptions

from pipeline.dataflow_job import running_job
from pipeline.run_failed import JournalInUse, RunFailed
from pipeline.runners import ends_with_launcher
from pipeline.settings import Settings
from pipeline.worker_processes import is_dataflow
from sluicegate.asking.holder import Holder
from sluicegate.asking.lease import JournalLease
from sluicegate.asking.lease_keeper import LeaseKeeper
from sluicegate.faults import JobFault
from sluicegate.pacing.clock import Clock
from sluicegate.storage import store_for


@dataclass
class Hold:
    """A lease that is held. `goes_on`: it is not given back, the job needs it still."""

    goes_on: bool = False


@contextmanager
def hold_journal(settings: Settings, options: PipelineOptions) -> Iterator[Hold]:
    """Hold the lease of the run's journal; raise JournalInUse while another run has it.

    A job on Dataflow takes it with its first worker: here is only looked whether it is free.
    """
    clock = Clock()
    holder = Holder.here(settings.run_id, lives_here=ends_with_launcher(options))
    lease = JournalLease(store_for(settings.journal), settings.journal, holder, clock)
    hold = Hold()
    if is_dataflow(options):
        try:
            _try(lease.check)
        except JournalInUse as refused:  # perhaps by a job there, which can be named
            raise running_job(options, settings.journal) or refused from refused
        yield hold
        return
    _try(lease.acquire)
    # The engines of the run notice by themselves when it is lost, and end the calls.
    keeper = LeaseKeeper(lease, clock, lambda _fault: None)
    try:
        yield hold
    finally:
        keeper.close()
        if not hold.goes_on:
            lease.release()


def _try(step: Callable[[], None]) -> None:
    try:
        step()
    except JobFault as fault:
        failed = JournalInUse if fault.code == "journal_in_use" else RunFailed
        raise failed(f"{fault.message} ({fault.code})") from fault
