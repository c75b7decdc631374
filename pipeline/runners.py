"""The runner: of local runs Beam's in-process FnApiRunner, chosen by us; else what is named.

Beam 2.77's DirectRunner first tries Prism, whose binary it downloads at run time and which leaves
a worker pool listening. A local run should do neither, and give the same result on every machine.
"""

from apache_beam.options.pipeline_options import (
    DirectOptions,
    FlinkRunnerOptions,
    PipelineOptions,
    PortableOptions,
    StandardOptions,
)
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.runners.portability.portable_runner import JobServiceHandle
from apache_beam.runners.runner import PipelineRunner, create_runner

from sluicegate.faults import UsageFault, one_line

_LOCAL_NAMES = ("DirectRunner", "SwitchingDirectRunner", "FnApiRunner")


def is_local(options: PipelineOptions) -> bool:
    """Tell whether the options ask for a run on this machine; no runner given is one."""
    runner = str(options.view_as(StandardOptions).runner or _LOCAL_NAMES[0])
    return runner.rpartition(".")[2] in _LOCAL_NAMES


def ends_with_launcher(options: PipelineOptions) -> bool:
    """Tell whether the job ends when this process does.

    So it is on this machine, with Prism, with the Flink that Beam starts by itself, and where
    workers are threads of the launcher.
    """
    if is_local(options):
        return True
    name = str(options.view_as(StandardOptions).runner).rpartition(".")[2]
    if options.view_as(PortableOptions).environment_type == "LOOPBACK" or name == "PrismRunner":
        return True
    flink = str(options.view_as(FlinkRunnerOptions).flink_master or "")
    return name == "FlinkRunner" and flink in ("", "[local]", "[auto]")


def in_worker_processes(options: PipelineOptions) -> bool:
    """Tell whether a run on this machine does its work in processes of its own."""
    return options.view_as(DirectOptions).direct_running_mode == "multi_processing"


def make_runner(options: PipelineOptions) -> PipelineRunner:
    """Return the runner that the options name: ours for a local run, else Beam's.

    Beam's `--direct_running_mode` and `--direct_num_workers` hold as always. Raises UsageFault
    for a runner that does not exist.
    """
    if not is_local(options):
        name = str(options.view_as(StandardOptions).runner)
        try:
            return create_runner(name)
        except (ValueError, ImportError, AttributeError) as error:
            reason = one_line(error, limit=None)
            raise UsageFault(f"--runner {name!r} cannot be used: {reason}") from error
    encoded = JobServiceHandle.encode_pipeline_options(options.get_all_options())
    return fn_runner.FnApiRunner(
        provision_info=fn_runner.ExtendedProvisionInfo(
            beam_provision_api_pb2.ProvisionInfo(pipeline_options=encoded)
        )
    )
