"""Recordings: who may watch them, and the list of those who teach and manage."""

from __future__ import annotations

import io
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import insert, select, text

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.classroom.chat import services as chat
from app.classroom.questions import services as questions
from app.extensions import db
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live import guests
from app.live import services as live_services
from app.live.lists import queries as listings
from app.live.models import Audience, LiveSession
from app.media.models import Stream
from app.replays.publishing import queries, services
from app.replays.publishing.queries import Order, Shown
from app.timeline import services as live_timeline
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives
from tests.factories.rooms import call_of


@pytest.fixture
def ended(teacher: User) -> LiveSession:
    return recorded(teacher, "量子器件")


def recorded(owner: User, subject: str, **planned: object) -> LiveSession:
    live = lives.on_air(owner, subject, **planned)
    live_services.end(live, by=owner)
    with unit_of_work():
        live.stream.finished, live.stream.kept_ms, live.stream.kept_bytes = True, 60_000, 5_000_000
    return live


def seen_by(sign_in: SignIn, live: LiveSession, *people: User | None) -> list[int]:
    return [sign_in(person).get(f"/live/{live.id}/replay").status_code for person in people]


def noted(action: Action) -> bool:
    return db.session.scalar(select(AuditEntry.id).where(AuditEntry.action == action)) is not None


def guest_of(app: Flask, sign_in: SignIn, live: LiveSession) -> FlaskClient:
    with app.test_request_context():
        link = guests.link_of(live)
    browser = sign_in(None)
    browser.get(link)
    return browser


def listed(app: Flask, person: User | None) -> set[str]:
    with app.test_request_context():
        return {live.id for live in db.session.scalars(listings.column(person, tab=listings.Tab.REPLAYS))}


def test_by_itself_a_recording_is_for_whoever_may_watch_the_lesson(
    app: Flask, sign_in: SignIn, ended: LiveSession, learner: User, teacher: User
) -> None:
    assert seen_by(sign_in, ended, learner, teacher, None) == [200, 200, 302]
    assert listed(app, learner) == {ended.id}


def test_one_that_is_taken_back_is_for_its_presenters_and_the_lesson_stays(
    app: Flask, sign_in: SignIn, ended: LiveSession, learner: User, teacher: User
) -> None:
    services.unpublish(ended, by=teacher)
    assert seen_by(sign_in, ended, teacher, learner) == [200, 403]
    browser = sign_in(learner)
    for address in ("replay/feed", "replay/search?q=x", "source", "track", "slides", "replay/captions/en.vtt"):
        assert browser.get(f"/live/{ended.id}/{address}").status_code == 403, address
    introduction = browser.get(f"/live/{ended.id}")
    assert introduction.status_code == 200
    assert f"/live/{ended.id}/replay" not in introduction.text
    assert (listed(app, learner), listed(app, teacher)) == (set(), {ended.id})
    services.publish(ended, None, guests=True, by=teacher)
    assert seen_by(sign_in, ended, learner) == [200]
    assert noted(Action.REPLAY_UNPUBLISHED)
    assert noted(Action.REPLAY_PUBLISHED)


def test_it_is_published_to_more_people_or_to_fewer(app: Flask, sign_in: SignIn) -> None:
    here, there = units.institute("物质研究所"), units.institute("天文研究所")
    teacher = roles.holding(accounts.user("here", unit=here), Permission.LIVE_MANAGE)
    stranger = accounts.user("stranger", unit=there)
    live = recorded(teacher, "内部课", audience=Audience.INSTITUTE)
    assert seen_by(sign_in, live, stranger) == [404]
    services.publish(live, Audience.EVERYONE, guests=True, by=teacher)
    assert seen_by(sign_in, live, stranger, None) == [200, 200]
    assert sign_in(stranger).get(f"/live/{live.id}").status_code == 200, "and finds the way back to the lesson's page"
    assert listed(app, None) == listed(app, stranger) == {live.id}
    open_lesson = recorded(teacher, "公开课", audience=Audience.EVERYONE)
    services.publish(open_lesson, Audience.INSTITUTE, guests=True, by=teacher)
    assert seen_by(sign_in, open_lesson, stranger, None) == [403, 302]
    assert (open_lesson.id in listed(app, stranger), open_lesson.id in listed(app, teacher)) == (False, True)


