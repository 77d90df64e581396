"""What a lesson had to watch: what was on air, less the gaps without media."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, current_app

from app.accounts.models import User
from app.credits.counting import queries
from app.credits.counting.stretches import outside, tidy, within
from app.extensions import db
from app.live.models import LiveSession
from app.media import events as media_events
from tests.factories import live as lives
from tests.factories.media import pieces

S = 1000


@pytest.fixture
def live(app: Flask, teacher: User) -> LiveSession:
    lesson = lives.ended(teacher)
    lesson.stream.air = [[100 * S, 160 * S], [200 * S, 300 * S]]
    lesson.stream.newest_end_ms = 290 * S
    db.session.commit()
    return lesson


def index_of(lesson: LiveSession) -> Path:
    return Path(current_app.config["MEDIA_ROOT"]) / lesson.stream_id / "index.jsonl"


def test_pauses_and_gaps_and_what_lies_before_and_after_are_no_programme(live: LiveSession) -> None:
    pieces(live.stream, 90, 180)
    pieces(live.stream, 200, 230.4)
    pieces(live.stream, 230.6, 240)  # a seam
    pieces(live.stream, 250, 310)  # ten seconds without an encoder
    assert queries.programme(live) == [(100 * S, 160 * S), (200 * S, 240 * S), (250 * S, 300 * S)]
    assert queries.programme_s(live) == 150


def test_a_piece_across_a_pause_was_shown_to_nobody(live: LiveSession) -> None:
    pieces(live.stream, 99.5, 161)
    assert queries.programme(live) == [(100.5 * S, 159.5 * S)]


def test_the_programme_grows_with_the_index_and_a_half_written_line_waits(live: LiveSession) -> None:
    pieces(live.stream, 100, 110)
    assert queries.programme(live) == [(100 * S, 110 * S)]
    pieces(live.stream, 110, 120)
    file = index_of(live)
    whole = file.read_text()
    file.write_text(whole[:-20])
    assert queries.programme(live) == [(100 * S, 119 * S)]
    file.write_text(whole)
    assert queries.programme(live) == [(100 * S, 120 * S)]


def test_the_programme_outlives_the_files(live: LiveSession) -> None:
    pieces(live.stream, 100, 130)
    media_events.finished.send(live.stream_id)
    index_of(live).unlink()
    assert queries.programme(live) == [(100 * S, 130 * S)]


def test_without_an_index_what_was_on_air_until_the_newest_piece_is_the_programme(live: LiveSession) -> None:
    assert queries.programme(live) == [(100 * S, 160 * S), (200 * S, 290 * S)]


def test_stretches() -> None:
    some = tidy([(5, 9), (0, 2), (2, 3), (8, 12), (20, 20)])
    assert some == [(0, 3), (5, 12)]
    assert within(2, 7, some) == [(2, 3), (5, 7)]
    assert within(3, 5, some) == []
    assert outside(2, 14, some) == [(3, 5), (12, 14)]
    assert outside(0, 3, some) == []
