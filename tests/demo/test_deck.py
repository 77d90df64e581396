"""The slides of the example lecture."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pypdfium2
import pytest
from flask import Flask

from app.accounts.models import User
from app.demo import deck
from app.documents import files, queries, services
from app.documents.models import DocumentState
from app.live.models import LiveSession

HTML = deck.FILE.with_suffix(".html").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _clean(app: Flask) -> Iterator[None]:
    yield
    shutil.rmtree(files.root(), ignore_errors=True)


def test_file_has_a_sheet_for_each_step_of_its_source() -> None:
    steps = [int(found) for found in re.findall(r'data-steps="(\d)"', HTML)]
    assert steps == [slide.steps for slide in deck.SLIDES]
    with pypdfium2.PdfDocument(deck.FILE) as pdf:
        assert len(pdf) == sum(steps)


@pytest.mark.one_database
def test_lecture_has_pages_with_builds_notes_and_text(lesson: LiveSession, teacher: User) -> None:
    deck.put(lesson, by=teacher)
    (document,) = queries.documents_of(lesson.id)
    assert (document.state, document.page_count) == (DocumentState.READY, len(deck.SLIDES))
    pages = queries.pages_of(document.id)
    assert [len(page.steps) for page in pages] == [slide.steps for slide in deck.SLIDES]
    assert all(page.notes for page in pages)
    assert "1986" in pages[2].text
    for page in pages:
        assert all(files.picture_of(document.id, key, "large") for key in page.steps)
        assert files.picture_of(document.id, page.steps[0], "thumb")


def test_deck_that_a_visitor_removed_does_not_come_back(lesson: LiveSession, teacher: User) -> None:
    deck.put(lesson, by=teacher)
    services.remove(queries.documents_of(lesson.id)[0])
    deck.put(lesson, by=teacher)
    assert queries.documents_of(lesson.id) == []
