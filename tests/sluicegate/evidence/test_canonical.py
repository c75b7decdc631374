"""Canonical texts: what does not count, and what does."""

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.canonical import canonical, pieces


def test_form_does_not_count_and_letters_do() -> None:
    """Case, accents, ligatures, widths, punctuation and scripts of digits are folded."""
    assert canonical("Müller & Söhne, GmbH") == canonical("MULLER SOHNE GMBH")
    assert canonical("Straße") == "strasse"
    assert canonical("ﬁlter") == "filter"
    assert canonical("ＡＢＣ１２３") == "abc123"
    assert canonical("١٢٣") == "123"
    assert canonical("INV-42") != canonical("INV-43")


def test_values_begin_and_end_where_texts_do() -> None:
    """A colon and brackets part texts; a hyphen within one does not."""
    assert [form for *_, form in pieces("No.:42 (RE-2024/7)")] == ["no", "42", "re20247"]


@given(st.text(max_size=40))
def test_any_text_has_a_form_and_pieces_of_it(text: str) -> None:
    """Pieces lie within the text, in order, and add up to its canonical form."""
    found = pieces(text)
    assert "".join(form for *_, form in found) == canonical(text)
    assert all(0 <= start < end <= len(text) for start, end, _ in found)
