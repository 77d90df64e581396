"""Migrations keep what is there: a database of the first version comes along with its people and lessons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app
from app.accounts.models import User
from app.classroom.engine.presence import queries as presence
from app.documents import queries as documents
from app.extensions import db
from app.kernel.permissions import Permission
from app.live import policies as policies_of_lessons
from app.live import tokens
from app.live.models import Audience, LiveMode, LiveSession, Part, RecordingPolicy
from app.roles import policies
from app.roles.services import found
from tests.conftest import ROOT

MIGRATIONS = str(ROOT / "migrations")

FIRST_VERSION = (ROOT / "tests" / "kernel" / "first_version.sql").read_text(encoding="utf-8")


BEFORE_PARTS = """
INSERT INTO media_stream (
    id, key, run, publishing, has_picture, client, encoder, ousted_client, ousted_until_ms, beat_ms, newest_end_ms,
    kept_ms, kept_bytes, rules_version, air, record, ended, finished
) SELECT 's3', 'k3', run, publishing, has_picture, client, encoder, ousted_client, ousted_until_ms, beat_ms,
    newest_end_ms, kept_ms, kept_bytes, rules_version, air, record, ended, finished FROM media_stream WHERE id = 's1';
INSERT INTO media_stream (
    id, key, run, publishing, has_picture, client, encoder, ousted_client, ousted_until_ms, beat_ms, newest_end_ms,
    kept_ms, kept_bytes, rules_version, air, record, ended, finished
) SELECT 's4', 'k4', run, publishing, has_picture, client, encoder, ousted_client, ousted_until_ms, beat_ms,
    newest_end_ms, kept_ms, kept_bytes, rules_version, air, record, ended, finished FROM media_stream WHERE id = 's1';
INSERT INTO live_session (
    id, subject, subject_key, abstract, audience, unit_id, audience_unit_id, owner_id, stream_id, starts_at_ms,
    ends_at_ms, created_ms, state, state_since_ms, pause_message, recording, presenter_seen_ms, deleted_ms
) SELECT 'l3', '正在讲', '正在讲', abstract, audience, unit_id, audience_unit_id, owner_id, 's3', starts_at_ms,
    ends_at_ms, created_ms, 'on_air', state_since_ms, pause_message, TRUE, presenter_seen_ms, NULL
    FROM live_session WHERE id = 'l1';
INSERT INTO live_session (
    id, subject, subject_key, abstract, audience, unit_id, audience_unit_id, owner_id, stream_id, starts_at_ms,
    ends_at_ms, created_ms, state, state_since_ms, pause_message, recording, presenter_seen_ms, deleted_ms
) SELECT 'l4', '删了的', '删了的', abstract, audience, unit_id, audience_unit_id, owner_id, 's4', starts_at_ms,
    ends_at_ms, created_ms, 'scheduled', state_since_ms, pause_message, TRUE, presenter_seen_ms, 5
    FROM live_session WHERE id = 'l1';
UPDATE live_session SET recording = FALSE WHERE id = 'l1';
UPDATE live_session SET state = 'ended' WHERE id = 'l2'
"""
"""Of the sessions of the first version one is over, one is not to be recorded; one more runs, one more is deleted."""


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app with an empty database of its own."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS migrating"))
            connection.execute(text("CREATE DATABASE migrating"))
        engine.dispose()
        url = url.set(database="migrating")
    else:
        url = url.set(database=str(tmp_path / "old.sqlite3"))
    app = create_app(
        {"DATA_DIR": tmp_path, "DATABASE_URL": url.render_as_string(hide_password=False), "SECRET_KEY": "x"}
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def run(script: str) -> None:
    """Run some statements."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.session.connection().exec_driver_sql(statement)
    db.session.commit()


def test_the_first_versions_people_and_lessons_come_along(old: Flask) -> None:
    upgrade(directory=MIGRATIONS, revision="0001")
    run(FIRST_VERSION)
    upgrade(directory=MIGRATIONS)
    found("科学院")
    admin, teacher, learner = (db.session.get_one(User, number) for number in (1, 2, 3))
    academy = admin.unit
    assert admin.username == "root"
    assert policies.holdings_now(admin).covers(Permission.SYSTEM_ADMIN, academy.path)
    assert policies.holdings_now(teacher).at(academy.path) == {Permission.LIVE_MANAGE}
    assert policies.holdings_now(learner).paths == {}
    first, second = (db.session.get_one(LiveSession, name) for name in ("l1", "l2"))
    assert (first.subject, first.audience, first.audience_unit) == ("超导", Audience.ACADEMY, academy)
    assert second.subject == " 超导 (2)", "two lessons do not have the same subject any more"
    assert db.session.execute(text("SELECT count(*) FROM timeline_event WHERE by_id = 2")).scalar() == 1


