"""Storage: one small interface over the local disk and Google Cloud Storage."""

from sluicegate.storage.store import (
    AsyncStore,
    Changed,
    NotFound,
    Store,
    Stored,
    StoreError,
    Unavailable,
    beside,
    exists_locally,
    is_gcs,
    is_text,
    join,
)
from sluicegate.storage.stores import store_for

__all__ = [
    "AsyncStore",
    "Changed",
    "NotFound",
    "Store",
    "StoreError",
    "Stored",
    "Unavailable",
    "beside",
    "exists_locally",
    "is_gcs",
    "is_text",
    "join",
    "store_for",
]
