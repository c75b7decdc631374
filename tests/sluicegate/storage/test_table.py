"""Conditions on a table's rows."""

from sluicegate.storage.table import begins_with


def test_a_prefix_is_a_range_of_texts() -> None:
    """From the prefix up to the next text that does not begin with it, quoted as SQL wants it."""
    assert begins_with("u", "gs://b/2026/") == "u >= 'gs://b/2026/' AND u < 'gs://b/20260'"
    assert begins_with("u", "it's") == r"u >= 'it\'s' AND u < 'it\'t'"
    assert begins_with("u", "a&") == r"u >= 'a&' AND u < 'a\''"
    assert begins_with("u", "a[") == r"u >= 'a[' AND u < 'a\\'"


def test_what_has_no_next_text_is_cut() -> None:
    """A shorter prefix is right too; none is no condition."""
    assert begins_with("u", "a\nb") == begins_with("u", "a") == "u >= 'a' AND u < 'b'"
    assert begins_with("u", "a🧾") == "u >= 'a' AND u < 'b'"
    assert begins_with("u", "") == begins_with("u", "\t") == ""