def test_sessions_from_before_parts_get_what_new_ones_are_given(old: Flask) -> None:
    upgrade(directory=MIGRATIONS, revision="0001")
    run(FIRST_VERSION)
    upgrade(directory=MIGRATIONS, revision="0003")
    run(BEFORE_PARTS)
    upgrade(directory=MIGRATIONS)
    found("科学院")
    by_id = {name: db.session.get_one(LiveSession, name) for name in ("l1", "l2", "l3", "l4")}
    held = {name: tokens.values_of(live) for name, live in by_id.items()}
    assert {name for name, values in held.items() if values} == {"l1", "l3"}, "what is over or deleted has none"
    assert all(set(held[name]) == set(Part) for name in ("l1", "l3"))
    values = [value for one in held.values() for value in one.values()]
    assert len(set(values)) == 6
    for name in ("l1", "l3"):
        for part, value in held[name].items():
            assert len(value) == tokens.GENERATED
            assert not set(value) - set(tokens.ALPHABET)
            token = tokens.token_of(value.lower())
            assert token is not None
            assert (token.live_id, token.part) == (name, part)
    running, quiet = by_id["l3"], by_id["l1"]
    assert running.presenters == [], "who planned it teaches it, as it was"
    assert policies_of_lessons.directs(running.owner, running)
    assert (running.mode, running.guests, running.draft, running.capacity) == (LiveMode.LECTURE_HALL, True, False, None)
    assert running.recording_policy is RecordingPolicy.FROM_START
    assert quiet.recording_policy is RecordingPolicy.BY_HAND, "it was not to be recorded from the start, and is not"
    assert not quiet.recording


def test_one_may_go_back_before_parts_and_come_again(old: Flask) -> None:
    upgrade(directory=MIGRATIONS, revision="0001")
    run(FIRST_VERSION)
    upgrade(directory=MIGRATIONS)
    downgrade(directory=MIGRATIONS, revision="0003")
    assert db.session.execute(text("SELECT subject FROM live_session WHERE id = 'l1'")).scalar() == "超导"
    db.session.commit()
    upgrade(directory=MIGRATIONS)
    assert len(tokens.values_of(db.session.get_one(LiveSession, "l1"))) == 3


def test_who_was_in_a_lesson_before_stays_were_kept_has_one(old: Flask) -> None:
    upgrade(directory=MIGRATIONS, revision="0001")
    run(FIRST_VERSION)
    upgrade(directory=MIGRATIONS, revision="0032")
    run("""
INSERT INTO classroom_presence (live_id, key, name, unit, part, entered_ms, seen_ms, left_ms)
    VALUES ('l1', 'u3', '张三', '', 'learner', 1000, 9000, 9000), ('l1', 'g1', '访客', '', 'guest', 2000, 8000, NULL)
""")
    upgrade(directory=MIGRATIONS)
    found = {one.name: one.stays for one in presence.visits("l1", 0, 10_000)}
    assert found == {"张三": [(1000, 9000)], "访客": [(2000, 8000)]}


def test_the_newest_version_fits_the_models(old: Flask) -> None:
    upgrade(directory=MIGRATIONS)
    check(directory=MIGRATIONS)  # ends the process where they differ


def test_hours_of_a_year_get_a_sum(old: Flask) -> None:
    upgrade(directory=MIGRATIONS, revision="0001")
    run(FIRST_VERSION)
    upgrade(directory=MIGRATIONS, revision="0030")
    run("INSERT INTO credits_total VALUES (1, 2026, '', 150), (1, 2026, 'general', 50)")
    upgrade(directory=MIGRATIONS)
    wanted = "SELECT hours_hundredths FROM credits_total WHERE user_id = 1 AND year = 2026 AND category = '*'"
    assert db.session.scalar(text(wanted)) == 200


def test_pages_that_were_there_are_found_in_small_letters(old: Flask) -> None:
    upgrade(directory=MIGRATIONS, revision="0001")
    run(FIRST_VERSION)
    upgrade(directory=MIGRATIONS, revision="0056")
    run("""
INSERT INTO document (id, live_id, kind, name, state, findings, size_bytes, received_bytes, page_count, ready_count,
    problem, hidden, place, created_ms, changed_ms)
    VALUES ('d1', 'l1', 'deck', '讲义.pptx', 'ready', '{}', 0, 0, 1, 1, '', TRUE, 0, 1, 1);
INSERT INTO document_page (document_id, number, width, height, steps, text, notes, shown_ms)
    VALUES ('d1', 1, 1920, 1080, '[]', '超导 Josephson', '', 5)
""")
    upgrade(directory=MIGRATIONS)
    assert documents.texts_holding("l1", ["JOSEPHSON", "超导"]) == {("d1", 1): "超导 Josephson"}
    assert documents.texts_holding("l1", ["josephsons"]) == {}
