"""When to come back, as headers say it."""

import pytest

from emulators.gemini import Behaviour, FaultRule, GeminiEndpoint
from sluicegate.asking.response import ApiError
from sluicegate.asking.verdict import RateLimited, Retry
from sluicegate.gemini.errors import judge_error
from sluicegate.gemini.retry_after import retry_after
from sluicegate.media.prepare import Part
from tests.sluicegate.gemini.recording import Recorder, talk

DATE = "Thu, 26 Nov 2026 12:00:30 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"Retry-After": DATE}, 0.0),
        ({"Retry-After": DATE, "Date": "Thu, 26 Nov 2026 12:00:20 GMT"}, 10.0),
        ({"Retry-After": "Thu, 26 Nov 2026 11:00:00 GMT", "Date": DATE}, 0.0),
        ({"retry-after-ms": "250", "Retry-After": "1"}, 0.25),
        ({"retry-after-ms": "soon", "Retry-After": "1"}, 1.0),
        ({"Retry-After": "-1"}, 0.0),
        ({"Retry-After": "soon"}, 0.0),
        ({"Retry-After": "nan"}, 0.0),
        ({}, 0.0),
    ],
)
def test_headers_say_when_to_come_back(headers: dict[str, str], seconds: float) -> None:
    """Seconds, a date, or milliseconds; what cannot be read says nothing."""
    assert retry_after(headers) == pytest.approx(seconds)


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, Retry), (500, Retry)])
def test_headers_count_where_the_body_says_nothing(
    status: int, kind: type[RateLimited | Retry]
) -> None:
    """RetryInfo in the body is the service's own word and wins."""
    body = {"message": "The model is overloaded.", "status": "UNAVAILABLE"}
    verdict = judge_error(ApiError(status, body, 3.0))
    assert isinstance(verdict, kind)
    assert verdict.retry_after_seconds == 3.0
    said = {**body, "details": [{"retryDelay": "5s"}]}
    assert getattr(judge_error(ApiError(status, said, 3.0)), "retry_after_seconds", 0) == 5.0


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("form", "stated", "least", "most"),
    [("seconds", 3.0, 3.0, 3.0), ("ms", 0.25, 0.25, 0.25), ("date", 30.0, 28.0, 32.0)],
)
def test_headers_arrive_through_the_sdk(
    status: int, form: str, stated: float, least: float, most: float
) -> None:
    """Over the wire, in the SDK's error objects, from either service."""
    fault = FaultRule(fault=f"http_{status}", retry_after=stated, retry_after_form=form)
    with GeminiEndpoint(Behaviour(faults=(fault,), retry_info=False)) as endpoint:
        for service in ("developer", "vertex"):
            (reply,) = talk(
                Recorder(),
                (Part("application/pdf", b"%PDF"),),
                service=service,
                endpoint=endpoint.url,
            )
            assert isinstance(reply, ApiError)
            assert reply.status == status
            assert least <= reply.retry_after_seconds <= most
