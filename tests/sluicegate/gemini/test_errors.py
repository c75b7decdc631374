"""What to do about a reply: bodies as the services send them, and the verdict on each."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.asking.response import ApiError, Response, TransportError
from sluicegate.asking.verdict import (
    Accept,
    AskAgain,
    AskForMore,
    FailDocument,
    FailJob,
    RateLimited,
    Retry,
    judge_response,
)
from sluicegate.codes import DOCUMENT_CODES
from sluicegate.gemini.errors import judge_error
from sluicegate.records import Usage

QUOTA = "type.googleapis.com/google.rpc.QuotaFailure"
RETRY = "type.googleapis.com/google.rpc.RetryInfo"
INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def error(status: int, message: str = "", state: str = "", *details: Any) -> ApiError:
    """Return an error as a service's body says it."""
    body: dict[str, Any] = {"code": status, "message": message, "status": state}
    return ApiError(status, {**body, "details": list(details)} if details else body)


def quota(*quota_ids: str) -> dict[str, Any]:
    """Return the detail that names the quotas that are used up."""
    return {"@type": QUOTA, "violations": [{"quotaId": q, "quotaValue": "10"} for q in quota_ids]}


MINUTE = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"


@pytest.mark.parametrize(
    ("given_error", "seconds"),
    [
        (error(429, "You exceeded", "RESOURCE_EXHAUSTED", quota(MINUTE),
               {"@type": RETRY, "retryDelay": "47s"}), 47.0),
        (error(429, "", "", {"@type": RETRY, "retryDelay": "0.5s"}), 0.5),
        (error(429, "", "", {"@type": RETRY, "retryDelay": "12.345678901s"}), 12.345678901),
        (error(429, "", "", {"@type": RETRY, "retryDelay": "0s"}), 0.0),
        (error(429, "", "", {"@type": RETRY, "retryDelay": "soon"}), 0.0),
        (error(429, "Resource exhausted. Please try again later.", "RESOURCE_EXHAUSTED"), 0.0),
        (error(429, "", "", quota(MINUTE)), 0.0),
        (ApiError(429, {}), 0.0),
        (ApiError(429, {"details": "none"}), 0.0),
        (ApiError(429, {"details": [None, 5, {"violations": None}]}), 0.0),
    ],
)  # fmt: skip
def test_per_minute_quotas_are_waited_for(given_error: ApiError, seconds: float) -> None:
    """As long as RetryInfo says, where there is one; Vertex AI gives none."""
    verdict = judge_error(given_error)
    assert isinstance(verdict, RateLimited)
    assert verdict.retry_after_seconds == seconds


@pytest.mark.parametrize("quotas", [[DAY], [MINUTE, DAY]])
def test_a_daily_quota_stops_the_job(quotas: list[str]) -> None:
    """However soon RetryInfo says to come back."""
    verdict = judge_error(
        error(429, "Quota\n exceeded", "", quota(*quotas), {"@type": RETRY, "retryDelay": "3s"})
    )
    assert isinstance(verdict, FailJob)
    assert verdict.code == "daily_quota_exhausted"
    assert "tomorrow" in verdict.message
    assert "\n" not in verdict.message


BODY = "type.googleapis.com/google.rpc.BadRequest"
DEBUG = "type.googleapis.com/google.rpc.DebugInfo"
LOCAL = "type.googleapis.com/google.rpc.LocalizedMessage"


def info(**metadata: str) -> dict[str, Any]:
    """Return the detail by which service infrastructure names a quota."""
    return {"@type": INFO, "reason": "RATE_LIMIT_EXCEEDED", "metadata": metadata}


def fields(**described: str) -> dict[str, Any]:
    """Return the detail that names fields of the request."""
    found = [{"field": f, "description": d} for f, d in described.items()]
    return {"@type": BODY, "fieldViolations": found}


