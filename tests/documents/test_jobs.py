"""Making pages of files, with the real engine."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.accounts.models import User
from app.documents import files, jobs, queries, services
from app.documents.convert import Outline, PageMade, convert
from app.documents.models import Document, DocumentState
from app.extensions import db
from app.kernel import clock
from app.kernel.queue import queue
from app.live.models import LiveSession
from tests.factories import documents
from tests.jobs import run_queued

Engine = Callable[..., Iterator[Any]]


class Killed(BaseException):
    """What no process survives."""


def instead(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr(jobs, "convert", engine)


def pictures(document: Document) -> set[str]:
    return {file.name for file in files.folder_of(document.id).glob("*.webp")}


@pytest.fixture
def deck(lesson: LiveSession, tmp_path: Path) -> Document:
    """A file of three pages that waits."""
    return documents.added(lesson, tmp_path, documents.pdf(3))


def test_pages_come_with_their_pictures(deck: Document, told: list[str]) -> None:
    run_queued()
    assert (deck.state, deck.page_count, deck.ready_count, deck.problem) == (DocumentState.READY, 3, 3, "")
    pages = queries.pages_of(deck.id)
    assert [page.number for page in pages] == [1, 2, 3]
    for page in pages:
        assert (page.width, page.height) == (1920, 1080)
        for size in files.SIZES:
            assert files.picture_of(deck.id, page.steps[0], size)
    assert set(told) == {deck.id}
    assert files.source_of(deck.id).exists()


def test_picture_is_a_document_of_one_page(lesson: LiveSession, tmp_path: Path) -> None:
    document = documents.added(lesson, tmp_path, documents.png(), "照片.png")
    run_queued()
    assert (document.state, document.ready_count) == (DocumentState.READY, 1)


def test_what_cannot_be_read_says_why_and_can_be_tried_again(lesson: LiveSession, tmp_path: Path) -> None:
    document = documents.added(lesson, tmp_path, b"%PDF-1.7 and then nothing", "坏的.pdf")
    run_queued()
    assert (document.state, document.problem) == (DocumentState.FAILED, "broken")
    files.source_of(document.id).write_bytes(documents.pdf(1))
    document.size_bytes = len(documents.pdf(1))
    services.retry(document)
    assert (document.state, document.problem) == (DocumentState.WAITING, "")
    run_queued()
    assert document.state is DocumentState.READY


def test_pages_can_be_seen_while_others_are_made(
    deck: Document, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def engine(*args: Any, **options: Any) -> Iterator[Any]:
        for step in convert(*args, **options):
            yield step
            db.session.rollback()
            seen.append((deck.page_count, len(queries.pages_of(deck.id))))

    instead(monkeypatch, engine)
    run_queued()
    assert seen == [(3, 0), (3, 1), (3, 2), (3, 3)]


def test_what_a_killed_process_left_is_begun_again(deck: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that were shown keep the pictures that browsers know of; those of other pages do not pile up."""

    def killed_after_two(*args: Any, **options: Any) -> Iterator[Any]:
        for step in convert(*args, **options):
            yield step
            if isinstance(step, PageMade) and step.number == 2:
                raise Killed

    with monkeypatch.context() as patched:
        instead(patched, killed_after_two)
        with pytest.raises(Killed):
            jobs.convert_waiting.now()
    db.session.rollback()
    queue().flush()
    first, second = queries.pages_of(deck.id)
    assert (deck.state, deck.ready_count) == (DocumentState.CONVERTING, 2)
    first.shown_ms = clock.now_ms()
    shown, unseen = first.steps[0], second.steps[0]
    db.session.commit()

    jobs.resume()
    run_queued()
    assert (deck.state, deck.ready_count, deck.attempts) == (DocumentState.READY, 3, 2)
    pages = queries.pages_of(deck.id)
    assert [page.number for page in pages] == [1, 2, 3]
    assert pages[0].shown_ms
    assert files.picture_of(deck.id, shown, "large")
    assert not files.picture_of(deck.id, unseen, "large")
    assert all(files.picture_of(deck.id, page.steps[0], "large") for page in pages)


