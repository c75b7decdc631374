"""The page of a review: one HTML file with its script and style in it, from a folder or a server.

What it may run and load is said by hashes: the script and the style that are written here, pictures
from where the page itself lies, and, of a server, its own answers. What documents say is data.
"""

import base64
import hashlib
import json
from importlib import resources
from typing import Any

from sluicegate.pages.html import Markup, join, tag

_KEYS = (
    ("Tab", "next doubtful"), ("Enter", "right"), ("type", "correct"), ("0", "not there"),
    ("+", "add"), ("x", "delete"), ("a", "rest is right"), ("u", "undo"), ("n", "next document"),
)  # fmt: skip
# In this order they make one script.
_SCRIPTS = ("values", "state", "truth", "store", "sheet", "row", "edit", "keys", "told", "start")


def review_page(data: dict[str, Any]) -> str:
    """Return the page of a review. `data` holds:

    `documents`            by id, as `review.material` makes them; of a server none
    `queues`               `worst` and `random`, ids in order
    `shapes`               fields by document type
    `served`               whether a server gives documents and takes decisions
    `build`                tells reviews in one browser apart
    `reviewer`, `order`, `documents_in_all`, `documents_doubtful`
    """  # noqa: D400 - a list ends it
    script, style = _script(), _text("review.css")
    loads = "img-src 'self'; connect-src 'self'" if data["served"] else "img-src 'self' file:"
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; {loads}; "
        "base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name_="color-scheme", content="light dark"),
        tag("meta", name_="referrer", content="no-referrer"),
        tag("title", "Sluicegate: review"),
        tag("style", Markup(style)),
    )
    return f"<!doctype html>\n{tag('html', head, _body(data, script), lang='en')}\n"


def _body(data: dict[str, Any], script: str) -> Markup:
    return tag(
        "body",
        _top(),
        tag(
            "main",
            tag("section", id="sheet", aria_label="the document"),
            tag(
                "section",
                tag("div", id="lens", class_="lens empty"),
                tag("p", id="hint", aria_live="polite"),
                tag("section", id="row", aria_label="the row"),
                id="side",
            ),
        ),
        tag("footer", *(tag("span", tag("kbd", key), text) for key, text in _KEYS), id="keys"),
        Markup('<dialog id="choice"></dialog>'),
        tag("script", as_data(data), type="application/json", id="data"),
        tag("script", Markup(script)),
    )


def _top() -> Markup:
    def queue(name: str, text: str) -> Markup:
        return tag(
            "button", text, tag("span", class_="count"), type="button", tabindex="-1",
            data_queue=name,
        )  # fmt: skip

    def act(key: str, text: str) -> Markup:
        return tag(
            "button", tag("kbd", key), text, type="button", class_="act", tabindex="-1",
            data_key=key,
        )  # fmt: skip

    return tag(
        "header",
        tag("span", "Sluicegate ", tag("small", "review"), class_="brand"),
        tag("span", queue("worst", "worst first"), queue("random", "random"), class_="queues"),
        Markup('<progress id="bar" max="1" value="0"></progress>'),
        tag("span", id="where"),
        act("n", "next"),
        act("s", "save corrections"),
        act("?", "help"),
        tag(
            "div",
            tag("p", id="measure"),
            tag(
                "label", "reviewer ", Markup('<input id="reviewer" maxlength="100" tabindex="-1">')
            ),
            class_="second",
        ),
        id="top",
    )


def as_data(value: Any) -> Markup:
    """Return JSON that cannot end the element it stands in, whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    # In a script element "<" alone can begin an end tag or a comment.
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _script() -> str:
    parts = (_text(f"review/{name}.js") for name in _SCRIPTS)
    return join(Markup('"use strict";\n(() => {\n'), *map(Markup, parts), Markup("})();\n"))


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
