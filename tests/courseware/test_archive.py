"""Archives: a lesson goes out whole and comes back as the same; what is no archive of ours is refused in words."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.classroom.chat import queries as chat
from app.classroom.engine.seats import Side
from app.courseware import queries
from app.courseware.archive import importing, reading
from app.courseware.archive.importing import ArchiveRefused, import_archive
from app.courseware.course import Options
from app.courseware.models import ExportState, Form
from app.documents import files
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.replays import queries as replays
from app.replays.captions import services as captions
from app.replays.captions.formats import Cue, cues_of
from app.replays.captions.queries import captions_of
from app.replays.chapters import services as chapters
from app.replays.chapters.models import Deed
from app.replays.cutting import services as cutting
from app.timeline.models import Event
from tests.conftest import SignIn
from tests.courseware.conftest import exported, package
from tests.factories import accounts
from tests.factories.rooms import frames_of

Files = dict[str, bytes]


@pytest.fixture
def archive(course: LiveSession, tmp_path: Path) -> Path:
    """An archive of the lesson; rules of its chat were never set, so that they are not in it."""
    export = exported(course, Form.ARCHIVE)
    assert export.state is ExportState.DONE, export.problem
    return queries.file_of(export).rename(tmp_path / "archive.zip")


def contents(archive: Path) -> Files:
    with zipfile.ZipFile(archive) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def written(archive: Path, inside: Files, *, sums: bool = True) -> Path:
    """Write an archive anew, with right checksums unless they are not wanted."""
    if sums:
        lines = [
            f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in inside.items() if "checksums" not in name
        ]
        inside = {**inside, "checksums.sha256": "".join(lines).encode()}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in inside.items():
            zipped.writestr(name, data)
    return archive


def refusal(archive: Path, owner: User) -> str:
    """Return the problem for which an archive is refused. Nothing of it stays."""
    before = (db.session.scalar(select(func.count(LiveSession.id))), disk())
    with pytest.raises(ArchiveRefused) as refused:
        import_archive(archive, owner=owner)
    assert (db.session.scalar(select(func.count(LiveSession.id))), disk()) == before
    return refused.value.problem


def disk() -> list[str]:
    places = [queries.folder(), files.root(), queries.folder().parent / "media", queries.folder().parent / "chat"]
    return sorted(str(file) for place in places if place.exists() for file in place.iterdir())


def replay(live: LiveSession) -> list[tuple[Any, ...]]:
    """Return what both sides of a replay are shown, without the names that differ between two installations."""
    shown = []
    for side in Side:
        for frame in frames_of(live, side):
            data = {key: value for key, value in frame["data"].items() if key not in {"document", "poll", "by"}}
            told = json.dumps(data, ensure_ascii=False)
            for document in files.root().iterdir():
                told = told.replace(document.name, "D")
            shown.append((side, frame["id"], frame["at"], frame["kind"], told))
    return shown


def test_it_goes_out_whole_and_comes_back_the_same(
    app: Flask, course: LiveSession, archive: Path, sign_in: SignIn
) -> None:
    there = accounts.user("elsewhere", "吴老师")
    again = import_archive(archive, owner=there)
    assert again.subject == "量子 <器件> (2)" or again.subject.startswith("量子 <器件>")
    assert (again.started_at_ms, again.ended_at_ms, again.has_recording) == (
        course.started_at_ms,
        course.ended_at_ms,
        True,
    )
    with app.test_request_context():
        assert replay(again) == replay(course)
    page = sign_in(there).get(f"/live/{again.id}/replay")
    assert "第 2 页的文字" in page.text
    inside, outside = contents(archive), contents(queries.file_of(exported(again, Form.ARCHIVE)))
    media = {name: data for name, data in inside.items() if name.startswith("media/")}
    assert len(media) > 6
    assert {name: data for name, data in outside.items() if name.startswith("media/")} == media
    pictures = sorted(hashlib.sha256(data).digest() for name, data in inside.items() if name.endswith(".webp"))
    assert sorted(hashlib.sha256(data).digest() for name, data in outside.items() if name.endswith(".webp")) == pictures
    told = [
        [{**json.loads(line), "payload": 0} for line in one["events.jsonl"].splitlines()] for one in (inside, outside)
    ]
    assert told[0] == told[1]
    assert inside["rows/chat_message.jsonl"] == outside["rows/chat_message.jsonl"]


def test_captions_and_chapters_go_out_and_come_back_as_they_were_edited(course: LiveSession, tmp_path: Path) -> None:
    chapter = replays.chapters(course)[0]
    chapters.edit(course, chapter.at_ms, Deed.NAMED, "开场", by=course.owner)
    captions.put(course, "en", b"WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n", by=course.owner)
    captions.remove(captions.put(course, "fr", b"WEBVTT\n\n00:01.000 --> 00:02.500\nBonjour\n", by=course.owner))
    archive = queries.file_of(exported(course, Form.ARCHIVE, Options(chat=False))).rename(tmp_path / "archive.zip")
    told = json.loads(contents(archive)["course.json"])
    assert told["captions"] == [{"language": "en", "label": "English", "cues": [[1.0, 2.5, "Hello"]]}]
    assert "开场" in [one["title"] for one in told["chapters"]]
    inside = contents(archive)
    (paella,) = json.loads(inside["data.json"])["captions"]
    assert (paella["lang"], paella["text"], paella["format"]) == ("en", "English", "vtt")
    assert cues_of(inside[paella["url"]].decode()) == [Cue(1000, 2500, "Hello")]
    assert cues_of(inside["chapters.vtt"].decode())[0].text == "开场"
    again = import_archive(archive, owner=accounts.user("elsewhere", "吴老师"))
    there = json.loads(contents(queries.file_of(exported(again, Form.ARCHIVE)))["course.json"])
    assert there["captions"] == told["captions"]
    assert [(one["at_s"], one["title"]) for one in there["chapters"]] == [(0.0, "开场"), (4.0, "第 2 页的文字")]


def test_it_says_what_it_holds_and_names_nobody_by_a_key_of_ours(course: LiveSession, archive: Path) -> None:
    inside = contents(archive)
    course_json = json.loads(inside["course.json"])
    assert (course_json["schema"], course_json["version"]) == ("jiangtang.course", [1, 0])
    assert course_json["stage"][0]["data"]["large"] in inside, "every reader finds the pictures"
    paella = json.loads(inside["data.json"])
    assert [stream["content"] for stream in paella["streams"]] == ["presenter", "presentation"]
    assert [frame["src"] in inside for frame in paella["streams"][1]["sources"]["image"][0]["frames"]] == [True, True]
    messages = [json.loads(line) for line in inside["rows/chat_message.jsonl"].splitlines()]
    assert [(one["by_key"], one["by_name"]) for one in messages] == [("x1", "张三"), ("x1", "张三"), ("x2", "李明远")]
    assert not any(
        f'"u{user}"' in data.decode(errors="replace")
        for user in range(200)
        for data in inside.values()
        if b"{" in data[:1]
    )


def test_names_and_words_can_be_left_out(course: LiveSession) -> None:
    with package(exported(course, Form.ARCHIVE, Options(names=False))) as zipped:
        text = b"".join(zipped.read(name) for name in zipped.namelist() if name.endswith(("json", "jsonl"))).decode()
    assert "张三" not in text
    assert "学员 1" in text
    assert "李明远" in text
    with package(exported(course, Form.ARCHIVE, Options(chat=False))) as zipped:
        names = zipped.namelist()
        kinds = {json.loads(line)["kind"] for line in zipped.read("events.jsonl").splitlines()}
    assert not any("chat" in name or "poll" in name for name in names)
    assert kinds <= {"live.state", "slides.shown", "slides.drawn", "slides.listed"}


def test_nothing_of_a_stretch_that_was_cut_out_is_in_an_archive(course: LiveSession, tmp_path: Path) -> None:
    """Its words, its votes and who turned pages in it are gone, and captions lie where the rest of the film is."""
    captions.put(course, "en", VTT, by=course.owner)
    said = chat.public_of(course.id)
    with unit_of_work():
        for message, second in zip(said, (1.5, 2.5), strict=True):
            message.at_ms = (course.started_at_ms or 0) + round(second * 1000)
            db.session.get_one(Event, (course.id, message.id)).at_ms = message.at_ms
    cutting.cut_out(course, 1_000, 2_000, by=course.owner)
    archive = queries.file_of(exported(course, Form.ARCHIVE)).rename(tmp_path / "archive.zip")
    inside = contents(archive)
    assert not any("看得清吗".encode() in data for data in inside.values())
    assert "看得清。".encode() in inside["rows/chat_message.jsonl"]
    assert len([name for name in inside if name.endswith(".m4s")]) == 4
    there = import_archive(archive, owner=accounts.user("elsewhere", "吴老师"))
    assert [(cue.start_ms, cue.text) for cue in captions_of(there.id)[0].cues] == [(1_000, "later")]
    assert there.stream.kept_ms == course.stream.kept_ms - 1_000


VTT = b"WEBVTT\n\n00:01.100 --> 00:01.900\ncut\n\n00:02.000 --> 00:02.500\nlater\n"


def spoilt(inside: Files, name: str, change: Callable[[Any], object]) -> Files:
    """Change a file of JSON, or each line of one."""
    if name.endswith(".json"):
        told = json.loads(inside[name])
        change(told)
        return {**inside, name: json.dumps(told).encode()}
    lines = [json.loads(line) for line in inside[name].splitlines()]
    for line in lines:
        change(line)
    return {**inside, name: "".join(json.dumps(line) + "\n" for line in lines).encode()}


FOREIGN = {
    "a way out of the folder": lambda inside: {**inside, "media/../../../evil.m4s": b"x"},
    "an absolute name": lambda inside: {**inside, "/etc/evil": b"x"},
    "a program": lambda inside: {**inside, "media/evil/run.sh": b"x"},
    "a bomb": lambda inside: {**inside, "rows/bomb.jsonl": bytes(20_000_000)},
    "a playlist that leads elsewhere": lambda inside: {
        **inside, "media/source.m3u8": inside["media/source.m3u8"] + b"#EXTINF:1.0,\n../../secrets/secret_key\n",
    },
    "a playlist with a key": lambda inside: {
        **inside, "media/source.m3u8": b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://evil.example/key"\n',
    },
}  # fmt: skip
DAMAGED = {
    "an event out of order": lambda inside: spoilt(inside, "events.jsonl", lambda one: one.update(id=1)),
    "an event of no kind": lambda inside: spoilt(inside, "events.jsonl", lambda one: one.update(kind="evil.kind")),
    "a page that is not there": lambda inside: spoilt(
        inside, "rows/document_page.jsonl", lambda one: one.update(document_id="z")
    ),
    "a stranger's key": lambda inside: spoilt(inside, "rows/chat_message.jsonl", lambda one: one.update(by_key="u1")),
    "a number for words": lambda inside: spoilt(inside, "rows/chat_message.jsonl", lambda one: one.update(text=7)),
    "a name too long": lambda inside: spoilt(
        inside, "rows/chat_message.jsonl", lambda one: one.update(by_name="x" * 90)
    ),
    "a state that no lesson has": lambda inside: spoilt(
        inside, "course.json", lambda one: one["lesson"].update(mode="x")
    ),
    "no lesson": lambda inside: spoilt(inside, "course.json", lambda one: one.pop("lesson")),
    "pages that cannot be shown": lambda inside: spoilt(
        inside, "events.jsonl", lambda one: one["payload"].pop("page", 0)
    ),
}


def test_hostile_archives_are_refused(archive: Path, teacher: User, tmp_path: Path) -> None:
    inside = contents(archive)
    for what, spoil in FOREIGN.items():
        assert refusal(written(tmp_path / "bad.zip", spoil(inside)), teacher) == "foreign", what
    for what, spoil in DAMAGED.items():
        assert refusal(written(tmp_path / "bad.zip", spoil(inside)), teacher) == "damaged", what


def test_links_in_an_archive_are_refused(archive: Path, teacher: User, tmp_path: Path) -> None:
    inside = contents(archive)
    bad = written(tmp_path / "bad.zip", {**inside, "media/link.m4s": b"/etc/passwd"})
    rewritten = io.BytesIO()
    with zipfile.ZipFile(bad) as before, zipfile.ZipFile(rewritten, "w") as after:
        for info in before.infolist():
            data = before.read(info)
            if info.filename == "media/link.m4s":
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            after.writestr(info, data)
    bad.write_bytes(rewritten.getvalue())
    assert refusal(bad, teacher) == "foreign"


def test_what_is_newer_cut_off_changed_or_something_else_is_refused(
    archive: Path, teacher: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, bad = contents(archive), tmp_path / "bad.zip"
    newer = spoilt(inside, "course.json", lambda one: one.update(version=[2, 0]))
    assert refusal(written(bad, newer), teacher) == "newer"
    later = spoilt(inside, "course.json", lambda one: one.update(version=[1, 7], more="of a later version"))
    assert import_archive(written(bad, later), owner=teacher).has_recording
    bad.write_bytes(archive.read_bytes()[:-5000])
    assert refusal(bad, teacher) == "damaged"
    changed = {**inside, "media/a-000.m4s": inside["media/a-000.m4s"][:-1] + b"!"}
    assert refusal(written(bad, changed, sums=False), teacher) == "damaged"
    assert refusal(written(bad, {"imsmanifest.xml": b"<manifest/>"}), teacher) == "foreign"
    assert refusal(written(bad, {"course.json": b"{}"}), teacher) == "no_archive"
    monkeypatch.setattr(importing, "UNFOLDS", -10_000)
    assert refusal(archive, teacher) == "too_large"


def test_the_version_is_the_one_that_is_written() -> None:
    from app.courseware import course

    assert (reading.MAJOR, reading.SCHEMA) == (course.MAJOR, course.SCHEMA)


def test_the_command_line_takes_it_in(app: Flask, archive: Path, teacher: User, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    made = run.invoke(args=["courseware", "import", str(archive), "--owner", teacher.username, "--json"])
    assert made.exit_code == 0, made.output
    live = db.session.get_one(LiveSession, json.loads(made.output)["live"])
    assert (live.owner, live.has_recording) == (teacher, True)
    (tmp_path / "other.zip").write_bytes(b"no zip")
    refused = run.invoke(args=["courseware", "import", str(tmp_path / "other.zip"), "--owner", teacher.username])
    assert refused.exit_code == 1
    assert "There is nobody" in run.invoke(args=["courseware", "import", str(archive), "--owner", "nobody"]).output
