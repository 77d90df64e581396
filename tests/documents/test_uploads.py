"""Uploads that go on after a break: the protocol, as a client meets it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.documents import files, formats, queries, services, tidying, uploads
from app.documents.models import Document, DocumentState
from app.kernel import clock
from app.kernel.queue import queue
from app.kernel.uploads import BLOCK, CHUNK_BYTES, WrongOffset
from app.live.models import LiveSession
from tests.conftest import SignIn
from tests.factories import documents, live
from tests.factories.documents import TUS, announce, send

CONTENT = documents.pdf(1)
HOUR_S = 3600


@pytest.fixture
def address(browser: FlaskClient, lesson: LiveSession) -> str:
    reply = announce(browser, lesson, len(CONTENT))
    assert reply.status_code == 201, reply.text
    return str(reply.headers["Location"])


def only(lesson: LiveSession) -> Document:
    (document,) = queries.documents_of(lesson.id)
    return document


def offset(browser: FlaskClient, address: str) -> int:
    reply = browser.head(address, headers=TUS)
    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Upload-Length"] == str(len(CONTENT))
    return int(reply.headers["Upload-Offset"])


def test_server_says_what_it_understands(browser: FlaskClient, lesson: LiveSession) -> None:
    reply = browser.options(f"/live/{lesson.id}/documents/uploads")
    assert reply.status_code == 204
    assert reply.headers["Tus-Version"] == "1.0.0"
    assert set(reply.headers["Tus-Extension"].split(",")) == {"creation", "termination", "expiration"}
    assert reply.headers["Tus-Max-Size"] == "200000000"


def test_file_comes_in_pieces_and_is_queued_with_the_last(
    browser: FlaskClient, lesson: LiveSession, address: str, told: list[str]
) -> None:
    assert only(lesson).state is DocumentState.UPLOADING
    reply = send(browser, address, CONTENT[:100], at=0)
    assert (reply.status_code, reply.headers["Upload-Offset"]) == (204, "100")
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    assert "GMT" in reply.headers["Upload-Expires"]
    assert only(lesson).received_bytes == 100
    assert queue().pending_count() == 0
    reply = send(browser, address, CONTENT[100:], at=100)
    assert reply.headers["Upload-Offset"] == str(len(CONTENT))
    document = only(lesson)
    assert (document.state, document.name) == (DocumentState.WAITING, "讲义.pdf")
    assert files.source_of(document.id).read_bytes() == CONTENT
    assert queue().pending_count() == 1
    assert told[-1] == document.id


def test_broken_upload_goes_on_where_it_stopped(browser: FlaskClient, lesson: LiveSession, address: str) -> None:
    send(browser, address, CONTENT[:70], at=0)
    assert offset(browser, address) == 70
    send(browser, address, CONTENT[70:], at=70)
    assert files.source_of(only(lesson).id).read_bytes() == CONTENT


def test_bytes_of_a_request_that_breaks_off_are_kept(lesson: LiveSession, teacher: User) -> None:
    class Line(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 2 * BLOCK:
                raise ConnectionResetError
            return super().read(size)

    size = 3 * BLOCK
    document = services.begin_upload(lesson, name="a.pdf", size_bytes=size, by=teacher)
    with pytest.raises(ConnectionResetError):
        services.take(document, Line(b"x" * size), at=0)
    assert document.received_bytes == 2 * BLOCK
    assert services.settle(document) == 2 * BLOCK


def test_wrong_offset_is_a_conflict_and_writes_nothing(browser: FlaskClient, address: str) -> None:
    send(browser, address, CONTENT[:50], at=0)
    for wrong in (0, 49, 51):
        reply = send(browser, address, CONTENT[50:60], at=wrong)
        assert (reply.status_code, reply.json["error"]) == (409, "upload.offset")
    assert offset(browser, address) == 50


def test_of_two_connections_the_slower_learns_that_the_other_went_on(lesson: LiveSession, teacher: User) -> None:
    """One that was believed dead comes to life between two blocks of its successor."""
    size = 2 * BLOCK
    document = services.begin_upload(lesson, name="a.pdf", size_bytes=size, by=teacher)

    class Line(io.BytesIO):
        def read(self, n: int | None = -1) -> bytes:
            if self.tell() == BLOCK:
                uploads.append(document.id, io.BytesIO(b"b" * 10), at=BLOCK, most=size)
            return super().read(n)

    with pytest.raises(WrongOffset):
        uploads.append(document.id, Line(b"a" * size), at=0, most=size)
    assert files.arriving(document.id).read_bytes() == b"a" * BLOCK + b"b" * 10


def test_last_answer_that_was_lost_costs_nothing(browser: FlaskClient, lesson: LiveSession, address: str) -> None:
    """The process is killed between the last byte and the row that says so: asking settles it."""
    document = only(lesson)
    uploads.append(document.id, io.BytesIO(CONTENT), at=0, most=len(CONTENT))
    assert offset(browser, address) == len(CONTENT)
    assert only(lesson).state is DocumentState.WAITING
    assert queue().pending_count() == 1
    assert offset(browser, address) == len(CONTENT)
    assert queue().pending_count() == 1


def test_process_that_is_killed_while_it_finishes_costs_nothing(
    browser: FlaskClient, lesson: LiveSession, address: str
) -> None:
    document = only(lesson)
    uploads.append(document.id, io.BytesIO(CONTENT), at=0, most=len(CONTENT))
    uploads.finish(document.id)
    assert offset(browser, address) == len(CONTENT)
    assert only(lesson).state is DocumentState.WAITING


def test_more_than_announced_is_refused(browser: FlaskClient, address: str) -> None:
    reply = send(browser, address, CONTENT + b"x", at=0)
    assert reply.status_code == 413
    assert offset(browser, address) == 0


def test_piece_larger_than_agreed_is_refused(browser: FlaskClient, lesson: LiveSession) -> None:
    address = announce(browser, lesson, 3 * CHUNK_BYTES).headers["Location"]
    assert send(browser, address, b"x" * (CHUNK_BYTES + 2_000), at=0).status_code == 413
    assert send(browser, address, b"x" * CHUNK_BYTES, at=0).status_code == 204


@pytest.mark.parametrize(
    ("name", "size", "status", "code"),
    [
        ("讲义.pptx", 200_000_001, 413, "documents.too_large"),
        ("讲义.exe", 10, 415, "documents.unknown_kind"),
        ("讲义", 10, 415, "documents.unknown_kind"),
        ("讲义.svg", 10, 415, "documents.unknown_kind"),
        ("", 10, 415, "documents.unknown_kind"),
        ("讲义.pdf", 0, 400, "documents.empty"),
    ],
)
def test_refusal_comes_before_the_first_byte(
    browser: FlaskClient, lesson: LiveSession, name: str, size: int, status: int, code: str
) -> None:
    reply = announce(browser, lesson, size, name)
    assert (reply.status_code, reply.json["error"]) == (status, code)
    assert reply.json["message"]
    assert reply.json["mend"]
    assert queries.documents_of(lesson.id) == []


def test_office_file_is_refused_where_nothing_opens_it(
    browser: FlaskClient, lesson: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "office_is_here", lambda: False)
    assert announce(browser, lesson, 10, "a.pptx").json["error"] == "documents.office_missing"
    assert announce(browser, lesson, 10, "a.pdf").status_code == 201


def test_more_documents_than_a_lesson_can_have(
    browser: FlaskClient, lesson: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_DOCUMENTS", 1)
    assert announce(browser, lesson, 10).status_code == 201
    assert announce(browser, lesson, 10).json["error"] == "documents.too_many"


def test_full_disk_is_said_before_and_while_bytes_come(
    app: Flask, browser: FlaskClient, lesson: LiveSession, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DISK_RESERVE_MB", 10**9)
    reply = announce(browser, lesson, 10)
    assert (reply.status_code, reply.json["error"]) == (507, "no_room")
    reply = send(browser, address, CONTENT, at=0)
    assert (reply.status_code, reply.json["error"]) == (507, "no_room")


def test_lesson_that_is_over_takes_nothing(teacher: User, sign_in: SignIn) -> None:
    over = live.ended(teacher)
    assert announce(sign_in(teacher), over, 10).status_code == 409


def test_uploads_of_others_are_not_there(sign_in: SignIn, teacher: User, lesson: LiveSession, address: str) -> None:
    other = sign_in(teacher)
    assert other.head(address, headers=TUS).status_code == 404
    assert send(other, address, CONTENT, at=0).json["error"] == "upload.gone"
    assert other.delete(address, headers=TUS).status_code == 404
    assert only(lesson).received_bytes == 0


def test_upload_is_cancelled(browser: FlaskClient, lesson: LiveSession, address: str) -> None:
    send(browser, address, CONTENT[:100], at=0)
    folder = files.folder_of(only(lesson).id)
    assert folder.exists()
    assert browser.delete(address, headers=TUS).status_code == 204
    assert not folder.exists()
    assert queries.documents_of(lesson.id) == []
    assert browser.head(address, headers=TUS).status_code == 404
    assert send(browser, address, CONTENT[100:], at=100).status_code == 404


def test_upload_that_was_given_up_is_forgotten(
    browser: FlaskClient, lesson: LiveSession, address: str, told: list[str]
) -> None:
    send(browser, address, CONTENT[:100], at=0)
    folder = files.folder_of(only(lesson).id)
    at_s = clock.now_ms() / 1000
    with time_machine.travel(at_s + 23 * HOUR_S, tick=False):
        tidying.tidy()
        assert folder.exists()
    with time_machine.travel(at_s + 25 * HOUR_S, tick=False):
        tidying.tidy()
        assert not folder.exists()
        assert queries.documents_of(lesson.id) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Metadata": "filename ???"}, 400),
        ({"Upload-Metadata": "filename /w=="}, 400),
    ],
)
def test_announcement_that_breaks_the_protocol(
    browser: FlaskClient, lesson: LiveSession, headers: dict[str, str], status: int
) -> None:
    reply = announce(browser, lesson, 10, **headers)
    assert reply.status_code == status
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    assert ("Tus-Version" in reply.headers) == (status == 412)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": ""}, 412),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Upload-Offset": ""}, 400),
    ],
)
def test_piece_that_breaks_the_protocol(
    browser: FlaskClient, address: str, headers: dict[str, str], status: int
) -> None:
    assert send(browser, address, CONTENT, at=0, **headers).status_code == status
    assert offset(browser, address) == 0


def test_names_are_kept_as_far_as_they_can_be_shown(browser: FlaskClient, lesson: LiveSession) -> None:
    for name, kept in (
        ("C:\\讲义\\第 一\n课.PDF", "第 一 课.PDF"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("..\u202efdp.pdf", "..fdp.pdf"),
    ):
        assert announce(browser, lesson, 10, name).status_code == 201
        assert queries.documents_of(lesson.id)[-1].name == kept


def test_token_is_asked_for(
    app: Flask, sign_in: SignIn, assistant: User, lesson: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(assistant)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert announce(browser, lesson, 10).json["error"] == "csrf"


def test_file_of_this_machine_is_taken_as_well(lesson: LiveSession, tmp_path: Path) -> None:
    document = documents.added(lesson, tmp_path, CONTENT)
    assert (document.state, document.received_bytes) == (DocumentState.WAITING, len(CONTENT))
