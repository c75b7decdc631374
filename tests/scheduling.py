"""Which worker of `pytest -n` runs a test, and which tests go first.

What shares something dear to make goes to one worker. What takes longest goes first, so that no
worker is left alone with it.

The groups stand here and not at the tests as marks: pytest-xdist 3.8 hands these marks on in the
names of tests, which pytest 9.2 no longer lets it change, so that they were without effect.
"""

from typing import Any, Final

from xdist.scheduler import LoadScopeScheduling

READING: Final = "reading"
GROUPS: Final = {
    # The OCR model is loaded once, and each of the real documents is read once.
    "tests/pipeline/test_reading.py": READING,
    "tests/emulators/test_reader_parts.py": READING,
    "tests/emulators/test_reader_real_documents.py": READING,
    # One Chromium at a time.
    "tests/pipeline/test_comparison_pages.py": "browser",
    "tests/pipeline/test_review_page.py": "browser",
    # What is staged is made once.
    "tests/dataflow/test_dataflow_submission.py": "dataflow",
    "tests/dataflow/test_one_job_a_journal.py": "dataflow",
    "tests/dataflow/test_template_launch.py": "dataflow",
}
# By what they took on two cores: most of it waiting, so that others run beside them.
_FIRST: Final = (
    "tests/rate_limits/test_public_judge.py",
    "tests/pipeline/test_reading.py",
    "tests/torture/",
    "tests/dataflow/test_dataflow_submission.py",
    "tests/pipeline/test_two_processes.py",
    "tests/pipeline/test_comparison_pages.py",
    "tests/pipeline/test_review_page.py",
    "tests/fuzz/",
)


def rank_of(nodeid: str) -> int:
    """Return how early a test goes: 0 is first."""
    return next((n for n, begin in enumerate(_FIRST) if nodeid.startswith(begin)), len(_FIRST))


def group_of(nodeid: str) -> str:
    """Return the group that a test is of; "" for none: it goes to any worker."""
    return GROUPS.get(nodeid.partition("::")[0], "")


class ByGroup(LoadScopeScheduling):
    """Hands out groups whole and all other tests singly, in the order in which they stand."""

    def __init__(self, config: Any, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid
