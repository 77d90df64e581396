"""Recordings made elsewhere: a video with slides, BigBlueButton's, an archive; and what is none of them."""

from __future__ import annotations

import io
import os
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.classroom.chat import queries as chat
from app.classroom.polls import queries as polls
from app.courseware import queries as exports
from app.courseware.archive import importing
from app.courseware.intake import errors, files, jobs, queries, services
from app.courseware.intake.making import Result
from app.courseware.intake.models import Intake, IntakeState, Part
from app.courseware.models import Form
from app.credits.counting import programme
from app.documents import files as pictures
from app.extensions import db
from app.kernel import clock, workshop
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.kernel.uploads import UnknownUpload
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import mp4
from app.replays import queries as replays
from app.replays.captions.queries import captions_of
from app.replays.cutting.queries import whole_clock
from tests.conftest import ROOT, SignIn
from tests.courseware.conftest import exported
from tests.factories import accounts, documents, roles, units
from tests.factories.recordings import FFMPEG

SECONDS = 3
BEGAN = "2026-03-02T14:00"


def encoded(target: Path, *options: str, sound: bool = True) -> Path:
    """Encode a video of some seconds."""
    tone = ["-f", "lavfi", "-i", "sine=frequency=440"] if sound else []
    argv = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25", *tone, "-t", str(SECONDS), *options]
    subprocess.run([*argv, "-pix_fmt", "yuv420p", str(target)], check=True)
    return target


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video as cameras and editors write them: B-frames, and a keyframe each second."""
    return encoded(tmp_path_factory.mktemp("video") / "v.mp4", "-g", "25", "-bf", "2", "-preset", "ultrafast")


@pytest.fixture
def presenter(app: Flask) -> User:
    """Somebody who may plan lessons."""
    return roles.holding(accounts.user("presenter", "吴老师"), Permission.LIVE_MANAGE)


def brought(file: Path, by: User, name: str = "") -> Intake:
    """Bring a file as its upload does."""
    intake = services.announce(name or file.name, file.stat().st_size, by=by)
    with file.open("rb") as body:
        services.take(intake, Part.RECORDING, body, at=0)
    return intake


def made(intake: Intake) -> LiveSession:
    """Have what waits made; return the lesson."""
    jobs.make_waiting.now()
    db.session.expire_all()
    assert intake.state is IntakeState.DONE, intake.problem
    return db.session.get_one(LiveSession, intake.live_id)


def refusal(intake: Intake) -> str:
    """Have what waits made; return the word of its refusal. Nothing of it stays but the file."""
    before = db.session.scalar(select(func.count(LiveSession.id)))
    jobs.make_waiting.now()
    db.session.expire_all()
    assert intake.state is IntakeState.FAILED
    assert db.session.scalar(select(func.count(LiveSession.id))) == before
    assert [file.name for file in files.folder_of(intake.id).iterdir()] == ["recording"]
    assert errors.sentence_of(intake.problem)
    return intake.problem


def send(browser: FlaskClient, address: str, content: bytes, name: str) -> str:
    """Upload a file in two pieces, as a page does; return the address of its upload."""
    told = {**documents.TUS, "Upload-Length": str(len(content)), "Upload-Metadata": documents.metadata(name)}
    where = browser.post(address, headers=told).headers["Location"]
    half = len(content) // 2
    assert documents.send(browser, where, content[:half], at=0).status_code == 204
    assert browser.head(where, headers=documents.TUS).headers["Upload-Offset"] == str(half)
    assert documents.send(browser, where, content[half:], at=half).status_code == 204
    return where


def test_a_video_with_slides_becomes_a_replay_for_its_presenters(
    sign_in: SignIn, presenter: User, learner: User, video: Path
) -> None:
    browser = sign_in(presenter)
    assert "/manage/recordings/imports" in browser.get("/manage/recordings").text
    where = send(browser, "/manage/recordings/imports/uploads", video.read_bytes(), "量子 器件.mp4")
    intake_id = where.rsplit("/", 1)[1]
    page = browser.get("/manage/recordings/imports").text
    assert 'value="量子 器件"' in page
    send(browser, f"/manage/recordings/imports/{intake_id}/slides", documents.pdf(1), "讲义.pdf")
    nothing = browser.post(
        f"/manage/recordings/imports/{intake_id}", data={"subject": "Quanten", "began": "2999-01-01"}
    )
    assert nothing.status_code == 422
    assert 'value="Quanten"' in nothing.text, "nothing typed is lost"
    browser.post(f"/manage/recordings/imports/{intake_id}", data={"subject": "量子器件", "began": BEGAN})
    live = made(db.session.get_one(Intake, intake_id))
    assert (live.subject, live.owner, live.replay_hidden) == ("量子器件", presenter, True)
    assert abs((live.ended_at_ms or 0) - (live.started_at_ms or 0) - 1000 * SECONDS) < 100
    assert not files.folder_of(intake_id).exists()
    assert browser.get(f"/live/{live.id}/replay").status_code == 200
    assert [one.page for one in replays.chapters(live)] == [1]
    assert sign_in(learner).get(f"/live/{live.id}/replay").status_code == 403
    assert f"/live/{live.id}/replay" in browser.get("/manage/recordings/imports").text


def test_picture_and_sound_stay_together_and_count(presenter: User, video: Path, tmp_path: Path) -> None:
    intake = brought(video, presenter)
    services.tell(intake, "量子器件", clock.now_ms() - 3_600_000)
    live = made(intake)
    media = folder_of(live.stream_id)
    assert abs(whole_clock(live).length_ms - 1000 * SECONDS) < 60
    recording = mp4.Recording(media)
    (tmp_path / "work").mkdir()
    recording.make(FFMPEG, tmp_path / "work", tmp_path / "film.mp4", lambda _percent: None)
    assert recording.copies == 1, "it is joined as it is"
    ((first, last),) = programme.programme(live)
    assert abs(last - first - 1000 * SECONDS) < 60
    assert exported(live, Form.SCORM12).state == "done"


def test_what_browsers_cannot_play_is_encoded_anew(presenter: User, tmp_path: Path) -> None:
    film = encoded(tmp_path / "old.mkv", "-c:v", "mpeg4", "-g", "250", sound=False)
    intake = brought(film, presenter)
    services.tell(intake, "旧片", clock.now_ms() - 3_600_000)
    live = made(intake)
    media = folder_of(live.stream_id)
    text = (media / "full" / "source.m3u8").read_text()
    assert text.count("#EXTINF") == SECONDS
    assert mp4.Recording(media).look.width == 320
    assert "avc1." in (media / "full" / "index.m3u8").read_text()
    assert (media / "full" / "audio.m3u8").read_text().count("#EXTINF") >= SECONDS


Files = dict[str, bytes]


def bigbluebutton(video: Path) -> Files:
    """Return the files of a presentation recording, as BigBlueButton 2.4 publishes it."""
    slide = "presentation/d2d9a672040fbde2a47a10bf6c37b6a4b5ae187f-1404411622872/slide-{}.png"
    images = "".join(
        f'<image id="image{number}" class="slide" in="{begin}" out="{end}" xlink:href="{slide.format(page)}" '
        f'width="1600" height="900" text="presentation/x/textfiles/slide-{page}.txt"/>'
        for number, page, begin, end in ((1, 1, "0.0 2.0", "1.0 3.0"), (2, 2, "1.0", "2.0"))
    )
    document = slide.split("/")[1]
    return {
        "metadata.xml": b"<recording><id>x-1</id><state>published</state><start_time>1700000000000</start_time>"
        b"<end_time>1700000003000</end_time><meta><meetingName>Physik &amp; Chemie</meetingName></meta></recording>",
        "shapes.svg": f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{images}'
        "</svg>".encode(),
        "slides_new.xml": '<?xml version="1.0"?><popcorn><chattimeline in="2" direction="down" name="李四" '
        'message="看 &lt;a href=&quot;https://x.example&quot;&gt;这里&lt;/a&gt;" target="chat"/></popcorn>'.encode(),
        "presentation_text.json": f'{{"{document}": {{"slide-1": "Eins", "slide-2": "Zwei"}}}}'.encode(),
        "polls.json": b'[{"timestamp": 1, "type": "A-2", "question": "1+1=?", "responders": 3, "answers": '
        b'[{"id": 0, "key": "A", "numVotes": 1}, {"id": 1, "key": "B", "numVotes": 2}]}]',
        "notes.html": "<html><head><style>p {}</style></head><body>\n记录<br>第二行\n</body></html>".encode(),
        "captions.json": b'[{"localeName": "English", "locale": "en"}]',
        "caption_en.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n",
        "video/webcams.mp4": video.read_bytes(),
        slide.format(1): documents.png(),
        slide.format(2): documents.png(),
    }


def zipped(target: Path, inside: Files, *, within: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in inside.items():
            out.writestr(within + name, data)
    return target


def test_a_recording_of_bigbluebutton_comes_with_slides_words_and_captions(
    app: Flask, sign_in: SignIn, presenter: User, video: Path, tmp_path: Path
) -> None:
    live = made(brought(zipped(tmp_path / "bbb.zip", bigbluebutton(video), within="183f0bf3/"), presenter))
    assert (live.subject, live.started_at_ms) == ("Physik & Chemie", 1_700_000_000_000)
    with app.test_request_context():
        assert [(one.at_ms - 1_700_000_000_000, one.page) for one in replays.chapters(live)] == [(2000, 1)]
        turns = [(one.at_ms - 1_700_000_000_000, one.title) for one in replays.slides.turns_of(live.id)]
    assert turns == [(0, "Eins"), (1000, "Zwei"), (2000, "Eins")]
    assert [(one.by_name, one.text, one.at_ms) for one in chat.public_of(live.id)] == [
        ("李四", "看 这里", 1_700_000_002_000)
    ]
    assert [(one.language, one.cues[0].text) for one in captions_of(live.id)] == [("en", "Hello")]
    assert any(pictures.root().iterdir())
    assert live.abstract == "记录\n第二行", "what was written together is its description"
    (poll,) = polls.polls_of(live.id)
    assert (poll.question, poll.options, poll.kind, poll.state) == ("1+1=?", ["A", "B"], "single", "published")
    count = polls.counts_of([poll.id])[poll.id]
    assert (count.total, dict(count.by_number)) == (3, {1: 1, 2: 2})
    assert "1+1=?" in sign_in(presenter).get(f"/live/{live.id}/replay/feed").text


def test_votes_are_dealt_so_that_their_sums_are_right() -> None:
    assert sorted(Result(0, "?", 3, [("a", 1), ("b", 2)]).votes()) == [1, 2, 2]
    several = Result(0, "?", 3, [("a", 2), ("b", 3), ("c", 1)]).votes()
    assert len(several) == 3
    assert [sum(mask >> option & 1 for mask in several) for option in range(3)] == [2, 3, 1]
    assert Result(0, "?", 0, [("a", 0), ("b", 0)]).votes() == []


def test_an_archive_comes_in_and_stays_with_its_presenters(course: LiveSession, presenter: User) -> None:
    archive = exports.file_of(exported(course, Form.ARCHIVE))
    live = made(brought(archive, presenter, "课程.zip"))
    assert live.replay_hidden
    assert live.started_at_ms == course.started_at_ms
    assert (folder_of(live.stream_id) / "index.jsonl").read_text().count("start_ms") == 5, "hours count by it"


def with_link(target: Path, inside: Files) -> Path:
    """Write a zip in which a film is a link."""
    with zipfile.ZipFile(target, "w") as out:
        for name, data in inside.items():
            info = zipfile.ZipInfo(name)
            is_link = name.startswith("video/")
            info.external_attr = (stat.S_IFLNK | 0o777) << 16 if is_link else 0
            out.writestr(info, b"/etc/passwd" if is_link else data)
    return target


BAD: dict[str, tuple[str, Callable[[Files], Files]]] = {
    "a way out of the folder": ("foreign", lambda inside: {**inside, "../../evil": b"x"}),
    "an absolute name": ("foreign", lambda inside: {**inside, "/etc/evil": b"x"}),
    "a bomb": ("foreign", lambda inside: {**inside, "video/bomb.webm": bytes(30_000_000)}),
    "nothing of a recording": ("no_recording", lambda _inside: {"readme.txt": b"x"}),
    "no film": ("no_recording", lambda inside: {name: inside[name] for name in inside if "webcams" not in name}),
    "no XML": ("damaged", lambda inside: {**inside, "shapes.svg": b"<svg"}),
    "times that are none": (
        "damaged",
        lambda inside: {**inside, "shapes.svg": inside["shapes.svg"].replace(b'"1.0"', b'"x"')},
    ),
    "a film that is none": ("no_picture", lambda inside: {**inside, "video/webcams.mp4": b"#EXTM3U\n/etc/passwd\n"}),
    "a picture that is none": (
        "damaged",
        lambda inside: {name: b"x" if name.endswith(".png") else data for name, data in inside.items()},
    ),
    "entities that unfold": (
        "damaged",
        lambda inside: {**inside, "slides_new.xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&c;</a>'},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_recording_is_refused_in_words(what: str, presenter: User, video: Path, tmp_path: Path) -> None:
    word, spoil = BAD[what]
    assert refusal(brought(zipped(tmp_path / "bad.zip", spoil(bigbluebutton(video))), presenter)) == word


def test_links_cut_off_zips_and_other_files_are_refused(presenter: User, video: Path, tmp_path: Path) -> None:
    inside = bigbluebutton(video)
    assert refusal(brought(with_link(tmp_path / "link.zip", inside), presenter)) == "foreign"
    whole = zipped(tmp_path / "whole.zip", inside).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-2000])
    assert refusal(brought(tmp_path / "cut.zip", presenter)) == "damaged"
    (tmp_path / "text.mp4").write_bytes(b"no film\n" * 1000)
    intake = brought(tmp_path / "text.mp4", presenter)
    services.tell(intake, "x", clock.now_ms() - 1000)
    assert refusal(intake) == "no_picture"
    assert services.try_again(intake) is None
    assert intake.state is IntakeState.ASKING


def test_slides_that_cannot_be_shown_are_told_by_name(presenter: User, video: Path) -> None:
    intake = brought(video, presenter)
    services.announce_slides(intake, "讲义.pdf", 9)
    services.take(intake, Part.SLIDES, io.BytesIO(b"%PDF-xxxx"), at=0)
    services.tell(intake, "x", clock.now_ms() - 1000)
    jobs.make_waiting.now()
    db.session.expire_all()
    assert (intake.state, intake.problem) == (IntakeState.FAILED, "slides.broken")
    assert "讲义" in errors.sentence_of(intake.problem) or "lides" in errors.sentence_of(intake.problem)


def test_files_are_refused_before_a_byte_is_sent(presenter: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size, error in (
        ("x.exe", 10, errors.WrongKind),
        ("x.mp4", 0, errors.Empty),
        ("x.mp4", 10**12, errors.TooLarge),
    ):
        with pytest.raises(error):
            services.announce(name, size, by=presenter)
    for _ in range(services.MOST_OPEN):
        services.announce("x.mp4", 10, by=presenter)
    with pytest.raises(errors.TooMany):
        services.announce("x.mp4", 10, by=presenter)


def test_a_unit_has_room_for_so_much(
    app: Flask, sign_in: SignIn, presenter: User, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "UNIT_RECORDINGS_MB", 1)
    colleague = roles.holding(accounts.user("colleague", unit=presenter.unit), Permission.LIVE_MANAGE)
    elsewhere = roles.holding(accounts.user("elsewhere", unit=units.institute("别的所")), Permission.LIVE_MANAGE)
    intake = brought(video, presenter)
    with pytest.raises(errors.UnitFull):
        services.announce_slides(intake, "讲义.pdf", 1_000_000)
    services.tell(intake, "量子器件", clock.now_ms() - 3_600_000)
    live = made(intake)
    taken = queries.bytes_of_unit(presenter.unit_id)
    assert taken == live.stream.kept_bytes > 0, "what was on its way is counted once"
    for size, by in ((1_000_001 - taken, colleague), (1_000_001, elsewhere)):
        with pytest.raises(errors.UnitFull):
            services.announce("x.mp4", size, by=by)
    services.announce("x.mp4", 1_000_000, by=elsewhere)
    waiting = services.announce("x.mp4", 1_000_000 - taken, by=colleague)
    with pytest.raises(errors.UnitFull):
        services.announce("x.mp4", 1, by=presenter)
    services.remove(waiting)
    services.announce("x.mp4", 1, by=presenter)
    assert f"“{presenter.unit.name}”" in sign_in(presenter).get("/manage/recordings/imports").text


def test_others_have_no_way_to_it(sign_in: SignIn, presenter: User, learner: User, video: Path) -> None:
    intake = brought(video, presenter)
    other = roles.holding(accounts.user("other"), Permission.LIVE_MANAGE)
    address = f"/manage/recordings/imports/{intake.id}"
    assert sign_in(learner).get("/manage/recordings/imports").status_code == 403
    assert sign_in(other).post(address, data={"subject": "x", "began": BEGAN}).status_code == 404
    assert sign_in(other).delete(address).status_code == 404
    assert "v.mp4" not in sign_in(other).get("/manage/recordings/imports").text
    assert (
        documents.send(sign_in(other), f"{address.replace('imports', 'imports/uploads')}", b"x", at=0).status_code
        == 404
    )


def test_what_is_removed_is_gone_even_while_it_is_made(
    presenter: User, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = brought(video, presenter)
    services.tell(intake, "x", clock.now_ms() - 1000)
    intake_id = intake.id
    look_at = jobs.making.film.look_at

    def removed_meanwhile(*given: object) -> object:
        services.remove(db.session.get_one(Intake, intake_id))
        return look_at(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs.making.film, "look_at", removed_meanwhile)
    jobs.make_waiting.now()
    assert db.session.scalar(select(func.count(LiveSession.id))) == 0
    assert not files.folder_of(intake_id).exists()
    with pytest.raises((UnknownUpload, errors.NoSuchIntake)):
        queries.intake_of(presenter, intake_id)


def test_a_process_that_dies_with_it_is_begun_again_and_given_up_in_the_end(presenter: User, video: Path) -> None:
    intake = brought(video, presenter)
    services.tell(intake, "x", clock.now_ms() - 1000)
    for _ in range(workshop.MOST_ATTEMPTS):
        assert jobs._begin(intake.id)
    (files.folder_of(intake.id) / "work-x").mkdir()
    jobs.resume()
    assert not (files.folder_of(intake.id) / "work-x").exists()
    assert refusal(intake) == "failed"


DIES = """
import os, signal
from app import create_app
from app.courseware.archive import importing
from app.courseware.intake import files, jobs

