"""What people do with a lesson arrives at a learning record store: as valid statements, each exactly once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.credits.counting.judging import Fact, Lesson, Piece
from app.credits.ledger import closing
from app.credits.outbox import delivery, playing, viewings
from app.credits.outbox.models import Delivery, State, Viewing
from app.credits.outbox.playing import View
from app.credits.outbox.receivers import Key
from app.extensions import db
from tests.credits import record_store
from tests.credits.record_store import RecordStore
from tests.credits.watching import Watching
from tests.factories import credits
from tests.house import tree

VIDEO = "https://w3id.org/xapi/video/extensions/"
SITE = "https://live.example.cn"


@pytest.fixture
def to_store(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let statements be written; nobody takes them yet."""
    set_store(app, monkeypatch, "http://127.0.0.1:9/xAPI")


def set_store(app: Flask, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    account = {"LRS_USER": record_store.USER, "LRS_PASSWORD": record_store.PASSWORD}
    for name, value in {"PUBLIC_URL": SITE, "LRS_URL": url, **account}.items():
        monkeypatch.setitem(app.config, name, value)


def written() -> list[dict[str, Any]]:
    """Return the statements that were written, in order."""
    db.session.commit()
    return [json.loads(body) for body in db.session.scalars(select(Delivery.body).order_by(Delivery.id))]


def verb(statement: dict[str, Any]) -> str:
    return str(statement["verb"]["display"]["en-US"])


def said(statement: dict[str, Any]) -> dict[str, Any]:
    """Return the extensions of a statement's result by their short names."""
    return {key.removeprefix(VIDEO): value for key, value in statement["result"]["extensions"].items()}


def watch_some(watching: Watching) -> None:
    """Let a learner watch, pause, go on, go back, and leave."""
    watching.wait(10)
    watching.report("learner", (600, 610))
    watching.wait(10)
    watching.report("learner", (610, 620))
    watching.wait(30)
    watching.report("learner")  # the page is there, and plays nothing
    watching.wait(10)
    watching.report("learner", (620, 630))
    watching.wait(10)
    watching.report("learner", (100, 110))
    watching.wait(100)
    viewings.end_silent()


@pytest.mark.usefixtures("to_store")
class TestViewing:
    def test_a_page_is_told_of_from_its_beginning_to_its_end(self, watching: Watching) -> None:
        watch_some(watching)
        found = written()
        assert [verb(one) for one in found] == [
            "initialized", "played", "paused", "played", "seeked", "paused", "terminated",
        ]  # fmt: skip
        begun, played, paused, again, sought, _stopped, gone = found
        session = begun["id"]
        assert {one["context"]["extensions"][f"{VIDEO}session-id"] for one in found} == {session}
        assert {one["object"]["id"] for one in found} == {f"{SITE}/live/{watching.room.live_id}"}
        learner = watching.room.people["learner"]
        assert {(one["actor"]["name"], one["actor"]["account"]["name"]) for one in found} == {
            ("张三", learner.username)
        }
        assert said(played) == {"time": 600}
        assert said(paused) == {"time": 620, "progress": 0.017, "played-segments": "600.0[.]620.0"}
        assert said(again) == {"time": 620}
        assert said(sought) == {"time-from": 630, "time-to": 100}
        assert said(gone)["played-segments"] == "600.0[.]630.0[,]100.0[.]110.0"
        moments = [one["timestamp"] for one in found]
        assert moments == sorted(moments)
        assert db.session.scalar(select(func.count()).select_from(Viewing)) == 0

    def test_statements_are_valid(self, watching: Watching, learner: User) -> None:
        watch_some(watching)
        lesson = credits.taught(watching.room.people["teacher"], "量子计算", minutes=90)
        credits.watched(lesson, learner, (0, 90 * 60))
        close(lesson.id)
        lines = [json.dumps(one, ensure_ascii=False) for one in written()]
        assert {verb(json.loads(line)) for line in lines} == {
            "initialized", "played", "paused", "seeked", "terminated", "completed",
        }  # fmt: skip
        example = re.findall(r"```json\n(.*?)```", tree.text(Path("docs/credits.md")), re.DOTALL)[0]
        paused = next(one for one in written() if verb(one) == "paused")
        assert json.loads(example).keys() == paused.keys()
        assert json.loads(example)["result"]["extensions"].keys() == paused["result"]["extensions"].keys()
        lines.append(json.dumps(json.loads(example)))
        # without --ignore-errors the first faulty one ends the program with an error
        valid = record_store.ralph("validate", "-f", "xapi", "--fail-on-unknown", said="\n".join(lines) + "\n")
        assert [json.loads(line)["id"] for line in valid.splitlines()] == [json.loads(line)["id"] for line in lines]

    def test_a_report_that_comes_again_says_nothing_new(self, watching: Watching) -> None:
        watching.wait(10)
        watching.report("learner", (600, 610))
        watching.wait(3)
        watching.report("learner", (600, 613))  # the answer was lost
        watching.report("learner", (600, 613))
        watching.wait(100)
        viewings.end_silent()
        found = written()
        assert [verb(one) for one in found] == ["initialized", "played", "paused", "terminated"]
        assert said(found[-1])["played-segments"] == "600.0[.]613.0"

    def test_a_second_sitting_knows_what_was_watched_before(self, watching: Watching) -> None:
        for start in (600, 650):
            watching.wait(10)
            watching.report("learner", (start, start + 10))
            watching.wait(100)
            viewings.end_silent()
        gone = [one for one in written() if verb(one) == "terminated"]
        assert said(gone[1])["played-segments"] == "600.0[.]610.0[,]650.0[.]660.0"
        sessions = {one["context"]["extensions"][f"{VIDEO}session-id"] for one in gone}
        assert len(sessions) == 2
        assert len({one["context"]["registration"] for one in gone}) == 1

    def test_nobody_plays_longer_than_the_clock_runs(self, watching: Watching) -> None:
        watching.wait(10)
        watching.report("learner", (600, 610))
        watching.wait(1)
        watching.report("learner", *((start, start + 20) for start in range(0, 500, 40)))  # 260 s within one
        watching.wait(100)
        viewings.end_silent()
        segments = said(written()[-1])["played-segments"].split("[,]")
        lengths = [float(end) - float(start) for start, end in (one.split("[.]") for one in segments)]
        assert sum(lengths) <= 10 + 1 + 5

    def test_teachers_and_guests_are_not_told_of(self, watching: Watching) -> None:
        for who in ("teacher", "guest"):
            watching.report(who, (600, 610))
        assert written() == []


def test_without_a_store_nothing_is_kept(watching: Watching, learner: User) -> None:
    watch_some(watching)
    lesson = credits.taught(watching.room.people["teacher"], "量子计算", minutes=90)
    credits.watched(lesson, learner, (0, 90 * 60))
    close(lesson.id)
    assert written() == []
    assert db.session.scalar(select(func.count()).select_from(Viewing)) == 0


def test_pages_that_a_script_invents_end(watching: Watching, to_store: None) -> None:
    lesson = Lesson("x", [(0, 1_000_000)], 2, is_replay=False)
    view = View(seen_ms=500_000, played_ms=500_000)
    for number in range(2 * playing.MOST_SEGMENTS):
        at_ms = 500_000 + number * 3000
        start = number % 2 * 400_000 + number * 10
        playing.hear(view, [Piece(start, start + 2000, 1, Fact(0))], at_ms, lesson)
    assert len(view.segments) <= playing.MOST_SEGMENTS
    assert view.position_ms == start + 2000


def close(live_id: str) -> None:
    closing.open_for(live_id)
    closing.close(live_id)


@pytest.mark.usefixtures("to_store")
class TestCompleted:
    def test_who_gets_hours_has_completed_the_lesson_once(self, teacher: User, learner: User) -> None:
        lesson = credits.taught(teacher, "超导", minutes=90)
        credits.watched(lesson, learner, (0, 1800), (2700, 5400))
        close(lesson.id)
        (one,) = written()
        assert verb(one) == "completed"
        assert one["result"]["completion"] is True
        assert one["result"]["duration"] == "PT4500.00S"
        assert said(one) == {"time": 5400, "progress": 0.833, "played-segments": "0.0[.]1800.0[,]2700.0[.]5400.0"}
        credits.watched(lesson, learner, replayed=((1800, 2700),))
        close(lesson.id)
        assert written() == [one]

    def test_who_gets_none_has_not(self, teacher: User, learner: User) -> None:
        lesson = credits.taught(teacher, minutes=90)
        credits.watched(lesson, learner, (0, 10))
        close(lesson.id)
        assert written() == []


@contextmanager
def losing_answers(store: RecordStore) -> Iterator[str]:
    """Run a way to the store that hands the first request on and kills the store before its answer is passed back."""
    asked: list[str] = []

    class Way(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
            base = store.url.removesuffix("/xAPI")
            reply = requests.request(self.command, base + self.path, data=body, headers=kept, timeout=60)
            asked.append(self.command)
            if len(asked) == 1:
                assert reply.ok, reply.text
                store.kill()
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(reply.status_code)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_POST = do_PUT = _pass_on  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Way)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/xAPI"
    finally:
        server.shutdown()
        server.server_close()


def test_statements_arrive_once_at_a_store_that_is_killed(
    app: Flask, watching: Watching, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with record_store.running(tmp_path) as store, losing_answers(store) as url:
        set_store(app, monkeypatch, url)
        watch_some(watching)
        ids = {one["id"] for one in written()}

        delivery.deliver.now(Key.LRS)  # taken by the store, which is killed before we hear of it
        assert {one["id"] for one in store.statements()} == ids
        assert states() == {State.WAITING}

        set_store(app, monkeypatch, store.url)
        watching.wait(1)
        delivery.send_due()
        delivery.deliver.now(Key.LRS)
        assert states() == {State.WAITING}, "it is left in peace"
        watching.wait(60)
        delivery.deliver.now(Key.LRS)  # nobody is there
        assert states() == {State.WAITING}

        store.start()
        watching.report("learner", (110, 120))
        watching.wait(600)
        viewings.end_silent()
        delivery.deliver.now(Key.LRS)
        assert states() == {State.DELIVERED}
        arrived = [one["id"] for one in store.statements()]
        assert len(arrived) == len(set(arrived))
        assert set(arrived) == {one["id"] for one in written()} > ids


def test_one_faulty_statement_holds_up_no_other(
    app: Flask, watching: Watching, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with record_store.running(tmp_path) as store:
        set_store(app, monkeypatch, store.url)
        watch_some(watching)
        spoilt = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()[2]
        spoilt.body = spoilt.body.replace('"account":{', '"mailbox":{')
        db.session.commit()
        delivery.deliver.now(Key.LRS)
        db.session.commit()
        assert {one.state for one in db.session.scalars(select(Delivery))} == {State.DELIVERED, State.FAILED}
        (failed,) = db.session.scalars(select(Delivery).where(Delivery.state == State.FAILED))
        assert failed.id == spoilt.id
        assert failed.problem.startswith("4")
        assert len(store.statements()) == len(written()) - 1


def test_a_wrong_password_loses_nothing(
    app: Flask, watching: Watching, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with record_store.running(tmp_path) as store:
        set_store(app, monkeypatch, store.url)
        monkeypatch.setitem(app.config, "LRS_PASSWORD", "another")
        watch_some(watching)
        delivery.deliver.now(Key.LRS)
        assert states() == {State.WAITING}
        (line,) = [one for one in app.extensions["doctor"] if one.__module__.endswith("outbox.health")]
        (finding,) = line()
        assert not finding.fine
        assert "401" in finding.mend
        assert "another" not in finding.what + finding.mend
        monkeypatch.setitem(app.config, "LRS_PASSWORD", record_store.PASSWORD)
        watching.wait(60)
        delivery.deliver.now(Key.LRS)
        assert states() == {State.DELIVERED}
        assert [one.fine for one in line()] == [True]


def states() -> set[State]:
    db.session.commit()
    return set(db.session.scalars(select(Delivery.state)))


def test_the_queue_is_asked_only_when_something_is_due(app: Flask, watching: Watching, to_store: None) -> None:
    queue = app.extensions["queue"]
    delivery.send_due()
    assert queue.pending_count() == 0
    watch_some(watching)
    delivery.send_due()
    assert queue.pending_count() == 1
