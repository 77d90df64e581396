"""How much documents may take: of a session, of a unit, and of the disk; what is removed counts until it is gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.documents import files, queries, services, tidying, uploads
from app.documents.errors import SessionQuotaReached, UnitQuotaReached
from app.documents.models import Document, DocumentState
from app.extensions import db
from app.kernel import clock
from app.kernel.uploads import UnknownUpload
from app.live.models import LiveSession
from tests.factories import documents, live
from tests.factories.documents import announce, send
from tests.jobs import run_queued
from tests.reading import Page

MB = 1_000_000


@pytest.fixture
def quotas(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """10 MB a session, 15 MB a unit."""
    monkeypatch.setitem(app.config, "SESSION_DOCUMENTS_MB", 10)
    monkeypatch.setitem(app.config, "UNIT_DOCUMENTS_MB", 15)


@pytest.mark.usefixtures("quotas")
def test_a_session_takes_so_much_and_says_how_much(browser: FlaskClient, lesson: LiveSession) -> None:
    assert announce(browser, lesson, 6 * MB).status_code == 201
    refused = announce(browser, lesson, 6 * MB)
    assert (refused.status_code, refused.json["error"]) == (413, "documents.quota")
    assert "6.0 MB" in refused.json["message"]
    assert "10 MB" in refused.json["message"]
    assert announce(browser, lesson, 4 * MB).status_code == 201
    words = Page(browser.get(f"/live/{lesson.id}/documents").text).text
    assert "10 MB" in words
    assert "15 MB" in words


@pytest.mark.usefixtures("quotas")
def test_the_sessions_of_a_unit_share_its_room(browser: FlaskClient, lesson: LiveSession, teacher: User) -> None:
    services.begin_upload(live.lesson(teacher), name="a.pdf", size_bytes=9 * MB, by=teacher)
    assert announce(browser, lesson, 6 * MB).status_code == 201
    refused = announce(browser, lesson, 1 * MB)
    assert (refused.status_code, refused.json["error"]) == (413, "documents.quota")
    assert lesson.unit.name not in refused.json["mend"]
    with pytest.raises(UnitQuotaReached):
        services.begin_upload(lesson, name="b.pdf", size_bytes=MB, by=teacher)


@pytest.mark.usefixtures("quotas")
def test_a_removed_document_counts_until_it_is_gone(lesson: LiveSession, teacher: User) -> None:
    document = documents.ready(lesson, pictures=True)
    document.size_bytes = 9 * MB
    db.session.commit()
    services.remove(document)
    with pytest.raises(SessionQuotaReached):
        services.begin_upload(lesson, name="b.pdf", size_bytes=2 * MB, by=teacher)
    with time_machine.travel((clock.now_ms() + services.KEPT_AFTER_REMOVAL_MS + 1000) / 1000):
        tidying.tidy()
        assert not files.folder_of(document.id).exists()
        services.begin_upload(lesson, name="b.pdf", size_bytes=2 * MB, by=teacher)


@pytest.mark.usefixtures("quotas")
def test_a_cancelled_upload_counts_no_more_and_its_sender_writes_nothing(lesson: LiveSession, teacher: User) -> None:
    document = services.begin_upload(lesson, name="a.pdf", size_bytes=9 * MB, by=teacher)

    class Line:
        """Its upload is cancelled while bytes come."""

        def read(self, _size: int) -> bytes:
            services.remove(document)
            return b"x" * 1000

    with pytest.raises(UnknownUpload):
        uploads.append(document.id, Line(), at=0, most=9 * MB)  # type: ignore[arg-type]
    assert queries.bytes_of_session(lesson.id) == 0


def test_the_pictures_of_pages_count_as_they_lie_on_the_disk(lesson: LiveSession, tmp_path: Path) -> None:
    document = documents.added(lesson, tmp_path, documents.pdf(3))
    run_queued()
    on_disk = sum(file.stat().st_size for file in files.folder_of(document.id).glob("*.webp"))
    assert on_disk > 0
    assert queries.bytes_of_session(lesson.id) == document.size_bytes + on_disk
    assert queries.bytes_of_unit(lesson.unit_id) == document.size_bytes + on_disk


def test_uploads_and_conversions_stop_long_before_recording_does(
    app: Flask, browser: FlaskClient, lesson: LiveSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk has 1 GB more than recording needs: nothing that people send may take it."""
    address = str(announce(browser, lesson, 1000).headers["Location"])
    waiting = documents.added(lesson, tmp_path, documents.pdf(3))
    free_mib = shutil.disk_usage(app.config["DATA_DIR"]).free // 2**20
    monkeypatch.setitem(app.config, "DISK_RESERVE_MB", free_mib - 1000)
    monkeypatch.setitem(app.config, "UPLOAD_RESERVE_MB", 2000)
    assert announce(browser, lesson, 10).json["error"] == "no_room"
    assert send(browser, address, b"x" * 1000, at=0).json["error"] == "no_room"
    run_queued()
    assert (waiting.state, waiting.problem) == (DocumentState.FAILED, "no_room")
    assert list(files.folder_of(waiting.id).glob("*.webp")) == []
    monkeypatch.setitem(app.config, "UPLOAD_RESERVE_MB", 0)
    services.retry(waiting)
    run_queued()
    assert waiting.state is DocumentState.READY


def addresses(document: Document, number: int) -> list[str]:
    page = queries.pages_of(document.id)[number - 1]
    return [files.picture_url(document.id, key, "large") for key in page.steps]


def test_pictures_of_removed_pages_are_public_no_more(client: FlaskClient, lesson: LiveSession) -> None:
    """Those of a page that was shown stay: rewind and replay show it."""
    document = documents.ready(lesson, pages=2, pictures=True)
    queries.pages_of(document.id)[0].shown_ms = clock.now_ms()
    db.session.commit()
    (shown,), (unseen,) = addresses(document, 1), addresses(document, 2)

    def statuses() -> list[int]:
        found = []
        for address in (shown, unseen):
            with client.get(address) as reply:
                found.append(reply.status_code)
        return found

    assert statuses() == [200, 200]
    services.remove(document)
    assert statuses() == [200, 404]
    with client.get(unseen.replace(document.id, f"{document.id}/{files.ASIDE}")) as reply:
        assert reply.status_code == 404
    services.bring_back(document)
    assert statuses() == [200, 200]
