"""A presenter's browser that sends: its switches, its open tracks, and the arrival at the service."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.journeys.browsers import Screen
from tests.journeys.stack import Lesson, Stack

SOURCES = ("microphone", "camera", "screen")
KEEP_TRACKS = """
if (!window.tracks) {
  window.tracks = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}
"""


def sources_on(page: Page) -> list[str]:
    """Return the sources whose switch in the studio is on."""
    switch = "lesson-sender [data-part={}]"
    return [name for name in SOURCES if page.get_attribute(switch.format(name), "aria-pressed") == "true"]


def keep_tracks(screen: Screen) -> None:
    """From now on keep each camera and microphone that the page opens, whatever its switches say."""
    screen.run(KEEP_TRACKS)


def tracks_on(screen: Screen) -> list[str]:
    """Return the kinds of the tracks that are really open: without one no lamp burns."""
    return sorted(screen.ask("(window.tracks ?? []).filter((one) => one.readyState === 'live').map((one) => one.kind)"))


def is_publishing(stack: Stack, lesson: Lesson) -> bool:
    """Return whether the service receives media."""
    (publishing,) = stack.row("SELECT publishing FROM media_stream WHERE id = ?", lesson.stream)
    return bool(publishing)
