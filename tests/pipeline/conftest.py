"""What tests of whole runs share."""

import pytest


@pytest.fixture(autouse=True)
def soon_done(high_start: None) -> None:
    """Have all runs begin at a high rate, but those of files with a `high_start` of their own."""
