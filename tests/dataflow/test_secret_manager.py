"""API keys from Secret Manager, through Google's own client."""

import pytest

from emulators.secrets import SecretsEndpoint
from sluicegate.faults import JobFault
from sluicegate.gemini.secrets import fetch_api_key

SECRET = "projects/p/secrets/gemini"
LATEST = f"{SECRET}/versions/latest"


@pytest.mark.parametrize(
    ("asked", "read"), [(SECRET, LATEST), (f"{SECRET}/versions/7", f"{SECRET}/versions/7")]
)
def test_the_named_version_is_read_once(asked: str, read: str) -> None:
    """Without a version the latest is read; line ends around the key are no part of it."""
    with SecretsEndpoint({read: b"the-key\r\n"}) as secrets, secrets.patch():
        assert fetch_api_key(asked) == "the-key"
        assert secrets.read == [read]


@pytest.mark.parametrize(
    ("found", "says"),
    [(403, "PermissionDenied|Forbidden"), (404, "NotFound"), (b"\xff\xfe", "UnicodeDecodeError")],
)
def test_a_secret_that_cannot_be_read_stops_the_job(found: bytes | int, says: str) -> None:
    """The job fault names the secret and the role that is missing, and nothing of its content."""
    with (
        SecretsEndpoint({LATEST: found}) as secrets,
        secrets.patch(),
        pytest.raises(JobFault, match=says) as fault,
    ):
        fetch_api_key(SECRET)
    assert fault.value.code == "bad_credentials"
    assert LATEST in fault.value.message
    assert "roles/secretmanager.secretAccessor" in fault.value.message
    assert "xff" not in str(fault.value)
    assert fault.value.__cause__ is None
