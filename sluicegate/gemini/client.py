"""The one file that knows google.genai: requests go in as plain values, replies come out."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from google import genai
from google.auth import exceptions as auth_exceptions
from google.auth.credentials import AnonymousCredentials
from google.genai import errors, types

from sluicegate.asking.response import ApiError, Reply, Response, TransportError
from sluicegate.asking.verdict import Verdict
from sluicegate.faults import JobFault, one_line
from sluicegate.gemini.connection import Connection, RequestTemplate
from sluicegate.gemini.error_body import read_error
from sluicegate.gemini.errors import judge_error
from sluicegate.gemini.reply import read_response
from sluicegate.gemini.retry_after import retry_after
from sluicegate.gemini.session import carrying, open_session, stand_in
from sluicegate.masking import mask
from sluicegate.media.prepare import Part

# The SDK logs a line for each call at INFO, and warns at each start which key it took.
logging.getLogger("google_genai").setLevel(logging.ERROR)
logging.getLogger("httpx").setLevel(logging.WARNING)


# Which tier served a call, on replies of the Developer API that are no streams
# (ai.google.dev/gemini-api/docs/flex-inference, 2026-10).
_TIER_HEADER = "x-gemini-service-tier"


class _ByAttribute:
    """Has the SDK take attributes at once: it asks each value for a dozen names with `in` first.

    For that pydantic walks through all fields of a value, which was half of the SDK's time.
    """

    def __contains__(self, name: str) -> bool:
        return False


class _Config(_ByAttribute, types.GenerateContentConfig):
    def model_copy(self, **_: Any) -> "_Config":
        """Return itself: the SDK copies a config to put tools into the copy, and here are none."""
        return self


class _Content(_ByAttribute, types.Content):
    pass


class _Part(_ByAttribute, types.Part):
    pass


class GenaiClient:
    """A `Provider` over google-genai. Build and use it on one event loop."""

    def __init__(
        self,
        connection: Connection,
        template: RequestTemplate,
        clock: Callable[[], float],
        api_key: str = "",
        last_resort: "GenaiClient | None" = None,
    ) -> None:
        self.last_resort = last_resort
        self._clock = clock
        self._model = template.model
        self._prompt = _Part(text=template.prompt)
        self._configs: dict[int, _Config] = {}
        self._stand_ins: dict[tuple[int, str], _Part] = {}
        self._timeout = connection.timeout_seconds
        self._way = connection.way
        self._secrets = tuple(filter(None, (api_key,)))
        self._session = open_session(connection.base_url)
        self._client = _connect(connection, api_key, self._session, template).aio

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Make exactly one HTTP request. A prompt shared by all comes first: it can be cached."""
        # As they are: the SDK's models would check each field again of what was built here.
        contents = _Content.model_construct(
            role="user", parts=[self._prompt, *self._sdk_parts(parts)]
        )
        started, token = self._clock(), self._token()
        try:
            with carrying(part.data for part in parts if part.data):
                reply = await self._client.models.generate_content(
                    model=self._model, contents=contents, config=self._config(max_output_tokens)
                )
            latency_ms = round(1000 * (self._clock() - started))
            return self._read(reply.sdk_http_response, latency_ms)
        except Exception as error:
            trouble = self._explain(error)
            if trouble is None:
                raise
            _let_go(error)
            if isinstance(trouble, ApiError) and trouble.status == 401:
                self._renew(token)
            return trouble

    def _read(self, reply: types.HttpResponse | None, latency_ms: int) -> Reply:
        body, headers = (reply.body, reply.headers) if reply else ("", {})
        found = read_response(
            body or "", latency_ms, *self._secrets, tier=_named(headers or {}, _TIER_HEADER)
        )
        if isinstance(found, Response):
            return replace(found, asked_tier=self._way.tier)
        return found

    def _explain(self, error: Exception) -> Reply | None:
        """Return what an error of the SDK means, None if nothing is known of it.

        Raises JobFault where there is no access token.
        """
        match error:
            case errors.APIError():
                found = read_error(int(error.code or 0), error.details, *self._secrets)
                return replace(found, retry_after_seconds=_retry_after(error))
            case TimeoutError() | httpx.TimeoutException():
                return TransportError("timeout", f"no reply within {self._timeout:.0f} s")
            case (
                aiohttp.ClientPayloadError()
                | aiohttp.ClientConnectionError()
                | httpx.TransportError()
                | ConnectionError()
                | auth_exceptions.TransportError()
            ):
                return TransportError("connection_error", self._brief(error))
            case auth_exceptions.RefreshError() | auth_exceptions.DefaultCredentialsError():
                raise JobFault(
                    "bad_credentials", f"no access token: {self._brief(error)}"
                ) from error
            case (
                ValueError()
                | KeyError()
                | TypeError()
                | AttributeError()
                | RecursionError()
                | aiohttp.ClientError()
                | httpx.HTTPError()
            ):
                # A 200 whose body is not what the API promises: HTML of a proxy, cut JSON.
                return TransportError("server_error", f"unreadable reply: {self._brief(error)}")
            case _:
                return None

    def _brief(self, error: BaseException) -> str:
        return _brief(error, *self._secrets)

    def _token(self) -> Any:
        """Return the access token that a call made now goes out with; None without one."""
        return getattr(self._client._api_client._credentials, "token", None)  # noqa: SLF001

    def _renew(self, token: Any) -> None:
        """Have the SDK get another access token before the next call, unless it did already.

        It goes by the token's own time, which a refused token contradicts.
        """
        credentials = self._client._api_client._credentials  # noqa: SLF001
        if token and credentials and credentials.token == token:
            credentials.token = None

    def judge_error(self, error: ApiError | TransportError) -> Verdict:
        """Return whose fault an error is, and what to do about it."""
        return self._way.judge(judge_error(error))

    async def close(self) -> None:
        """Close connections; never raises."""
        if self.last_resort:
            await self.last_resort.close()
        try:
            await self._client.aclose()
            await self._session.close()
        except Exception as error:  # noqa: BLE001 - teardown is best effort
            logging.getLogger(__name__).debug("closing the client: %s", error)

    def _sdk_parts(self, parts: tuple[Part, ...]) -> Iterator[_Part]:
        """Yield what the SDK is to see: a stand-in for each document that the session carries."""
        carried = 0
        for part in parts:
            if part.text:
                yield _Part(text=part.text)
            elif part.uri:
                named = types.FileData.model_construct(file_uri=part.uri, mime_type=part.media_type)
                yield _Part.model_construct(file_data=named)
            else:
                yield self._stand_in(carried, part.media_type)
                carried += 1

    def _stand_in(self, number: int, media_type: str) -> _Part:
        """Return what stands for a document, made once: it says its media type and no more."""
        part = self._stand_ins.get((number, media_type))
        if part is None:
            blob = types.Blob(data=stand_in(number), mime_type=media_type)
            part = self._stand_ins[number, media_type] = _Part(inline_data=blob)
        return part

    def _config(self, max_output_tokens: int) -> _Config:
        """Return what is not in every request's static part, made once for each token limit.

        The reply is taken as it came over the wire: it is read once, into our own values.
        """
        config = self._configs.get(max_output_tokens)
        if config is None:
            config = self._configs[max_output_tokens] = _Config(
                max_output_tokens=max_output_tokens,
                should_return_http_response=True,
                automatic_continuation=False,
                automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            )
        return config


