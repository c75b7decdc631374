"""The command line's part of an estimate: what is shown, and the exit code."""

import os
import traceback

from rich.console import Console

from pipeline.command import DEBUG, OnConsole, say, wide_console
from pipeline.estimating.estimate import estimate_of, prepare_estimate
from pipeline.estimating.table import show
from pipeline.exit_codes import DONE, STOPPED, UNUSABLE
from pipeline.progress_line import ProgressLine
from pipeline.run_failed import RunFailed
from sluicegate.faults import UsageFault


def main(arguments: list[str]) -> int:
    """Show what a run with these flags would cost; return an exit code as `--help` of run says."""
    console = Console(stderr=True, highlight=False)
    try:
        asked = prepare_estimate(arguments)
        progress = ProgressLine(asked.settings.run_id, console, enabled=True)
        found = estimate_of(asked, OnConsole(console), progress)
    except UsageFault as fault:
        return say(console, f"error: {fault}", UNUSABLE)
    except RunFailed as failure:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        return say(console, f"{failure.says}: {failure}", failure.exit_code)
    except KeyboardInterrupt:
        return say(console, "stopped; the same command goes on from here", STOPPED)
    show(found, wide_console(), asked.uri)
    return DONE
