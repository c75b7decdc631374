"""How many worker processes share what belongs to the whole job: its quota, its rate."""

import os
import re

from apache_beam.options.pipeline_options import (
    DebugOptions,
    DirectOptions,
    FlinkRunnerOptions,
    PipelineOptions,
    PortableOptions,
    StandardOptions,
    WorkerOptions,
)

from pipeline.runners import in_worker_processes, is_local

ONE_PROCESS_A_VM = "no_use_multiple_sdk_containers"
_DATAFLOW_DEFAULT_MACHINE = "n1-standard-1"  # of batch jobs, says Dataflow's documentation


def is_dataflow(options: PipelineOptions) -> bool:
    """Tell whether the options ask for Dataflow."""
    runner = str(options.view_as(StandardOptions).runner or "")
    return runner.rpartition(".")[2] == "DataflowRunner"


def worker_processes(options: PipelineOptions) -> int:
    """Return how many worker processes at most run at once; at least 1.

    In this process 1, or `--direct_num_workers` with `--direct_running_mode=multi_processing`. On
    Dataflow `--max_num_workers` (or `--num_workers`) times the processes of a VM: one a vCPU, as
    its machine type's name has them, or one with the experiment `no_use_multiple_sdk_containers`.
    Elsewhere (Flink) `--parallelism` times `--sdk_worker_parallelism`, as if every slot were a
    machine of its own; 1 in LOOPBACK. A number that the options leave open counts as 1.
    """
    if is_local(options):
        direct = options.view_as(DirectOptions)
        if not in_worker_processes(options):
            return 1
        return int(direct.direct_num_workers or os.cpu_count() or 1)  # 0 means every core
    if is_dataflow(options):
        workers = options.view_as(WorkerOptions)
        machines = int(workers.max_num_workers or workers.num_workers or 1)
        experiments = options.view_as(DebugOptions).experiments or []
        if ONE_PROCESS_A_VM in experiments:
            return machines
        return machines * _vcpus(str(workers.machine_type or _DATAFLOW_DEFAULT_MACHINE))
    portable = options.view_as(PortableOptions)
    if portable.environment_type == "LOOPBACK":
        return 1
    slots = max(1, int(options.view_as(FlinkRunnerOptions).parallelism))
    return slots * max(1, int(portable.sdk_worker_parallelism or 1))


def _vcpus(machine_type: str) -> int:
    """Return the vCPUs that a machine type's name says: e2-standard-4, n2-custom-6-20480."""
    found = re.search(r"(?:^|-)(?:custom-)?(\d+)(?:-|$)", machine_type)
    return max(1, int(found.group(1))) if found else 1
