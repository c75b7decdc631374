"""Where calls go: the host of each service and location, by which a proxy is chosen too."""

from typing import Any

import pytest

from sluicegate.gemini import client as under_test
from sluicegate.gemini.connection import Connection, RequestTemplate


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("global", "aiplatform.googleapis.com"),
        ("us-central1", "us-central1-aiplatform.googleapis.com"),
        ("europe-west4", "europe-west4-aiplatform.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
    ],
)
def test_the_host_is_the_one_that_the_sdk_calls(
    location: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A location of one region, the global one, and the two of several regions."""
    connection = Connection("vertex", project="p", location=location)
    assert connection.base_url == f"https://{host}"
    monkeypatch.setattr("google.genai._api_client.load_auth", _no_credentials)
    template = RequestTemplate("m", "p", {}, {})
    sdk = under_test._connect(connection, "", None, template)  # type: ignore[arg-type]
    base = sdk._api_client._http_options.base_url
    assert base is not None
    assert base.rstrip("/") == connection.base_url


def _no_credentials(**_: Any) -> Any:
    raise AssertionError("no credentials are needed to build a client")


def test_the_developer_api_and_an_endpoint_of_ones_own_stand_for_themselves() -> None:
    """A location says nothing there."""
    assert Connection("developer").base_url == "https://generativelanguage.googleapis.com"
    given = Connection("vertex", location="eu", endpoint="https://proxy.example")
    assert given.base_url == "https://proxy.example"
