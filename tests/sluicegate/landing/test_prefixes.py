"""Prefixes of documents' names: few, and each name begins with one."""

import random

from sluicegate.landing.prefixes import MOST, Folders, prefixes_of, seen, together


def found(*names: str) -> tuple[str, ...]:
    """Return the prefixes of names."""
    folders: Folders = {}
    for name in names:
        folders = seen(folders, name)
    return prefixes_of(folders)


def test_a_folder_of_the_day_is_one_prefix() -> None:
    """Names of one folder share what they begin with; those of two folders stay apart."""
    night = [f"gs://b/2026/11/26/scan-{number}.pdf" for number in range(500)]
    assert found(*night) == ("gs://b/2026/11/26/scan-",)
    assert found(*night, "gs://z/a.pdf") == ("gs://b/2026/11/26/scan-", "gs://z/a.pdf")
    assert found("gs://b/in/2026-11-26-a.pdf", "gs://b/in/2026-11-26-b.pdf") == (
        "gs://b/in/2026-11-26-",
    )
    assert found() == ()


def test_a_prefix_within_another_is_left_out() -> None:
    """Nothing is read twice."""
    assert found("gs://b/a", "gs://b/c", "gs://b/x/y/z") == ("gs://b/",)


def test_many_folders_become_those_above_them() -> None:
    """Whatever the names and however they are divided, prefixes are few and miss none."""
    chance = random.Random(5)
    for _ in range(30):
        names = [
            "/".join(["gs:/", *(f"{chance.randrange(20)}" for _ in range(chance.randrange(1, 7)))])
            for _ in range(400)
        ]
        parts: list[Folders] = [{}, {}, {}]
        for name in names:
            at = chance.randrange(3)
            parts[at] = seen(parts[at], name)
        prefixes = prefixes_of(together(parts))
        assert len(prefixes) <= MOST
        assert all(sum(name.startswith(prefix) for prefix in prefixes) == 1 for name in names)
    assert found(*(f"s{number}:x" for number in range(100))) == ("s",)
