"""HTML from elements. Text is always escaped: what documents say must never become markup."""

from html import escape
from importlib import resources
from typing import Final

# A browser shows control characters as nothing; their pictures can be seen.
_CONTROLS: Final = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"},
    0x7F: 0x2421,
}
_EMPTY: Final = frozenset({"meta", "br", "hr"})


class Markup(str):
    """HTML that this module made. Only `tag` makes it of anything."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | bool | None) -> Markup:
    """Return an element. Children are escaped unless they are Markup; `class_` is `class`.

    An attribute that is True has no value, one that is False, None or "" is left out.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{escape(str(value).translate(_CONTROLS))}"')
        for key, value in attributes.items()
        if value not in (False, None, "")
    )
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: str) -> Markup:
    """Return children side by side, escaped unless they are Markup."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(child.translate(_CONTROLS))
            for child in children
        )
    )


def whole_page(title: str, *body: str) -> str:
    """Return a whole page that loads nothing and runs nothing, whatever is in it."""
    style = resources.files(__package__).joinpath("style.css").read_text("utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        # No script, image, frame or address from anywhere: style written here, and nothing else.
        tag(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'",
        ),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name_="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(style)),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', tag('main', *body)), lang='en')}\n"
