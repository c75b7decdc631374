"""The machine a benchmark ran on, and how busy it was meanwhile."""

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

# In which /proc counts.
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_PACKAGES = ("apache-beam", "google-genai", "aiohttp", "httpx", "pydantic")


def describe() -> dict[str, Any]:
    """Return cores, memory and versions."""
    return {
        "cores": os.cpu_count() or 1,
        "memory_gib": round(_memory_bytes() / 2**30, 1),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in _PACKAGES},
    }


def busy_seconds() -> float:
    """Return the CPU seconds that all processes together have used since the machine began.

    NaN where /proc/stat does not say.
    """
    try:
        first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    except OSError:
        return float("nan")
    user, nice, system, _, _, *rest = (int(value) for value in first)
    return (user + nice + system + sum(rest[:3])) / CLOCK_TICKS


def waiting_seconds() -> float:
    """Return for how long, since the machine began, something had to wait for a core.

    Of everything that runs on it; NaN where the kernel does not tell (pressure stall information).
    """
    try:
        first = Path("/proc/pressure/cpu").read_text(encoding="ascii").splitlines()[0]
    except OSError:
        return float("nan")
    return int(first.rpartition("total=")[2]) / 1e6


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
