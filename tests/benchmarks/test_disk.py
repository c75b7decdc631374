"""Folders of measurements."""

import shutil
import subprocess
import tempfile

import pytest

from benchmarks.disk import work_folder


def test_a_work_folder_is_empty_and_gone_at_the_end(tmp_path, monkeypatch):
    """Two measurements never meet in one folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with work_folder("bench-") as folder:
        assert folder.is_relative_to(tmp_path)
        assert list(folder.iterdir()) == []
        (folder / "file").write_bytes(b"1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not shutil.which("lsattr"), reason="no lsattr here")
def test_on_ext4_it_is_in_a_top_of_hierarchies(tmp_path, monkeypatch):
    """Else it costs what earlier runs deleted; the flag is read by the tool that sets it."""
    kind = subprocess.run(
        ["stat", "--file-system", "--format=%T", tmp_path], capture_output=True, text=True
    ).stdout
    if "ext" not in kind:
        pytest.skip(f"{tmp_path} is on {kind.strip() or 'an unknown file system'}")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with work_folder("bench-") as folder:
        found = subprocess.run(
            ["lsattr", "-d", folder.parent], capture_output=True, text=True, check=True
        )
    assert "T" in found.stdout.split()[0]
