"""The command run: flags in, a readable end of run and an exit code out."""

import logging
import os
import sys
import traceback

from rich.console import Console

from pipeline.exit_codes import DONE, FAILED, STOPPED, UNUSABLE
from pipeline.launch import Prepared, RunFailed, Telling, launch, prepare
from pipeline.progress_line import ProgressLine
from pipeline.remote_job import AboutJob
from pipeline.report import show
from pipeline.settings import Settings
from pipeline.waiting import OpenJobs, again, wait_for_jobs
from sluicegate.faults import JobFault, UsageFault
from sluicegate.log import FAULTS, Event
from sluicegate.progress import Progress
from sluicegate.summary import Summary

DEBUG = "SLUICEGATE_DEBUG"
_WIDTH_OF_A_FILE = 120
_GO_ON = "stopped; the same command goes on from here"


def main(arguments: list[str], prog: str = "") -> int:  # noqa: ARG001 - as of every command
    """Run the command; return an exit code as its `--help` says."""
    console = Console(stderr=True, highlight=False)
    quiet_logs()
    if any(each.partition("=")[0] == "--estimate" for each in arguments):
        from pipeline.estimating.command import main as estimate  # noqa: PLC0415 - it imports this

        return estimate(arguments)
    try:
        prepared = prepare(arguments)
    except UsageFault as fault:
        return say(console, f"error: {fault}", UNUSABLE)
    telling = OnConsole(console)
    left, number = prepared.settings.given.wait, 1
    while True:
        code, waits = _step(prepared, telling, console)
        if not waits:
            return code
        if left <= 0:
            return int(prepared.settings.given.waiting_exit_code)
        number += 1
        try:
            left = wait_for_jobs(prepared.settings, left, telling.say)
            prepared = prepare(again(arguments, number))
        except KeyboardInterrupt:
            return say(console, _GO_ON, STOPPED)
        except (UsageFault, JobFault) as fault:
            return say(console, f"error: {fault.args[0]}", FAILED)


def _step(prepared: Prepared, telling: "OnConsole", console: Console) -> tuple[int, bool]:
    """Run once; return the exit code, and whether documents wait for batch jobs."""
    progress = ProgressLine(prepared.settings.run_id, console, enabled=prepared.works_here)
    try:
        return _run(prepared, telling, progress)
    except RunFailed as failure:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        if failure.summary:
            _show(failure.summary, prepared.settings)
        elif progress.reached.done:
            say(console, _spent(progress.reached, prepared.settings), FAILED)
        return say(console, f"{failure.says}: {failure}", failure.exit_code), False
    except KeyboardInterrupt:
        if telling.job:
            return say(console, telling.job.goes_on, STOPPED), False
        if progress.reached.done:
            say(console, _spent(progress.reached, prepared.settings), STOPPED)
        return say(console, _GO_ON, STOPPED), False


class OnConsole(Telling):
    """Tells on a console, above the progress line."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.job: AboutJob | None = None

    def started(self, settings: Settings) -> None:
        """Tell that a run begins."""
        service = settings.connect.connection.service
        self.say(
            f"run {settings.run_id}: {settings.document_type.name} with {settings.model.name} "
            f"({service}); answers are kept in {settings.journal}"
        )

    def submitted(self, about: AboutJob) -> None:
        """Tell that a job was handed over, and remember it."""
        self.job = about
        super().submitted(about)

    def say(self, text: str) -> None:
        """Tell anything else."""
        say(self._console, text, DONE)


def _run(prepared: Prepared, telling: Telling, progress: ProgressLine) -> tuple[int, bool]:
    with progress:
        summary = launch(prepared, telling)
    if summary is None:
        place = prepared.settings.summary
        telling.say(f"the job was submitted; its summary will be at {place}")
        return DONE, False
    _show(summary, prepared.settings)
    batch = prepared.settings.batch
    if batch and summary.waiting:
        telling.say(OpenJobs.of(batch.register()).sentence(summary))
        return DONE, True
    return DONE, False


def _show(summary: Summary, settings: Settings) -> None:
    show(summary, wide_console(), settings.summary)


def wide_console() -> Console:
    """Return a console for standard output; in a file its lines have a fixed width."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE)


def _spent(reached: Progress, settings: Settings) -> str:
    return (
        f"{reached.done:,} documents were done for ${reached.cost_usd:,.4f}; "
        f"their answers are kept in {settings.journal}"
    )


def say(console: Console, text: str, code: int) -> int:
    """Print a line as it is, whatever it holds, and return the exit code given."""
    text = text.encode("utf-8", "backslashreplace").decode()  # a file name may hold anything
    console.print(text, soft_wrap=True, markup=False, emoji=False)
    return code


class _Sentences(logging.Formatter):
    """Shows people the sentence of a line, without the facts behind it."""

    def format(self, record: logging.LogRecord) -> str:
        return record.msg.sentence if isinstance(record.msg, Event) else super().format(record)


def quiet_logs() -> None:
    """Show warnings of ours; Beam's and its libraries' chatter only when debugging."""
    debug = bool(os.environ.get(DEBUG))
    logging.basicConfig(
        level=logging.INFO if debug else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s" if debug else "%(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("sluicegate").setLevel(logging.INFO if debug else logging.WARNING)
    if not debug:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(_Sentences("%(message)s"))
        # What stopped the job is said at the end, once.
        logging.getLogger(FAULTS).setLevel(logging.CRITICAL)
        # What Beam says of a failed bundle is said again, in one sentence, by us.
        logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
        logging.getLogger("root").setLevel(logging.CRITICAL)
