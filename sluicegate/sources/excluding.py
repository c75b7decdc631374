"""What a pattern matches and is no document: files that systems and programs leave in folders."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sluicegate.storage.patterns import Pattern, compile_pattern

# macOS (.DS_Store, ._name, what its archiver makes), Windows (thumbnails, folder settings), locks
# of open Office and LibreOffice documents, folder marks of Hadoop. docs/files.md names each.
SYSTEM_FILES = (
    ".DS_Store",
    "._*",
    "__MACOSX/**",
    "[Tt]humbs.db",
    "ehthumbs*.db",
    "[Dd]esktop.ini",
    "~$*",
    ".~lock.*#",
    "*_$folder$",
)
NONE = "none"


@dataclass(frozen=True, slots=True)
class Exclude:
    """Patterns of files that are left out.

    A pattern without a slash is held against the file's name, one with a slash against the end of
    its path, whole folders at a time: `drafts/**` is whatever lies in a folder `drafts`.
    """

    patterns: tuple[str, ...] = SYSTEM_FILES
    _compiled: tuple[tuple[bool, Pattern], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the patterns, once."""
        compiled = ((_has_folder(each), _compile(each)) for each in self.patterns)
        object.__setattr__(self, "_compiled", tuple(compiled))

    def excludes(self, uri: str) -> bool:
        """Tell whether a file is left out, by its path or URI."""
        name = uri.rpartition("/")[2]
        path = uri.partition("://")[2] or uri
        return any(
            pattern.matches(path if has_folder else name) for has_folder, pattern in self._compiled
        )


def read_exclude(patterns: Iterable[str]) -> Exclude:
    """Return what is left out: the system files if nothing is said, nothing if that is said."""
    given = tuple(patterns)
    if not given:
        return Exclude()
    return Exclude(()) if given == (NONE,) else Exclude(given)


def _has_folder(pattern: str) -> bool:
    return "/" in pattern


def _compile(pattern: str) -> Pattern:
    if not _has_folder(pattern):
        return compile_pattern(pattern)
    path = pattern.partition("://")[2] or pattern.lstrip("/")
    return compile_pattern(f"**/{path}")
