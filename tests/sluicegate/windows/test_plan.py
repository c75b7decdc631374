"""Which pages the windows of a document have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.windows.plan import Window, plan, split


@pytest.mark.parametrize(
    ("pages", "size", "lengths"),
    [(60, 5, [5] * 12), (11, 8, [5, 6]), (8, 8, [8]), (9, 8, [4, 5]), (1, 8, [1])],
)
def test_windows_are_even(pages: int, size: int, lengths: list[int]) -> None:
    """No window has much fewer pages than the others."""
    assert [window.pages for window in plan(pages, size)] == lengths


@given(st.integers(1, 500), st.integers(1, 40))
def test_every_page_is_in_one_window(pages: int, size: int) -> None:
    """In order, none twice, none left out, and no window is too long."""
    windows = plan(pages, size)
    listed = [page for window in windows for page in range(window.first, window.last + 1)]
    assert listed == list(range(1, pages + 1))
    assert all(window.pages <= size and window.of == pages for window in windows)


def test_a_window_is_split_where_it_lies() -> None:
    """Its parts have its pages, of the same document."""
    assert split(Window(6, 10, 60), 2) == (Window(6, 6, 60), Window(7, 8, 60), Window(9, 10, 60))
    assert [each.name for each in split(Window(6, 8, 60), 2)] == ["page 6", "pages 7 to 8"]