@pytest.mark.parametrize(
    ("given_error", "code"),
    [
        (error(429, "Your prepayment credits are depleted."), "billing_stopped"),
        (error(429, "Your project has exceeded its monthly spending cap."), "billing_stopped"),
        (error(429, "The spend limit of this account was reached."), "billing_stopped"),
        (error(429, "You have run out of credits."), "billing_stopped"),
        (error(403, "Insufficient account balance."), "billing_stopped"),
        (error(402), "billing_stopped"),
        (error(429, "Quota exceeded, limit: 0\nPlease retry in 44.09s.", "",
               {"@type": RETRY, "retryDelay": "44s"}), "no_quota"),
        (error(429, "x", "", {"@type": QUOTA, "violations": [
            {"quotaId": MINUTE, "quotaValue": "0"}]}), "no_quota"),
        (error(429, "x", "", info(quota_limit="APerMinute", quota_limit_value="0")), "no_quota"),
        (error(429, "x, limit: 0, model: m", "", quota(MINUTE, DAY)), "no_quota"),
        (error(429, "The quota limit is 0 for this region"), "no_quota"),
        (error(429, "x", "", info(quota_limit="RequestsPerDay", quota_limit_value="50")),
         "daily_quota_exhausted"),
        (error(429, "x", "", info(quota_unit="1/d/{project}")), "daily_quota_exhausted"),
        (error(429, "Limit 'Requests per day per user' reached"), "daily_quota_exhausted"),
        (error(403, "x", "RESOURCE_EXHAUSTED", quota(DAY)), "daily_quota_exhausted"),
        (ApiError(200, {"code": 429, "message": "limit: 0"}), "no_quota"),
    ],
)  # fmt: skip
def test_a_quota_that_never_fills_up_stops_the_job(given_error: ApiError, code: str) -> None:
    """With the service's own sentence: waiting costs days, and nothing comes of it."""
    verdict = judge_error(given_error)
    assert isinstance(verdict, FailJob)
    assert verdict.code == code
    assert given_error.message.split("\n")[0].rstrip(".") in verdict.message


@pytest.mark.parametrize(
    "given_error",
    [
        error(429, "You exceeded your current quota, please check your plan and billing details. "
              "limit: 20, model: m", "", quota(MINUTE)),
        error(429, "limit: 0.5 per second"),
        error(429, "limit: 05"),
        error(429, "x", "", info(quota_limit="RequestsPerMinute", quota_limit_value="10")),
        error(429, "Resource has been exhausted (e.g. check quota).", "RESOURCE_EXHAUSTED"),
        error(429, "No capacity available for model m on the server"),
        ApiError(200, {"code": 429, "message": "slow down"}),
    ],
)  # fmt: skip
def test_other_quotas_fill_up_again(given_error: ApiError) -> None:
    """Advice about billing, and limits above 0, are no end."""
    assert isinstance(judge_error(given_error), RateLimited)


GENERIC = "Request contains an invalid argument."


@pytest.mark.parametrize(
    ("detail", "kind", "said"),
    [
        (fields(a="The schema has too many states for serving."), FailJob, "too many states"),
        (fields(**{"generation_config.top_k": "out of range"}), FailJob,
         "generation_config.top_k: out of range"),
        (fields(**{"generationConfig.responseSchema": "too deep"}), FailJob, "too deep"),
        ({"@type": LOCAL, "message": "The response schema is too deep"}, FailJob, "too deep"),
        ({"@type": DEBUG, "detail": "[ORIGINAL ERROR] generic::invalid_argument: The document has "
          'no pages. [google.rpc.error_details_ext] { message: "x" }'}, FailDocument,
         "(The document has no pages.)"),
        (fields(**{"contents[0].parts[1]": "the PDF is corrupt"}), FailDocument, "is corrupt"),
    ],
)  # fmt: skip
def test_the_reason_in_details_decides_and_is_shown(
    detail: dict[str, Any], kind: type[Any], said: str
) -> None:
    """The message is the same for all of them."""
    verdict = judge_error(error(400, GENERIC, "INVALID_ARGUMENT", detail))
    assert type(verdict) is kind
    assert said in verdict.message
    assert "ORIGINAL" not in verdict.message


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("JSON mode is not enabled for models/m", "request_refused"),
        ("Image input modality is not enabled for models/m", "request_refused"),
        ("The temperature parameter is not supported for this model.", "request_refused"),
        ("Developer instruction is not enabled for models/m", "request_refused"),
        ("it has a maxOutputTokens value of 100000 but the supported range is to 65537",
         "request_refused"),
        ("The model is not supported in this location. Please use another.", "service_refused"),
        ("Gemini is not available in your country.", "service_refused"),
    ],
)  # fmt: skip
def test_what_the_model_or_the_place_refuses_is_the_jobs(message: str, code: str) -> None:
    """A job of five documents stops like one of a thousand."""
    verdict = judge_error(error(400, message, "INVALID_ARGUMENT"))
    assert isinstance(verdict, FailJob)
    assert verdict.code == code


