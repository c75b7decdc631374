"""What a command's exit code says. Every command has the first four; `run` has the others too."""

from collections.abc import Mapping

DONE, FAILED, UNUSABLE, STOPPED = 0, 1, 2, 130
BUSY, GOES_ON, CEILING = 3, 4, 5

# 130 is what shells report of a program that Ctrl-C ended: 128 + SIGINT.
EXIT_CODES = {
    DONE: "done, and within the limits that were given",
    FAILED: "the job failed, or a limit that was given is exceeded",
    UNUSABLE: "the command cannot be run as given",
    STOPPED: "stopped by Ctrl-C",
}
# Codes of their own, so that a scheduler which repeats a failed run can leave these alone. One that
# repeats all the same is refused with BUSY for as long as the job lasts, and pays nothing. After
# CEILING every repetition pays once more up to the ceiling: that is for a person to decide.
CODES_OF_RUN = {
    BUSY: "another run works on the journal, and nothing was started",
    GOES_ON: "the job goes on, but the command lost sight of it",
    CEILING: "--max_cost_usd was reached: what was answered has landed, the rest waits",
}


def explained(done: str, failed: str, more: Mapping[int, str] | None = None) -> str:
    """Return one sentence about all of them; `done` and `failed` say what 0 and 1 mean here.

    `more` are a command's own codes.
    """
    meant = dict(sorted({**EXIT_CODES, DONE: done, FAILED: failed, **(more or {})}.items()))
    return f"Exit codes: {'; '.join(f'{code} {text}' for code, text in meant.items())}."
