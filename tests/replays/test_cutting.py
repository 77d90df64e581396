"""Cuts: what is left out of a recording, everywhere, and comes back."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.classroom.chat import services as chat
from app.classroom.engine.commands import Call
from app.classroom.engine.door import person_of
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live import services as live_services
from app.live.models import LiveSession
from app.live.policies import permissions_of
from app.media.folders import folder_of
from app.replays import jobs, mp4, views
from app.replays import queries as replays
from app.replays import services as replay_services
from app.replays.captions import services as captions
from app.replays.captions.queries import captions_in
from app.replays.captions.shifting import as_published
from app.replays.cutting import edges, playlists, queries, services, strip
from app.replays.cutting.errors import NothingLeft, NothingToCut
from app.replays.models import Download
from app.replays.publishing import services as publishing
from app.timeline import services as timeline
from tests.conftest import SignIn
from tests.factories import live as lives
from tests.factories.recordings import FFMPEG, dated, run_of, write_playlist
from tests.jobs import run_queued

SECONDS = 10


@pytest.fixture
def recorded(app: Flask, teacher: User) -> LiveSession:
    live = lives.on_air(teacher, "量子器件")
    live_services.end(live, by=teacher)
    media: Path = app.config["MEDIA_ROOT"] / live.stream_id
    began_ms = (live.started_at_ms or 0) // 1000 * 1000
    with unit_of_work():
        live.started_at_ms, live.ended_at_ms = began_ms, began_ms + SECONDS * 1000
        live.stream.finished, live.stream.kept_ms = True, SECONDS * 1000
    numbered = "geq=lum='mod(N,235)':cb=128:cr=128,scale=in_range=full:out_range=full"
    write_playlist(media, dated(run_of(media, "a", SECONDS, size="64x36", picture=numbered), began_ms))
    for name in ("index.m3u8", "audio.m3u8"):
        (media / "full" / name).write_text((media / "full" / "source.m3u8").read_text())
    return live


def playlist(live: LiveSession, folder: str = "cut") -> str:
    return (folder_of(live.stream_id) / folder / "source.m3u8").read_text()


def names_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.endswith(".m4s")]


def test_a_playlist_without_cuts_keeps_maps_and_marks_seams() -> None:
    head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
    first = '#EXT-X-MAP:URI="a.mp4"\n'
    rows = [
        f"#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:0{number}.000Z\n#EXTINF:1.0,\n{number}.m4s\n" for number in range(6)
    ]
    second = '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="b.mp4"\n'
    whole = head + first + "".join(rows[:3]) + second + "".join(rows[3:]) + "#EXT-X-ENDLIST\n"
    assert playlists.without(whole, []) == whole
    seam = "#EXT-X-DISCONTINUITY\n"
    assert playlists.without(whole, [(1_000, 2_000)]) == (
        head + first + rows[0] + seam + rows[2] + second + "".join(rows[3:]) + "#EXT-X-ENDLIST\n"
    )
    trimmed = playlists.without(whole, [(0, 4_000)])
    assert trimmed == head + '#EXT-X-MAP:URI="b.mp4"\n' + "".join(rows[4:]) + "#EXT-X-ENDLIST\n", "no seam at the start"


def test_a_cut_on_segments_takes_whole_ones_and_comes_back(recorded: LiveSession, teacher: User) -> None:
    services.cut_out(recorded, 2_000, 5_000, by=teacher)
    assert names_in(playlist(recorded)) == [
        name for name in names_in(playlist(recorded, "full")) if name[2:5] not in {"002", "003", "004"}
    ]
    (cut,) = queries.rows_of(recorded.id)
    assert (cut.place_ms, cut.length_ms) == (2_000, 3_000)
    services.cut_out(recorded, 5_000, 6_000, by=teacher)
    (cut,) = queries.rows_of(recorded.id)
    assert (cut.place_ms, cut.length_ms) == (2_000, 4_000), "cuts that touch are one"
    services.take_back(cut, recorded, by=teacher)
    assert not (folder_of(recorded.stream_id) / "cut").exists()
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert {Action.REPLAY_CUT, Action.REPLAY_CUT_TAKEN_BACK} <= actions


def test_a_cut_within_segments_is_exact_once_its_edges_are_made(
    recorded: LiveSession, teacher: User, tmp_path: Path
) -> None:
    media, began_ms = folder_of(recorded.stream_id), recorded.started_at_ms or 0
    services.cut_out(recorded, 2_400, 4_600, by=teacher)
    (cut,) = queries.rows_of(recorded.id)
    assert (cut.place_ms, cut.length_ms, cut.from_ms - began_ms) == (2_400, 2_200, 2_400)
    assert len(names_in(playlist(recorded))) == 7, "nothing of the cut is shown meanwhile"
    run_queued()
    assert queries.cut_clock(recorded).length_ms == pytest.approx(7_800, abs=1)
    found = mp4.Recording(media)
    clock = [(round(one.at_s, 2), one.captured_ms - began_ms) for one in found.clock(began_ms)]
    assert next(one for one in clock if one[1] >= 4_600) == (2.4, 4_600)
    (tmp_path / "work").mkdir()
    found.make(FFMPEG, tmp_path / "work", tmp_path / "film.mp4", lambda _percent: None)
    shown = brightness(tmp_path / "film.mp4")
    assert len(shown) == pytest.approx(195, abs=1), "25 pictures for each of 7.8 s"
    assert shown[58:62] == pytest.approx([58, 59, 115, 116], abs=2), "each picture is as bright as its number"
    edge_files = set(edges.known(media).values())
    services.take_back(cut, recorded, by=teacher)
    assert not (media / "cut").exists()
    assert all((media / "segments" / edge.name).exists() for edge in edge_files), "somebody may be watching"
    edges.make(FFMPEG, media, [])
    assert edges.known(media), "and for a day afterwards"


def brightness(film: Path) -> list[int]:
    """Return how bright each picture of a film is, 0 to 255."""
    argv = [FFMPEG, "-v", "error", "-i", str(film), "-vf", "scale=1:1:out_range=full,format=gray", "-fps_mode"]
    return list(subprocess.run([*argv, "passthrough", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout)


def test_an_edge_that_cannot_be_encoded_leaves_its_segment_out(recorded: LiveSession, teacher: User) -> None:
    media = folder_of(recorded.stream_id)
    services.cut_out(recorded, 2_400, 4_000, by=teacher)
    (media / "segments" / "a-002.m4s").write_bytes(b"damaged")
    run_queued()
    assert len(names_in(playlist(recorded))) == 8
    assert (media / "cut" / "mark").read_text() == queries.cuts_of(recorded.id).mark, "it is not tried for ever"


def test_what_makes_no_sense_is_refused(recorded: LiveSession, teacher: User) -> None:
    for from_ms, to_ms in ((3_000, 3_000), (5_000, 4_000), (99_000, 100_000)):
        with pytest.raises(NothingToCut):
            services.cut_out(recorded, from_ms, to_ms, by=teacher)
    with pytest.raises(NothingLeft):
        services.cut_out(recorded, 0, 9_500, by=teacher)
    assert queries.rows_of(recorded.id) == []


def test_a_process_that_dies_between_row_and_playlist_hides_nothing_for_long(
    sign_in: SignIn, recorded: LiveSession, teacher: User, learner: User
) -> None:
    services.cut_out(recorded, 2_000, 4_000, by=teacher)
    (folder_of(recorded.stream_id) / "cut" / "source.m3u8").unlink()
    (folder_of(recorded.stream_id) / "cut" / "mark").unlink()
    page = sign_in(learner).get(f"/live/{recorded.id}/replay").text
    assert "/cut/index.m3u8" in page
    assert len(names_in(playlist(recorded))) == 8


def test_players_get_the_cut_and_presenters_who_cut_the_whole(
    sign_in: SignIn, recorded: LiveSession, teacher: User, learner: User
) -> None:
    services.cut_out(recorded, 2_000, 4_000, by=teacher)
    for person in (learner, teacher):
        assert "/cut/index.m3u8" in sign_in(person).get(f"/live/{recorded.id}/replay").text
    assert "/full/index.m3u8" in sign_in(teacher).get(f"/live/{recorded.id}/recording/cuts").text
    source = f"/live/{recorded.id}/source"
    assert "/cut/" in sign_in(learner).get(f"{source}?uncut=1").get_json()["full"]
    assert "/full/" in sign_in(teacher).get(f"{source}?uncut=1").get_json()["full"]
    address = sign_in(learner).get(source).get_json()["full"]
    assert sign_in(learner).get(address, buffered=True).status_code == 200
    assert sign_in(learner).get(address.replace("/cut/", "/full/")).status_code == 403


def test_words_of_a_cut_are_nowhere(
    app: Flask, sign_in: SignIn, recorded: LiveSession, teacher: User, learner: User
) -> None:
    began_ms = recorded.started_at_ms or 0
    captions.put(recorded, "zh-CN", VTT.encode(), by=teacher)
    timeline.append(recorded.id, "stage.joined", {"key": "u1", "name": "张三"}, at_ms=began_ms + 3_000)
    timeline.append(recorded.id, "stage.left", {"key": "u1", "name": "张三"}, at_ms=began_ms + 4_000)
    services.cut_out(recorded, 2_000, 5_000, by=teacher)
    with app.test_request_context():
        cues = as_published(recorded, captions_in(recorded.id, "zh-CN").cues)
        assert [(cue.start_ms, cue.text) for cue in cues] == [(0, "开头"), (3_000, "后面")]
        moments = [moment.label for moment in views.chapters_view(recorded, learner).moments]
        assert not any("张三" in label for label in moments)
        assert any("张三" in moment.label for moment in replays.moments(recorded))
    found = sign_in(learner).get(f"/live/{recorded.id}/replay?q=中间").text
    assert 'class="hit' not in found
    assert "中间" not in sign_in(learner).get(f"/live/{recorded.id}/replay/captions/zh-CN.vtt").text
    assert "中间" in sign_in(teacher).get(f"/live/{recorded.id}/replay/captions/zh-CN.vtt?save=1").text


VTT = """WEBVTT

