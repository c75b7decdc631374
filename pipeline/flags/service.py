"""Flags of `run`: how Gemini is reached."""

import re
from dataclasses import dataclass
from functools import partial

from pipeline.addresses import is_base_url
from pipeline.flags.flag import Form, flag
from pipeline.flags.kinds import Choice, Number, Text

_SECRET = re.compile(r"projects/[^/]+/secrets/[^/]+(/versions/[^/]+)?")

_flag = partial(flag, group="how Gemini is reached")


@dataclass(frozen=True, kw_only=True)
class ServiceFlags:
    """Which service, by which credentials, at which address."""

    gemini_service: str = _flag(
        Choice(
            {
                "auto": "Developer API if there is a key, else Vertex AI",
                "vertex": "Vertex AI, as the worker's service account",
                "developer": "Developer API, with a key",
            }
        ),
        "'vertex' (needs --project), 'developer' (needs an API key), or 'auto': developer if there "
        "is a key, else vertex; with a key and --project you have to say.",
        default="auto",
        metavar="NAME",
        in_summary=False,  # `service` is the one that was chosen
    )
    gemini_location: str = _flag(
        Text(),
        "Vertex AI location.",
        default="global",
        metavar="REGION",
        example="europe-west1",
        in_summary=False,  # `location` is there where Vertex AI is
        form=Form(
            regexes=(r"^(global|[a-z]+(-[a-z]+[0-9]+)?)$",),
            parent="gemini_service",
            parent_values=("auto", "vertex"),
        ),
    )
    gemini_endpoint: str = _flag(
        Text(
            is_base_url,
            wanted="give a base URL, as https://host; http:// on this machine only",
        ),
        "Another base URL, for either service; http:// only on this machine. On Dataflow a host of "
        "googleapis.com, unless SLUICEGATE_GEMINI_HOSTS allows more.",
        metavar="URL",
        in_summary=False,  # `endpoint` is the same
        form=Form(regexes=(r"^https://.+$",)),
    )
    api_key_secret: str = _flag(
        Text(_SECRET.fullmatch, wanted="give projects/PROJECT/secrets/NAME"),
        "Secret Manager name of the API key (projects/P/secrets/S), read on the worker. Without it "
        "the key is taken from GEMINI_API_KEY or GOOGLE_API_KEY.",
        metavar="NAME",
        example="projects/my-project/secrets/gemini-api-key",
        form=Form(
            label="API key secret",
            regexes=(f"^{_SECRET.pattern}$",),
            parent="gemini_service",
            parent_values=("auto", "developer"),
        ),
    )
    call_timeout: float | None = _flag(
        Number(0.1, 3600),
        "How long one call may take.",
        otherwise="300; with --processing=flex 900 on the Developer API and 1800 on Vertex AI",
        metavar="SECONDS",
    )