def _connect(
    connection: Connection, api_key: str, session: aiohttp.ClientSession, template: RequestTemplate
) -> genai.Client:
    options = types.HttpOptions(
        base_url=connection.endpoint or None,
        timeout=round(1000 * connection.timeout_seconds),
        # One attempt, said aloud: without it the SDK's aiohttp path resends once by itself.
        retry_options=types.HttpRetryOptions(attempts=1),
        aiohttp_client=session,
        # Merged into each request as it is: the SDK would convert a typed schema every time.
        extra_body={
            "generationConfig": template.generation_config,
            **connection.way.body.get(connection.service, {}),
        },
        headers=connection.way.headers.get(connection.service),
    )
    # A token never goes over plain HTTP: such an endpoint is a stand-in on this machine.
    plain = urlsplit(connection.endpoint).scheme == "http"
    try:
        if not connection.is_vertex:
            return genai.Client(vertexai=False, api_key=api_key, http_options=options)
        client = genai.Client(
            vertexai=True,
            project=connection.project,
            location=connection.location,
            credentials=_Anonymous() if plain else None,
            http_options=options,
        )
    except (ValueError, auth_exceptions.GoogleAuthError) as error:
        raise JobFault("bad_credentials", f"cannot connect to Gemini: {_brief(error)}") from error
    # Whether calls go through the session of google-auth: with one of our own they never do, and
    # to find that out the SDK would look for two files of certificates at every call.
    client._api_client._use_google_auth_async = lambda: False  # type: ignore[method-assign] # noqa: SLF001
    return client


class _Anonymous(AnonymousCredentials):
    """Credentials for a stand-in: the SDK insists on a token, so it gets a word."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = "stand-in"  # noqa: S105 - no secret

    def refresh(self, request: Any) -> None:  # noqa: ARG002 - as the base has it
        """Take the same word again."""
        self.token = "stand-in"  # noqa: S105 - no secret


def _named(headers: Mapping[str, str], wanted: str) -> str:
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def _retry_after(error: errors.APIError) -> float:
    headers = getattr(error.response, "headers", None)
    return retry_after(headers) if isinstance(headers, Mapping) else 0.0


def _let_go(error: BaseException) -> None:
    """Clear what an error's frames hold.

    The SDK's (tenacity's) hold the error itself. In that circle the request, and the document with
    it, would outlive the call until the garbage collector looks for them.
    """
    for each in (error, error.__context__, error.__cause__):
        if each is not None:
            traceback.clear_frames(each.__traceback__)


def _brief(error: BaseException, *secrets: str) -> str:
    return one_line(mask(f"{type(error).__name__}: {error}", *secrets))
