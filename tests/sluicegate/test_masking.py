"""Keys and tokens are hidden in text that others wrote; all else stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.masking import MASK, mask, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Consumer 'api_key:AIzaSyA1234567890abcdefghijklmnopqrstuv' is suspended",
         "Consumer 'api_key:[hidden]' is suspended"),
        ("Consumer 'api_key:KEY' has", "Consumer 'api_key:[hidden]' has"),
        ("Invalid API key: key1234", "Invalid API key: [hidden]"),
        ("see https://x/v1?alt=json&key=AbC-123", "see https://x/v1?alt=json&key=[hidden]"),
        ("AQ.Ab8RN6KLongAndSecret_1", "[hidden]"),
        ("token ya29.a0AfH6SMBx-yz was refused", "token [hidden] was refused"),
        ("refresh 1//0gLongRefreshToken", "refresh [hidden]"),
        ("Authorization: Bearer abcDEF123.xyz", "Authorization: Bearer [hidden]"),
        ("'authorization': 'Bearer q-17'", "'authorization': 'Bearer [hidden]'"),
        ('{"access_token": "s3cr3t-4"}', '{"access_token": "[hidden]"}'),
        ("x-goog-api-key: abc123", "x-goog-api-key: [hidden]"),
        ("id eyJhbGciOiJSUzI1.eyJpc3MiOi.c2ln", "id [hidden]"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- x", "[hidden] x"),
    ],
)  # fmt: skip
def test_secrets_are_hidden(text: str, shown: str) -> None:
    """By their form, or by the name before them, which stays."""
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "API key not valid. Please pass a valid API key.",
        "Your API key was reported as leaked. Please use another API key.",
        "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
        "Expected OAuth 2 access token, login cookie or other valid authentication credential.",
        "Permission 'storage.objects.get' denied on resource gs://b/a.pdf",
        "vpcServiceControlsUniqueIdentifier: abc.",
        "basic words, bearer of news",
        "",
    ],
)
def test_words_are_left_as_they_are(text: str) -> None:
    """Advice about keys is no key."""
    assert mask(text) == text


def test_a_known_secret_is_hidden_whatever_its_form() -> None:
    """The key in use, wherever it stands; an empty one is none."""
    assert mask("a plain-key, plain-key!", "plain-key", "", "a") == "a [hidden], [hidden]!"


def test_values_are_masked_throughout() -> None:
    """Names, lists and objects; numbers and truth values stay."""
    value = {"k": ["a plain-key", 1, None], "plain-key": {"x": True}}
    assert masked(value, "plain-key") == {
        "k": ["a [hidden]", 1, None],
        "[hidden]": {"x": True},
    }


@given(st.text(max_size=60), st.text(max_size=60))
def test_masking_twice_changes_nothing_more(before: str, after: str) -> None:
    """So it may be applied where text enters and again later."""
    once = mask(f"{before}AIzaSyA1234567890{after}")
    assert "AIzaSyA1234567890" not in once
    assert MASK in once
    assert mask(once) == once