def test_guests_watch_it_unless_it_is_without_guests(
    app: Flask, sign_in: SignIn, ended: LiveSession, teacher: User
) -> None:
    browser = guest_of(app, sign_in, ended)
    assert browser.get(f"/live/{ended.id}/replay").status_code == 200
    services.publish(ended, None, guests=False, by=teacher)
    assert browser.get(f"/live/{ended.id}/replay").status_code == 403
    assert f"/live/{ended.id}/replay" not in browser.get(f"/live/{ended.id}").text


def test_viewers_are_people_and_each_counts_once(
    app: Flask, sign_in: SignIn, ended: LiveSession, learner: User
) -> None:
    for person in (learner, learner, ended.owner):
        sign_in(person).get(f"/live/{ended.id}/replay")
    guest = guest_of(app, sign_in, ended)
    guest.get(f"/live/{ended.id}/replay")
    guest.get(f"/live/{ended.id}/replay")
    assert queries.viewers_of([ended]) == {ended.id: 2}, "the learner and the guest; the teacher does not count"


def test_who_plans_it_decides_and_who_teaches_reads(sign_in: SignIn, teacher: User, learner: User) -> None:
    other = accounts.user("guestteacher")
    live = recorded(teacher, "客座课", teachers=(other,))
    page = f"/live/{live.id}/recording"
    assert 'name="audience"' not in sign_in(other).get(page).text
    assert sign_in(other).post(f"{page}/audience", data={"audience": "nobody"}).status_code == 403
    browser = sign_in(teacher)
    assert browser.post(f"{page}/audience", data={"audience": "whoever"}).status_code == 422
    assert browser.post(f"{page}/audience", data={"audience": "nobody"}).status_code == 302
    assert seen_by(sign_in, live, learner) == [403]
    assert browser.post(f"{page}/audience", data={"audience": "everyone"}).status_code == 302
    assert (live.replay_hidden, live.replay_audience, live.replay_guests) == (False, Audience.EVERYONE, False)


def test_the_list_is_of_ones_own_and_of_ones_units(app: Flask, sign_in: SignIn, teacher: User, learner: User) -> None:
    there = units.institute("天文研究所")
    elsewhere = roles.holding(accounts.user("elsewhere", unit=there), Permission.LIVE_MANAGE)
    manager = roles.manager(accounts.user("manager", unit=units.academy()))
    invited = accounts.user("invited")
    mine, theirs = recorded(teacher, "我的课", teachers=(invited,)), recorded(elsewhere, "别处的课")
    services.unpublish(theirs, by=elsewhere)

    def found(person: User, **narrowed: object) -> list[str]:
        with app.test_request_context():
            return [live.subject for live in db.session.scalars(queries.recordings_for(person, **narrowed))]  # type: ignore[arg-type]

    assert (found(teacher), found(elsewhere), found(invited), found(learner)) == (
        ["我的课"],
        ["别处的课"],
        ["我的课"],
        [],
    )
    assert set(found(manager)) == {"我的课", "别处的课"}
    assert found(manager, shown=Shown.WITHHELD) == ["别处的课"]
    assert found(manager, unit=there) == ["别处的课"]
    assert found(manager, q="我的") == ["我的课"]
    with unit_of_work():
        mine.stream.kept_ms = 90_000
    sign_in(learner).get(f"/live/{mine.id}/replay")
    for order in (Order.LONGEST, Order.MOST_VIEWED):
        assert found(manager, order=order) == ["我的课", "别处的课"], order
    page = sign_in(teacher).get("/manage/recordings")
    assert "我的课" in page.text
    assert "别处的课" not in page.text
    assert sign_in(None).get("/manage/recordings").status_code == 302
    assert sign_in(teacher).get("/manage/recordings?order=nonsense&shown=nonsense").status_code == 200
    assert sign_in(teacher).get(f"/manage/recordings?unit={there.id}").status_code == 200
    book = sign_in(manager).post("/manage/recordings.xlsx?order=subject")
    rows = list(load_workbook(io.BytesIO(book.data)).active.values)  # type: ignore[union-attr]
    assert [row[0] for row in rows[1:]] == sorted(["我的课", "别处的课"])
    assert noted(Action.RECORDINGS_EXPORTED)


