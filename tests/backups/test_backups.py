"""A backup is made while the service runs, put back elsewhere, and a replay plays from it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextvars import Context
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app
from app.accounts.models import User
from app.extensions import db
from app.kernel import storage
from app.live import services as lives
from app.live.models import LiveSession
from app.media import services as media
from media_worker.contract import Ended
from tests.conftest import ROOT, SignIn
from tests.factories import accounts, recordings
from tests.factories import live as makers


def picture() -> bytes:
    data = BytesIO()
    Image.new("RGB", (64, 48), "navy").save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def lesson_with_everything(app: Flask, teacher: User, sign_in: SignIn) -> LiveSession:
    """A lesson that is over, with a recording, a picture in its chat, and secrets on disk."""
    live = makers.on_air(teacher)
    browser = sign_in(teacher)
    reply = browser.post(
        f"/live/{live.id}/chat/pictures", data={"picture": (BytesIO(picture()), "a.png"), "nonce": "nonce1"}
    )
    assert reply.status_code < 300, reply.text
    lives.end(live, by=teacher)
    folder = storage.place("media") / live.stream_id
    recordings.write_playlist(folder, recordings.run_of(folder, "one", 2))
    (folder / "full" / "index.m3u8").write_text((folder / "full" / "source.m3u8").read_text())
    (folder / "work").mkdir()
    (folder / "work" / "half-written").write_text("x")
    media.end_run(live.stream_id, Ended(1, "over", finished=True, kept_ms=2000))
    (app.config["DATA_DIR"] / "secrets").mkdir(exist_ok=True)
    (app.config["DATA_DIR"] / "secrets" / "secret_key").write_text("a-secret-key")
    return live


@pytest.fixture
def elsewhere(app: Flask, database_url: str, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """Make the service anew, on another folder and another, empty database."""
    url = make_url(database_url)
    made: list[Flask] = []
    if url.get_backend_name() == "postgresql":
        server = create_engine(url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("CREATE DATABASE elsewhere"))
        url = url.set(database="elsewhere")
    else:
        url = url.set(database=str(tmp_path / "elsewhere" / "jiangtang.sqlite3"))

    def make() -> Flask:
        settings = {name: app.config[name] for name in ("TESTING", "WTF_CSRF_ENABLED", "WORKER_SECRET", "MEDIA_SECRET")}
        folder = tmp_path / "elsewhere"
        made.append(
            create_app(
                settings
                | {
                    "DATA_DIR": folder, "MEDIA_ROOT": folder / "media", "SECRET_KEY": "a-secret-key", "DEMO": False,
                    "DATABASE_URL": url.render_as_string(hide_password=False), "RATE_LIMITS": False,
                }
            )
        )  # fmt: skip
        return made[-1]

    yield make
    for other in made:
        with other.app_context():
            db.engine.dispose()
    if url.get_backend_name() == "postgresql":
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE elsewhere"))
        server.dispose()


def run(app: Flask, *command: str) -> Result:
    """Run a command in a context of its own, as in a shell."""
    return Context().run(lambda: app.test_cli_runner().invoke(args=command))


def fetched(browser: FlaskClient, address: str) -> bytes:
    with browser.get(address) as reply:
        assert reply.status_code == 200, address
        return reply.data


def test_a_replay_plays_from_a_backup_that_was_restored_elsewhere(
    app: Flask, lesson_with_everything: LiveSession, teacher: User, tmp_path: Path, elsewhere: Callable[[], Flask]
) -> None:
    live_id, target = lesson_with_everything.id, tmp_path / "backup"
    done = run(app, "backup", str(target))
    assert done.exit_code == 0, done.output
    assert not list(target.rglob("work")), "what ffmpeg is writing is of no use"
    other = elsewhere()
    done = run(other, "restore", str(target))
    assert done.exit_code == 0, done.output

    browser = other.test_client()
    signed_in = browser.post("/sign-in", data={"username": teacher.username, "password": accounts.PASSWORD})
    assert signed_in.status_code in (302, 200)
    page = browser.get(f"/live/{live_id}/replay")
    assert page.status_code == 200, page.text
    (address,) = set(re.findall(r"/media/\d+/[^\"&]+/full/index\.m3u8", page.text))
    pieces = [line for line in fetched(browser, address).decode().splitlines() if line and not line.startswith("#")]
    assert len(pieces) == 2
    original = storage.place("media") / lesson_with_everything.stream_id / "segments"
    for piece in pieces:
        assert fetched(browser, address.replace("index.m3u8", piece)) == (original / piece).read_bytes()
    (chat,) = (storage.place("chat") / live_id).iterdir()
    assert fetched(browser, f"/live/{live_id}/chat/pictures/{chat.stem}") == chat.read_bytes()
    data = other.config["DATA_DIR"]
    assert (data / "secrets" / "secret_key").read_text() == "a-secret-key"
    assert data.stat().st_mode & 0o077 == 0


def test_the_second_backup_copies_what_has_changed_and_drops_what_is_gone(
    app: Flask, lesson_with_everything: LiveSession, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    assert run(app, "backup", str(target)).exit_code == 0
    stream = target / "media" / lesson_with_everything.stream_id
    untouched = stream / "full" / "source.m3u8"
    before = untouched.stat().st_ino
    (chat,) = (storage.place("chat") / lesson_with_everything.id).iterdir()
    chat.unlink()
    (storage.place("secrets") / "secret_key").write_text("a newer one")
    assert run(app, "backup", str(target)).exit_code == 0
    assert untouched.stat().st_ino == before
    assert not (target / "chat" / lesson_with_everything.id).exists()
    assert (target / "secrets" / "secret_key").read_text() == "a newer one"


def test_a_backup_that_is_not_whole_says_what_is_missing_and_restores_the_rest_when_told(
    app: Flask, lesson_with_everything: LiveSession, tmp_path: Path, elsewhere: Callable[[], Flask]
) -> None:
    target = tmp_path / "backup"
    assert run(app, "backup", str(target)).exit_code == 0
    segments = sorted((target / "media").rglob("*.m4s"))
    segments[0].unlink()
    segments[1].unlink()
    segments[1].write_bytes(b"something else")
    other = elsewhere()
    done = run(other, "restore", str(target))
    assert done.exit_code == 1
    assert f"{segments[0].relative_to(target)}: missing" in done.output
    assert f"{segments[1].relative_to(target)}: damaged" in done.output
    assert not (other.config["DATA_DIR"] / "secrets").exists(), "nothing was restored"
    assert run(other, "restore", "--incomplete", str(target)).exit_code == 0
    assert "is not empty" in run(other, "restore", str(target)).output


def test_a_newer_schema_is_refused(
    app: Flask, lesson_with_everything: LiveSession, tmp_path: Path, elsewhere: Callable[[], Flask]
) -> None:
    target = tmp_path / "backup"
    assert run(app, "backup", str(target)).exit_code == 0
    manifest = target / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema": "9999"}))
    done = run(elsewhere(), "restore", str(target))
    assert (done.exit_code, "newer version (schema 9999)" in done.output) == (1, True)


def test_a_folder_that_nobody_has_thought_of_is_not_passed_over_in_silence(
    app: Flask, lesson_with_everything: LiveSession, tmp_path: Path
) -> None:
    strange = app.config["DATA_DIR"] / "transcripts"
    strange.mkdir()
    try:
        done = run(app, "backup", str(tmp_path / "backup"))
    finally:
        strange.rmdir()
    assert (done.exit_code, "transcripts" in done.output) == (1, True)
    with pytest.raises(KeyError, match="say whether a backup needs it"):
        storage.place("transcripts")


def test_rooms_open_places_of_data_dir_by_their_list_only() -> None:
    found = subprocess.run(
        ["grep", "-rlE", r"""\[["']DATA_DIR["']\] */|: Path = current_app.config\["DATA_DIR"\]""", "app"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    assert set(found) == {"app/config.py", "app/kernel/queue.py", "app/kernel/storage.py", "app/backups/cli.py"}
