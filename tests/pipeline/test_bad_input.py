"""Every command that cannot be run as given: one line that says why, exit code 2, nothing done."""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import google.auth
import pytest
from starting import started
from support import KEY, write_invoices

from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.command import main
from pipeline.flags.run import RUN
from pipeline.launch import prepare, to_arguments
from pipeline.options import parse_flags
from sluicegate.storage.stores import forget_clients


@dataclass(frozen=True)
class Bad:
    """One bad command: flags in place of the good ones, and what its message must name.

    None leaves a flag out. `{tmp}` stands for the test's folder, `{project}` for the emulator's.
    """

    name: str
    flags: dict[str, object]
    names: tuple[str, ...]
    words: tuple[str, ...] = field(default=())


TYPES = {
    "broken.yaml": "name: [unclosed",
    "list.yaml": "- a\n- b\n",
    "empty.yaml": "",
    "no-schema.yaml": "name: x\nversion: '1'\nprompt: p\n",
    "two\nlines.yaml": "name: x\n",
}

BAD = (
    # --input
    Bad("no input", {"input": None}, ("--input", "required")),
    Bad("empty input", {"input": ""}, ("--input", "required")),
    Bad("input of commas", {"input": " , ,"}, ("--input", "required")),
    Bad("no match", {"input": "{tmp}/in/*.xyz"}, ("{tmp}/in/*.xyz", "matched no files")),
    Bad("no file", {"input": "{tmp}/in/none.pdf"}, ("{tmp}/in/none.pdf", "matched no files")),
    Bad("no folder", {"input": "{tmp}/nowhere/**"}, ("{tmp}/nowhere/**", "matched no files")),
    Bad("one of two", {"input": "{tmp}/in/*.pdf,{tmp}/no/*"}, ("'{tmp}/no/*'", "no files")),
    Bad("emoji code in a name", {"input": "{tmp}/a:cat:b/*"}, ("'{tmp}/a:cat:b/*'",)),
    Bad("markup in a name", {"input": "{tmp}/[bold]x/*"}, ("'{tmp}/[bold]x/*'",)),
    Bad("line break in a name", {"input": "{tmp}/a\nb/*"}, (r"{tmp}/a\nb/*",)),
    Bad("name without an encoding", {"input": "{tmp}/\udcff/*"}, ("not UTF-8",)),
    Bad("name too long", {"input": "{tmp}/" + "d" * 300 + "/*.pdf"}, ("ddd", "too long")),
    Bad("literal too long", {"input": "{tmp}/" + "d" * 300}, ("ddd",)),
    Bad("range backwards", {"input": "{tmp}/in/[z-a].pdf"}, ("[z-a]",)),
    Bad("empty character set", {"input": "{tmp}/in/[!].pdf"}, ("[!]",)),
    Bad("file as a folder", {"input": "{tmp}/file/*.pdf"}, ("{tmp}/file/*.pdf",)),
    Bad("no list", {"input": "@{tmp}/no.txt"}, ("{tmp}/no.txt", "there is no file")),
    Bad("empty list", {"input": "@{tmp}/empty.txt"}, ("{tmp}/empty.txt", "is empty")),
    Bad("list of comments", {"input": "@{tmp}/comments.txt"}, ("comments.txt", "is empty")),
    Bad("list is a folder", {"input": "@{tmp}/in"}, ("{tmp}/in", "directory")),
    Bad("list is no text", {"input": "@{tmp}/latin1.txt"}, ("{tmp}/latin1.txt",)),
    # --output, --failures, --journal, --summary, --run_id
    Bad("no output", {"output": None}, ("--output", "required")),
    Bad("empty output", {"output": ""}, ("--output", "required")),
    Bad("table, no failures", {"output": "p:d.t"}, ("--failures", "required")),
    Bad("table, no temp", {"output": "p:d.t", "failures": "{tmp}/f"}, ("--temp_location",)),
    Bad("no table name", {"output": "p:d"}, ("--output", "p:d", "project:dataset.table")),
    Bad("no dataset", {"output": "p:.t"}, ("--output", "p:.t", "project:dataset.table")),
    Bad("spaced table", {"output": "p:d.a b"}, ("--output", "p:d.a b", "project:dataset.table")),
    Bad("other scheme", {"output": "s3://b/out"}, ("--output", "s3://b/out")),
    Bad("output in a file", {"output": "{tmp}/file/out"}, ("{tmp}/file/out", "irectory")),
    Bad("failures in a file", {"failures": "{tmp}/file/x"}, ("--failures", "{tmp}/file/x")),
    Bad("journal in a file", {"journal": "{tmp}/file/x"}, ("--journal", "{tmp}/file/x")),
    Bad("summary in a file", {"summary": "{tmp}/file/x.json"}, ("--summary", "{tmp}/file")),
    Bad("summary is a folder", {"summary": "{tmp}/in"}, ("--summary", "{tmp}/in")),
    Bad("run_id with slashes", {"run_id": "a/b"}, ("--run_id", "a/b")),
    Bad("run_id upwards", {"run_id": ".."}, ("--run_id", "..")),
    Bad("run_id with a line", {"run_id": "a\n"}, ("--run_id", r"a\n")),
    Bad("run_id too long", {"run_id": "a" * 101}, ("--run_id", "at most 100")),
    # --document_type, --model
    Bad("unknown type", {"document_type": "novel"}, ("'novel'", "invoice", ".yaml")),
    Bad("no type file", {"document_type": "{tmp}/no.yaml"}, ("{tmp}/no.yaml", "no file")),
    *(
        Bad(f"type {name!r}", {"document_type": f"{{tmp}}/{name}"}, ("document type",))
        for name in TYPES
    ),
    Bad("retired model", {"model": "gemini-2.0-flash"},
        ("gemini-2.0-flash", "retired", "--model=gemini-3.1-flash-lite")),
    # how Gemini is reached
    Bad("bad service", {"gemini_service": "openai"}, ("--gemini_service", "openai", "vertex")),
    Bad("vertex, no project", {"gemini_service": "vertex"}, ("--project",)),
    Bad("unknown tier", {"processing": "cheap"}, ("--processing 'cheap'", "standard", "flex")),
    Bad("a fallback of nothing", {"flex_fallback": "deadline"},
        ("--flex_fallback=deadline", "--processing=flex")),
    Bad("flex, in a region",
        {"gemini_service": "vertex", "project": "p", "processing": "flex",
         "gemini_location": "europe-west1"},
        ("--processing=flex", "'europe-west1'", "'global'")),
    Bad("endpoint, no scheme", {"gemini_endpoint": "localhost:1"}, ("--gemini_endpoint", "https")),
    Bad("endpoint, scheme", {"gemini_endpoint": "ftp://x"}, ("--gemini_endpoint", "ftp://x")),
    Bad("endpoint, no host", {"gemini_endpoint": "https://"}, ("--gemini_endpoint",)),
    Bad("endpoint, port", {"gemini_endpoint": "http://localhost:eighty"}, ("--gemini_endpoint",)),
    Bad("endpoint, query", {"gemini_endpoint": "https://x?key=1"}, ("--gemini_endpoint",)),
    Bad("bare secret", {"api_key_secret": "gemini-key"}, ("--api_key_secret", "projects/")),
    Bad("odd secret", {"api_key_secret": "projects/p/secrets/s/v/1"}, ("--api_key_secret",)),
    # the cap
    *(
        Bad(f"rate limit service {text!r}", {"rate_limit_service": text},
            ("--rate_limit_service", text.strip(), "HOST:PORT"))
        for text in ("limits", "limits:", ":8081", "limits:0", "limits:70000", "http://limits:8081",
                     "limits:8081/x", "a b:8081", "user:hush@limits:8081", "::1:8081")
    ),
    Bad("a domain of nothing", {"rate_limit_domain": "mine"},
        ("--rate_limit_domain", "--rate_limit_service")),
    # numbers and booleans
    *(
        Bad(f"{name}={value}", {name: value}, (f"--{name}",))
        for name, values in {
            "requests_per_minute": ("many", "0", "-1", "nan", "inf", "1e9"),
            "max_in_flight": ("x", "0", "-3", "10001", "2.5"),
            "max_megabytes_in_flight": ("x", "0"),
            "call_timeout": ("soon", "0", "3601"),
            "document_deadline": ("x", "0"),
            "outage_patience": ("x", "0"),
            "max_failure_ratio": ("x", "-0.1", "1.5", "10%"),
            "allow_retired_model": ("maybe", "2"),
        }.items()
        for value in values
    ),
    # words
    Bad("unknown flag", {"inptu": "x"}, ("unknown flag", "'--inptu'", "--help")),
    Bad("secret-like flag", {"api_key": "hush"}, ("unknown flag", "'--api_key'")),
    Bad("short for a flag", {"max_in": "3"}, ("unknown flag", "'--max_in'")),
    Bad("stray word", {}, ("unknown flag", "'stray'", "--name=value"), ("stray",)),
    Bad("flag without value", {}, ("--model", "expected one argument"), ("--model",)),
    Bad("Beam's flag, bad value", {"num_workers": "few"}, ("--num_workers", "few")),
    Bad("two outputs", {}, ("--output is given more than once",), ("--output=p:d.t",)),
    Bad("no such runner", {"runner": "NoSuchRunner"}, ("NoSuchRunner",)),
)  # fmt: skip


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Give logging back as it was: the command turns Beam down for its whole process."""
    loggers = [logging.getLogger(name) for name in ("root", "apache_beam", "sluicegate")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[GeminiEndpoint]:
    """One stand-in for all: it is never called."""
    with GeminiEndpoint(reader="canned") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay out what the bad commands point at."""
    write_invoices(tmp_path / "in", 1)
    (tmp_path / "file").write_text("a file, no folder")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "comments.txt").write_text("# nothing\n\n")
    (tmp_path / "latin1.txt").write_bytes(b"caf\xe9/*.pdf\n")
    for name, text in TYPES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


