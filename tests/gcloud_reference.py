"""What gcloud accepts, by its own reference: recorded once, and asked again where it is installed.

gcloud_flags.json has positionals, flags, their types and choices, as gcloud's parser describes
itself; `source` there says which version, and how to ask it. `repeats` where a command takes its
last positional several times, as its synopsis says.
"""

import json
from pathlib import Path

REFERENCE = json.loads(Path(__file__).with_name("gcloud_flags.json").read_text("utf-8"))["commands"]


def complaint(words: list[str]) -> str:
    """Return what gcloud would find wrong with a command's words; nothing if all is well."""
    name = next(
        (" ".join(words[:n]) for n in range(6, 1, -1) if " ".join(words[:n]) in REFERENCE), ""
    )
    if not name:
        return f"not in the reference: {' '.join(words[:4])}"
    known = REFERENCE[name]
    rest = words[len(name.split()) :]
    flags = [word for word in rest if word.startswith("--")]
    positionals = [word for word in rest if not word.startswith("--")]
    if len(positionals) > len(known["positionals"]) and not known.get("repeats"):
        return f"{name}: too many words: {positionals}"
    given = {word[2:].partition("=")[0]: word.partition("=")[2] for word in flags}
    for flag, value in given.items():
        found = known["flags"].get(flag)
        if found is None:
            return f"{name}: no flag --{flag}"
        if (found["type"] == "bool") == bool(value):
            return f"{name}: --{flag} is of type {found['type']}, given {value!r}"
        if found["type"] == "int" and not value.isdigit():
            return f"{name}: --{flag} wants a number, given {value!r}"
        if "choices" in found and value not in found["choices"]:
            return f"{name}: --{flag} is one of {found['choices']}, given {value!r}"
    missing = [flag for flag, found in known["flags"].items() if found.get("required")]
    # Required within one of several groups: the commands here use the plain way.
    lacking = {"sdk-language", "template-file-gcs-location"} & set(missing) - set(given)
    return f"{name}: lacks {sorted(lacking)}" if lacking else ""
