"""Writes docs/benchmarks.md: the table, and the method of each figure."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"

READING = "## What the figures say\n"

HOW = """\
## How it is measured

`make bench` measures everything again; `python -m tests.bench.run --only latency` one part, `--quick` in short,
`--write` writes this page. Servers, encoders and browsers run on the same cores and talk over the loopback device:
there is no network between them, and they take the processor from one another. Figures of one run may be compared
with each other; those of two machines may not. A goal that is missed stands in the table as missed.

- **Pages.** Lighthouse looks at them as a visitor's phone would: a processor four times slower, behind a simulated
  line of 1.6 Mbit/s and 150 ms. The figure is the middle of three looks. Weight and requests are what the page asked
  for, compressed as it was sent, without pieces and playlists of the lesson.
- **CPU for one stream.** `ffmpeg -re -c copy` publishes a file of 30 s (H.264, AAC) to three servers at the same
  time: our RTMP server with nothing behind it, the whole service, and nginx-rtmp writing its own HLS in pieces of 2
  s. What counts is the CPU time of each process and of all its children, those that have ended as well, from the
  first byte to the last. The whole pipeline is media_worker with its ffmpeg; the web process is not in it. nginx-
  rtmp makes one rendition, media_worker makes two: the picture with its sound, and the voice alone.
- **CPU for one stream out of a browser.** Two services, each with one lesson. The same pictures come to the one by
  `ffmpeg -re -c copy` over RTMP, with AAC, and to the other over the websocket as Chrome's recorder gives them:
  pieces of 250 ms, start codes, Opus. Counted as above. AAC is copied; Opus has to become AAC, which is most of the
  difference.
- **Sent by Chromium.** A page draws the clock on a canvas 25 times a second and beeps at each full second;
  MediaRecorder and the service's own `Sender` do the rest. Dates are held against the clock as above, less
  `RECORDER_DELAY_MS` as it comes. For sound against picture: the time in the file of each picture less its clock, and
  of each beep less its second; the difference of the two is said.
- **Picture to picture.** One encoder (x264, zerolatency, 720p30, a keyframe every second) shows the time of capture
  as a row of bits in its picture and publishes to both servers. Two pages of one Chromium play at the same time:
  our watch page, and hls.js as it comes with nginx-rtmp's HLS. Every fifth picture shown is read; the first 20 s
  after the first picture do not count. The encoder's own delay is in both figures.
- **EXT-X-PROGRAM-DATE-TIME.** The first picture of every recorded segment is decoded, its clock is read and held
  against the date in the playlist. The capture time of RTMP is the time of arrival less the setting
  `ENCODER_DELAY_MS`; the encoder's delay is measured on a copy of what it sends (from the clock in a picture to the
  moment its bytes leave it) and taken off as that setting would. Then the encoder is stopped, and another goes on
  in the same lesson.
- **开始讲课 to the moving picture.** The encoder publishes already, a learner's page waits, the button's request is
  sent: until the second picture that differs from the first is on the screen. The presses are spread over the
  length of a segment.
- **Slides against the picture.** A presenter turns pages every 1.1 to 1.9 s and notes the moment; the encoder shows the
  time of capture in its picture. When another page comes onto the learner's page, the clock in the picture that is on
  the screen is read: the error is what lies between the two moments. Nothing is taken off for the delay of the
  encoder, which makes every date late; `dates` says by how much. The first 20 s of the first encoder do not
  count: where it begins on a busy machine its first pictures come late, and its dates come closer by 20 ms a second
  (`media_worker/clock.py`). A page that was never shown counts as a failure, and so does a wrong one after a seek.
- **结束 to the replay.** The button's request is sent and the replay page is opened as soon as it is answered;
  counted from before the request until its picture moves.
- **Streams carried.** Six more encoders at a time, each into its own lesson on air and recorded, until a segment
  comes more than 2 s late, a lesson's health says that the machine is overloaded, or an encoder falls out; 60 at
  most. Nobody watches. They come from several addresses, because the server lets no more than 32 connections in
  from one.
- **Playlists.** media_worker's own code publishes 14,400 segments, without media in them.
- **Pages of those who manage.** An academy of 50,000 people in 501 units, 5,000 of them with a role, is asked 200
  times for names, beginnings of user names, late pages and single units, within the process and without a network.
- **Lists of sessions.** 20,000 sessions of 500 units over four years, for every kind of audience; a learner asks
  for each tab, searches by subject and by teacher, filters and late pages, within the process, without a network.
- **Search in slides.** The newest 2,000 of the replays that a learner may watch get 30 pages each, all shown, of 50
  words out of twelve; she searches for a word that nearly all hold, one that the last holds, none, and three at once.
- **Documents.** A presentation of 200 slides with Chinese text, photographs on every fifth and builds on every tenth
  (three clicks, so 260 pictures) is converted from the file on the disk to the last picture, and so is the PDF that
  LibreOffice itself makes of it. First page: until its pictures can be shown. CPU is that of all processes of the
  conversion, which run behind everything else (nice 10): on a busy machine they take longer.
- **Full rooms.** One process opens a plain websocket for each learner and has one after the other send a message, ten
  a second for 12 s; each message holds its moment, and each arrival is held against it. It does the same with npm's
  `ws` in its plain loop (`tests/bench/ws_room.mjs`), which sends one text of the same length to all. Ours also judges
  the sender, writes the message to the disk, renders it as HTML, and keeps the list of who is there. CPU is that of
  the server's process alone, over the same 12 s; memory what it holds more than before the pages came, in a process
  that began empty. Of 2000 pages each then answers a poll, at a random moment within 3 s.
- **The stage.** The teacher's studio and two learners, a Chromium for each. A learner's microphone says a tone of 60 ms
  at each half second of the clock, so half a second of each wait may be the wait for a tone. It is heard in the
  studio's mixer. By TURN over TCP: her browser may use what coturn relays alone. By the server: her browser has no
  WebRTC. The recording is searched for the tones that began under the speaker's lamp, and for her camera, which turns
  white with each tone. CPU is that of a whole browser with its processes. Beside an encoder: a file is published over
  RTMP, and a learner's voice is added to it. Hidden: another tab lies in front of the studio. Signals of twenty
  classes come from scripted pages, as long as those of Chromium.
"""


def heading(quick: bool, load: float, seconds: float) -> str:
    """Return the heading with time, machine and load of the measurement."""
    kind = "Quick run, figures only show that it works. " if quick else ""
    return (
        f"{kind}Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC in {seconds / 60:.0f} minutes on {platform.system()} "
        f"{platform.machine()} with {os.cpu_count()} cores ({_processor()}), over loopback, load {load:.1f} at the "
        f"beginning; Python {platform.python_version()}. Ours and nginx-rtmp at the same time on the same machine.\n"
    )


def write(table: str, page: Path = PAGE) -> None:
    """Write the page. People's remarks on the figures stay, to be read again beside the new ones."""
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    _, heading, said = before.partition(READING)
    page.write_text(f"# Benchmarks\n\n{table}\n{HOW}" + (f"\n{heading}{said}" if heading else ""), encoding="utf-8")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "processor unknown"
