"""The jobs: flags, settings, graphs, and the ways to start them.

What starts a run is imported when it is first used: it brings Beam, which takes seconds, and
neither flags nor a command's help need it.
"""

from typing import TYPE_CHECKING, Any

from sluicegate.faults import UsageFault
from sluicegate.summary import Summary

if TYPE_CHECKING:
    from pipeline.launch import RunFailed, run

__all__ = ["RunFailed", "Summary", "UsageFault", "run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pipeline import launch  # noqa: PLC0415

    return getattr(launch, name)
