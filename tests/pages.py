"""What tests of pages call: a browser, if there is one, and what a page holds."""

import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_VOID = {"meta", "br", "hr", "link", "img", "input"}


def find_chromium() -> str:
    """Return a Chromium: that of SLUICEGATE_CHROMIUM or on the PATH; skip where there is none."""
    given = os.environ.get("SLUICEGATE_CHROMIUM")
    found = given or next(filter(None, map(shutil.which, _NAMES)), None)
    if not found:
        pytest.skip("no Chromium on the PATH; install one, or set SLUICEGATE_CHROMIUM")
    return found


def browse(page: Path, folder: Path, *arguments: str) -> str:
    """Open a page in headless Chromium, with a profile of its own; return what it prints."""
    done = subprocess.run(
        [
            find_chromium(),
            "--headless",
            "--no-sandbox",  # a container's root has none
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}",
            *arguments,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


class Holdings(HTMLParser):
    """What a page holds: its elements, their attributes, its text; and whether all are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element."""
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element; it must be the one opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text += data
