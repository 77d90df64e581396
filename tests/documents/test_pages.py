"""The page 讲义, and the pictures of pages."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.documents import files, formats, queries, services, views
from app.documents.models import Document, DocumentState
from app.extensions import db
from app.kernel import clock
from app.live.models import LiveSession
from tests.conftest import SignIn
from tests.factories import documents, live

HTMX = {"HX-Request": "true"}


@pytest.fixture
def here(lesson: LiveSession) -> str:
    return f"/live/{lesson.id}/documents"


def test_introduction_leads_to_documents_for_those_who_assist(
    browser: FlaskClient, sign_in: SignIn, learner: User, lesson: LiveSession, here: str
) -> None:
    assert here in browser.get(f"/live/{lesson.id}").text
    assert here not in sign_in(learner).get(f"/live/{lesson.id}").text


def test_empty_page_says_what_works(browser: FlaskClient, here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = browser.get(here).text
    assert "PPTX" in text
    assert ".pptx" in text
    monkeypatch.setattr(formats, "office_is_here", lambda: False)
    text = browser.get(here).text
    assert ".pptx" not in text
    assert 'class="alarm"' in text


def test_row_asks_for_itself_while_something_is_under_way(
    browser: FlaskClient, lesson: LiveSession, here: str, tmp_path: Path
) -> None:
    document = documents.added(lesson, tmp_path, documents.pdf(3))
    row = f"{here}/{document.id}"
    assert f'hx-get="{row}"' in browser.get(row, headers=HTMX).text
    documents.convert_all()
    text = browser.get(row, headers=HTMX).text
    assert "hx-trigger" not in text
    for page in queries.pages_of(document.id):
        assert f'src="{files.picture_url(document.id, page.steps[0], "thumb")}"' in text


def state(document: Document, **values: object) -> None:
    for name, value in values.items():
        setattr(document, name, value)
    db.session.commit()


def test_row_says_how_far_converting_is(browser: FlaskClient, lesson: LiveSession, here: str) -> None:
    document = documents.ready(lesson, pages=37)
    state(document, state=DocumentState.CONVERTING, page_count=200)
    browser.post("/language", data={"language": "en"})
    text = browser.get(f"{here}/{document.id}", headers=HTMX).text
    assert 'value="18"' in text
    assert text.count('class="document__page"') == 37


def test_row_says_what_went_wrong_and_what_was_left_out(browser: FlaskClient, lesson: LiveSession, here: str) -> None:
    document = documents.ready(lesson)
    findings = {"animations_shown_complete": [4, 9, 10, 11], "macros_ignored": []}
    state(document, state=DocumentState.FAILED, problem="too_slow", findings=findings)
    text = browser.get(here).text
    assert 'class="alarm__sentence"' in text
    assert f"{here}/{document.id}/attempts" in text
    assert "4、9–11" in text
    state(document, problem="encrypted")
    assert f"{here}/{document.id}/attempts" not in browser.get(here).text


@pytest.mark.parametrize(
    ("numbers", "written"), [([], ""), ([4], "4"), ([1, 2], "1–2"), ([4, 9, 10, 11, 20], "4、9–11、20")]
)
def test_numbers_are_written_short(app: Flask, numbers: list[int], written: str) -> None:
    with app.test_request_context():
        assert views.ranges(numbers) == written


def test_upload_of_which_nothing_comes_is_called_interrupted(
    browser: FlaskClient, lesson: LiveSession, assistant: User, here: str
) -> None:
    services.begin_upload(lesson, name="大.pdf", size_bytes=1000, by=assistant)
    assert 'hx-trigger="every 1s, look"' in browser.get(here).text
    with time_machine.travel(clock.now_ms() / 1000 + 61, tick=False):
        assert 'hx-trigger="every 10s, look"' in browser.get(here).text


def test_whole_way_without_a_script(browser: FlaskClient, lesson: LiveSession, here: str) -> None:
    """Plain forms: each leads back to the page."""
    first, second = documents.ready(lesson, "一.pdf"), documents.ready(lesson, "二.pdf")

    def press(path: str, method: str = "POST", **data: str) -> None:
        reply = browser.post(
            f"{here}/{path}", query_string={"_method": method} if method != "POST" else None, data=data
        )
        assert reply.status_code == 302, path
        assert reply.headers["Location"].startswith(here)

    press(f"{second.id}/place", to="0")
    assert [one.id for one in queries.documents_of(lesson.id)] == [second.id, first.id]
    press(f"{first.id}/name", name="绪论")
    assert first.name == "绪论.pdf"
    press(f"{first.id}/cover", "DELETE")
    assert not first.hidden
    press(f"{first.id}/cover")
    assert first.hidden
    press("whiteboards")
    board = queries.documents_of(lesson.id)[-1]
    press(f"{board.id}/pages")
    assert board.page_count == 2
    press(f"{first.id}", "DELETE")
    assert first.removed_ms
    assert f"{here}/{first.id}/return" in browser.get(here).text
    press(f"{first.id}/return")
    assert not first.removed_ms


def test_removal_offers_to_undo_it(browser: FlaskClient, lesson: LiveSession, here: str) -> None:
    document = documents.ready(lesson)
    text = browser.delete(f"{here}/{document.id}", headers=HTMX).text
    assert 'hx-swap-oob="beforeend:#toasts"' in text
    assert text.count(f"{here}/{document.id}/return") >= 2
    text = browser.post(f"{here}/{document.id}/return", headers=HTMX).text
    assert f'id="document-{document.id}"' in text


def test_mistakes_are_said_in_a_note(browser: FlaskClient, lesson: LiveSession, here: str) -> None:
    document = documents.ready(lesson)
    reply = browser.post(f"{here}/{document.id}/name", data={"name": " "}, headers=HTMX)
    assert (reply.status_code, reply.headers["HX-Retarget"]) == (422, "#toasts")
    assert browser.post(f"{here}/{document.id}/place?to=x", headers=HTMX).status_code == 200


def test_document_of_another_lesson_is_not_there(browser: FlaskClient, teacher: User, here: str) -> None:
    elsewhere = documents.ready(live.lesson(teacher, "另一课"))
    for path in ("name", "cover", "place", "attempts", "pages", "return"):
        assert browser.post(f"{here}/{elsewhere.id}/{path}").status_code == 404
    assert browser.delete(f"{here}/{elsewhere.id}").status_code == 404
    assert browser.get(f"{here}/{elsewhere.id}").status_code == 404
    assert elsewhere.removed_ms is None


def test_lesson_that_is_over_shows_its_documents_and_takes_no_more(sign_in: SignIn, teacher: User) -> None:
    over = live.ended(teacher, "讲完了")
    documents.ready(over, "讲过的.pdf")
    text = sign_in(teacher).get(f"/live/{over.id}/documents").text
    assert "讲过的" in text
    assert "<document-upload" not in text


def test_picture_is_for_whoever_knows_its_name_and_for_a_year(client: FlaskClient, lesson: LiveSession) -> None:
    document = documents.ready(lesson, pictures=True)
    key = queries.pages_of(document.id)[0].steps[0]
    for size in files.SIZES:
        address = f"/slides/{document.id}/{key}-{size}.webp"
        with client.get(address) as reply:
            assert (reply.status_code, reply.mimetype) == (200, "image/webp")
            assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert "Set-Cookie" not in reply.headers
            etag = reply.headers["ETag"]
        with client.get(address, headers={"If-None-Match": etag}) as again:
            assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "{id}/{key}-huge.webp",
        "{id}/{key}-large.png",
        "{id}/{key}.webp",
        "{id}/nokeynokeynokey-large.webp",
        "{id}/source",
        "{id}/../{id}/{key}-large.webp/",
        "{id}/..%2f{id}%2f{key}-large.webp",
        "..%2fdocuments%2f{id}/{key}-large.webp",
        "nodocument/{key}-large.webp",
        "{id}/{key}%00-large.webp",
        "{id}/-large.webp",
    ],
)
def test_other_names_lead_nowhere(client: FlaskClient, lesson: LiveSession, path: str) -> None:
    document = documents.ready(lesson, pictures=True)
    files.source_of(document.id).write_bytes(b"secret")
    key = queries.pages_of(document.id)[0].steps[0]
    assert client.get("/slides/" + path.format(id=document.id, key=key)).status_code == 404
