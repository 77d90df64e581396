"""排练: a hidden twin of a lesson, which is thrown away."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.classroom.polls import queries as polls
from app.documents import queries as documents
from app.extensions import db
from app.kernel import clock, storage
from app.live import queries, rehearsals, services
from app.live.lifecycle import LiveState, NotNow
from app.live.models import LiveSession
from app.media import services as media_services
from app.media.models import Stream
from app.timeline.models import Event
from media_worker.contract import Ended
from tests.conftest import SignIn
from tests.factories import accounts, live, media
from tests.factories import documents as make_documents
from tests.factories import polls as make_polls


@pytest.fixture
def assistant(teacher: User) -> User:
    return accounts.user(unit=teacher.unit)


@pytest.fixture
def planned(teacher: User, assistant: User) -> LiveSession:
    later = clock.now_ms() + 3 * live.HOUR_MS
    return live.lesson(teacher, "超导", starts_at_ms=later, ends_at_ms=later + live.HOUR_MS, assistants=(assistant,))


def rehearsal_of(lesson: LiveSession) -> LiveSession:
    found = queries.rehearsal_of(lesson)
    assert found is not None
    return found


def test_only_presenters_see_a_rehearsal_and_it_may_begin_at_any_time(
    sign_in: SignIn, planned: LiveSession, assistant: User, learner: User
) -> None:
    teacher = sign_in(planned.owner)
    reply = teacher.post(f"/live/{planned.id}/rehearsal")
    twin = rehearsal_of(planned)
    assert reply.headers["Location"] == f"/live/{twin.id}/studio"
    assert teacher.post(f"/live/{planned.id}/rehearsal").headers["Location"] == reply.headers["Location"], (
        "there is one"
    )
    assert "排练" in teacher.get(reply.headers["Location"]).text
    teacher.post(f"/live/{twin.id}/lecture")
    assert twin.is_running
    assert planned.state is LiveState.SCHEDULED
    assert sign_in(assistant).get(f"/live/{twin.id}/studio").status_code == 200
    for path in ("", "/watch", "/studio", "/replay", "/source"):
        assert sign_in(learner).get(f"/live/{twin.id}{path}").status_code == 404
    # nobody finds it, and it is planned, published, copied and handed out by nobody
    for who, path in ((teacher, "/live/mine"), (teacher, "/live"), (sign_in(learner), "/live"), (teacher, "/")):
        assert twin.id not in who.get(path).text, path
    assert teacher.get(f"/live/{twin.id}/plan").status_code == 403
    assert teacher.post(f"/live/{twin.id}/publication").status_code == 403
    assert "复制邀请" not in teacher.get("/live/mine").text.partition(twin.id)[2]
    assert live.lesson(planned.owner, "超导入门"), "nor does it hold a subject"


def test_documents_and_prepared_polls_are_there(planned: LiveSession) -> None:
    document = make_documents.ready(planned)
    poll = make_polls.prepared(planned)
    twin = rehearsals.begin(planned, by=planned.owner)
    assert [one.id for one in documents.documents_of(twin.id)] == [document.id]
    assert [one.question for one in polls.polls_of(twin.id)] == [poll.question]
    assert documents.document_of(twin.id, document.id) is document
    assert documents.document_of(live.lesson(planned.owner).id, document.id) is None


def test_the_encoder_of_the_lesson_sends_into_the_rehearsal_until_it_is_over(planned: LiveSession) -> None:
    key = planned.stream.key
    media.encoder(planned.stream)
    twin = rehearsals.begin(planned, by=planned.owner)
    assert twin.stream.key == key
    assert planned.stream.key != key
    assert not planned.stream.publishing, "it comes back, into the rehearsal"
    services.start(twin, by=planned.owner)
    services.end(twin, by=planned.owner)
    assert planned.stream.key == key
    assert twin.stream.key != key


@pytest.mark.parametrize("begun", [True, False])
def test_the_lesson_s_begin_ends_its_rehearsal(teacher: User, begun: bool) -> None:
    lesson = live.lesson(teacher)
    key = lesson.stream.key
    twin = rehearsals.begin(lesson, by=teacher)
    if begun:
        services.start(twin, by=teacher)
    services.start(lesson, by=teacher)
    assert twin.state is LiveState.ENDED
    assert lesson.stream.key == key
    with pytest.raises(NotNow):
        rehearsals.begin(lesson, by=teacher)


@pytest.mark.parametrize("begun", [True, False])
def test_everything_of_it_is_thrown_away(app: Flask, planned: LiveSession, begun: bool) -> None:
    twin = rehearsals.begin(planned, by=planned.owner)
    live_id, stream_id = twin.id, twin.stream_id
    with time_machine.travel(clock.to_datetime(clock.now_ms()), tick=False) as now:
        if begun:
            services.start(twin, by=planned.owner)
            folder = storage.place("media") / stream_id
            folder.mkdir(parents=True)
            services.end(twin, by=planned.owner)
            media_services.end_run(stream_id, Ended(twin.stream.run, "", finished=True, kept_ms=5000, kept_bytes=1))
            rehearsals.sweep()
            assert db.session.get(LiveSession, live_id) is not None, "its pages still say that it is over"
        else:
            now.shift(timedelta(hours=3))
            rehearsals.sweep()
        now.shift(timedelta(minutes=2))
        rehearsals.sweep()
    assert db.session.get(LiveSession, live_id) is None
    assert db.session.get(Stream, stream_id) is None
    assert db.session.scalars(select(Event).where(Event.live_id == live_id)).all() == []
    assert not (storage.place("media") / stream_id).exists()
    assert db.session.get(LiveSession, planned.id) is not None
