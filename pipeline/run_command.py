"""How compare, evaluate, review and correct run: flags in, one sentence and an exit code out."""

import os
import traceback
from collections.abc import Callable
from typing import Any

from apache_beam.options.pipeline_options import PipelineOptions
from rich.console import Console

from pipeline.command import DEBUG, quiet_logs, say
from pipeline.exit_codes import FAILED, STOPPED, UNUSABLE
from pipeline.options import parse_flags
from pipeline.run_failed import RunFailed
from sluicegate.faults import UsageFault

Work = Callable[[dict[str, Any], PipelineOptions, Console], int]


def run_command(flags: type, arguments: list[str], work: Work) -> int:
    """Do a command's work with its flags, Beam's options and a console; return the exit code.

    `work` returns the code of a good end, and raises UsageFault or RunFailed.
    """
    console = Console(stderr=True, highlight=False)
    quiet_logs()
    try:
        return work(*parse_flags(arguments, flags), console)
    except UsageFault as fault:
        return say(console, f"error: {fault}", UNUSABLE)
    except RunFailed as failure:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        return say(console, f"failed: {failure}", FAILED)
    except KeyboardInterrupt:
        return say(console, "stopped", STOPPED)
