"""A speaker whose network forbids UDP: a TURN server relays over TCP, without anybody choosing that.

The journey runs in a network of its own, with a loopback device alone, in which root's UDP goes nowhere. coturn runs as
somebody else. So it needs root, and does nothing to the machine's own network.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import ROOT
from tests.journeys import browsers
from tests.journeys.browsers import ask, wait_for_pill
from tests.journeys.conftest import running
from tests.journeys.speaking import LEARNER, WAY, first_heard, press, visit, wait_for_lamp
from tests.journeys.stack import TEACHER
from tests.relay import coturn_of_nobody

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]

NETWORK = """
ip link set lo up
ip rule add pref 20 lookup local
ip rule add pref 10 ipproto udp uidrange 0-0 blackhole
ip rule del pref 0
exec "$@"
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="another network needs root")
def test_a_speaker_without_udp_is_relayed_over_tcp(tmp_path: Path, note) -> None:
    inside = [sys.executable, "-m", "tests.journeys.test_stage_without_udp", str(tmp_path)]
    argv = ["unshare", "--net", "sh", "-ec", NETWORK, "sh", *inside]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    way, seconds = done.stdout.split()[-2:]
    note("UDP forbidden: 请发言 to the first tone at the teacher", float(seconds))
    assert way == "relay-tcp"


def speak(folder: Path) -> str:
    """Have one speak. Return how her connection goes, and the seconds from the press to her first tone."""
    with coturn_of_nobody() as relay, sync_playwright() as playwright:
        for stack in running(folder / "data", **relay.settings):
            browser = browsers.chromium(playwright, "--allow-loopback-in-peer-connection")
            lesson = stack.lesson("没有 UDP 的网络")
            teacher = visit(stack, browser, TEACHER, f"{lesson.url}/studio")
            teacher.page.check("input[data-way][value=browser]")
            teacher.press("开始讲课")
            learner = visit(stack, browser, LEARNER, f"{lesson.url}/watch")
            wait_for_pill(learner, "直播中", 20)
            ask(learner.page, "hands.raise", way="both")
            teacher.run("window.listen()")
            button = teacher.page.locator("#hands-queue").get_by_role("button", name="请发言")
            heard = first_heard(teacher, press(teacher, button))
            wait_for_lamp(learner)
            way = learner.page.evaluate(WAY)
            browser.close()
    return f"{way.replace(' ', '-')} {heard:.2f}"


if __name__ == "__main__":
    sys.stdout.write(speak(Path(sys.argv[1])))
