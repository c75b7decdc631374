"""The template's parameters are the flags: same names, types, defaults and help."""

import argparse
import json
import re

import pytest
from google.cloud import dataflow
from google.protobuf import json_format

from pipeline.flags.command import add_flags
from pipeline.flags.flag import flags_of
from pipeline.flags.run import RunFlags
from templates.metadata import PATH, rendered

FILE = json.loads(PATH.read_text("utf-8"))
FOUND = {each["name"]: each for each in FILE["parameters"]}
REMAKE = "the flags have changed: run `make template-metadata` and commit templates/metadata.json"

# An estimate asks its sample from the machine of whoever wants to know.
AT_HOME = {"estimate"}


def actions() -> dict[str, argparse.Action]:
    """Return the flags by name, from the parser itself, without those of one's own machine."""
    parser = argparse.ArgumentParser(add_help=False)
    add_flags(parser, RunFlags)
    return {action.dest: action for action in parser._actions if action.dest not in AT_HOME}


ACTIONS = actions()
EXAMPLES = {flag.name: flag.example for flag in flags_of(RunFlags)}


def test_the_committed_file_is_what_the_flags_make() -> None:
    """Any change of a flag shows here first."""
    assert PATH.read_text("utf-8") == rendered(), REMAKE


def test_names_defaults_and_help_are_those_of_the_flags() -> None:
    """Held against the parser, not against what makes the file."""
    assert list(FOUND) == list(ACTIONS), REMAKE
    for name, action in ACTIONS.items():
        found = FOUND[name]
        assert found.get("defaultValue", "") == (action.default or ""), name
        assert found["helpText"].startswith(action.help or "no help"), name
        assert found["isOptional"] == (not str(action.help).endswith("Required.")), name


def test_types_are_those_of_the_flags() -> None:
    """What --help calls a number or a truth is one in the template."""
    kinds = {"BOOL": "BOOLEAN", "N": "NUMBER", "SECONDS": "NUMBER", "SHARE": "NUMBER",
             "USD": "NUMBER"}  # fmt: skip
    for name, action in ACTIONS.items():
        wanted = kinds.get(str(action.metavar))
        kind = FOUND[name]["paramType"]
        assert kind == wanted if wanted else kind not in kinds.values(), name


def test_dataflow_knows_every_field() -> None:
    """The file parses as the API's own TemplateMetadata: no unknown field, type or option."""
    parsed = json_format.ParseDict(FILE, dataflow.TemplateMetadata.pb()())
    assert len(parsed.parameters) == len(ACTIONS)


def test_parents_are_parameters() -> None:
    """What is shown beside another names one that exists, and values that it can have."""
    for found in FOUND.values():
        if "parentName" in found:
            parent = FOUND[found["parentName"]]
            options = {option["value"] for option in parent.get("enumOptions", [])}
            assert set(found.get("parentTriggerValues", [])) <= options
        else:
            assert found["groupName"]


def test_defaults_and_examples_fit_their_own_patterns() -> None:
    """What the form offers, the form takes."""
    for name, found in FOUND.items():
        texts = [found.get("defaultValue", ""), EXAMPLES[name]]
        for text in filter(None, texts):
            for pattern in found.get("regexes", []):
                assert re.fullmatch(pattern, text), f"{name}: {text!r} is not {pattern}"
        options = [option["value"] for option in found.get("enumOptions", [])]
        assert not options or found["defaultValue"] in options


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("input", "@gs://b/list.txt", "invoices/*.pdf"),
        ("output", "gs://b/out", "invoices.extracted"),
        ("output", "example.com:p:d.t", "p:d"),
        ("failures", "gs://bucket", "/tmp/failures"),
        ("allow_retired_model", "true", "yes"),
        ("requests_per_minute", "0.5", "-1"),
        ("max_in_flight", "64", "0"),
        ("rate_limit_service", "10.0.0.7:8081", "http://limits:8081"),
        ("rate_limit_service", "[fd00::7]:8081", "limits"),
        ("rate_limit_domain", "team-a", "team a"),
        ("max_failure_ratio", "1", "1.5"),
        ("api_key_secret", "projects/p/secrets/s/versions/3", "my-key"),
        ("gemini_endpoint", "https://proxy.example/x", "http://proxy.example"),
        ("gemini_location", "us", "US East"),
        ("run_id", "a.b-c_1", "../x"),
        ("document_type", "gs://b/t.yml", "receipt.yaml"),
    ],
)
def test_patterns_tell_good_from_bad(name: str, good: str, bad: str) -> None:
    """A wrong value is refused in the form, not minutes later by the launcher."""
    patterns = FOUND[name]["regexes"]
    assert all(re.fullmatch(pattern, good) for pattern in patterns)
    assert not all(re.fullmatch(pattern, bad) for pattern in patterns)
