"""Captions: uploaded as VTT or SRT, shown to all who watch, edited, saved and deleted by presenters."""

from __future__ import annotations

import io
import re
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.live import services as live_services
from app.replays.captions import services
from app.replays.captions.formats import Cue, Unreadable, cues_of, srt_of, vtt_of
from tests.classroom.cast import Room

HTMX = {"HX-Request": "true"}

VTT = """\ufeffWEBVTT - 讲座

NOTE 一段说明
STYLE 不管

1
00:00:01.000 --> 00:00:02.500 align:start position:10%
<v 李明远>量子 &lt;比特&gt; <b>是什么</b>
第二行

00:03.000 --> 01:00:04.25
下一句
"""
SRT = "1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}<i>量子</i>\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n下一句\r\n"


@pytest.fixture
def base(room: Room) -> str:
    live_services.end(room.live, by=room.live.owner)
    return f"/live/{room.live_id}/replay/captions"


def upload(room: Room, who: str, base: str, text: str, language: str = "zh-CN") -> int:
    data = {"language": language, "file": (io.BytesIO(text.encode()), "x.vtt")}
    return room.browser(who).post(base, data=data, headers=HTMX).status_code


def test_cues_are_read_from_both_formats_and_nothing_else_is() -> None:
    assert cues_of(VTT) == [Cue(1000, 2500, "量子 <比特> 是什么\n第二行"), Cue(3000, 3_604_250, "下一句")]
    assert cues_of(SRT) == [Cue(1000, 2500, "量子"), Cue(3000, 4000, "下一句")]


def test_what_is_written_is_read_again() -> None:
    cues = [Cue(0, 999, "a < b && c\n\n--> d"), Cue(3_600_000, 3_601_001, "<v x>")]
    plain = [Cue(0, 999, "a < b && c\n-> d"), Cue(3_600_000, 3_601_001, "<v x>")]
    assert cues_of(vtt_of(cues)) == plain
    assert srt_of(cues).startswith("1\n00:00:00,000 --> 00:00:00,999\na < b")


@pytest.mark.parametrize("text", ["", "WEBVTT\n", "你好", "x --> y\n话\n", "00:05.000 --> 00:01.000\n话\n"])
def test_what_holds_no_captions_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        cues_of(text)


def test_captions_are_for_all_who_watch_and_changed_by_presenters_only(room: Room, base: str) -> None:
    assert upload(room, "learner", base, VTT) == 403
    assert upload(room, "assistant", base, VTT) == 403
    assert upload(room, "teacher", base, VTT) == 200
    assert upload(room, "teacher", base, SRT, "en") == 200
    page = room.browser("learner").get(base.removesuffix("/captions")).text
    assert re.findall(r'<track kind="captions" srclang="([^"]+)"', page) == ["zh-CN", "en"]
    assert "captions-panel" not in page
    for who in ("learner", "guest", "teacher"):
        reply = room.browser(who).get(f"{base}/zh-CN.vtt")
        assert (reply.status_code, reply.mimetype) == (200, "text/vtt"), who
        assert "量子 &lt;比特&gt;" in reply.text
    assert "00:00:01,000 --> 00:00:02,500\n量子" in room.browser("learner").get(f"{base}/en.srt").text
    assert room.browser("nobody").get(f"{base}/zh-CN.vtt").status_code in {302, 401}
    assert room.browser("learner").get(f"{base}/fr.vtt").status_code == 404


def test_bad_uploads_change_nothing(room: Room, base: str) -> None:
    upload(room, "teacher", base, VTT)
    assert upload(room, "teacher", base, "你好") == 400
    assert upload(room, "teacher", base, VTT, "xx") == 400
    data = {"language": "zh-CN", "file": (io.BytesIO("WEBVTT\n\n00:01.000 --> 00:02.000\n话".encode("gb18030")), "x")}
    assert room.browser("teacher").post(base, data=data).status_code == 400
    assert "下一句" in room.browser("learner").get(f"{base}/zh-CN.vtt").text


def test_the_editor_saves_what_nobody_else_has_changed_meanwhile(room: Room, base: str) -> None:
    upload(room, "teacher", base, VTT)
    browser = room.browser("teacher")
    page = browser.get(f"{base}/zh-CN/edit").text
    assert "下一句" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    fields = {"text": VTT.replace("下一句", "改过的一句"), "version": version[1]}
    assert browser.post(f"{base}/zh-CN", data=fields).status_code == 302
    assert browser.post(f"{base}/zh-CN", data=fields).status_code == 409, "the other window does not know of this"
    assert "改过的一句" in browser.get(f"{base}/zh-CN.vtt").text


def test_deleted_captions_can_be_brought_back(room: Room, base: str) -> None:
    upload(room, "teacher", base, VTT)
    browser = room.browser("teacher")
    assert f"{base}/zh-CN/return" in browser.delete(f"{base}/zh-CN", headers=HTMX).text
    assert browser.get(f"{base}/zh-CN.vtt").status_code == 404
    assert "2 句" in browser.post(f"{base}/zh-CN/return", headers=HTMX).text
    assert browser.get(f"{base}/zh-CN.vtt").status_code == 200


def test_a_search_finds_captions_at_their_moment(room: Room, base: str, app: Flask) -> None:
    media: Path = app.config["MEDIA_ROOT"] / room.live.stream_id / "full"
    media.mkdir(parents=True)
    dates = ("2026-03-02T06:00:00.000Z", "2026-03-02T06:05:00.000Z")
    pieces = "".join(
        f"#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:{date}\n#EXTINF:2.0,\n{date[14:16]}.m4s\n#EXTINF:1.0,\nx.m4s\n"
        for date in dates
    )
    (media / "source.m3u8").write_text(f'#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n{pieces}')
    upload(room, "teacher", base, VTT)
    upload(room, "teacher", base, SRT, "en")
    query = {"q": "下一句"}
    page = room.browser("learner").get(base.removesuffix("captions") + "search", query_string=query, headers=HTMX)
    second = round(datetime.fromisoformat(dates[1]).timestamp() * 1000)
    assert re.findall(r'class="hit" data-at="(\d+)"', page.text) == [str(second)] * 2, "3 s into it, after the pause"
    assert "字幕" in page.text


def test_what_is_too_long_is_refused(room: Room, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(room, "teacher", base, SRT)
    monkeypatch.setattr(services, "MOST_BYTES", len(VTT.encode()) - 1)
    assert upload(room, "teacher", base, VTT) == 400
    monkeypatch.undo()
    monkeypatch.setattr(services, "MOST_CUES", 1)
    assert upload(room, "teacher", base, VTT) == 400
    assert "比特" not in room.browser("learner").get(f"{base}/zh-CN.vtt").text
