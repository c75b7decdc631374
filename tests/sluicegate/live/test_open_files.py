"""A process may have as many files open as its calls in flight need."""

import resource
from collections.abc import Iterator

import pytest

from sluicegate.live import open_files


@pytest.fixture
def few() -> Iterator[int]:
    """Begin with few; yield how many the system allows at most."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_limit_is_raised_for_many_calls(few: int) -> None:
    """As far as it is needed, up to what the system allows."""
    most = 2300 if few == resource.RLIM_INFINITY else min(2300, few)
    assert open_files.allow(2000) == most
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, few)


def test_the_limit_is_never_lowered(few: int) -> None:
    """What is enough stays."""
    open_files.allow(2000)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert open_files.allow(8) == before[0]
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_a_system_that_refuses_is_left_as_it_is(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls beyond its limit fail later, with the system's own words."""

    def refuse(*_: object) -> None:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert open_files.allow(2000) == 256
