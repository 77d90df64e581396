"""Appending and reading."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from app.extensions import db
from app.kernel.bus import bus
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.timeline import queries, services


def test_ids_rise_by_one_and_reading_goes_on_after_the_last_seen(lesson: LiveSession) -> None:
    ids = [services.append(lesson.id, "test", {"n": n}).id for n in range(5)]
    assert ids == [1, 2, 3, 4, 5]
    assert [event.payload["n"] for event in queries.after(lesson.id, 3)] == [3, 4]
    assert queries.last_id(lesson.id) == 5
    assert queries.heads([lesson.id, "nothing"]) == {lesson.id: 5}


def test_a_failed_unit_of_work_leaves_no_event_and_no_gap(lesson: LiveSession) -> None:
    services.append(lesson.id, "test", {})
    with pytest.raises(RuntimeError), unit_of_work():
        services.append(lesson.id, "test", {})
        raise RuntimeError
    assert services.append(lesson.id, "test", {}).id == 2


def test_writers_at_once_leave_no_gap_and_no_double(app: Flask, lesson: LiveSession) -> None:
    live_id = lesson.id

    def write() -> None:
        with app.app_context():
            for _ in range(10):
                services.append(live_id, "test", {})
            db.session.remove()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.commit()  # the next read sees what the others have written
    assert [event.id for event in queries.after(live_id, 0)] == list(range(1, 41))


def test_a_commit_wakes_who_waits(lesson: LiveSession) -> None:
    bus.carry_by(None)  # other processes may wake one for nothing
    with bus.watch(services.TOPIC) as watch:
        assert not watch.wait(0)
        with unit_of_work():
            services.append(lesson.id, "test", {})
            assert not watch.wait(0), "not before the commit"
        assert watch.wait(0)
