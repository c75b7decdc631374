"""What a request says of its window."""

from sluicegate.windows.plan import Window
from sluicegate.windows.wording import instruction


def test_it_names_the_pages_and_forbids_the_lines_before_them() -> None:
    """The context is marked as such, and only there is one."""
    text = instruction(Window(6, 10, 60), ["Carried forward 12.00"], many=False)
    assert text.startswith("The attached file holds pages 6 to 10 of a document of 60 pages.")
    assert "page 5" in text
    assert "Never return them" in text
    assert text.rstrip().endswith("| Carried forward 12.00")
    assert "Never" not in instruction(Window(1, 5, 60), [], many=False)
    assert "first_page 0" in instruction(Window(6, 10, 60), [], many=True)
