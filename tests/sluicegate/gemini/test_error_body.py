"""The body of an error, whatever sent it, becomes one error in plain values."""

from typing import Any

import pytest

from sluicegate.asking.response import ApiError
from sluicegate.gemini.error_body import one_sentence, read_error

KEY = "AIzaSyA1234567890abcdef"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": {"code": 400, "message": "m"}}, {"code": 400, "message": "m"}),
        ([{"error": {"code": 429}}], {"code": 429}),
        ([{"candidates": []}, {"error": {"code": 429}}], {"code": 429}),
        ({"error": "invalid_grant", "error_description": "why"}, {"message": "invalid_grant: why"}),
        ({"error": "denied"}, {"message": "denied"}),
        ({"message": "Forbidden"}, {"message": "Forbidden"}),
        ({"detail": "gone"}, {"detail": "gone", "message": "gone"}),
        # JSON under another content type, as the SDK hands it on.
        ({"message": '{"error": {"code": 403}}', "status": "Forbidden"}, {"code": 403}),
        ({"message": '{"error": cut', "status": "x"}, {"message": '{"error": cut', "status": "x"}),
        (b'{"error": {"code": 500}}', {"code": 500}),
        ("upstream connect error", {"message": "upstream connect error"}),
        ("", {"message": ""}),
        (None, {}),
        (3, {}),
        ([], {}),
        ({"error": 5}, {}),
    ],
)  # fmt: skip
def test_whatever_the_form(body: Any, error: dict[str, Any]) -> None:
    """An object, a list, text, what gateways and OAuth endpoints make of it."""
    assert read_error(400, body) == ApiError(400, error)


def test_keys_are_hidden_in_every_text() -> None:
    """Of the message and of the details, by their form and by what is known of them."""
    body = {
        "error": {
            "message": f"api_key:{KEY}",
            "details": [{"metadata": {"containerInfo": f"api_key:{KEY}", "k": "mine-1"}}],
        }
    }
    error = read_error(403, body, "mine-1")
    assert KEY not in str(error)
    assert "mine-1" not in str(error)
    assert error.message == "api_key:[hidden]"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<!DOCTYPE html><title>Error 404 (Not Found)!!1</title><style>*{margin:0}</style><p>x",
         "Error 404 (Not Found)!!1"),
        ("<html><title>Sorry...</title><p>We're sorry &amp; more. And this.</p>",
         "Sorry...: We're sorry & more."),
        ("\n <html><script>let a = '<p>no</p>'</script><h1>Blocked</h1><p>By the proxy of ACME.",
         "Blocked By the proxy of ACME."),
        ("<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>No.</Message></Error>",
         "AccessDenied No."),
    ],
)  # fmt: skip
def test_a_page_becomes_one_sentence(page: str, said: str) -> None:
    """Its title; where that says little, what it says first. No markup, no style, no script."""
    sentence = one_sentence(page)
    assert sentence == f'a page and not the API\'s reply: "{said}"'
    error = read_error(403, {"message": page, "status": "Forbidden"})
    assert error.message == sentence
    assert error.error["page"] is True


def test_an_empty_page_says_so() -> None:
    """Nothing but markup."""
    assert one_sentence("<html><body></body></html>") == "an empty page"


def test_words_are_one_line() -> None:
    """A sentence stays as it is."""
    assert one_sentence("one\n two") == "one two"


def test_a_huge_page_is_cut() -> None:
    """A message is no file."""
    assert len(one_sentence("<p>" + "word " * 100_000)) < 400
