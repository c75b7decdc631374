"""The parameters of the Flex Template, made from the flags: `make template-metadata`.

Names, defaults, groups and help texts are those of pipeline/options.py. What a flag cannot say
stands in `PARAMETERS` here: how its value looks, which picker shows it, when it is shown at all.
A flag that has no entry is a parameter all the same.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.options import add_flags

PATH = Path(__file__).with_name("metadata.json")
NAME = "Sluicegate"
DESCRIPTION = (
    "Extracts structured rows from documents (PDF, images) with Gemini: every document ends as "
    "exactly one row in BigQuery, or files, or one failure record, and no answer is paid "
    "for twice."
)

_GCS = r"^gs://[a-z0-9][a-z0-9._-]+[a-z0-9](/.*)?$"
_NUMBER = r"^[0-9]+(\.[0-9]+)?$"
_WHOLE = r"^[1-9][0-9]*$"

# flag -> what its parameter has beside name, label, help and default. `example` ends its help.
PARAMETERS: dict[str, dict[str, Any]] = {
    "input": {
        "regexes": [r"^@?gs://.+$"],
        "example": "gs://my-bucket/2026/**.pdf,gs://my-bucket/scans/*.tif",
    },
    "output": {
        "regexes": [r"^(gs://.+|([A-Za-z0-9.:_-]+)[:.]\w+\.[\w-]+)$"],
        "example": "my-project:invoices.extracted",
    },
    "output_format": {"regexes": ["^(avro|parquet|jsonl)$"], "example": "parquet"},
    "failures": {
        "regexes": [_GCS],
        "paramType": "GCS_WRITE_FOLDER",
        "example": "gs://my-bucket/work/failures",
    },
    "journal": {
        "regexes": [_GCS],
        "paramType": "GCS_WRITE_FOLDER",
        "example": "gs://my-bucket/work/journal",
    },
    "summary": {
        "regexes": [_GCS],
        "paramType": "GCS_WRITE_FILE",
        "example": "gs://my-bucket/work/summaries/november.json",
    },
    "run_id": {"regexes": [r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$"], "example": "november-2026"},
    "document_type": {
        "regexes": [r"^([a-z][a-z0-9_]*|gs://.+\.ya?ml)$"],
        "example": "gs://my-bucket/types/receipt.yaml",
    },
    "model": {"regexes": [r"^[a-z0-9][a-z0-9.-]+$"], "example": "gemini-3.5-flash"},
    "fallback_models": {
        "regexes": [r"^([a-z0-9][a-z0-9.-]+(,[a-z0-9][a-z0-9.-]+)*)?$"],
        "example": "gemini-3.5-flash",
    },
    "allow_retired_model": {"parentName": "model"},
    "gemini_service": {
        "paramType": "ENUM",
        "enumOptions": [
            {"value": "auto", "label": "Developer API if there is a key, else Vertex AI"},
            {"value": "vertex", "label": "Vertex AI, as the worker's service account"},
            {"value": "developer", "label": "Developer API, with a key"},
        ],
    },
    "gemini_location": {
        "regexes": [r"^(global|[a-z]+(-[a-z]+[0-9]+)?)$"],
        "parentName": "gemini_service",
        "parentTriggerValues": ["auto", "vertex"],
        "example": "europe-west1",
    },
    "gemini_endpoint": {"regexes": [r"^https://.+$"]},
    "api_key_secret": {
        "regexes": [r"^projects/[^/]+/secrets/[^/]+(/versions/[^/]+)?$"],
        "parentName": "gemini_service",
        "parentTriggerValues": ["auto", "developer"],
        "example": "projects/my-project/secrets/gemini-api-key",
    },
    "rate_limit_service": {
        "regexes": [r"^[^\s/@]+:[1-9][0-9]{0,4}$"],
        "example": "limits.internal:8081",
    },
    "rate_limit_domain": {"regexes": [r"^\S+$"], "parentName": "rate_limit_service"},
    "max_in_flight": {"regexes": [_WHOLE]},
    "max_failure_ratio": {"regexes": [r"^(0(\.[0-9]+)?|1(\.0+)?)$"], "example": "0.05"},
}

# What a flag's placeholder in --help says of its value.
_BY_METAVAR: dict[str, dict[str, Any]] = {
    "BOOL": {"paramType": "BOOLEAN", "regexes": ["^(true|false)$"]},
    "N": {"paramType": "NUMBER", "regexes": [_NUMBER]},
    "SECONDS": {"paramType": "NUMBER", "regexes": [_NUMBER]},
    "SHARE": {"paramType": "NUMBER", "regexes": [_NUMBER]},
}
# A group is shown by its parameters' first; one that is shown conditionally has its parent's.
_ORDER = (
    "name", "label", "helpText", "groupName", "isOptional", "paramType", "enumOptions",
    "defaultValue", "regexes", "parentName", "parentTriggerValues",
)  # fmt: skip


def metadata() -> dict[str, Any]:
    """Return the template's metadata, as gcloud takes it.

    Fields are those of Dataflow's `TemplateMetadata` (API v1b3).
    """
    return {
        "name": NAME,
        "description": DESCRIPTION,
        "streaming": False,
        "parameters": [_parameter(group, action) for group, action in flags()],
    }


def rendered() -> str:
    """Return the metadata as the file has it."""
    return json.dumps(metadata(), indent=2, ensure_ascii=False) + "\n"


def flags() -> Iterator[tuple[str, argparse.Action]]:
    """Yield every flag with the name of its group, in the order of --help."""
    parser = argparse.ArgumentParser(add_help=False)
    add_flags(parser)
    for group in parser._action_groups:  # noqa: SLF001 - argparse has no public list of them
        for action in group._group_actions:  # noqa: SLF001
            yield str(group.title), action


def _parameter(group: str, action: argparse.Action) -> dict[str, Any]:
    said = dict(PARAMETERS.get(action.dest, {}))
    example = said.pop("example", "")
    text = str(action.help)
    found = {
        "name": action.dest,
        "label": _label(action.dest),
        "helpText": f"{text} Example: {example}" if example else text,
        "groupName": group[:1].upper() + group[1:],
        "isOptional": not text.endswith("Required."),
        "paramType": "TEXT",
        **({"defaultValue": str(action.default)} if action.default else {}),
        **_BY_METAVAR.get(str(action.metavar), {}),
        **said,
    }
    if "parentName" in found:
        del found["groupName"]  # Dataflow shows it beside its parent
    return {name: found[name] for name in _ORDER if name in found}


def _label(name: str) -> str:
    """Return a flag's name as words: API key secret, Requests per minute."""
    words = name.replace("_", " ").replace("api ", "API ").replace("gemini", "Gemini")
    return words[:1].upper() + words[1:].replace(" id", " ID")
