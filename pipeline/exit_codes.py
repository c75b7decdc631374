"""What a command's exit code says. Every command has these four."""

DONE, FAILED, UNUSABLE, STOPPED = 0, 1, 2, 130

# 130 is what shells report of a program that Ctrl-C ended: 128 + SIGINT.
EXIT_CODES = {
    DONE: "done, and within the limits that were given",
    FAILED: "the job failed, or a limit that was given is exceeded",
    UNUSABLE: "the command cannot be run as given",
    STOPPED: "stopped by Ctrl-C",
}


def explained(done: str, failed: str) -> str:
    """Return one sentence about all of them; `done` and `failed` say what 0 and 1 mean here."""
    meant = {**EXIT_CODES, DONE: done, FAILED: failed}
    return f"Exit codes: {'; '.join(f'{code} {text}' for code, text in meant.items())}."