def die(*_given):
    os.kill(os.getpid(), signal.SIGKILL)

{where} = die
with create_app().app_context():
    jobs.make_one({intake!r})
"""
"""A jobs process that is killed with -9 when it comes to a function."""


def killed_at(app: Flask, where: str, intake: Intake) -> None:
    """Have a process of its own make a replay, and die on its way."""
    db.session.commit()
    settings = {name: str(app.config[name]) for name in ("DATA_DIR", "MEDIA_ROOT", "DATABASE_URL", "SECRET_KEY")}
    script = DIES.format(where=where, intake=intake.id)
    env = {**os.environ, **settings, "DEMO": "0"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    db.session.rollback()  # what the other process has written is seen from here on


def media_folders(app: Flask) -> set[Path]:
    return set(Path(app.config["MEDIA_ROOT"]).iterdir()) if Path(app.config["MEDIA_ROOT"]).exists() else set()


def test_killed_before_its_lesson_is_stored_it_leaves_nothing_and_is_made_again(
    app: Flask, presenter: User, video: Path
) -> None:
    before = media_folders(app)
    intake = brought(video, presenter)
    services.tell(intake, "量子器件", clock.now_ms() - 3_600_000)
    killed_at(app, "importing._try_out", intake)
    assert intake.state is IntakeState.RUNNING
    assert db.session.scalar(select(func.count(LiveSession.id))) == 0, "nothing half made is visible"
    (left,) = media_folders(app) - before
    live = made(intake)
    assert intake.attempts == 2
    jobs.resume()
    assert left.exists(), "another process may be about to store it"
    os.utime(left / importing.MARK, (0, 0))
    jobs.resume()
    assert media_folders(app) - before == {folder_of(live.stream_id)}
    assert not (folder_of(live.stream_id) / importing.MARK).exists()


def test_killed_when_its_lesson_is_stored_it_makes_no_second_one(app: Flask, presenter: User, video: Path) -> None:
    intake = brought(video, presenter)
    services.tell(intake, "量子器件", clock.now_ms() - 3_600_000)
    killed_at(app, "files.remove", intake)
    assert (intake.state, intake.percent) == (IntakeState.DONE, 100)
    jobs.make_waiting.now()
    assert [one.id for one in db.session.scalars(select(LiveSession))] == [intake.live_id]
    with unit_of_work():
        intake.changed_ms -= queries.KEPT_MS[IntakeState.DONE] + 1
    folder = files.folder_of(intake.id)
    assert folder.exists()
    jobs.resume()
    assert not folder.exists(), "its files go with it"


def test_a_full_disk_is_told_in_words(
    app: Flask, sign_in: SignIn, presenter: User, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    before = media_folders(app)
    for owner, name in ((jobs.making.film, "_lay_out"), (importing, "_write_index")):
        with monkeypatch.context() as disk:
            disk.setattr(owner, name, full)
            intake = brought(video, presenter)
            services.tell(intake, "量子器件", clock.now_ms() - 3_600_000)
            assert refusal(intake) == "disk_full"
            assert media_folders(app) == before
    page = sign_in(presenter).get("/manage/recordings/imports").text
    assert page.count("服务器磁盘空间不足") == 2
