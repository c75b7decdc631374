"""Open files of a process: a call in flight takes one, and many systems begin with few."""

import sys

# Beside those of calls: Beam's own, the journal's, the libraries'.
_OTHERS = 300


def allow(calls: int) -> int:
    """Allow this process as many open files as so many calls need; return how many it may have.

    A desktop's limit is 1,024 (Linux) or 256 (macOS), and a process may raise its own up to what
    the system allows. Where that is less, calls beyond it fail as connections that cannot be made.
    """
    if sys.platform == "win32":  # it has no such limit on sockets
        return calls + _OTHERS
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = calls + _OTHERS
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return wanted if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (ValueError, OSError):  # macOS: "unlimited" has a limit after all
        return soft
    return most
