"""The jobs process is killed while it makes a download."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app.accounts.models import User
from app.extensions import db
from app.live import services as live_services
from app.live.models import LiveSession
from app.replays import queries, services
from app.replays.models import Download, DownloadState
from tests.conftest import ROOT, SignIn
from tests.factories import live as lives
from tests.factories.recordings import FFMPEG, run_of, write_playlist
from tests.journeys.waiting import wait_for

PATIENCE_S = 60
"""A jobs process takes seconds to start, and many on a busy machine."""


@pytest.fixture
def recorded(app: Flask, teacher: User) -> LiveSession:
    live = lives.on_air(teacher, "量子器件")
    live_services.end(live, by=teacher)
    media: Path = app.config["MEDIA_ROOT"] / live.stream_id
    write_playlist(media, run_of(media, "a", 2), run_of(media, "b", 2, ticks=16000))
    return live


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """While this file is there, ffmpeg takes for ever."""
    hold = tmp_path / "hold"
    hold.touch()
    return hold


@contextmanager
def jobs_process(app: Flask, hold: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `flask jobs` on the data of the test."""
    ffmpeg = hold.with_name("ffmpeg")
    ffmpeg.write_text(
        f'#!/bin/sh\n[ -e {shlex.quote(str(hold))} ] && exec sleep 1000\nexec {shlex.quote(FFMPEG)} "$@"\n'
    )
    ffmpeg.chmod(0o755)
    settings = {name: app.config[name] for name in ("DATA_DIR", "DATABASE_URL", "SECRET_KEY", "WORKER_SECRET")}
    env = {**os.environ, **{name: str(value) for name, value in settings.items()}, "FFMPEG": str(ffmpeg), "DEMO": "0"}
    with subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "jobs"], cwd=ROOT, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def sleepers(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that the process has started: its ffmpeg."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(pid) for children in tasks for pid in children.read_text().split()]


def works(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def folders() -> list[str]:
    return [one.name for one in queries.folder().iterdir() if one.is_dir()]


def test_a_killed_download_leaves_nothing_and_is_made_again(
    app: Flask, recorded: LiveSession, sign_in: SignIn, hold: Path
) -> None:
    browser, base = sign_in(recorded.owner), f"/live/{recorded.id}/download"

    def download() -> Download:
        db.session.rollback()
        return db.session.get_one(Download, recorded.id, populate_existing=True)

    with jobs_process(app, hold) as jobs:
        services.request_download(recorded)
        wait_for(lambda: sleepers(jobs), "ffmpeg is at work", PATIENCE_S)
        left, half_made = sleepers(jobs), folders()
        assert download().state is DownloadState.RUNNING
        assert len(half_made) == 1
        jobs.send_signal(signal.SIGKILL)
    wait_for(lambda: not any(map(works, left)), "ffmpeg has died with the process that ran it", 10)
    assert "正在" in browser.get(base).text

    with jobs_process(app, hold) as jobs:
        wait_for(lambda: download().attempts == 2, "it is begun again by itself", PATIENCE_S)
        wait_for(lambda: sleepers(jobs), "ffmpeg is at work", PATIENCE_S)
        wait_for(lambda: "服务器曾中断" in browser.get(base).text, "the page says why it takes longer", PATIENCE_S)
        assert len(folders()) == 1
        assert folders() != half_made, "what the killed one has left is gone"
        hold.unlink()
        for pid in sleepers(jobs):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: "下载完成" in browser.get(base).text, "the file is made", PATIENCE_S)
    assert folders() == []


def test_a_stopped_process_goes_at_once_and_loses_nothing(app: Flask, recorded: LiveSession, hold: Path) -> None:
    with jobs_process(app, hold) as jobs:
        services.request_download(recorded)
        wait_for(lambda: sleepers(jobs), "ffmpeg is at work", PATIENCE_S)
        left = sleepers(jobs)
        jobs.terminate()
        assert jobs.wait(6) == 0, "supervisord waits for eight seconds"
    wait_for(lambda: not any(map(works, left)), "ffmpeg has died with the process that ran it", 10)
    db.session.rollback()
    assert queries.next_to_make() == recorded.id, "it waits for the next start; nobody reads that it has failed"
