"""Fixtures of the tests of live."""

from pathlib import Path

import pytest

from tests.sluicegate.live.in_memory import Gemini
from tests.sluicegate.live.rig import Make, Rig


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what builds a rig in this test's folder."""
    return lambda client=None, **changes: Rig(tmp_path, client or Gemini(), **changes)
