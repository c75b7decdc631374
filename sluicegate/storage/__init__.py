"""Storage: one small interface over the local disk and Google Cloud Storage."""

from sluicegate.storage.store import (
    AsyncStore,
    NotFound,
    Store,
    StoreError,
    Unavailable,
    exists_locally,
    is_gcs,
    is_text,
    join,
)
from sluicegate.storage.stores import store_for

__all__ = [
    "AsyncStore",
    "NotFound",
    "Store",
    "StoreError",
    "Unavailable",
    "exists_locally",
    "is_gcs",
    "is_text",
    "join",
    "store_for",
]
