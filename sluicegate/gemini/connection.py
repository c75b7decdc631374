"""Where Gemini is reached and what all requests of a job share, as plain values."""

import os
from dataclasses import dataclass
from typing import Any

from sluicegate.gemini.processing import Way, way_of

API_KEY_VARIABLES = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
# Locations of more than one region, each with a host of its own.
_MULTI_REGIONS = ("eu", "us")


@dataclass(frozen=True, slots=True)
class Connection:
    """Where and how to reach Gemini. It crosses process borders, so it holds no secret."""

    service: str  # "vertex" or "developer"
    project: str = ""
    location: str = "global"
    endpoint: str = ""  # another base URL
    api_key_secret: str = ""  # Secret Manager version name, read on the worker
    timeout_seconds: float = 300.0
    tier: str = "standard"  # that calls are asked at; see `processing`

    @property
    def is_vertex(self) -> bool:
        """Tell whether `gs://` documents can be passed by reference."""
        return self.service == "vertex"

    @property
    def way(self) -> Way:
        """How calls are processed."""
        return way_of(self.tier)

    @property
    def base_url(self) -> str:
        """Return where the SDK will call, as far as choosing a proxy needs to know."""
        if self.endpoint or not self.is_vertex:
            return self.endpoint or "https://generativelanguage.googleapis.com"
        if self.location in _MULTI_REGIONS:
            return f"https://aiplatform.{self.location}.rep.googleapis.com"
        region = "" if self.location == "global" else f"{self.location}-"
        return f"https://{region}aiplatform.googleapis.com"


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """What all requests of a job share."""

    model: str
    prompt: str
    schema: dict[str, Any]  # Gemini's OpenAPI subset
    parameters: dict[str, Any]  # max_output_tokens, temperature, media_resolution, thinking_…

    @property
    def generation_config(self) -> dict[str, Any]:
        """Return what all requests of a job share, in the words of both services' REST API."""
        given = self.parameters
        config: dict[str, Any] = {
            "responseMimeType": "application/json",
            "responseSchema": self.schema,
        }
        if "temperature" in given:
            config["temperature"] = given["temperature"]
        if resolution := given.get("media_resolution"):
            config["mediaResolution"] = f"MEDIA_RESOLUTION_{resolution.upper()}"
        thinking: dict[str, Any] = {}
        if "thinking_budget" in given:
            thinking["thinkingBudget"] = given["thinking_budget"]
        if level := given.get("thinking_level"):
            thinking["thinkingLevel"] = level.upper()
        if thinking:
            config["thinkingConfig"] = thinking
        return config


def environment_key() -> str:
    """Return the API key of the environment, or an empty string."""
    return next((os.environ[name] for name in API_KEY_VARIABLES if os.environ.get(name)), "")
