"""Dataflow: what a job there needs that a local run does not, and defaults for this workload.

The job is bound by a quota of calls, not by CPU: one process holds hundreds of calls in flight.
So: one small worker, one process on it, and threads enough to keep that process's calls going.
A default is set only where the user set nothing. docs/dataflow.md has the figures behind them.
"""

import os
import re
from pathlib import Path

from apache_beam.options.pipeline_options import (
    DebugOptions,
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
    WorkerOptions,
)

from pipeline.addresses import HOSTS_VARIABLE, may_be_sent_credentials
from pipeline.rate_limits import check_workers_reach
from pipeline.settings import Settings
from pipeline.worker_image import IMAGE_VARIABLE, check_python
from pipeline.worker_processes import ONE_PROCESS_A_VM, is_dataflow
from sluicegate.asking.journal_place import job_name
from sluicegate.faults import UsageFault
from sluicegate.sources.batching import BatchLimits
from sluicegate.sources.matching import LIST_MARK
from sluicegate.storage import beside, is_gcs

_ALL_PROCESSES = "use_multiple_sdk_containers"
_GIB = 1 << 30
# What a worker needs beside documents in flight: its system and Dataflow's harness (1 GiB says
# Dataflow's page on memory), Beam, the libraries, and room for load files.
_BASE_BYTES = 3 * _GIB
# The cheapest machines of two vCPUs and up that have so much memory, in bytes.
_MACHINES = {
    "e2-standard-2": 8 * _GIB,
    "e2-highmem-2": 16 * _GIB,
    "e2-highmem-4": 32 * _GIB,
    "e2-highmem-8": 64 * _GIB,
}
_LEAST_THREADS, _MOST_THREADS = 8, 64
_LABEL = re.compile(r"[^a-z0-9_-]")


def ready_for_dataflow(settings: Settings, options: PipelineOptions) -> None:
    """Check what only Dataflow needs, and set its defaults in the options; else do nothing.

    Raises UsageFault for places that a worker cannot share with the launcher, for a key that only
    the launcher has, for an address that is not to be sent the workers' credentials, and where
    workers would have no code to run, or that of another Python.
    """
    if not is_dataflow(options):
        return
    cloud = options.view_as(GoogleCloudOptions)
    if not cloud.project or not cloud.region:
        raise UsageFault("--runner=DataflowRunner needs --project and --region")
    _check_places(settings)
    connection = settings.connect.connection
    if not connection.is_vertex and not connection.api_key_secret:
        raise UsageFault(
            "workers on Dataflow do not have this machine's environment: store the API key in "
            "Secret Manager and give --api_key_secret=projects/PROJECT/secrets/NAME"
        )
    _check_endpoint(connection.endpoint)
    check_workers_reach(settings.connect.rate_limits)
    _set_code(options)
    _set_places(settings, cloud)
    _set_workers(settings, options)
    # A second active job of this name is refused by the service: one job a journal.
    name = job_name(settings.document_type.name, settings.journal)
    cloud.job_name = cloud.job_name or name
    cloud.labels = [*(cloud.labels or []), *_labels(settings)]


def stages_only(options: PipelineOptions) -> bool:
    """Tell whether the job is only written down for a template's launch, not launched here."""
    return bool(options.view_as(GoogleCloudOptions).template_location)


def _check_places(settings: Settings) -> None:
    output = [("output", str(settings.output))] if settings.output.folder else []
    places = [
        *(("input", pattern.removeprefix(LIST_MARK)) for pattern in settings.input),
        *output,
        ("failures", settings.failures),
        ("journal", settings.journal),
        ("summary", settings.summary),
    ]
    for name, place in places:
        if not is_gcs(place):
            raise UsageFault(
                f"--{name} {place!r} is on this machine, which workers on Dataflow do not see; "
                "give a gs:// path"
            )


