"""The replay page and its download."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, pulse, workshop
from app.kernel.locks import alone
from app.kernel.unit_of_work import unit_of_work
from app.live import services as live_services
from app.live.models import LiveSession
from app.replays import jobs, queries, services
from app.replays.models import Download, DownloadState
from app.timeline import services as timeline
from tests.conftest import SignIn
from tests.factories import live as lives
from tests.factories import media, slides
from tests.factories.recordings import run_of, write_playlist


@pytest.fixture
def ended(teacher: User) -> LiveSession:
    live = lives.on_air(teacher, "量子器件")
    live_services.pause(live, by=teacher)
    live_services.resume(live, by=teacher)
    live_services.end(live, by=teacher)
    return live


@pytest.fixture
def recorded(app: Flask, ended: LiveSession) -> LiveSession:
    media: Path = app.config["MEDIA_ROOT"] / ended.stream_id
    write_playlist(media, run_of(media, "a", 3))
    return ended


def download_of(live: LiveSession) -> Download:
    return db.session.get_one(Download, live.id)


def test_a_learner_watches_and_finds_the_turning_points(
    sign_in: SignIn, ended: LiveSession, learner: User, app: Flask
) -> None:
    page = sign_in(learner).get(f"/live/{ended.id}/replay")
    assert page.status_code == 200
    assert f"/live/{ended.id}/download" not in page.text, "downloads are for presenters"
    assert "您写的内容" not in page.text, "nothing is written any more, and nothing invites to write"
    with app.test_request_context():
        labels = [moment.label for moment in queries.moments(ended)]
    assert labels == ["开始讲课", "已暂停", "继续讲课", "结束"]
    assert all(label in page.text for label in labels)


def test_the_replay_leads_to_those_who_spoke(sign_in: SignIn, ended: LiveSession, learner: User, app: Flask) -> None:
    timeline.append(ended.id, "stage.joined", {"key": "u1", "name": "张三"}, at_ms=(ended.started_at_ms or 0) + 500)
    timeline.append(ended.id, "stage.left", {"key": "u1", "name": "张三"})
    assert "发言：张三" in sign_in(learner).get(f"/live/{ended.id}/replay").text


def test_before_the_end_there_is_no_replay(sign_in: SignIn, teacher: User, learner: User) -> None:
    live = lives.on_air(teacher)
    assert sign_in(learner).get(f"/live/{live.id}/replay").headers["Location"] == f"/live/{live.id}"
    assert sign_in(teacher).post(f"/live/{live.id}/download").status_code == 404


def test_a_download_is_made_shown_and_sent(sign_in: SignIn, recorded: LiveSession) -> None:
    browser, base = sign_in(recorded.owner), f"/live/{recorded.id}/download"
    browser.post(base, headers={"HX-Request": "true"})
    assert download_of(recorded).state is DownloadState.QUEUED
    jobs.make_waiting.now()
    assert "下载完成" in browser.get(base).text
    reply = browser.get(f"{base}/file", buffered=True)
    assert reply.status_code == 200
    assert len(reply.data) == download_of(recorded).size_bytes
    assert "%E9%87%8F%E5%AD%90" in reply.headers["Content-Disposition"]
    assert reply.headers["Cache-Control"].startswith("private")
    rest = browser.get(f"{base}/file", headers={"Range": "bytes=1000-"}, buffered=True)
    assert (rest.status_code, rest.data) == (206, reply.data[1000:])


def test_asking_twice_makes_it_once(recorded: LiveSession, app: Flask) -> None:
    services.request_download(recorded)
    services.request_download(recorded)
    assert app.extensions["queue"].pending_count() == 1


def test_a_recording_that_cannot_be_read_is_a_failure_that_can_be_tried_again(
    app: Flask, recorded: LiveSession, sign_in: SignIn
) -> None:
    media: Path = app.config["MEDIA_ROOT"] / recorded.stream_id
    for segment in (media / "segments").glob("*.m4s"):
        segment.write_bytes(b"garbage")
    services.request_download(recorded)
    jobs.make_waiting.now()
    assert download_of(recorded).state is DownloadState.FAILED
    assert not queries.file_of(recorded.id).exists()
    beside = [one.name for one in queries.file_of(recorded.id).parent.iterdir()]
    assert all(name.endswith((".mp4", ".lock")) for name in beside), "no half-made file or folder stays"
    assert "无法读取" in sign_in(recorded.owner).get(f"/live/{recorded.id}/download").text
    services.request_download(recorded)
    assert download_of(recorded).state is DownloadState.QUEUED


def test_the_space_that_is_left_belongs_to_who_is_on_air(app: Flask, sign_in: SignIn, recorded: LiveSession) -> None:
    app.config["DISK_RESERVE_MB"], kept = 10**9, app.config["DISK_RESERVE_MB"]
    try:
        services.request_download(recorded)
        jobs.make_waiting.now()
    finally:
        app.config["DISK_RESERVE_MB"] = kept
    assert download_of(recorded).problem == "disk_full"
    assert "磁盘" in sign_in(recorded.owner).get(f"/live/{recorded.id}/download").text


def test_nothing_recorded_is_said(ended: LiveSession, app: Flask) -> None:
    services.request_download(ended)
    jobs.make_waiting.now()
    assert (download_of(ended).state, download_of(ended).problem) == (DownloadState.FAILED, "nothing_recorded")


def test_two_who_look_at_once_make_it_once(recorded: LiveSession) -> None:
    services.request_download(recorded)
    with alone(queries.folder() / "making.lock") as is_alone:
        assert is_alone
        jobs.make_waiting.now()
        assert download_of(recorded).state is DownloadState.QUEUED, "whoever is at it takes this too"
    jobs.make_waiting.now()
    assert download_of(recorded).state is DownloadState.DONE


def test_a_download_that_kills_its_process_each_time_is_given_up(recorded: LiveSession) -> None:
    services.request_download(recorded)
    with unit_of_work():
        download_of(recorded).attempts = workshop.MOST_ATTEMPTS
    jobs.make_waiting.now()
    assert (download_of(recorded).state, download_of(recorded).problem) == (DownloadState.FAILED, "failed")
    services.request_download(recorded)
    jobs.make_waiting.now()
    assert download_of(recorded).state is DownloadState.DONE, "asked for once more, it is tried once more"


def test_a_file_that_is_there_no_more_is_offered_anew(sign_in: SignIn, recorded: LiveSession) -> None:
    browser, base = sign_in(recorded.owner), f"/live/{recorded.id}/download"
    browser.post(base)
    jobs.make_waiting.now()
    queries.file_of(recorded.id).unlink()
    page = browser.get(base).text
    assert "下载完成" not in page
    assert "下载 MP4" in page
    browser.post(base)
    jobs.make_waiting.now()
    assert "下载完成" in browser.get(base).text
    assert browser.get(f"{base}/file", buffered=True).status_code == 200


def test_while_no_process_makes_files_the_page_says_so(sign_in: SignIn, recorded: LiveSession) -> None:
    browser, base = sign_in(recorded.owner), f"/live/{recorded.id}/download"
    browser.post(base)
    assert "已停止运行" in browser.get(base).text
    pulse.beat("jobs")
    assert "已停止运行" not in browser.get(base).text


def test_the_replay_leads_to_the_pages_that_stood_for_a_while(app: Flask, teacher: User, sign_in: SignIn) -> None:
    live = lives.lesson(teacher)
    deck, board = slides.deck(live, pages=4, steps=(1, 1, 3)), slides.whiteboard(live)
    began = clock.now_ms()
    shown = [(-60, 1, 0), (30, 2, 0), (32, 4, 0), (34, 3, 0), (40, 3, 1), (50, 3, 2), (200, 1, 0)]
    for after_s, page, step in shown:
        payload = {"document": deck.id, "page": page, "step": step}
        timeline.append(live.id, "slides.shown", payload, at_ms=began + 1000 * after_s)
        if after_s == -60:
            media.encoder(live.stream)
            live_services.start(live, by=teacher)
    timeline.append(live.id, "slides.cleared", {}, at_ms=began + 230_000)
    payload = {"document": board.id, "page": 1, "step": 0}
    timeline.append(live.id, "slides.shown", payload, at_ms=began + 240_000)
    live_services.end(live, by=teacher)
    with app.test_request_context():
        pages = [moment for moment in queries.moments(live) if moment.page]
    assert [moment.page for moment in pages] == [1, 3, 1, 1], "neither what was leafed over, nor builds, are moments"
    assert pages[0].at_ms == live.started_at_ms, "it stood there when the lecture began"
    assert [round((moment.at_ms - began) / 1000) for moment in pages[1:]] == [34, 200, 240]
    assert [moment.label for moment in pages] == ["第 1 页的标题", "第 3 页的标题", "第 1 页的标题", ""]
    page = sign_in(teacher).get(f"/live/{live.id}/replay").text
    assert page.count("第 3 页的标题</span>") == 1
    assert "第 4 页的标题" not in page
