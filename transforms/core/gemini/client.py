"""The one file that knows google.genai: requests go in as plain values, replies come out."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import httpx
from google import genai
from google.auth import exceptions as auth_exceptions
from google.auth.credentials import AnonymousCredentials
from google.genai import errors, types

from transforms.core.faults import JobFault
from transforms.core.gemini.reply import ApiError, Reply, Response, TransportError
from transforms.core.media.prepare import Part
from transforms.core.records import Usage

API_KEY_VARIABLES = ("GEMINI_API_KEY", "GOOGLE_API_KEY")

# The SDK logs a line for each call at INFO, and warns at each start which key it took.
logging.getLogger("google_genai").setLevel(logging.ERROR)
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where and how to reach Gemini. It crosses process borders, so it holds no secret."""

    service: str  # "vertex" or "developer"
    project: str = ""
    location: str = "global"
    endpoint: str = ""  # another base URL
    api_key_secret: str = ""  # Secret Manager version name, read on the worker
    timeout_seconds: float = 300.0

    @property
    def is_vertex(self) -> bool:
        """Tell whether `gs://` documents can be passed by reference."""
        return self.service == "vertex"


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """What all requests of a job share."""

    model: str
    prompt: str
    schema: dict[str, Any]  # Gemini's OpenAPI subset
    parameters: dict[str, Any]  # max_output_tokens, temperature, media_resolution, thinking_…


class GeminiClient(Protocol):
    """One call to a model: the seam between the engine and the wire."""

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Make exactly one HTTP request and return whatever came of it; raise JobFault only."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


def environment_key() -> str:
    """Return the API key of the environment, or an empty string."""
    return next((os.environ[name] for name in API_KEY_VARIABLES if os.environ.get(name)), "")


class GenaiClient:
    """`GeminiClient` over google-genai. Build and use it on one event loop."""

    def __init__(
        self,
        connection: Connection,
        template: RequestTemplate,
        clock: Callable[[], float],
        api_key: str = "",
    ) -> None:
        self._clock = clock
        self._model = template.model
        self._prompt = types.Part(text=template.prompt)
        self._template = template
        self._configs: dict[int, types.GenerateContentConfig] = {}
        self._timeout = connection.timeout_seconds
        # Our own session: no cap on connections (the pacer is the cap), and ours to close.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300), trust_env=True
        )
        self._client = _connect(connection, api_key, self._session).aio

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Make exactly one HTTP request. A prompt shared by all comes first: it can be cached."""
        contents = types.Content(role="user", parts=[self._prompt, *map(_sdk_part, parts)])
        started = self._clock()
        try:
            reply = await self._client.models.generate_content(
                model=self._model, contents=contents, config=self._config(max_output_tokens)
            )
        except errors.APIError as error:
            return _api_error(error)
        except (TimeoutError, httpx.TimeoutException):
            return TransportError("timeout", f"no reply within {self._timeout:.0f} s")
        except (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError, httpx.TransportError,
                ConnectionError) as error:  # fmt: skip
            return TransportError("connection_error", _brief(error))
        except (auth_exceptions.RefreshError, auth_exceptions.DefaultCredentialsError) as error:
            raise JobFault("bad_credentials", f"no access token: {_brief(error)}") from error
        except auth_exceptions.TransportError as error:
            return TransportError("connection_error", _brief(error))
        except (ValueError, KeyError, TypeError, AttributeError, aiohttp.ClientError,
                httpx.HTTPError) as error:  # fmt: skip
            # A 200 whose body is not what the API promises: HTML of a proxy, cut JSON.
            return TransportError("server_error", f"unreadable reply: {_brief(error)}")
        return _response(reply, round(1000 * (self._clock() - started)))

    async def close(self) -> None:
        """Close connections; never raises."""
        try:
            await self._client.aclose()
            await self._session.close()
        except Exception as error:  # noqa: BLE001 - teardown is best effort
            logging.getLogger(__name__).debug("closing the client: %s", error)

    def _config(self, max_output_tokens: int) -> types.GenerateContentConfig:
        """Build the static part of a request once for each token limit."""
        config = self._configs.get(max_output_tokens)
        if config is None:
            parameters = dict(self._template.parameters)
            thinking = {
                name: parameters.pop(name)
                for name in ("thinking_level", "thinking_budget")
                if name in parameters
            }
            resolution = parameters.pop("media_resolution", None)
            config = types.GenerateContentConfig(
                response_mime_type="application/json",
                response_schema=types.Schema.model_validate(self._template.schema),
                max_output_tokens=max_output_tokens,
                temperature=parameters.pop("temperature", None),
                media_resolution=(
                    types.MediaResolution(f"MEDIA_RESOLUTION_{resolution.upper()}")
                    if resolution
                    else None
                ),
                thinking_config=types.ThinkingConfig(**thinking) if thinking else None,
                automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            )
            self._configs[max_output_tokens] = config
        return config


def _connect(connection: Connection, api_key: str, session: aiohttp.ClientSession) -> genai.Client:
    options = types.HttpOptions(
        base_url=connection.endpoint or None,
        timeout=round(1000 * connection.timeout_seconds),
        # One attempt, said aloud: without it the SDK's aiohttp path resends once by itself.
        retry_options=types.HttpRetryOptions(attempts=1),
        aiohttp_client=session,
    )
    try:
        if not connection.is_vertex:
            return genai.Client(vertexai=False, api_key=api_key, http_options=options)
        # A token never goes over plain HTTP: such an endpoint is a stand-in on this machine.
        plain = urlsplit(connection.endpoint).scheme == "http"
        return genai.Client(
            vertexai=True,
            project=connection.project,
            location=connection.location,
            credentials=_Anonymous() if plain else None,
            http_options=options,
        )
    except (ValueError, auth_exceptions.GoogleAuthError) as error:
        raise JobFault("bad_credentials", f"cannot connect to Gemini: {_brief(error)}") from error


class _Anonymous(AnonymousCredentials):
    """Credentials for a stand-in: the SDK insists on a token, so it gets a word."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = "stand-in"  # noqa: S105 - no secret

    def refresh(self, request: Any) -> None:
        """Do nothing: there is nothing to refresh."""


def _sdk_part(part: Part) -> types.Part:
    if part.uri:
        return types.Part(file_data=types.FileData(file_uri=part.uri, mime_type=part.media_type))
    return types.Part(inline_data=types.Blob(data=part.data, mime_type=part.media_type))


def _response(reply: types.GenerateContentResponse, latency_ms: int) -> Response:
    candidate = reply.candidates[0] if reply.candidates else None
    parts = (candidate.content.parts or []) if candidate and candidate.content else []
    feedback, used = reply.prompt_feedback, reply.usage_metadata
    return Response(
        text="".join(part.text for part in parts if part.text and not part.thought),
        finish_reason=_name(candidate.finish_reason) if candidate else "",
        block_reason=_name(feedback.block_reason) if feedback else "",
        usage=Usage(
            used.prompt_token_count or 0,
            used.cached_content_token_count or 0,
            used.candidates_token_count or 0,
            used.thoughts_token_count or 0,
        )
        if used
        else Usage(),
        model_version=reply.model_version or "",
        traffic_type=_name(used.traffic_type) if used else "",
        latency_ms=latency_ms,
    )


def _name(value: Any) -> str:
    """Name an enum value; the SDK makes values it does not know into enum members too."""
    return str(getattr(value, "value", value) or "")


def _api_error(error: errors.APIError) -> ApiError:
    details = error.details if isinstance(error.details, dict) else {}
    body = details.get("error", details)
    return ApiError(int(error.code or 0), body if isinstance(body, dict) else {})


def _brief(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
