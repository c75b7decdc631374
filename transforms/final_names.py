"""Sinks of files whose files keep their final names when a runner finalizes them once more.

Beam's sinks write files under temporary names, delete what has the final names, and rename. A
runner may repeat the last two after they were done: Flink does when a later step of the same job
fails, as `Summarise` does when a fault has ended the calls. Beam then deletes the files that it
renamed the first time, finds none to rename, and what had landed is gone.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from apache_beam.io.filebasedsink import FileBasedSink
from apache_beam.io.filesystems import FileSystems
from apache_beam.io.iobase import Sink


class KeepsFinalNames(Sink):
    """A sink of files, but that it deletes no file that it has renamed.

    The prefix is the run's own: files of an attempt before, of which there may be more or fewer,
    are deleted.
    """

    def __init__(self, files: FileBasedSink) -> None:
        self._files = files
        self.num_shards = files.num_shards
        self.skip_if_empty = getattr(files, "skip_if_empty", False)

    def initialize_write(self) -> str:
        """Make the temporary folder."""
        return str(self._files.initialize_write())

    def open_writer(self, init_result: str, uid: str) -> Any:
        """Open a temporary file."""
        return self._files.open_writer(init_result, uid)

    def pre_finalize(self, init_result: str, writer_results: Iterable[str]) -> None:
        """Delete files of attempts before; those stay whose temporary file has become them."""
        temporary = sorted(writer_results)  # in the order in which they are numbered
        left = set(_matching(f"{init_result}/*"))
        kept = {
            self._files._get_final_name(number, len(temporary), None)  # noqa: SLF001
            for number, name in enumerate(temporary)
            if name not in left
        }
        prefix, suffix = self._files.file_path_prefix.get(), self._files.file_name_suffix.get()
        others = set(_matching(f"{prefix}-*-of-*{suffix}")) - kept
        if others:
            FileSystems.delete(sorted(others))

    def finalize_write(
        self, init_result: str, writer_results: Iterable[str], pre_finalize_result: None
    ) -> Iterator[Any]:
        """Give the files their final names; skip those that have them."""
        return iter(
            self._files.finalize_write(init_result, list(writer_results), pre_finalize_result)
        )

    def display_data(self) -> dict[str, Any]:
        """Say what the sink says."""
        return {"files": self._files}


def _matching(pattern: str) -> list[str]:
    (found,) = FileSystems.match([pattern])
    return [file.path for file in found.metadata_list]