def test_five_thousand_recordings_are_listed_fast(app: Flask, sign_in: SignIn, ended: LiveSession) -> None:
    skipped = {"id", "stream_id", "key", "subject", "subject_key"}
    stream = {c.name: getattr(ended.stream, c.name) for c in Stream.__table__.columns if c.name not in skipped}
    lesson = {c.name: getattr(ended, c.name) for c in LiveSession.__table__.columns if c.name not in skipped}
    numbers = range(5_000)
    with unit_of_work():
        db.session.execute(insert(Stream), [{**stream, "id": f"s{n}", "key": f"k{n}"} for n in numbers])
        rows = [
            {**lesson, "id": f"l{n}", "stream_id": f"s{n}", "subject": f"课{n}", "subject_key": f"课{n}"}
            for n in numbers
        ]
        db.session.execute(insert(LiveSession), rows)
        db.session.execute(text("ANALYZE"))  # as a database does that has run for a while
    manager = roles.manager(accounts.user("manager", unit=units.academy()))
    browser = sign_in(manager)
    browser.get("/manage/recordings")
    for address in ("?page=60", "?order=viewed", "?q=课499", "?order=largest&shown=published"):
        began = time.perf_counter()
        assert browser.get(f"/manage/recordings{address}").status_code == 200
        assert time.perf_counter() - began < 1.5, address


def test_chat_or_names_can_be_left_out_of_a_replay(app: Flask, sign_in: SignIn, teacher: User, learner: User) -> None:
    """Also where pages ask for what came before; those who teach see names, and take both back at any time."""
    live = lives.on_air(teacher, "没有名字的课")
    with app.test_request_context():
        call = call_of(learner, live)
        chat.say(call, "看得清吗", nonce="1")
        questions.ask(call, "为什么呢", anonymous=False, nonce="2")
        live_timeline.append(live.id, "stage.joined", {"key": "u1", "name": learner.real_name})
        live_timeline.append(live.id, "stage.left", {"key": "u1", "name": learner.real_name})
    live_services.end(live, by=teacher)
    feed = f"/live/{live.id}/replay/feed"
    places = (feed, f"/live/{live.id}/events", f"/live/{live.id}/chat", f"/live/{live.id}/questions?after=0.9999.9999")
    browser = sign_in(accounts.user("classmate"))

    def seen(words: str) -> set[str]:
        return {place for place in places if words in browser.get(place).text}

    assert seen(learner.real_name) == set(places)
    services.publish(live, None, guests=True, by=teacher, shown=services.Shown(names=False))
    assert seen(learner.real_name) == set()
    assert seen("看得清吗") == set(places) - {places[3]}
    assert learner.real_name not in browser.get(f"/live/{live.id}/replay?q=看得清").text
    assert learner.real_name in sign_in(teacher).get(feed).text
    services.publish(live, None, guests=True, by=teacher, shown=services.Shown(chat=False))
    assert seen("看得清吗") | seen("为什么呢") == set()
    assert "为什么呢" not in browser.get(f"/live/{live.id}/replay?q=为什么").text
    services.publish(live, None, guests=True, by=teacher)
    assert seen(learner.real_name) == set(places)


def test_the_page_of_a_recording_sets_what_its_replay_shows(sign_in: SignIn, teacher: User) -> None:
    live = recorded(teacher, "课")
    address = f"/live/{live.id}/recording/audience"
    sign_in(teacher).post(address, data={"audience": "lesson", "names": "y"})
    db.session.expire_all()
    assert (live.replay_chat, live.replay_names) == (False, True)
    panel = sign_in(teacher).get(f"/live/{live.id}/replay").text
    assert 'name="names" checked' in panel
    assert 'name="chat" checked' not in panel, "an export usually holds what the replay shows"
