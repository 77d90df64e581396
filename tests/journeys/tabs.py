"""A Chromium whose tabs are really in front or really hidden.

Playwright tells every page that it is visible. Here only the browser's own protocol (Chrome DevTools Protocol) drives
a tab, so that another tab in front of it has the same effect as for people.
"""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any, Self

import websocket

from tests.journeys.browsers import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.journeys.stack import PASSWORD
from tests.journeys.waiting import wait_for


class TabbedChromium:
    """One window. All questions go to its first tab.

    Args:
        home: folder for its profile.
        more: further arguments.
    """

    def __init__(self, home: Path, *more: str) -> None:
        self._home = home
        self._more = more
        self._number = 0

    def __enter__(self) -> Self:
        argv = [CHROMIUM, "--headless=new", *CHROMIUM_ARGUMENTS, *self._more, "--remote-debugging-port=0"]
        argv += ["--accept-lang=zh-CN", "--remote-allow-origins=*", f"--user-data-dir={self._home}", "about:blank"]
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = self._home / "DevToolsActivePort"
        wait_for(lambda: told.exists() and told.read_text().count("\n") >= 1, "Chromium says its port", 20)
        self._address = f"http://127.0.0.1:{told.read_text().splitlines()[0]}"
        wait_for(self._pages, "there is a tab", 20)
        self._socket = websocket.create_connection(self._pages()[0]["webSocketDebuggerUrl"], timeout=120)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(10)

    def open(self, url: str) -> None:
        """Go to an address and wait until the page is loaded."""
        self._call("Page.navigate", url=url)
        wait_for(lambda: self.ask("location.href") == url, f"{url} is open", 20)
        wait_for(lambda: self.ask("document.readyState") == "complete", f"{url} is there", 20)

    def ask(self, expression: str) -> Any:
        """Evaluate an expression in the page, as if a person had pressed."""
        as_pressed = {"userGesture": True, "awaitPromise": True, "returnByValue": True}
        told = self._call("Runtime.evaluate", expression=expression, **as_pressed)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def sign_in(self, base: str, username: str) -> None:
        """Sign in through the form."""
        self.open(f"{base}/sign-in")
        for field, value in (("username", username), ("password", PASSWORD)):
            self.ask(f"document.getElementById('{field}').value = {json.dumps(value)}")
        self.ask("document.querySelector('form.stack button[type=submit]').click()")
        wait_for(lambda: self.ask("location.pathname") == "/", "signed in", 20)

    def press(self, words: str) -> None:
        """Press the button with these words."""
        buttons = "[...document.querySelectorAll('button')]"
        self.ask(f"{buttons}.find((one) => one.textContent.includes({json.dumps(words)})).click()")

    def hide(self) -> None:
        """Open another tab in front of the first."""
        request = urllib.request.Request(f"{self._address}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=40):
            wait_for(lambda: self.ask("document.hidden"), "the first tab is hidden", 10)

    def _pages(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self._address}/json", timeout=40) as answer:
            return [one for one in json.load(answer) if one["type"] == "page"]

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv())
            if told.get("id") == self._number:
                return told.get("result", told)
