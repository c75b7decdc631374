"""Beam's Prism runner, built with `go install` of the SDK's own version, once, into `.venv`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import apache_beam
import pytest

_MODULE = "github.com/apache/beam/sdks/v2/go/cmd/prism"


def prism() -> Path:
    """Return the binary; skip the test where it cannot be built."""
    version = apache_beam.__version__
    folder = Path(sys.prefix) / f"prism-{version}"
    if (folder / "prism").exists():
        return folder / "prism"
    go = shutil.which("go")
    if not go:
        pytest.skip("Prism is built with go, which is not here")
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    built = subprocess.run(
        [go, "install", f"{_MODULE}@v{version}"],
        # No module of this folder, and no other version of Go than the one there is.
        cwd=folder.parent,
        env={**os.environ, "GOBIN": str(unfinished), "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
    )
    if built.returncode:
        pytest.skip(f"Prism could not be built: {built.stderr.strip()[-500:]}")
    unfinished.rename(folder)
    return folder / "prism"
