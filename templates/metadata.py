"""The parameters of the Flex Template, made from the flags: `make template-metadata`.

Everything about a parameter stands in the line of its flag: pipeline/flags.
"""

import json
from pathlib import Path
from typing import Any

from pipeline.flags.flag import Flag, flags_of
from pipeline.flags.kinds import Choice
from pipeline.flags.run import RunFlags

PATH = Path(__file__).with_name("metadata.json")
NAME = "Sluicegate"
DESCRIPTION = (
    "Extracts structured rows from documents (PDF, images) with Gemini: every document ends as "
    "its rows in BigQuery, or files, or as a failure record, and no answer is paid "
    "for twice."
)


def metadata(table: type[Any] = RunFlags) -> dict[str, Any]:
    """Return the template's metadata, as gcloud takes it.

    Fields are those of Dataflow's `TemplateMetadata` (API v1b3).
    """
    return {
        "name": NAME,
        "description": DESCRIPTION,
        "streaming": False,
        "parameters": [parameter(flag) for flag in flags_of(table) if flag.form.shown],
    }


def rendered() -> str:
    """Return the metadata as the file has it."""
    return json.dumps(metadata(), indent=2, ensure_ascii=False) + "\n"


def parameter(flag: Flag) -> dict[str, Any]:
    """Return a flag as the form shows it. Fields that have nothing to say are left out."""
    form, kind = flag.form, flag.kind
    fields = {
        "name": flag.name,
        "label": form.label or _label(flag.name),
        "helpText": f"{flag.help} Example: {flag.example}" if flag.example else flag.help,
        # A group is shown by its parameters' first; a parameter with a parent is shown beside it.
        "groupName": "" if form.parent else flag.group[:1].upper() + flag.group[1:],
        "isOptional": not flag.required,
        "paramType": form.parameter_type or kind.parameter_type,
        "enumOptions": _options(kind) if isinstance(kind, Choice) else [],
        "defaultValue": flag.default_text,
        "regexes": list(form.regexes or kind.regexes),
        "parentName": form.parent,
        "parentTriggerValues": list(form.parent_values),
    }
    return {name: value for name, value in fields.items() if value not in ("", [])}


def _options(kind: Choice) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in kind.options.items()]


def _label(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
