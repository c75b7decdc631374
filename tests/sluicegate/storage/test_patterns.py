"""One meaning of patterns on every store."""

import fnmatch

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sluicegate.storage.patterns import compile_pattern, split_patterns


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [
        ("a.pdf", "a.pdf", True),
        ("a.pdf", "axpdf", False),
        ("*.pdf", "a.pdf", True),
        ("*.pdf", ".pdf", True),
        ("*.pdf", "x/a.pdf", False),
        ("*.pdf", "a.PDF", False),
        ("*", "a\nb", True),
        ("x/*.pdf", "x/a.pdf", True),
        ("x/*.pdf", "x/y/a.pdf", False),
        ("x/*/a.pdf", "x/y/a.pdf", True),
        ("x/*/a.pdf", "x/a.pdf", False),
        ("x/**", "x/a", True),
        ("x/**", "x/y/z/a", True),
        ("x/**", "xy/a", False),
        ("x/**/a.pdf", "x/a.pdf", True),
        ("x/**/a.pdf", "x/y/z/a.pdf", True),
        ("x/**/a.pdf", "x/ya.pdf", False),
        ("**/a.pdf", "a.pdf", True),
        ("**.pdf", "x/y/a.pdf", True),
        ("x**.pdf", "xy/z.pdf", True),
        ("x/", "x/a", True),
        ("x/", "x/y/a", True),
        ("x/", "xa", False),
        ("a?.pdf", "ab.pdf", True),
        ("a?.pdf", "a.pdf", False),
        ("a?b", "a/b", False),
        ("[abc].pdf", "b.pdf", True),
        ("[abc].pdf", "d.pdf", False),
        ("[a-c]", "b", True),
        ("[!a-c]", "b", False),
        ("[^a-c]", "d", True),
        ("[!a]", "/", False),
        ("a[!b]c", "a/c", False),
        ("[]]", "]", True),
        ("[!]]", "a", True),
        ("[!]]", "]", False),
        ("[.]", "a", False),
        ("[a-]", "-", True),
        ("[*]", "*", True),
        ("[*]", "a", False),
        ("[[]", "[", True),
        ("a[", "a[", True),
        ("a{", "a{", True),
        ("{a,b}.pdf", "a.pdf", True),
        ("{a,b}.pdf", "b.pdf", True),
        ("{a,b}.pdf", "a,b.pdf", False),
        ("{a,b{c,d}}", "bd", True),
        ("{a,b{c,d}}", "b", False),
        ("{*.pdf,*.png}", "x.png", True),
        ("{x/,}a", "x/a", True),
        ("{x/,}a", "a", True),
        ("a,b", "a,b", True),
        ("a(b)+.$^|", "a(b)+.$^|", True),
        ("é*", "éa", True),
        ("*.pdf\n", "a.pdf", False),
    ],
)
def test_the_table_of_meanings(glob: str, name: str, *, matches: bool) -> None:
    """`*` and `?` match in a folder, `**` across; sets and braces choose; the rest is literal."""
    assert compile_pattern(glob).matches(name) is matches


@pytest.mark.parametrize("glob", ["[!]", "[^]", "[z-a]", "[a-\\d]", "x[9-0].pdf", "[--x]"])
def test_odd_sets_do_not_raise(glob: str) -> None:
    """A malformed set is a pattern that matches little, and raises nothing."""
    compile_pattern(glob).matches("a")


@pytest.mark.parametrize(
    ("glob", "prefix", "literal", "crosses"),
    [
        ("x/a.pdf", "x/a.pdf", True, False),
        ("x/*.pdf", "x/", False, False),
        ("x/a*/b", "x/a", False, True),
        ("x/**", "x/", False, True),
        ("x/", "x/", False, True),
        ("*", "", False, False),
        ("x/{a,b}/c", "x/", False, True),
        ("x/a[1].pdf", "x/a", False, False),
        ("x/}a,b]", "x/}a,b]", True, False),
    ],
)
def test_what_a_listing_needs(glob: str, prefix: str, *, literal: bool, crosses: bool) -> None:
    """The literal prefix, whether there is a wildcard, whether folders are crossed."""
    pattern = compile_pattern(glob)
    assert (pattern.prefix, pattern.is_literal, pattern.crosses_folders) == (
        prefix,
        literal,
        crosses,
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (" a , b ,", ["a", "b"]),
        ("", []),
        (" , ,", []),
        ("x/{a,b}.pdf,y", ["x/{a,b}.pdf", "y"]),
        ("{a,{b,c}},d", ["{a,{b,c}}", "d"]),
        ("a},b", ["a}", "b"]),
        ("my file.pdf,b", ["my file.pdf", "b"]),
    ],
)
def test_flags_are_split_at_commas_outside_braces(text: str, parts: list[str]) -> None:
    """A comma in braces belongs to the pattern; blanks around patterns do not."""
    assert split_patterns(text) == parts


@given(
    glob=st.text("ab.*?", max_size=7).filter(lambda g: "**" not in g),
    name=st.text("ab.x", max_size=7),
)
def test_simple_patterns_mean_what_the_shell_means(glob: str, name: str) -> None:
    """Without folders, `*` and `?` are fnmatch's."""
    assert compile_pattern(glob).matches(name) is fnmatch.fnmatchcase(name, glob)


@given(
    characters=st.text("abcxyz-", min_size=1, max_size=4),
    negated=st.booleans(),
    name=st.sampled_from("abcxyzm-"),
)
def test_sets_mean_what_the_shell_means(characters: str, *, negated: bool, name: str) -> None:
    """Ranges and negations are fnmatch's, reversed ranges apart."""
    assume("--" not in characters)
    assume(
        all(
            characters[n - 1] <= characters[n + 1]
            for n in range(1, len(characters) - 1)
            if characters[n] == "-"
        )
    )
    glob = f"[{'!' if negated else ''}{characters}]"
    assert compile_pattern(glob).matches(name) is fnmatch.fnmatchcase(name, glob)


@given(name=st.text(max_size=12).filter(lambda n: not set(n) & set("*?[{") and n[-1:] != "/"))
def test_a_name_without_wildcards_is_itself(name: str) -> None:
    """Other special characters do not matter."""
    pattern = compile_pattern(name)
    assert pattern.is_literal
    assert pattern.matches(name)
    assert not pattern.matches(name + "x")


@given(glob=st.text("ab/*?[]{}!^,-", max_size=12), name=st.text("ab/-", max_size=6))
def test_any_pattern_compiles(glob: str, name: str) -> None:
    """No pattern raises, and what it matches begins with its prefix."""
    pattern = compile_pattern(glob)
    if pattern.matches(name):
        assert name.startswith(pattern.prefix)