@pytest.mark.parametrize(
    ("given_error", "job_code"),
    [
        (error(400, "Service agents are being provisioned.", "FAILED_PRECONDITION"),
         "service_refused"),
        (error(400, "Service agents are being provisioned (https://cloud.google.com/vertex-ai/docs/"
               "general/access-control#service-agents). Service agents are needed to read the "
               "Cloud Storage file provided. So please try again in a few minutes.",
               "FAILED_PRECONDITION"), "service_refused"),
        (error(403, "Access is being enabled. Try again in a few minutes."), "service_refused"),
        (error(401, "x", "", {"@type": INFO, "reason": "ACCESS_TOKEN_EXPIRED"}),
         "bad_credentials"),
        (error(401, "The access token has expired."), "bad_credentials"),
        (error(499, "The operation was cancelled.", "CANCELLED"), ""),
        (error(409, "The operation was aborted.", "ABORTED"), ""),
        (error(400, "x", "CANCELLED"), ""),
        (error(400, "Cannot fetch content from the provided URL. Status: "
               "URL_REJECTED-REJECTED_FC_TOO_MANY_PENDING"), ""),
        (error(400, "The service is temporarily overloaded."), ""),
        (ApiError(200, {"code": 500, "message": "Internal error"}), ""),
        (ApiError(200, {"message": "no code"}), ""),
        (ApiError(200, {"code": 400, "message": GENERIC}), ""),
    ],
)  # fmt: skip
def test_what_passes_is_tried_again(given_error: ApiError, job_code: str) -> None:
    """Some of it is every document's, and is waited for without blaming one."""
    verdict = judge_error(given_error)
    assert isinstance(verdict, Retry)
    assert verdict.job_code == job_code


@pytest.mark.parametrize(
    ("given_error", "code"),
    [
        (error(500, "Internal error encountered.", "INTERNAL"), "server_error"),
        (error(502), "server_error"),
        (error(503, "The model is overloaded.", "UNAVAILABLE"), "server_error"),
        (error(504, "Deadline expired", "DEADLINE_EXCEEDED"), "timeout"),
        (error(408), "timeout"),
        (TransportError("timeout", "no reply"), "timeout"),
        (TransportError("connection_error", "reset"), "connection_error"),
        (TransportError("server_error", "HTML"), "server_error"),
    ],
)
def test_passing_troubles_are_tried_again(given_error: Any, code: str) -> None:
    """5xx, timeouts and broken connections."""
    verdict = judge_error(given_error)
    assert isinstance(verdict, Retry)
    assert verdict.code == code


KEY = {"@type": INFO, "reason": "API_KEY_INVALID", "domain": "googleapis.com"}


@pytest.mark.parametrize(
    ("given_error", "overloaded"),
    [
        (error(503, "The model is overloaded. Please try again later.", "UNAVAILABLE"), True),
        (error(503, "The service is currently unavailable.", "UNAVAILABLE"), True),
        (error(503, "This model is currently experiencing high demand."), True),
        (error(503, "Model overloaded"), True),
        (ApiError(200, {"code": 503, "message": "The model is overloaded."}), True),
        (error(503, "upstream connect error or disconnect/reset before headers"), False),
        (error(500, "The model is overloaded.", "INTERNAL"), False),
        (error(502), False),
    ],
)
def test_an_overloaded_model_is_told_from_trouble_on_the_way(
    given_error: ApiError, overloaded: bool
) -> None:
    """By the API's own state, or by its words where a gateway leaves that out."""
    verdict = judge_error(given_error)
    assert isinstance(verdict, Retry)
    assert (verdict.code, verdict.overloaded) == ("server_error", overloaded)


