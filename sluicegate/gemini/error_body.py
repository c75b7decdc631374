"""From the body of an error, whatever sent it, to one error in plain values without secrets."""

import html
import json
import re
from typing import Any

from sluicegate.asking.response import ApiError
from sluicegate.masking import mask, masked

_MAX_WORDS = 300  # of a page that is shown as one sentence
_MAX_PAGE = 50_000  # of a page that is looked through for them


def read_error(status: int, body: Any, *secrets: str) -> ApiError:
    """Return the error of a reply with that status.

    `body` is JSON as it was sent (an object, the list that some endpoints wrap it in, or what a
    gateway makes of it), or text. Keys and tokens are hidden, a page becomes one sentence.
    """
    return ApiError(status, _error(masked(_value(body), *secrets)))


def one_sentence(text: str) -> str:
    """Return the words of a text in one line; of HTML its title, and what it says first."""
    if not is_page(text):
        return " ".join(text.split())
    text = re.sub(r"(?is)<!--.*?-->|<(script|style)\b.*?(</\1>|\Z)", " ", text[:_MAX_PAGE])
    found = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
    title = _words(found.group(1)) if found else ""
    rest = _words(text[: found.start()] + text[found.end() :] if found else text)
    first = re.match(r".*?[.!?](?=\s|$)", rest)
    if len(title.split()) < 3:
        title = ": ".join(each for each in (title, first.group() if first else rest) if each)
    return f'a page and not the API\'s reply: "{title[:_MAX_WORDS]}"' if title else "an empty page"


def is_page(text: str) -> bool:
    """Tell HTML or XML from words."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def _words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def _value(body: Any) -> Any:
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if isinstance(body, str):
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return {"message": body}
    # A reply that is JSON under another content type comes as text in `message`.
    if isinstance(body, dict) and set(body) == {"message", "status"}:
        inner = body["message"]
        if isinstance(inner, str) and inner.lstrip()[:1] in ("{", "["):
            try:
                return json.loads(inner)
            except (ValueError, RecursionError):
                return body
    return body


def _error(body: Any) -> dict[str, Any]:
    if isinstance(body, list):  # as some endpoints wrap it, or the chunks of a stream
        found = [each for each in body if isinstance(each, dict)]
        body = next((each for each in found if each.get("error")), found[0] if found else {})
    if not isinstance(body, dict):
        return {}
    error = body.get("error", body)
    if isinstance(error, str):  # as OAuth endpoints and gateways say it
        more = body.get("error_description") or body.get("message") or ""
        error = {"message": f"{error}: {more}" if more else error}
    if not isinstance(error, dict):
        return {}
    if not error.get("message") and isinstance(error.get("detail"), str):
        error = {**error, "message": error["detail"]}
    message = error.get("message")
    if isinstance(message, str) and is_page(message):
        return {**error, "message": mask(one_sentence(message)), "page": True}
    return error
