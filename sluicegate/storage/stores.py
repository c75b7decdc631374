"""The store of a URI. Scope: the process; each kind of store is created once."""

from functools import cache

from sluicegate.storage.local import LocalStore
from sluicegate.storage.store import Store, is_gcs


@cache
def _gcs() -> Store:
    from sluicegate.storage.gcs import GcsStore  # noqa: PLC0415 - a second of import

    return GcsStore()


@cache
def _local() -> Store:
    return LocalStore()


def store_for(uri: str) -> Store:
    """Return the store of `uri`, shared by all threads of the process."""
    return _gcs() if is_gcs(uri) else _local()


def forget_clients() -> None:
    """Drop the cached clients; for tests that use another emulator."""
    _gcs.cache_clear()
