"""Folders for measurements that do not pay for what earlier ones deleted.

Whenever a file is made, ext4 passes over the inodes freed in the last minutes of that block group,
one by one (`recently_deleted` in fs/ext4/ialloc.c): a new file cost 15 microseconds of CPU, and 600
in the place of 20,000 that had been deleted up to 200 s before. Folders go to the group of the one
they are in, except in a top of hierarchies (chattr +T), where each gets a group of its own.
"""

import fcntl
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# From linux/fs.h, where a long has 8 bytes, and ext4.h. Declared with a long, but an int passes.
_GET_FLAGS, _SET_FLAGS = 0x80086601, 0x40086602
_TOP_OF_HIERARCHIES = 0x00020000
_FLAGS = struct.Struct("I")


@contextmanager
def work_folder(prefix: str) -> Iterator[Path]:
    """Give a new folder under $TMPDIR, apart from others on an ext4 disk; delete it at the end."""
    with tempfile.TemporaryDirectory(prefix=prefix) as top:
        with suppress(OSError):  # no ext4: nothing to pass over
            _spread(Path(top))
        yield Path(tempfile.mkdtemp(dir=top))  # a name of its own, for the group depends on it


def _spread(folder: Path) -> None:
    """Mark a folder as a top of hierarchies; raises ``OSError`` where there is no such mark."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        (flags,) = _FLAGS.unpack(fcntl.ioctl(opened, _GET_FLAGS, bytes(_FLAGS.size)))
        fcntl.ioctl(opened, _SET_FLAGS, _FLAGS.pack(flags | _TOP_OF_HIERARCHIES))
    finally:
        os.close(opened)
