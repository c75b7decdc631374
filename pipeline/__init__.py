"""The job: options, settings, graph, and the ways to start it."""

from pipeline.launch import RunFailed, run
from transforms.core.faults import UsageFault
from transforms.core.summary import Summary

__all__ = ["RunFailed", "Summary", "UsageFault", "run"]
