"""Files on their way into a table, on Cloud Storage: who wrote a name first, and where it lies."""

from collections.abc import Iterable

from google.api_core import exceptions as api
from google.auth import exceptions as auth

from sluicegate.storage.gcs import GcsStore, split_object_uri, split_uri
from sluicegate.storage.store import GCS_SCHEME, StoreError

_AT_ONCE = 100  # deletions in a batch: https://cloud.google.com/storage/docs/batch


def write_first(uri: str, data: bytes) -> bytes:
    """Write an object unless there is one; return what it holds, by whoever wrote it first.

    Of writers at the same time one is the first, by the precondition that there is no generation
    yet. Raises StoreError.
    """
    store = GcsStore()
    bucket, name = split_object_uri(uri)
    try:
        store.client.bucket(bucket).blob(name).upload_from_string(
            data, content_type="application/json", if_generation_match=0
        )
    except api.PreconditionFailed:
        return store.read(uri)
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise StoreError(f"{uri!r} cannot be written: {error}") from error
    return data


def names_under(folder: str) -> list[str]:
    """Return the URIs of the objects in a folder, sorted. Raises StoreError."""
    bucket, name = split_uri(folder)
    try:
        blobs = GcsStore().client.list_blobs(bucket, prefix=f"{name}/")
        return sorted(f"{GCS_SCHEME}{bucket}/{blob.name}" for blob in blobs)
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise StoreError(f"{folder!r} cannot be listed: {error}") from error


def bucket_location(uri: str) -> str:
    """Return where the bucket of a URI lies; "" where nobody says so."""
    try:
        return str(GcsStore().client.get_bucket(split_uri(uri)[0]).location or "")
    except (api.GoogleAPIError, auth.GoogleAuthError):
        return ""


def remove(uris: Iterable[str]) -> None:
    """Delete objects, as far as that is possible: a bucket's lifecycle takes what stays."""
    client = GcsStore().client
    left = [split_object_uri(uri) for uri in uris]
    for start in range(0, len(left), _AT_ONCE):
        try:
            with client.batch(raise_exception=False):
                for bucket, name in left[start : start + _AT_ONCE]:
                    client.bucket(bucket).blob(name).delete()
        except (api.GoogleAPIError, auth.GoogleAuthError, ValueError):
            return