@pytest.mark.parametrize(
    ("given_error", "code"),
    [
        (error(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", KEY),
         "bad_credentials"),
        (error(400, "API key expired. Please renew the API key."), "bad_credentials"),
        (error(400, "x", "", {"@type": INFO, "reason": "API_KEY_EXPIRED"}), "bad_credentials"),
        (error(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED"),
         "bad_credentials"),
        (error(403, "Permission 'aiplatform.endpoints.predict' denied on resource "
               "'//aiplatform.googleapis.com/projects/p/locations/global/publishers/google/models/"
               "m' (or it may not exist).", "PERMISSION_DENIED"), "permission_denied"),
        (error(403, "Vertex AI API has not been used in project 1 before or it is disabled.",
               "PERMISSION_DENIED"), "permission_denied"),
        (error(404, "models/gemini-0 is not found for API version v1beta, or is not supported "
               "for generateContent.", "NOT_FOUND"), "unknown_model"),
        (error(404, "Publisher Model `projects/p/locations/us-central1/publishers/google/models/"
               "gemini-0` was not found or your project does not have access to it."),
         "unknown_model"),
        (error(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"),
         "service_refused"),
        (error(400, "Project `1` is not allowed to use Publisher Model", "FAILED_PRECONDITION"),
         "service_refused"),
        (error(400, "This API method requires billing to be enabled."), "service_refused"),
        (error(400, "The specified schema produces a constraint that has too many states for "
               "serving.", "INVALID_ARGUMENT"), "request_refused"),
        (error(400, "* GenerateContentRequest.generation_config.response_schema.properties: should "
               "be non-empty for OBJECT type"), "request_refused"),
        (error(400, 'Invalid JSON payload received. Unknown name "x" at \'generation_config\': '
               "Cannot find field."), "request_refused"),
        (error(400, "Thinking budget 100000 is invalid."), "request_refused"),
        (error(400, "Media resolution is not supported by this model: media_resolution"),
         "request_refused"),
    ],
)  # fmt: skip
def test_faults_of_the_job_stop_it(given_error: ApiError, code: str) -> None:
    """Credentials, model, project and schema are the same for every document."""
    verdict = judge_error(given_error)
    assert isinstance(verdict, FailJob)
    assert verdict.code == code
    assert "\n" not in verdict.message


@pytest.mark.parametrize(
    "given_error",
    [
        error(400, "The document has no pages.", "INVALID_ARGUMENT"),
        error(400, "Unable to process input image. Please retry or report.", "INVALID_ARGUMENT"),
        error(400, "Unsupported MIME type: image/tiff", "INVALID_ARGUMENT"),
        error(400, "The input token count (1100000) exceeds the maximum number of tokens allowed "
              "(1048576)."),
        error(400, "Request payload size exceeds the limit: 20971520 bytes."),
    ],
)  # fmt: skip
def test_faults_of_a_document_are_its_own(given_error: ApiError) -> None:
    """The service says that it is this document's content."""
    assert judge_error(given_error) == FailDocument("document_rejected", given_error.message)


@pytest.mark.parametrize(
    "message",
    [
        "Cannot fetch content from the provided URL.",
        "The GCS URI gs://my-project/billing/a.pdf cannot be read",
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_an_object_that_cannot_be_fetched_is_suspect(status: int, message: str) -> None:
    """Its bytes may be sent instead; and a bucket that nobody may read is the job's fault."""
    verdict = judge_error(error(status, message, "INVALID_ARGUMENT"))
    assert verdict == FailDocument("document_rejected", message, blame_unclear=True, unfetched=True)


@pytest.mark.parametrize(
    "given_error",
    [
        error(400, "Request contains an invalid argument.", "INVALID_ARGUMENT"),
        error(413, "Request Entity Too Large"),
        error(403, "service-1@gcp-sa-aiplatform.iam.gserviceaccount.com does not have "
              "storage.objects.get access to the Google Cloud Storage object."),
        error(404, "No such object: gs://b/project/a.pdf"),
        ApiError(418, {}),
    ],
)  # fmt: skip
def test_refusals_without_a_clear_owner_are_suspect(given_error: ApiError) -> None:
    """The document fails; if every document does, it is the job."""
    verdict = judge_error(given_error)
    assert isinstance(verdict, FailDocument)
    assert verdict.blame_unclear


RESPONSES = [
    ("STOP", "{}", Accept, ""),
    ("STOP", " \n", AskAgain, "no_answer"),
    ("MAX_TOKENS", '{"a', AskForMore, ""),
    ("MAX_TOKENS", "", AskForMore, ""),
    ("SAFETY", "", FailDocument, "blocked"),
    ("BLOCKLIST", "", FailDocument, "blocked"),
    ("PROHIBITED_CONTENT", "", FailDocument, "blocked"),
    ("SPII", "", FailDocument, "blocked"),
    ("LANGUAGE", "", FailDocument, "blocked"),
    ("IMAGE_SAFETY", "", FailDocument, "blocked"),
    ("RECITATION", "{}", AskAgain, "recitation"),
    ("OTHER", "", AskAgain, "malformed_answer"),
    ("MALFORMED_FUNCTION_CALL", "", AskAgain, "malformed_answer"),
    ("MALFORMED_RESPONSE", "", AskAgain, "malformed_answer"),
    ("MODEL_ARMOR", "", FailDocument, "blocked"),
    ("IMAGE_PROHIBITED_CONTENT", "", FailDocument, "blocked"),
    ("CONTINUATION", '{"a', AskForMore, ""),
    ("IMAGE_RECITATION", "", AskAgain, "recitation"),
    ("UNEXPECTED_TOOL_CALL", "", AskAgain, "malformed_answer"),
    ("TOO_MANY_TOOL_CALLS", "", AskAgain, "malformed_answer"),
    ("MISSING_THOUGHT_SIGNATURE", "", AskAgain, "malformed_answer"),
    ("IMAGE_OTHER", "", AskAgain, "malformed_answer"),
    ("NO_IMAGE", "", AskAgain, "malformed_answer"),
    ("", "", AskAgain, "no_answer"),
    ("", '{"a', AskAgain, "no_answer"),
    ("", '{"a": 1}', Accept, ""),
    ("FINISH_REASON_UNSPECIFIED", "{}", Accept, ""),
    ("SOMETHING_NEW", "{}", Accept, ""),
    ("SOMETHING_NEW", "", AskAgain, "no_answer"),
    ("SOMETHING_NEW", "[1]", FailDocument, "no_answer"),
    ("SOMETHING_NEW", "words", FailDocument, "no_answer"),
]


@pytest.mark.parametrize(("reason", "text", "kind", "code"), RESPONSES)
def test_every_finish_reason_has_its_verdict(
    reason: str, text: str, kind: type[Any], code: str
) -> None:
    """A table of what the service says and what follows."""
    verdict = judge_response(Response(text, reason))
    assert type(verdict) is kind
    assert getattr(verdict, "code", "") == code
    assert not code or code in DOCUMENT_CODES


def test_a_blocked_prompt_says_why() -> None:
    """No candidate, but a reason."""
    verdict = judge_response(Response("", "", block_reason="PROHIBITED_CONTENT"))
    assert verdict == FailDocument("blocked", "the prompt was blocked: PROHIBITED_CONTENT")


def test_a_cut_answer_says_what_it_spent() -> None:
    """Thinking may have eaten the budget: the message has both numbers."""
    verdict = judge_response(Response("", "MAX_TOKENS", usage=Usage(10, 0, 1200, 7000)))
    assert isinstance(verdict, AskForMore)
    assert "1,200 output and 7,000 thought" in verdict.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "details",
                    "message",
                    "status",
                    "violations",
                    "quotaId",
                    "reason",
                    "retryDelay",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    status=st.sampled_from([0, 301, 400, 401, 403, 404, 408, 409, 413, 429, 499, 500, 503, 600]),
    body=st.dictionaries(st.sampled_from(["details", "message", "status", "code"]), JSON),
)
@example(status=429, body={"details": [{"violations": 5}]})
def test_any_error_body_gets_a_verdict(status: int, body: dict[str, Any]) -> None:
    """A proxy may answer anything; its words are bounded."""
    given_error = ApiError(status, body)
    verdict = judge_error(given_error)
    assert isinstance(verdict, Retry | RateLimited | FailDocument | FailJob)
    assert len(given_error.message) <= 1000
    if isinstance(verdict, Retry | FailDocument):
        assert verdict.code in DOCUMENT_CODES