Refused = Callable[..., str]


@pytest.fixture
def refused(
    folder: Path, endpoint: GeminiEndpoint, api_key: str, capsys: pytest.CaptureFixture[str]
) -> Refused:
    """Return a function that runs a bad command, holds it to the rules and returns its line."""

    def run(flags: dict[str, object], *words: str, expected: int = 2) -> str:
        endpoint.reset()
        before = {path for path in folder.rglob("*") if path.is_file()}
        code = main([*command_line(folder, endpoint, flags), *words])
        printed = capsys.readouterr()
        assert code == expected
        assert printed.out == ""
        assert printed.err.startswith("error: ")
        assert printed.err.count("\n") == 1, printed.err
        assert "Traceback" not in printed.err
        assert KEY not in printed.err
        assert {path for path in folder.rglob("*") if path.is_file()} == before
        assert endpoint.stats()["calls"] == 0
        return printed.err

    return run


def command_line(folder: Path, endpoint: GeminiEndpoint, flags: dict[str, object]) -> list[str]:
    """Return a good command with some flags replaced."""
    good = {
        "input": f"{folder}/in/*.pdf",
        "output": f"{folder}/out",
        "gemini_endpoint": endpoint.url,
    }
    filled = {
        name: value.replace("{tmp}", str(folder)) if isinstance(value, str) else value
        for name, value in flags.items()
    }
    return to_arguments({**good, **filled})


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name.encode("ascii", "replace").decode())
def test_a_bad_command_is_refused_in_one_line(bad: Bad, folder: Path, refused: Refused) -> None:
    """Exit code 2 and one line that names the thing; nothing is called, nothing is written."""
    line = refused(bad.flags, *bad.words)
    for name in bad.names:
        # Paths are quoted as Python does, so that odd characters show.
        assert name.replace("{tmp}", str(folder)) in line


