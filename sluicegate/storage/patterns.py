"""File patterns, with the same meaning on every store.

`*` and `?` match within a folder, `**` across folders, `[a-z]` one character of a set and `{a,b}`
one of several texts: the syntax of Cloud Storage's `matchGlob`.
"""

import re
from typing import NamedTuple

_WILD = re.compile(r"[*?\[{]")


class Pattern(NamedTuple):
    """A compiled pattern: list all names under `prefix`, keep those that `regex` matches whole."""

    prefix: str  # literal text before the first wildcard
    regex: re.Pattern[str]
    is_literal: bool
    crosses_folders: bool  # False when one folder's listing is enough

    def matches(self, name: str) -> bool:
        """Return whether the pattern matches a name (without scheme and bucket)."""
        return self.regex.fullmatch(name) is not None


def split_patterns(text: str) -> list[str]:
    r"""Split a comma-separated flag into patterns; commas in braces and `\,` do not separate."""
    parts, depth, current = [], 0, ""
    characters = iter(text)
    for character in characters:
        if character == "\\":
            after = next(characters, "")
            current += after if after == "," else character + after
            continue
        depth += (character == "{") - (character == "}" and depth > 0)
        if character == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += character
    return [part.strip() for part in [*parts, current] if part.strip()]


def literal(text: str) -> str:
    """Return a pattern that matches just this text, whatever characters it has."""
    return _WILD.sub(lambda found: f"[{found[0]}]", text)


def compile_pattern(glob: str) -> Pattern:
    """Compile a pattern over names; with a trailing slash it matches everything below."""
    if glob.endswith("/"):
        glob += "**"
    wild = _WILD.search(glob)
    if wild is None:
        return Pattern(glob, re.compile(re.escape(glob)), is_literal=True, crosses_folders=False)
    rest = glob[wild.start() :]
    return Pattern(
        prefix=glob[: wild.start()],
        regex=re.compile(_translate(glob), re.DOTALL),
        is_literal=False,
        crosses_folders="/" in rest or "**" in rest,
    )


def _translate(glob: str) -> str:
    out, at, braces = "", 0, 0
    while at < len(glob):
        character = glob[at]
        if glob.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif glob.startswith("**", at):
            out, at = out + ".*", at + 2
        elif character == "*":
            out, at = out + "[^/]*", at + 1
        elif character == "?":
            out, at = out + "[^/]", at + 1
        elif character == "[" and (end := _end_of_set(glob, at)) > 0:
            out, at = out + _character_set(glob[at + 1 : end]), end + 1
        elif character == "{" and "}" in glob[at:]:
            out, at, braces = out + "(?:", at + 1, braces + 1
        elif character == "}" and braces:
            out, at, braces = out + ")", at + 1, braces - 1
        elif character == "," and braces:
            out, at = out + "|", at + 1
        else:
            out, at = out + re.escape(character), at + 1
    return out + ")" * braces


def _end_of_set(glob: str, at: int) -> int:
    """Return where the set that begins at `at` ends; a bracket right at its start is in it."""
    first = at + 1 + (glob[at + 1 : at + 2] in ("!", "^"))
    return glob.find("]", first + 1)


def _character_set(body: str) -> str:
    negated = body[0] in "!^"
    members = body[1:] if negated else body
    inside = "".join(c if c == "-" else re.escape(c) for c in members)
    text = f"(?!/)[{'^' if negated else ''}{inside}]"
    try:
        re.compile(text)
    except re.error:  # a range that runs backwards matches nothing
        return r"(?!)"
    return text