00:00.000 --> 00:01.500
开头

00:03.000 --> 00:04.000
中间

00:06.000 --> 00:07.000
后面
"""


def test_messages_in_a_cut_are_not_told(app: Flask, sign_in: SignIn, teacher: User, learner: User) -> None:
    live = lives.on_air(teacher, "聊天课")
    with app.test_request_context():
        call = Call(live, learner, person_of(learner, live), permissions_of(learner, live))
        chat.say(call, "剪掉的话", nonce="1")
    live_services.end(live, by=teacher)
    browser, address, caught_up = sign_in(learner), f"/live/{live.id}/replay/feed", f"/live/{live.id}/events"
    before = browser.get(address)
    assert "剪掉的话" in before.text
    assert "剪掉的话" in browser.get(caught_up).text
    with unit_of_work():
        db.session.add(services.Cut(live_id=live.id, from_ms=0, to_ms=2**45, place_ms=0, length_ms=1))
    after = browser.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, "剪掉的话" in after.text) == (200, False)
    assert "剪掉的话" not in browser.get(caught_up).text


def test_downloads_follow(recorded: LiveSession, teacher: User) -> None:
    replay_services.request_download(recorded)
    jobs.make_waiting.now()
    assert replays.file_of(recorded.id).exists()
    services.cut_out(recorded, 2_000, 5_000, by=teacher)
    assert not replays.file_of(recorded.id).exists()
    assert db.session.get(Download, recorded.id) is None
    recording = mp4.Recording(folder_of(recorded.stream_id))
    assert recording.length_s == pytest.approx(7, abs=0.1)
    begun_ms = recorded.started_at_ms or 0
    assert [(round(one.at_s), one.captured_ms - begun_ms) for one in recording.clock(begun_ms)] == [(0, 0), (2, 5_000)]
    replay_services.request_download(recorded)
    jobs.make_waiting.now()
    assert replays.file_of(recorded.id).exists()


def test_a_download_that_was_being_made_meanwhile_is_made_anew(
    recorded: LiveSession, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    really = jobs._made

    def made_while_somebody_cuts(live: LiveSession) -> str:
        if not made:
            services.cut_out(live, 2_000, 5_000, by=teacher)
            replay_services.request_download(live)
        made.append(live.id)
        return really(live)

    monkeypatch.setattr(jobs, "_made", made_while_somebody_cuts)
    replay_services.request_download(recorded)
    jobs.make_waiting.now()
    assert len(made) == 2


def test_the_page_cuts_by_typed_times_and_takes_back(sign_in: SignIn, recorded: LiveSession, learner: User) -> None:
    browser, page = sign_in(recorded.owner), f"/live/{recorded.id}/recording/cuts"
    assert sign_in(learner).get(page).status_code == 403
    assert browser.post(page, data={"from": "0:02", "to": "0:00:04.5"}).status_code == 302
    (cut,) = queries.rows_of(recorded.id)
    assert (cut.place_ms, cut.length_ms) == (2_000, 2_500)
    assert "0:00:02" in browser.get(page).text
    reply = browser.post(page, data={"from": "x", "to": "0:05"})
    assert reply.status_code == 409
    assert 'href="#cut-from"' in reply.text
    assert 'value="x"' in reply.text
    assert 'value="0:05"' in reply.text
    cut_id = cut.id
    assert browser.post(f"{page}/{cut_id}?_method=DELETE").status_code == 302
    assert queries.rows_of(recorded.id) == []
    assert browser.delete(f"{page}/{cut_id}").status_code == 404


def test_where_learners_speak_is_cut_out_at_one_press(recorded: LiveSession, teacher: User) -> None:
    began_ms = recorded.started_at_ms or 0
    for kind, at_ms in (("stage.joined", 3_200), ("stage.left", 4_100), ("stage.joined", 8_500)):
        payload: dict[str, Any] = {"key": "u1", "name": "张三"}
        timeline.append(recorded.id, kind, payload, at_ms=began_ms + at_ms)
    assert services.cut_out_spoken(recorded, by=teacher) == 2
    assert [(cut.place_ms, cut.length_ms) for cut in queries.rows_of(recorded.id)] == [(3_200, 900), (8_500, 1_500)]


def test_the_cover_of_a_replay_is_chosen_from_its_pictures(
    app: Flask, sign_in: SignIn, recorded: LiveSession, learner: User
) -> None:
    """Only the replay's audience sees it, and a cut there removes it."""
    browser, page = sign_in(recorded.owner), f"/live/{recorded.id}/recording/cover"

    def seen(who: User | None) -> str:
        shown = sign_in(who).get(f"/live/{recorded.id}").text
        found = re.search(r'class="intro__cover">\s*<img[^>]*src="([^"]*)"', shown)
        return found[1] if found else ""

    assert "正在生成" in browser.get(page).text
    assert browser.post(page, data={"number": "0"}).status_code == 409, "none is made yet"
    strip.make.now(recorded.id)
    offered = re.findall(r'name="number" value="(\d+)"', browser.get(page).text)
    assert len(offered) == SECONDS, "no picture is there twice"
    assert browser.post(page, data={"number": offered[4]}).status_code == 302
    cover = seen(learner)
    assert "/covers/" in cover
    assert f'property="og:image" content="{cover}"' in sign_in(learner).get(f"/live/{recorded.id}").text
    assert seen(None) == "", "a visitor may read the introduction, and not watch the replay"
    publishing.unpublish(recorded, by=recorded.owner)
    assert seen(learner) == ""
    publishing.publish(recorded, None, guests=True, by=recorded.owner, shown=publishing.Shown())
    assert seen(learner) == cover
    services.cut_out(recorded, 4_000, 5_000, by=recorded.owner)
    assert seen(learner) == ""
    assert offered[4] not in re.findall(r'name="number" value="(\d+)"', browser.get(page).text)
    for wrong in (offered[4], "99", "x", ""):
        assert browser.post(page, data={"number": wrong}).status_code == 409
    browser.post(page, data={"number": offered[5]})
    assert seen(learner) not in {"", cover}
    browser.delete(page)
    assert seen(learner) == ""


@pytest.mark.one_database
def test_the_strip_is_made_of_the_recording(sign_in: SignIn, recorded: LiveSession) -> None:
    browser, page = sign_in(recorded.owner), f"/live/{recorded.id}/recording/cuts"
    assert "hx-get" in browser.get(f"{page}/strip").text
    strip.make.now(recorded.id)
    assert "pictures.jpg" in browser.get(f"{page}/strip").text
    for name in strip.FILES:
        assert browser.get(f"{page}/strip/{name}", buffered=True).status_code == 200
    made = strip.folder_of(recorded)
    with Image.open(made / strip.STRIP) as pictures, Image.open(made / strip.SOUND) as wave:
        assert 10 < pictures.width / pictures.height < 12, "ten pictures that are nearly square"
        top, bottom = wave.getchannel("A").getbbox()[1::2]
        assert bottom - top > 8, "the sound is more than a line"
    with Image.open(strip.cover_of(recorded, strip.PICTURES - 1)) as picture:
        assert picture.size == strip.COVER
    assert browser.get(f"{page}/strip/index.jsonl").status_code == 404
