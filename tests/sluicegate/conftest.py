"""Settings of hypothesis for these tests: the same examples every time, no clock, no database."""

from hypothesis import settings

settings.register_profile(
    "core", max_examples=40, deadline=None, derandomize=True, database=None, print_blob=False
)
settings.load_profile("core")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name test cases of long values by their beginnings; some bytes differ from run to run."""
    if isinstance(val, bytes | str) and len(val) > 24:
        return repr(val[:12])
    return None
