"""A small disk that fills up and turns read-only: a tmpfs of its own. Linux, as root."""

import subprocess
import time
from pathlib import Path
from typing import Self

_PATIENCE_SECONDS = 20.0


class NoDisk(Exception):  # noqa: N818 - what there is none of
    """This user cannot mount anything here."""


class Disk:
    """A file system of a given size, mounted at `folder` for as long as the block runs."""

    def __init__(self, folder: Path, kilobytes: int) -> None:
        self.folder, self._kilobytes = folder, kilobytes

    def resize(self, kilobytes: int) -> None:
        """Give it another size."""
        _mount("-o", f"remount,size={kilobytes}k", str(self.folder))

    def protect(self) -> None:
        """Make it read-only, as soon as no file is open for writing."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                _mount("-o", "remount,ro", str(self.folder))
            except NoDisk:
                if time.monotonic() > end:
                    raise
                time.sleep(0.001)
            else:
                return

    def release(self) -> None:
        """Make it writable again."""
        _mount("-o", "remount,rw", str(self.folder))

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        size = f"size={self._kilobytes}k"
        _mount("-t", "tmpfs", "-o", size, "tmpfs", str(self.folder))
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False, capture_output=True)


def _mount(*arguments: str) -> None:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    except OSError as error:
        raise NoDisk(str(error)) from error
    if done.returncode:
        raise NoDisk(done.stderr.strip())
