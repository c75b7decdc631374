"""The jobs: flags, settings, graphs, and the ways to start them.

What starts a run is imported when it is first used: it brings Beam, which takes seconds, and
neither flags nor a command's help need it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sluicegate.faults import UsageFault
from sluicegate.summary import Summary

if TYPE_CHECKING:
    from pipeline.estimating.estimate import estimate
    from pipeline.launch import RunFailed, run

__all__ = ["RunFailed", "Summary", "UsageFault", "estimate", "run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "pipeline.estimating.estimate" if name == "estimate" else "pipeline.launch"
    return getattr(import_module(module), name)
