"""Batch jobs of both services, by plain REST: one file a service.

The SDK is left out on purpose. It drops a job's error and counts, it sends a create again when its
connection breaks (two jobs, of which the caller knows one), and the schema that calls carry would
get into its batch requests, too.
"""

from sluicegate.asking.batch_service import BatchService, Caps
from sluicegate.gemini.batch.developer import DeveloperBatches
from sluicegate.gemini.batch.vertex import VertexBatches
from sluicegate.gemini.connection import Connection, RequestTemplate

__all__ = ["DeveloperBatches", "VertexBatches", "batches_of", "caps_of"]


def batches_of(connection: Connection, template: RequestTemplate, api_key: str) -> BatchService:
    """Return the batch jobs of the connection's service."""
    if connection.is_vertex:
        return VertexBatches(connection, template)
    return DeveloperBatches(connection, template, api_key)


def caps_of(connection: Connection) -> Caps:
    """Return what a job of the connection's service takes."""
    return (VertexBatches if connection.is_vertex else DeveloperBatches).caps
