"""How many processes share a job's quota, for every way to run it."""

import os

import pytest

from pipeline.options import parse_flags
from pipeline.worker_processes import worker_processes

DATAFLOW = "--runner=DataflowRunner"
ONE = "--experiments=no_use_multiple_sdk_containers"


@pytest.mark.parametrize(
    ("flags", "processes"),
    [
        ([], 1),
        (["--direct_num_workers=4"], 1),
        (["--direct_num_workers=4", "--direct_running_mode=multi_threading"], 1),
        (["--direct_num_workers=4", "--direct_running_mode=multi_processing"], 4),
        (
            ["--direct_num_workers=0", "--direct_running_mode=multi_processing"],
            os.cpu_count(),
        ),
        ([DATAFLOW], 1),
        ([DATAFLOW, "--max_num_workers=5"], 5),
        ([DATAFLOW, "--num_workers=3"], 3),
        ([DATAFLOW, "--max_num_workers=5", "--machine_type=e2-standard-8"], 40),
        ([DATAFLOW, "--max_num_workers=5", "--machine_type=e2-standard-8", ONE], 5),
        ([DATAFLOW, "--max_num_workers=2", "--machine_type=n2-custom-6-20480"], 12),
        ([DATAFLOW, "--max_num_workers=2", "--machine_type=custom-4-8192"], 8),
        ([DATAFLOW, "--max_num_workers=2", "--machine_type=c3-standard-4-lssd"], 8),
        ([DATAFLOW, "--max_num_workers=2", "--machine_type=f1-micro"], 2),
        (["--runner=apache_beam.runners.DataflowRunner", "--max_num_workers=2"], 2),
        (["--runner=FlinkRunner"], 1),
        (["--runner=FlinkRunner", "--parallelism=6"], 6),
        (["--runner=FlinkRunner", "--parallelism=6", "--sdk_worker_parallelism=2"], 12),
        (["--runner=FlinkRunner", "--parallelism=6", "--environment_type=LOOPBACK"], 1),
    ],
)
def test_processes_that_share_a_quota(flags: list[str], processes: int) -> None:
    """The options say how many processes there are at most; what they leave open counts as 1."""
    assert worker_processes(parse_flags(flags)[1]) == processes