def test_the_good_command_is_taken(folder: Path, endpoint: GeminiEndpoint, api_key: str) -> None:
    """The command that all bad ones are made from passes every check."""
    prepare(command_line(folder, endpoint, {}))


def test_a_refused_command_leaves_no_folder_behind(folder: Path, refused: Refused) -> None:
    """What is refused for its last place has not made the places before it."""
    refused({"output": "{tmp}/made/out", "summary": "{tmp}/file/x.json"})
    assert not (folder / "made").exists()


@pytest.mark.parametrize("denied", ["os.scandir", "Path.stat"])
def test_no_permission_is_said_with_the_pattern(
    denied: str,
    refused: Refused,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A folder that may not be listed, or looked into, is a bad input and not a traceback."""
    closed = tmp_path_factory.mktemp("closed")
    owner = os if denied == "os.scandir" else Path
    real = getattr(owner, denied.rpartition(".")[2])

    # Tests may run as root, whom no permission stops.
    def deny(path: object, *arguments: object, **keywords: object) -> object:
        if str(path).startswith(str(closed)):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **keywords)

    monkeypatch.setattr(owner, denied.rpartition(".")[2], deny)
    line = refused({"input": f"{closed}/*.pdf"})
    assert f"{closed}/*.pdf" in line
    assert "Permission denied" in line


def test_no_api_key_is_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Developer API without a key names the variables and the flag."""
    monkeypatch.delenv("GEMINI_API_KEY")
    line = refused({"gemini_service": "developer"})
    assert "GEMINI_API_KEY" in line
    assert "--api_key_secret" in line


def test_no_service_at_all_is_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither key nor project: both ways out are named."""
    monkeypatch.delenv("GEMINI_API_KEY")
    line = refused({})
    assert "--project" in line
    assert "GEMINI_API_KEY" in line


def test_no_credentials_for_vertex_are_refused(
    refused: Refused, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vertex AI without default credentials names the gcloud command."""
    monkeypatch.delenv("GEMINI_API_KEY")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(folder / "no-gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setattr(google.auth, "default", google.auth._default.default)
    line = refused({"project": "some-project", "gemini_endpoint": None})
    assert "gcloud auth application-default login" in line


def test_an_unknown_model_is_only_warned_of(
    folder: Path, endpoint: GeminiEndpoint, api_key: str
) -> None:
    """A model newer than the catalogue is used; the run says that its cost is unknown."""
    prepared = prepare(command_line(folder, endpoint, {"model": "gemini-9-flash"}))
    assert prepared.settings.model.name == "gemini-9-flash"
    (warning,) = prepared.settings.warnings
    assert "gemini-9-flash" in warning
    assert "cost" in warning


def test_a_retired_model_can_be_insisted_on(
    folder: Path, endpoint: GeminiEndpoint, api_key: str
) -> None:
    """--allow_retired_model makes the refusal a warning."""
    flags = {"model": "gemini-2.0-flash", "allow_retired_model": True}
    prepared = prepare(command_line(folder, endpoint, flags))
    assert any("retired" in warning for warning in prepared.settings.warnings)


def test_no_credentials_for_a_bucket_are_refused(
    refused: Refused, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket without default credentials is named, with what is missing."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(folder / "no-gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setattr(google.auth, "default", google.auth._default.default)
    forget_clients()
    line = refused({"input": "gs://some-bucket/*.pdf"})
    assert "gs://some-bucket/*.pdf" in line
    assert "run 'gcloud auth application-default login'" in line


# Bad commands about the cloud. `{project}` is the emulator's.
BAD_IN_THE_CLOUD = (
    Bad("missing bucket", {"input": "gs://no-such-bucket/*.pdf"}, ("gs://no-such-bucket/*.pdf",)),
    Bad("no bucket name", {"input": "gs:///x.pdf"}, ("gs:///x.pdf", "bucket")),
    Bad("wild bucket name", {"input": "gs://b*/x.pdf"}, ("gs://b*/x.pdf", "bucket")),
    Bad("object as a list", {"input": "@gs://sluicegate"}, ("gs://sluicegate", "bucket")),
    Bad("missing object", {"input": "gs://sluicegate/none/x.pdf"}, ("none/x.pdf", "no files")),
    Bad("missing prefix", {"input": "gs://sluicegate/none/**"}, ("none/**", "matched no files")),
    Bad("a bucket of failures", {"failures": "gs://no-such-bucket/f"},
        ("--failures", "gs://no-such-bucket")),
    Bad("a bucket of answers", {"journal": "gs://no-such-bucket/j"},
        ("--journal", "gs://no-such-bucket")),
    Bad("a bucket of rows", {"output": "gs://no-such-bucket/o"}, ("gs://no-such-bucket",)),
    Bad("a missing list", {"input": "@gs://sluicegate/none.txt"}, ("gs://sluicegate/none.txt",)),
    Bad("a missing type", {"document_type": "gs://sluicegate/none.yaml"}, ("none.yaml",)),
    Bad("four names in a table",
        {"output": "{project}:d.t.x", "failures": "gs://sluicegate/f"}, ("--output", "d.t.x")),
    Bad("missing dataset",
        {"output": "{project}:no_such_dataset.t", "failures": "gs://sluicegate/f"},
        ("no_such_dataset", "bq mk")),
)  # fmt: skip


@pytest.mark.parametrize("bad", BAD_IN_THE_CLOUD, ids=lambda bad: bad.name)
def test_what_is_missing_in_the_cloud_is_named(
    bad: Bad, cloud: LocalCloud, refused: Refused
) -> None:
    """A bucket, object, list or dataset that does not exist is said by name."""
    assert cloud.gcs is not None
    forget_clients()
    before = cloud.gcs.names("sluicegate")
    flags = {
        name: value.replace("{project}", cloud.project) if isinstance(value, str) else value
        for name, value in bad.flags.items()
    }
    line = refused(flags)
    for name in bad.names:
        assert name in line
    assert cloud.gcs.names("sluicegate") == before


def test_a_table_of_another_shape_is_refused(cloud: LocalCloud, refused: Refused) -> None:
    """A column of the wrong type is named before anything is paid for."""
    table = f"bad_{uuid4().hex[:8]}"
    client = cloud.bigquery_client()
    client.query(f"CREATE TABLE tests.{table} (invoice_id INT64)").result()
    client.close()
    line = refused(
        {"output": f"{cloud.project}:tests.{table}", "failures": "gs://sluicegate/failures"}
    )
    assert table in line
    assert "invoice_id" in line


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    """--help goes to stdout, with each flag, its default and the exit codes; exit code 0."""
    assert RUN.run(["--help"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    flags, _ = parse_flags([])
    assert len(flags) > 15
    for name in flags:
        assert f"--{name} " in printed.out
    assert "Exit codes: 0" in printed.out


def test_the_process_exits_with_the_code_and_the_line(tmp_path: Path) -> None:
    """`python -m pipeline` as a person runs it: help, and a bad command."""
    bad = ["--input=none/*.pdf", "--output=out"]
    with started(["--help"], tmp_path) as helping, started(bad, tmp_path) as unmatched:
        out, err = helping.communicate()
        assert (helping.returncode, err) == (0, "")
        assert "--max_failure_ratio" in out
        says = "input 'none/*.pdf' matched no files; check the pattern and the permissions"
        assert unmatched.communicate() == ("", f"error: {says}\n")
        assert unmatched.returncode == 2
    assert list(tmp_path.iterdir()) == []
