"""Where documents lie, as a few prefixes of their names: it bounds what is read of rows. Pure."""

from collections.abc import Iterable
from os.path import commonprefix

# Each prefix is a read session of a table. Documents by the day lie under one; an input spread
# over more folders is read by the folders above them.
MOST = 16
_HELD = 4 * MOST  # folders that are told apart before they are merged

# Of each folder the longest beginning that all names seen in it have.
Folders = dict[str, str]


def seen(folders: Folders, uri: str) -> Folders:
    """Return the folders with one more name, in place."""
    folder = uri[: uri.rfind("/") + 1]
    held = folders.get(folder)
    if held is None:
        folders[folder] = uri
        if len(folders) > _HELD:
            return _fewer(folders, _HELD // 2)
    elif not uri.startswith(held):
        folders[folder] = commonprefix([held, uri])  # noqa: RUF071 - of texts
    return folders


def together(several: Iterable[Folders]) -> Folders:
    """Return one for several."""
    merged: Folders = {}
    for folders in several:
        for folder, prefix in folders.items():
            _put(merged, folder, prefix)
    return merged if len(merged) <= _HELD else _fewer(merged, _HELD // 2)


def prefixes_of(folders: Folders) -> tuple[str, ...]:
    """Return at most `MOST` prefixes; each name that was seen begins with just one of them."""
    kept: list[str] = []
    for prefix in sorted(_fewer(folders, MOST).values()):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return tuple(kept)


def _fewer(folders: Folders, most: int) -> Folders:
    """Put the deepest folders into those above them until there are so few."""
    while len(folders) > most:
        deepest = max(folder.count("/") for folder in folders)
        above: Folders = {}
        for folder, prefix in folders.items():
            is_deep = folder.count("/") == deepest
            _put(above, _parent(folder) if is_deep else folder, prefix)
        folders = above
    return folders


def _parent(folder: str) -> str:
    return folder[: folder[:-1].rfind("/") + 1]


def _put(folders: Folders, folder: str, prefix: str) -> None:
    held = folders.get(folder)
    both = [prefix if held is None else held, prefix]
    folders[folder] = commonprefix(both)  # noqa: RUF071 - of texts