def test_progress_does_not_go_backwards_when_it_is_begun_again(deck: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    run_queued()
    deck.state = DocumentState.CONVERTING
    db.session.commit()
    seen: list[int] = []

    def engine(*args: Any, **options: Any) -> Iterator[Any]:
        for step in convert(*args, **options):
            yield step
            seen.append(deck.ready_count)

    instead(monkeypatch, engine)
    documents.convert_all()
    assert seen == [3, 3, 3, 3]


def test_document_that_kills_its_process_each_time_is_given_up(deck: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    def killer(*_args: Any, **_options: Any) -> Iterator[Any]:
        yield Outline(3)
        raise Killed

    instead(monkeypatch, killer)
    for _ in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(Killed):
            jobs.convert_waiting.now()
    db.session.rollback()
    jobs.convert_waiting.now()
    assert (deck.state, deck.problem) == (DocumentState.FAILED, "crashed")


def test_mistake_of_ours_is_said_and_the_next_document_is_converted(
    deck: Document, lesson: LiveSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = documents.added(lesson, tmp_path, documents.png(), "照片.png")

    def engine(source: Path, name: str, *args: Any, **options: Any) -> Iterator[Any]:
        if name == deck.name:
            raise ZeroDivisionError
        return convert(source, name, *args, **options)

    instead(monkeypatch, engine)
    run_queued()
    assert (deck.state, deck.problem) == (DocumentState.FAILED, "crashed")
    assert other.state is DocumentState.READY


def test_document_that_is_removed_stops(deck: Document, lesson: LiveSession, monkeypatch: pytest.MonkeyPatch) -> None:
    live_id = lesson.id

    def removed_after_one(*args: Any, **options: Any) -> Iterator[Any]:
        for step in convert(*args, **options):
            yield step
            if isinstance(step, PageMade) and step.number == 1:
                services.remove(queries.documents_of(live_id)[0])

    with monkeypatch.context() as patched:
        instead(patched, removed_after_one)
        run_queued()
    assert deck.state is DocumentState.CONVERTING
    assert len(queries.pages_of(deck.id)) == 1
    assert queries.next_to_convert() is None

    services.bring_back(deck)
    run_queued()
    assert (deck.state, deck.ready_count) == (DocumentState.READY, 3)


def test_document_that_was_removed_before_is_left_alone(deck: Document) -> None:
    services.remove(deck)
    run_queued()
    assert queries.pages_of(deck.id) == []
    assert pictures(deck) == set()


def test_only_one_converts_at_a_time(deck: Document) -> None:
    """The other worker of the queue stays free: whoever converts takes what has come meanwhile as well."""
    with (files.root() / "converting.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        run_queued()
        assert deck.state is DocumentState.WAITING
    documents.convert_all()
    assert deck.state is DocumentState.READY


def test_what_comes_when_the_last_one_is_just_done_is_not_forgotten(
    deck: Document, lesson: LiveSession, teacher: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own call finds the lock taken; whoever has that looks again after giving it back."""
    whiteboards = iter([True])

    def engine(*args: Any, **options: Any) -> Iterator[Any]:
        yield from convert(*args, **options)
        if next(whiteboards, False):
            documents.added(lesson, tmp_path, documents.png(), "照片.png")
            queue().flush()

    instead(monkeypatch, engine)
    jobs.convert_waiting.now()
    assert [one.state for one in queries.documents_of(lesson.id)] == [DocumentState.READY, DocumentState.READY]


def test_what_is_told_is_told_once_a_second(deck: Document, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def engine(*_args: Any, **_options: Any) -> Iterator[Any]:
        yield Outline(200)
        for number in range(1, 201):
            yield PageMade(number, 1920, 1080, (f"key{number:010}",), "", "")

    instead(monkeypatch, engine)
    began_ms = clock.now_ms()
    run_queued()
    seconds = (clock.now_ms() - began_ms) / 1000
    assert deck.ready_count == 200
    assert len(told) <= 3 + seconds
