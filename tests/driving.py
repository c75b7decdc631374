"""A driven browser: headless Chromium over its debugging pipe, with a person's keys and clicks.

The DevTools protocol is JSON, a message a NUL, on file descriptors 3 and 4
(https://chromium.googlesource.com/chromium/src, `--remote-debugging-pipe`): no port, no package.
"""

import base64
import json
import os
import select
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pages import find_chromium

_SECONDS = 30.0
_CODES = {
    "Enter": 13, "Tab": 9, "Escape": 27, "Backspace": 8, "Delete": 46, "F2": 113,
    "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, "PageDown": 34,
}  # fmt: skip


class Browser:
    """One page in one browser. A context manager; it ends the browser that it started."""

    def __init__(self, folder: Path, *, size: tuple[int, int] = (1200, 800)) -> None:
        self._folder, self._size = folder, size
        self._number = 0
        self._session = ""
        self._heard: list[dict[str, Any]] = []
        self._buffer = b""

    def __enter__(self) -> Self:
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        program = [
            find_chromium(), "--headless", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--mute-audio",
            "--disable-background-networking", "--disable-extensions", "--disable-sync",
            f"--user-data-dir={self._folder / 'profile'}", "--remote-debugging-pipe",
            "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                f'exec "$@" 3</dev/fd/{to_browser} 4>/dev/fd/{from_browser}',
                "sh",
                *program,
            ],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(each["targetId"] for each in targets if each["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            downloadPath=str(self._folder),
            session="",
        )
        self.resize(*self._size)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            self._send("Browser.close", {}, "")
            self._process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(10)
        os.close(self._out)
        os.close(self._in)

    def open(self, address: str, ready: str = "document.body?.dataset.ready === 'true'") -> None:
        """Open a page and wait until it says that it is ready."""
        self._call("Page.navigate", url=address)
        self.wait(ready)

    def resize(self, width: int, height: int, *, dark: bool = False) -> None:
        """Give the page a size, and the light or dark that its reader likes."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page; a promise is awaited."""
        found = self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            raise AssertionError(found["exceptionDetails"])
        return found["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression in the page is true."""
        end = time.monotonic() + _SECONDS
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise AssertionError(f"never true: {condition}; {self.said()}")

    def wait_for_file(self, path: Path) -> None:
        """Wait until a download is there, whole: it has another name before."""
        end = time.monotonic() + _SECONDS
        while not path.exists():
            if time.monotonic() > end:
                raise AssertionError(f"{path.name} was not downloaded; {self.said()}")
            self.run("new Promise((done) => setTimeout(done, 20))")

    def press(self, *keys: str) -> None:
        """Press keys: names such as Enter, Shift+Tab, or characters."""
        for key in keys:
            name = key.removeprefix("Shift+")
            given: dict[str, Any] = {"key": name, "modifiers": 8 if key.startswith("Shift+") else 0}
            if name in _CODES:
                given |= {"code": name, "windowsVirtualKeyCode": _CODES[name]}
            else:
                given["text"] = name
            self._call("Input.dispatchKeyEvent", type="keyDown", **given)
            given.pop("text", None)
            self._call("Input.dispatchKeyEvent", type="keyUp", **given)

    def type(self, text: str) -> None:
        """Press a key for each character."""
        self.press(*text)

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that a selector finds."""
        x, y = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        self.click_at(x, y)

    def click_at(self, x: float, y: float) -> None:
        """Click at a point of the window."""
        given = {"x": x, "y": y, "button": "left", "clickCount": 1}
        self._call("Input.dispatchMouseEvent", type="mousePressed", **given)
        self._call("Input.dispatchMouseEvent", type="mouseReleased", **given)

    def picture(self, path: Path) -> None:
        """Write a PNG of the window."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def said(self) -> list[str]:
        """Return what went wrong in the page so far: errors, refused loads, what it logged."""
        self.run("0")
        found = []
        for each in self._heard:
            given = each.get("params", {})
            if each["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(given["exceptionDetails"])[:400])
            elif each["method"] == "Log.entryAdded":
                found.append(str(given["entry"]["text"]))
            elif each["method"] == "Runtime.consoleAPICalled":
                found.append(str([value.get("value") for value in given["args"]]))
            elif each["method"] == "Page.javascriptDialogOpening":
                found.append(f"dialog: {given['message']}")
        return found

    def requested(self) -> list[str]:
        """Return the addresses that the page asked for."""
        return [
            each["params"]["request"]["url"]
            for each in self._heard
            if each["method"] == "Network.requestWillBeSent"
        ]

    def _call(self, method: str, *, session: str | None = None, **given: Any) -> dict[str, Any]:
        number = self._send(method, given, self._session if session is None else session)
        end = time.monotonic() + _SECONDS
        while True:
            message = self._next(end, method)
            if message.get("id") == number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                answer: dict[str, Any] = message["result"]
                return answer
            if "method" in message:
                self._heard.append(message)

    def _send(self, method: str, given: dict[str, Any], session: str) -> int:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": given}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        return self._number

    def _next(self, end: float, method: str) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._in], [], [], max(0.0, end - time.monotonic()))[0]:
                raise AssertionError(f"the browser did not answer {method}")
            more = os.read(self._in, 1 << 20)
            if not more:
                raise AssertionError("the browser has ended")
            self._buffer += more
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message
