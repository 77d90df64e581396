"""People on a stage in real browsers: their tones and lamps, what the studio hears, and what of it is recorded."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tests.journeys import browsers
from tests.journeys.browsers import ChromiumScreen, Screen, chromium_context
from tests.journeys.hearing import windows_of
from tests.journeys.publisher import EPOCH_S
from tests.journeys.sending import tracks_on
from tests.journeys.stack import LEARNER, PASSWORD, Lesson, Stack
from tests.journeys.waiting import wait_for

MOUTH = (Path(__file__).parent / "mouth.js").read_text(encoding="utf-8")
SECOND, THIRD = "second", "third"


def _making(who: str, name: str) -> str:
    return f"""
from app.accounts.queries import user_by_name
from app.accounts.services import create_user
if user_by_name({who!r}) is None:
    create_user(username={who!r}, real_name={name!r}, unit=user_by_name("learner").unit, password={PASSWORD!r})
"""


MAKE_SECOND, MAKE_THIRD = _making(SECOND, "李四"), _making(THIRD, "王五")
HZ = {LEARNER: 1000, SECOND: 1700, THIRD: 2600}
SEAT = "stage-seat"
EVERY_MS = 500
"""Between two tones (mouth.js)."""
EARLY_MS = 80
"""A tone may be dated so much before it was said. It comes to the studio 0.1 s later, by way of the server 0.4 s."""
TOGETHER_MS = 300
"""Two onsets of one tone so close together are one: a codec smears it."""


CONNECTIONS = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(settings) {
    super({ ...settings, iceTransportPolicy: sessionStorage.onlyRelayed ? "relay" : "all" });
    window.connections.push(this);
  }
};
"""
WAY = """async () => {
  const found = [...(await window.connections.at(-1).getStats()).values()];
  const pair = found.find((stat) => stat.type === "candidate-pair" && stat.nominated);
  const own = found.find(({ id }) => id === pair?.localCandidateId);
  return own ? `${own.candidateType} ${own.relayProtocol ?? ""}` : "";
}"""
"""How the newest connection of a page goes: host, or relay with the protocol by which the relay is reached."""


def visit(
    stack: Stack, browser: Browser, who: str, url: str, *, without: str = "", mouth: str = "", **options: object
) -> ChromiumScreen:
    """Open an address as one of the cast.

    Args:
        stack: the service.
        browser: where her own context is made.
        who: her user name.
        url: the address.
        without: a part that her browser does not have.
        mouth: more settings of mouth.js.
        options: of the context.
    """
    context = chromium_context(browser, **options)
    context.add_init_script(f"delete window.{without};" if without else CONNECTIONS)
    context.add_init_script(mouth_of(who, mouth))
    screen = ChromiumScreen(context.new_page())
    browsers.sign_in(screen, stack.url, who)
    screen.open(url)
    return screen


def mouth_of(who: str, more: str = "") -> str:
    """Return the script that gives a page her voice."""
    return f"window.mouthSettings = {{ hz: {HZ.get(who, 0)}, voices: {list(HZ.values())}, {more} }};\n{MOUTH}"


def raise_hand(screen: ChromiumScreen, way: str) -> None:
    """Raise a hand and see that microphone and camera are tried, and off again."""
    page = screen.page
    page.click(".raise__open")
    page.check(f"stage-check input[value={way}]")
    expect(page.locator("stage-check [data-part=try]")).to_be_visible()
    page.click(".raise__form button[type=submit]")
    expect(page.locator("raise-hand [data-part=down]")).to_be_visible()
    assert tracks_on(screen) == []


def lamp(screen: Screen) -> str:
    return str(screen.ask(f"document.querySelector('{SEAT} [data-part=lamp]').dataset.says"))


def wait_for_lamp(screen: ChromiumScreen) -> None:
    expect(screen.page.locator(f"{SEAT} [data-part=lamp]")).to_have_attribute("data-says", "recorded")


def first_of(teacher: ChromiumScreen, who: str, since: float) -> float:
    """Return when the first tone of a learner after a moment began at the teacher, s after it."""
    after = f"window.onsetsOf[{HZ[who]}].find((at) => at > {since})"
    return (float(wait_for(lambda: teacher.ask(after), "the teacher hears her")) - since) / 1000


def moment(screen: Screen) -> float:
    return float(screen.ask("Date.now()"))


def first_heard(teacher: ChromiumScreen, since: float) -> float:
    """Return when the first tone after a moment began at the teacher, s after it."""
    after = f"window.onsets.find((at) => at > {since})"
    return (float(wait_for(lambda: teacher.ask(after), "the teacher hears a tone")) - since) / 1000


def lateness(teacher: ChromiumScreen, speaker: ChromiumScreen, since: float) -> list[float]:
    """Return by how many ms the teacher's programme hears each tone later than it was said."""
    said = [one["at"] for one in speaker.ask("window.tones") if one["at"] > since]
    onsets = [at for at in teacher.ask("window.onsets") if at > since]
    found = [min((at - tone for at in onsets if at >= tone), default=9999.0) for tone in said]
    return [late for late in found if late < 450]


def onsets_in(lesson: Lesson, work: Path, hz: int) -> list[float]:
    """Return when tones of a frequency begin in the recording, epoch ms."""
    windows = windows_of(lesson, work, hz)
    loudest = sorted(abs(value) for _at, value in windows)[-50]
    found: list[float] = []
    heard_at = -1e9
    for at, value in windows:
        if abs(value) < 0.3 * loudest:
            continue
        if at - heard_at > TOGETHER_MS:
            found.append(at + EPOCH_S * 1000)
        heard_at = at
    return found


def said_under_the_lamp(screen: Screen, least: int) -> list[dict[str, float | str]]:
    """Return what a page has said, once the lamp has been on for so many of the last tones."""
    lit = f"window.tones.slice(-{least}).filter((one) => one.lamp === 'recorded').length"
    wait_for(lambda: screen.ask(lit) == least, "she has said something under the lamp")
    return list(screen.ask("window.tones"))


def press(teacher: ChromiumScreen, button: Locator) -> float:
    """Press a button of the studio; gives the moment of the press itself, epoch ms."""
    teacher.run("addEventListener('click', () => { window.pressedAt = Date.now(); }, { capture: true, once: true })")
    button.click()
    return float(teacher.ask("window.pressedAt"))


def lost_and_doubled(said: list[dict[str, float | str]], onsets: list[float]) -> tuple[list[float], list[float]]:
    """Return the tones begun under the lamp that are missing in the recording, and those that are in it twice."""
    lost, doubled = [], []
    for tone in said:
        if tone["lamp"] != "recorded":
            continue
        at = float(tone["at"])
        near = [one for one in onsets if at - EARLY_MS <= one < at - EARLY_MS + EVERY_MS]
        if not near:
            lost.append(at)
        elif len(near) > 1:
            doubled.append(at)
    return lost, doubled
