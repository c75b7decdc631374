"""The image that workers run: whose it is, and which Python is in it.

Beam's worker refuses a pipeline that another minor version of Python made ("Pipeline construction
environment and pipeline runtime environment are not compatible"), bundle by bundle, after the
machines have started. Images of `make template` say their Python by their name, so that a launch
can be refused at once.
"""

import re
import sys

from sluicegate.faults import UsageFault

# The template's image says its own name here: workers run the image that launched them.
IMAGE_VARIABLE = "SLUICEGATE_IMAGE"
# What templates/Dockerfile takes where no other Python is asked for.
IMAGE_PYTHON = "3.11"
_OURS = re.compile(r"(?:.*/)?sluicegate(?::(?P<tag>[\w.-]+))?")
_PYTHON = re.compile(r"-py(\d+\.\d+)$")


def check_python(image: str, here: tuple[int, int] | None = None) -> None:
    """Raise UsageFault where an image of ours has another Python than the one that launches.

    `here` is that Python's version. Nothing is known of other images.
    """
    major, minor = here or sys.version_info[:2]
    launcher, workers = f"{major}.{minor}", python_of(image)
    if workers in ("", launcher):
        return
    raise UsageFault(
        f"this is Python {launcher}, and {image} has {workers}: workers refuse a job that another "
        f"Python made. Launch with Python {workers} (make clean, then "
        f"make setup PYTHON=python{workers}), or build the image with yours: "
        f"make template IMAGE_PYTHON={launcher}"
    )


def python_of(image: str) -> str:
    """Return the Python of an image of ours, as 3.11; an empty string for any other image."""
    found = _OURS.fullmatch(image)
    if not found:
        return ""
    named = _PYTHON.search(found["tag"] or "")
    return named[1] if named else IMAGE_PYTHON
