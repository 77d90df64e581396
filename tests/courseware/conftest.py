"""A lesson that is over and recorded, with slides and words: what tests of courseware share."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from app.accounts.models import User
from app.classroom.chat import services as chat
from app.classroom.engine.commands import Call
from app.classroom.polls import services as polls
from app.classroom.questions import services as questions
from app.classroom.slides import kinds as stage
from app.courseware import jobs, queries, services
from app.courseware.course import Options
from app.courseware.models import Export, Form
from app.documents.models import Document
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live import services as live_services
from app.live.models import LiveSession
from app.timeline import services as timeline
from tests.factories import documents
from tests.factories import live as lives
from tests.factories import polls as poll_makers
from tests.factories.recordings import dated, run_of, write_playlist
from tests.factories.rooms import call_of

HOLE_MS = 60_000
"""What is missing between the two runs of an encoder."""


@dataclass(frozen=True)
class Runs:
    """Two runs of an encoder, encoded once for many lessons: where they are, and their lines in a playlist."""

    media: Path
    first: list[str]
    second: list[str]
    first_s: int
    second_s: int


def encoded(media: Path, first_s: int, second_s: int) -> Runs:
    """Encode two runs of so many seconds."""
    return Runs(media, run_of(media, "a", first_s), run_of(media, "b", second_s), first_s, second_s)


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Three seconds and two."""
    return encoded(tmp_path_factory.mktemp("runs"), 3, 2)


@pytest.fixture
def course(app: Flask, teacher: User, learner: User, runs: Runs) -> Iterator[LiveSession]:
    """A lesson of five seconds with a hole of a minute; two pages, a line, words of several people, a quiz."""
    yield taught(app, teacher, learner, runs)
    for left in queries.folder().glob("*.*"):
        left.unlink()


def taught(
    app: Flask, teacher: User, learner: User, runs: Runs, turns: Sequence[tuple[int, int]] | None = None,
    subject: str = "量子 <器件>",
) -> LiveSession:  # fmt: skip
    """Return a lesson that was taught and recorded. `turns` replace the usual ones: (page, ms after the beginning)."""
    live = lives.on_air(teacher, subject)
    began = live.started_at_ms or 0
    second_ms = 1000 * runs.first_s + HOLE_MS
    turns = turns or ((1, 0), (2, second_ms + 1000))
    lead(live, documents.ready(live, pages=3, pictures=True), began, turns)
    say(live, teacher, learner)
    live_services.end(live, by=teacher)
    media: Path = app.config["MEDIA_ROOT"] / live.stream_id
    media.mkdir(parents=True, exist_ok=True)
    (media / "segments").symlink_to(runs.media / "segments")
    write_playlist(media, dated(runs.first, began), dated(runs.second, began + second_ms))
    with unit_of_work():
        live.stream.finished, live.stream.kept_ms = True, 1000 * (runs.first_s + runs.second_s)
    return live


def lead(live: LiveSession, document: Document, began: int, turns: Sequence[tuple[int, int]]) -> None:
    """Have the stage led from page to page, and soon after the last turn a line drawn on page 2."""
    line = {
        "document": document.id, "page": 2, "stroke": "s1", "part": 0, "tool": "line", "colour": "red", "width": 3,
        "points": [1000, 1000, 0, 9000, 5000, 0], "words": "",
    }  # fmt: skip
    with unit_of_work():
        for page, after_ms in turns:
            shown = {"document": document.id, "page": page, "step": 0}
            timeline.append(live.id, stage.SHOWN, shown, at_ms=began + after_ms)
        timeline.append(live.id, stage.DRAWN, line, at_ms=began + turns[-1][1] + 500)


def say(live: LiveSession, teacher: User, learner: User) -> None:
    """Have a learner and the teacher say things, openly and not."""
    say_as(call_of(learner, live), "看得清吗？")
    say_as(call_of(learner, live), "只给老师看的话", to_desk=True)
    say_as(call_of(teacher, live), "看得清。")
    questions.ask(call_of(learner, live), "为什么？", anonymous=True, nonce="q1")
    quiz = poll_makers.opened(live, "1+1=?", options=("1", "2"), right=(2,))
    polls.close_poll(live, quiz.id, by=teacher)
    polls.publish(live, quiz.id, by=teacher)


def say_as(call: Call, text: str, *, to_desk: bool = False) -> None:
    chat.say(call, text, nonce=text, to_desk=to_desk)


def exported(live: LiveSession, form: Form = Form.SCORM12, options: Options | None = None) -> Export:
    """Have a package made, and give its row."""
    export = services.request_export(live, form, options or Options(), by=live.owner)
    jobs.make_waiting.now()
    db.session.expire_all()
    return export


def package(export: Export) -> zipfile.ZipFile:
    """Open the file of an export."""
    return zipfile.ZipFile(queries.file_of(export))
