"""What happens to documents once they are there."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select

from app.accounts.models import User
from app.documents import errors, files, queries, services, tidying
from app.documents.models import Document, DocumentKind, DocumentState
from app.extensions import db
from app.kernel import clock
from app.live.models import LiveSession
from app.live.planning import services as planning
from tests.factories import documents, live

DAY_S = 86_400


def names(lesson: LiveSession) -> list[str]:
    return [one.name for one in queries.documents_of(lesson.id)]


def later(seconds: float) -> time_machine.travel:
    return time_machine.travel(clock.now_ms() / 1000 + seconds, tick=False)


def test_documents_are_put_in_order(lesson: LiveSession, told: list[str]) -> None:
    one, two, three = (documents.ready(lesson, f"{name}.pdf") for name in "abc")
    services.move(lesson, three, 0)
    assert names(lesson) == ["c.pdf", "a.pdf", "b.pdf"]
    services.move(lesson, three, 99)
    assert names(lesson) == ["a.pdf", "b.pdf", "c.pdf"]
    services.move(lesson, one, 1)
    assert names(lesson) == ["b.pdf", "a.pdf", "c.pdf"]
    told.clear()
    services.move(lesson, two, 0)
    services.move(lesson, two, -5)
    assert told == []


def test_name_of_a_file_keeps_its_ending(lesson: LiveSession, told: list[str]) -> None:
    document = documents.ready(lesson, "旧名.pptx")
    for typed, kept in (
        ("新 名\n", "新 名.pptx"),
        ("新名.pptx", "新名.pptx"),
        ("v1.2", "v1.2.pptx"),
        ("x" * 300, "x" * 195 + ".pptx"),
    ):
        services.rename(document, typed)
        assert document.name == kept
    assert told == [document.id] * 4
    for typed in ("", "  \n", ".pptx"):
        with pytest.raises(errors.NameMissing):
            services.rename(document, typed)


def test_whiteboard_begins_with_a_blank_page_and_grows(
    lesson: LiveSession, teacher: User, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    board = services.open_whiteboard(lesson, by=teacher)
    assert (board.kind, board.state, board.name) == (DocumentKind.WHITEBOARD, DocumentState.READY, "")
    services.add_page(board)
    assert [(page.number, page.width, page.height, page.steps) for page in queries.pages_of(board.id)] == [
        (1, 1920, 1080, []),
        (2, 1920, 1080, []),
    ]
    assert (board.page_count, board.ready_count) == (2, 2)
    assert told == [board.id, board.id]
    monkeypatch.setattr(services, "MOST_WHITEBOARD_PAGES", 2)
    with pytest.raises(errors.TooManyPages):
        services.add_page(board)
    services.rename(board, "推导")
    services.rename(board, "")
    assert board.name == ""
    with pytest.raises(errors.NotAWhiteboard):
        services.add_page(documents.ready(lesson))


def test_whiteboards_count_as_documents(lesson: LiveSession, teacher: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_DOCUMENTS", 1)
    board = services.open_whiteboard(lesson, by=teacher)
    with pytest.raises(errors.TooManyDocuments):
        services.open_whiteboard(lesson, by=teacher)
    services.remove(board)
    services.open_whiteboard(lesson, by=teacher)
    with pytest.raises(errors.TooManyDocuments):
        services.bring_back(board)


def test_removed_document_can_be_brought_back(lesson: LiveSession, told: list[str]) -> None:
    document = documents.ready(lesson, pictures=True)
    services.remove(document)
    services.remove(document)
    assert names(lesson) == []
    assert [one.id for one in queries.removed_since(lesson.id, 0)] == [document.id]
    services.bring_back(document)
    assert names(lesson) == [document.name]
    assert told == [document.id, document.id]


def test_what_nobody_has_seen_is_deleted_a_day_after_it_was_removed(lesson: LiveSession) -> None:
    seen, unseen, kept = (documents.ready(lesson, f"{name}.pdf", pictures=True) for name in "abc")
    queries.pages_of(seen.id)[1].shown_ms = clock.now_ms()
    db.session.commit()
    services.remove(seen)
    services.remove(unseen)
    with later(0.9 * DAY_S):
        tidying.tidy()
        assert files.folder_of(unseen.id).exists()
    gone = unseen.id
    with later(1.1 * DAY_S):
        tidying.tidy()
    assert set(db.session.scalars(select(Document.id))) == {seen.id, kept.id}
    assert not files.folder_of(gone).exists()
    assert files.picture_of(seen.id, queries.pages_of(seen.id)[1].steps[0], "large")


def test_documents_of_a_deleted_lesson_go_with_it(teacher: User) -> None:
    lesson = live.lesson(teacher, "不上了")
    document = documents.ready(lesson, pictures=True)
    gone = document.id
    planning.delete(lesson, by=teacher)
    tidying.tidy()
    assert files.folder_of(gone).exists()
    with later(1.1 * DAY_S):
        tidying.tidy()
    assert db.session.get(Document, gone) is None
    assert not files.folder_of(gone).exists()


def test_files_that_belong_to_nobody_are_deleted(lesson: LiveSession) -> None:
    document = documents.ready(lesson, pictures=True)
    for name in ("stranger2", "fresh2"):
        files.folder_of(name).mkdir(parents=True)
    old = time.time() - 2 * DAY_S
    for name in ("stranger2", document.id):
        os.utime(files.folder_of(name), (old, old))
    tidying.tidy()
    left = {folder.name for folder in files.root().iterdir() if folder.is_dir()}
    assert left & {"stranger2", "fresh2", document.id} == {"fresh2", document.id}


def test_only_what_has_failed_is_tried_again(lesson: LiveSession) -> None:
    with pytest.raises(errors.NothingToRetry):
        services.retry(documents.ready(lesson))


@pytest.mark.one_database
def test_many_pages_are_found_by_their_index(lesson: LiveSession) -> None:
    """A replay asks for each page that was shown; SQLite looks through all pages there are for a list of pairs."""
    document = documents.ready(lesson)
    plans: list[str] = []

    def look(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "document_page" in statement:
            explained = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in explained)

    event.listen(db.engine, "before_cursor_execute", look)
    try:
        assert len(queries.pages_by_key({(document.id, 1), (document.id, 3)})) == 2
    finally:
        event.remove(db.engine, "before_cursor_execute", look)
    assert any("SEARCH" in plan for plan in plans)
    assert not any("SCAN document_page" in plan for plan in plans), plans