def _check_endpoint(url: str) -> None:
    """Refuse an address that is not Google's: it would be sent the workers' key or token.

    Whoever may launch may run code as the worker anyway. This is against mistakes, and against a
    parameter that somebody else wrote into a schedule.
    """
    if url and not may_be_sent_credentials(url, os.environ.get(HOSTS_VARIABLE, "")):
        raise UsageFault(
            f"--gemini_endpoint {url}: workers on Dataflow send their credentials to "
            "googleapis.com alone; to allow another host name it in the launcher's environment, "
            f"{HOSTS_VARIABLE}=HOST,... or build the image with it: make template GEMINI_HOSTS=HOST"
        )


def _set_code(options: PipelineOptions) -> None:
    """Say where workers get this code from: an image, or a package built from the clone."""
    workers, setup = options.view_as(WorkerOptions), options.view_as(SetupOptions)
    image = workers.sdk_container_image or workers.worker_harness_container_image
    built_in = os.environ.get(IMAGE_VARIABLE, "")
    if image and image != built_in:
        check_python(image)
    if image or setup.setup_file:
        return
    clone = Path(__file__).resolve().parents[1] / "setup.py"
    if built_in:
        workers.sdk_container_image = built_in
    elif clone.is_file():
        setup.setup_file = str(clone)
    else:
        raise UsageFault(
            "workers on Dataflow would not have this code: give --sdk_container_image, "
            "or run from a clone"
        )


def _set_places(settings: Settings, cloud: GoogleCloudOptions) -> None:
    cloud.temp_location = (
        cloud.temp_location or settings.temp_location or beside(settings.failures, "temp")
    )
    if not is_gcs(cloud.temp_location):
        raise UsageFault(f"--temp_location {cloud.temp_location!r}: Dataflow needs a gs:// path")


def _set_workers(settings: Settings, options: PipelineOptions) -> None:
    workers, debug = options.view_as(WorkerOptions), options.view_as(DebugOptions)
    memory = _BASE_BYTES + settings.connect.engine.max_bytes_in_flight
    # A rate, a cap, a memory limit hold for a process: one process a VM makes them the VM's.
    if _ALL_PROCESSES not in (debug.experiments or []):
        debug.add_experiment(ONE_PROCESS_A_VM)
    if not workers.max_num_workers:
        workers.max_num_workers = workers.num_workers or 1
    _fix_number(settings, workers)
    if not workers.machine_type:
        fitting = [name for name, size in _MACHINES.items() if size >= memory]
        workers.machine_type = fitting[0] if fitting else [*_MACHINES][-1]
    if not debug.number_of_worker_harness_threads:
        debug.number_of_worker_harness_threads = _threads(
            settings.connect.engine.pacer.max_in_flight
        )
    standard = options.view_as(StandardOptions)
    hints = list(standard.resource_hints or [])
    if not any(hint.lower().startswith(("min_ram", "minram")) for hint in hints):
        standard.resource_hints = [*hints, f"min_ram={-(-memory // _GIB)}GiB"]


def _fix_number(settings: Settings, workers: WorkerOptions) -> None:
    """Have all workers at work from the start where each has a share of a given quota.

    A share is fixed, and a job bound by a quota uses little CPU: autoscaling, which goes by that,
    would leave it with one worker and one share for as long as it lasts.
    """
    pacer = settings.connect.engine.pacer
    is_given = pacer.requests_per_minute or pacer.tokens_per_minute
    is_said = workers.autoscaling_algorithm or workers.num_workers
    if is_given and workers.max_num_workers > 1 and not is_said:
        workers.num_workers = workers.max_num_workers
        workers.autoscaling_algorithm = "NONE"


def _threads(max_in_flight: int) -> int:
    """Return how many bundles may be open at once so that the calls in flight never run out.

    A bundle may hold as little as one batch; two calls' worth of documents should be at hand for
    each call in flight.
    """
    wanted = -(-2 * max_in_flight // BatchLimits().max_documents)
    return min(_MOST_THREADS, max(_LEAST_THREADS, wanted))


def _labels(settings: Settings) -> list[str]:
    """Return job labels: small letters, digits, hyphens and underscores, at most 63 each."""
    values = {
        "sluicegate-run": settings.run_id,
        "sluicegate-document-type": settings.document_type.name,
        "sluicegate-model": settings.model.name,
    }
    return [f"{name}={_LABEL.sub('-', value.lower())[:63]}" for name, value in values.items()]
