"""Run a Python module against a local cloud, or serve the local cloud until Ctrl-C."""

import argparse
import json
import runpy
import shlex
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from emulators.cloud import BUCKET, DATASET, PROJECT, LocalCloud
from emulators.gcs import split_uri
from emulators.loopback import StandInError

USAGE = """\
python -m emulators [options] -- -m MODULE [ARG …]
       python -m emulators serve [options]"""
DESCRIPTION = """\
Start stand-ins for Cloud Storage, BigQuery and Gemini on free loopback ports, and run MODULE in
this process with every Google client, Beam's own included, pointed at them. It works like
'python -m cProfile -m MODULE': the module sees its arguments as always, and its exit code is the
exit code. Everything is stopped afterwards. The stand-ins are for running and testing without an
account; they are not part of the product."""
EPILOG = """\
In ARG, a name of the environment in braces is replaced: {SLUICEGATE_GEMINI_ENDPOINT},
{STORAGE_EMULATOR_HOST}, {BIGQUERY_EMULATOR_HOST}, {GOOGLE_CLOUD_PROJECT}.

examples:
  python -m emulators --upload samples/documents=gs://sluicegate/in -- \\
      -m mymodule --input 'gs://sluicegate/in/*' --endpoint {SLUICEGATE_GEMINI_ENDPOINT}
  python -m emulators --gemini-args '--requests-per-minute 300 --latency 2' -- -m mymodule
  python -m emulators --then '-m myreport --table sluicegate.rows' -- -m mymodule
  python -m emulators serve            then, in another shell, export what it prints
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command: list[str] = []
    if "--" in given:
        cut = given.index("--")
        given, command = given[:cut], given[cut + 1 :]
    parser = _parser()
    options = parser.parse_args(given)
    if options.action == "serve":
        if command or options.then:
            parser.error("serve runs no module; leave out --then and what follows --")
        commands = []
    else:
        commands = [command, *map(shlex.split, options.then)]
    for each in commands:
        if len(each) < 2 or each[0] != "-m":
            parser.error(f"expected '-- -m MODULE [ARG …]' to run, got {shlex.join(each)!r}")
    with _ended_by_sigterm():
        try:
            with _cloud(options) as cloud:
                if not commands:
                    return _serve(cloud)
                with cloud.patch():
                    return _run_all(cloud, commands)
        except StandInError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulators",
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("action", nargs="?", choices=["run", "serve"], default="run", help="default: run")
    add("--project", default=PROJECT, help="project id (default: %(default)s)")
    add(
        "--upload",
        action="append",
        default=[],
        type=_upload,
        metavar="DIR=gs://BUCKET/PREFIX",
        help="store a folder's files in Cloud Storage first; repeatable",
    )
    add(
        "--bucket",
        action="append",
        metavar="NAME",
        help=f"create this bucket; repeatable (default: {BUCKET}; those of --upload are created)",
    )
    add(
        "--dataset",
        action="append",
        metavar="NAME",
        help=f"create this BigQuery dataset; repeatable (default: {DATASET})",
    )
    add(
        "--gemini",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="start the Gemini stand-in (default: yes)",
    )
    add(
        "--gemini-args",
        default="",
        metavar="'ARG …'",
        help="quotas, latency, faults: arguments of 'python -m emulators.gemini' (see its --help)",
    )
    add(
        "--bigquery",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="start the BigQuery stand-in, which takes about 4 s (default: yes)",
    )
    add(
        "--then",
        action="append",
        default=[],
        metavar="'-m MODULE ARG …'",
        help="run a further module afterwards, even if the one before failed; repeatable",
    )
    add("--keep", action="store_true", help="keep the folder with objects and logs, and name it")
    return parser


def _upload(text: str) -> tuple[Path, str, str]:
    folder, found, uri = text.partition("=gs://")
    if not found:
        message = f"expected DIR=gs://BUCKET/PREFIX, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    bucket, prefix = split_uri(f"gs://{uri}")
    return Path(folder), bucket, prefix


@contextmanager
def _cloud(options: argparse.Namespace) -> Iterator[LocalCloud]:
    """Start what the options ask for and store the uploads."""
    kept = Path(tempfile.mkdtemp(prefix="sluicegate-cloud-")) if options.keep else None
    buckets = [*(options.bucket or [BUCKET]), *(bucket for _, bucket, _ in options.upload)]
    cloud = LocalCloud(
        options.project,
        buckets=list(dict.fromkeys(buckets)),
        datasets=options.dataset or [DATASET],
        gemini=options.gemini,
        gemini_args=shlex.split(options.gemini_args),
        bigquery=options.bigquery,
        folder=kept,
    )
    try:
        with cloud:
            for folder, bucket, prefix in options.upload:
                stored = cloud.upload(bucket, folder, prefix)
                _say(f"stored {len(stored)} files of {folder} in gs://{bucket}/{prefix}")
            yield cloud
            if cloud.gemini:
                _say("Gemini stand-in: " + json.dumps(cloud.gemini_stats()))
    finally:
        if kept:
            _say(f"kept objects and logs in {kept}")


def _run_all(cloud: LocalCloud, commands: Sequence[Sequence[str]]) -> int:
    """Run one module after another and return the first exit code that is not 0."""
    codes = [_run(cloud, command[1], command[2:]) for command in commands]
    return next((code for code in codes if code), 0)


def _run(cloud: LocalCloud, module: str, arguments: Sequence[str]) -> int:
    """Run a module as ``python -m`` would, in this process, and return its exit code."""
    environment = cloud.environment()
    filled = [module]
    for argument in arguments:
        text = argument
        for name, value in environment.items():
            text = text.replace(f"{{{name}}}", value)
        filled.append(text)
    before, sys.argv = sys.argv, filled
    # As with python -m: modules of the current folder are found.
    sys.path.insert(0, str(Path.cwd()))
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        return _exit_code(error)
    except Exception:  # noqa: BLE001 - shown as the interpreter would, then the next module runs
        traceback.print_exc()
        return 1
    finally:
        sys.argv = before
        sys.path.remove(str(Path.cwd()))
    return 0


def _exit_code(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)
    return 1


def _serve(cloud: LocalCloud) -> int:
    """Print the environment as shell exports and wait until interrupted."""
    try:
        for name, value in cloud.environment().items():
            print(f"export {name}={shlex.quote(value)}")
        print("# Ctrl-C stops the local cloud", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        return 0
    return 0


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Turn SIGTERM into an orderly exit, so that the servers are stopped."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
