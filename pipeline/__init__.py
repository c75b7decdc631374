"""The job: options, settings, graph, and the ways to start it."""

from pipeline.launch import RunFailed, run
from sluicegate.faults import UsageFault
from sluicegate.summary import Summary

__all__ = ["RunFailed", "Summary", "UsageFault", "run"]
