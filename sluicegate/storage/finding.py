"""From what a person names (a file, a folder, a pattern) to a pattern of the files meant."""

from sluicegate.faults import UsageFault
from sluicegate.storage.patterns import compile_pattern, literal
from sluicegate.storage.store import NotFound, StoreError, exists_locally, join
from sluicegate.storage.stores import store_for


def names_folder(text: str, endings: tuple[str, ...]) -> bool:
    """Tell a folder from a pattern, and from a file that has one of the endings."""
    plain = exists_locally(text) or compile_pattern(text).is_literal
    return plain and not text.endswith(endings)


def files_under(text: str, names: str, endings: tuple[str, ...]) -> str:
    """Return a pattern of the files under a folder; a pattern, or a file, is itself.

    `names` is the pattern of their names within the folder.
    """
    if not names_folder(text, endings):
        return text
    return join(literal(text) if exists_locally(text) else text, names)


def in_its_folder(pattern: str) -> str:
    """Return a pattern as one that is wild in its last part alone, as the job's own are."""
    folder, slash, name = pattern.rpartition("/")
    return f"{literal(folder)}{slash}{name}"


def matches_any(flag: str, pattern: str) -> bool:
    """Tell whether a pattern matches a file; raise UsageFault if its store cannot say."""
    try:
        return next(iter(store_for(pattern).list(pattern)), None) is not None
    except NotFound:
        return False
    except StoreError as error:
        raise UsageFault(f"--{flag}: {error}") from error


def check_files(flag: str, pattern: str) -> None:
    """Raise UsageFault, naming the flag, unless the pattern matches a file."""
    if not matches_any(flag, pattern):
        raise UsageFault(
            f"--{flag}: {pattern!r} matches no files; a path of a summary is seen from the folder "
            "that its run was started in"
        )
