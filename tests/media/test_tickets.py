"""Tickets of presenters' browsers: each lets one tab in, once, within moments; and who sends is known."""

from __future__ import annotations

import pytest
import time_machine
from sqlalchemy import select

from app.extensions import db
from app.live import services as live_services
from app.live.models import LiveSession
from app.media import queries, services, tickets
from app.media.errors import MediaRefusal, SomebodySends, StreamOver
from app.media.models import Sending, Stream, Ticket
from media_worker.contract import Beat, Health, Newest, PublishRequest, RefusalCode, Way
from tests.factories import media

TAB, OTHER_TAB = "tab-aaaaaaaa", "tab-bbbbbbbb"


def issue(lesson: LiveSession, sender: str = TAB, **options: bool | str) -> str:
    return tickets.issue(lesson.stream, user_id=lesson.owner.id, name="李明远", sender=sender, **options).id


def publish(ticket: str, sender: str = TAB, client: str = "192.0.2.9") -> int:
    return services.publish(PublishRequest(ticket, "worker-1", client, "Chrome 140", Way.BROWSER, sender)).run


def refusal(ticket: str, sender: str = TAB) -> RefusalCode:
    with pytest.raises(MediaRefusal) as caught:
        publish(ticket, sender)
    return caught.value.refusal.code


def sends(lesson: LiveSession, sender: str = TAB) -> int:
    """A browser sends and its picture is there."""
    run = publish(issue(lesson, sender), sender)
    hears(lesson.stream, run)
    return run


def hears(stream: Stream, run: int, *, publishing: bool = True, frame_age_ms: int = 0) -> None:
    health = Health(last_frame_age_ms=frame_age_ms)
    services.hear_beat(stream.id, Beat("worker-1", run, publishing, 0, newest=Newest(1, 1, 1000), health=health))


def test_a_ticket_opens_the_next_run_of_its_stream(lesson: LiveSession) -> None:
    assert publish(issue(lesson)) == 1
    stream = lesson.stream
    assert (stream.publishing, stream.way, stream.sender, stream.sender_name) == (True, "browser", TAB, "李明远")


def test_a_ticket_is_good_once(lesson: LiveSession) -> None:
    ticket = issue(lesson)
    publish(ticket)
    assert refusal(ticket) is RefusalCode.TICKET_USED
    assert lesson.stream.run == 1


def test_a_ticket_is_good_for_its_tab_alone_and_stays_good_for_it(lesson: LiveSession) -> None:
    ticket = issue(lesson)
    assert refusal(ticket, OTHER_TAB) is RefusalCode.TICKET_UNKNOWN
    assert refusal(ticket, "") is RefusalCode.TICKET_UNKNOWN
    assert publish(ticket) == 1


@pytest.mark.parametrize("nonsense", ["", "x", "x" * 500, "'; drop table media_ticket; --"])
def test_a_made_up_ticket_is_refused(lesson: LiveSession, nonsense: str) -> None:
    assert refusal(nonsense) is RefusalCode.TICKET_UNKNOWN


def test_a_stream_key_is_no_ticket_and_a_ticket_no_key(lesson: LiveSession) -> None:
    assert refusal(lesson.stream.key) is RefusalCode.TICKET_UNKNOWN
    with pytest.raises(MediaRefusal) as caught:
        services.publish(PublishRequest(issue(lesson), "worker-1", "192.0.2.9"))
    assert caught.value.refusal.code is RefusalCode.WRONG_KEY


def test_a_ticket_grows_old(lesson: LiveSession) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        ticket, young = issue(lesson), issue(lesson)
        traveller.shift(29)
        assert publish(young) == 1
        traveller.shift(2)
        assert refusal(ticket) is RefusalCode.TICKET_EXPIRED


def test_a_ticket_of_an_ended_lesson_is_refused_and_none_is_issued(lesson: LiveSession) -> None:
    ticket = issue(lesson)
    live_services.start(lesson, by=lesson.owner)
    live_services.end(lesson, by=lesson.owner)
    assert refusal(ticket) is RefusalCode.SESSION_OVER
    with pytest.raises(StreamOver):
        issue(lesson)


def test_of_two_tickets_for_the_same_run_the_second_is_refused(lesson: LiveSession) -> None:
    first, second = issue(lesson), issue(lesson, OTHER_TAB)
    publish(first)
    assert refusal(second, OTHER_TAB) is RefusalCode.TAKEN_OVER
    assert lesson.stream.sender == TAB


def test_another_tab_is_told_who_sends_and_may_take_over(lesson: LiveSession) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        run = sends(lesson)
        began = lesson.stream.since_ms
        traveller.shift(4)
        hears(lesson.stream, run)
        with pytest.raises(SomebodySends) as caught:
            issue(lesson, OTHER_TAB)
        assert caught.value.sending == Sending(Way.BROWSER, "李明远", "Chrome 140", began)
        assert publish(issue(lesson, OTHER_TAB, take_over=True), OTHER_TAB) == run + 1
        with pytest.raises(SomebodySends):
            issue(lesson)  # the one before does not fight back
        with pytest.raises(MediaRefusal):
            hears(lesson.stream, run)  # and its worker is told


def test_the_page_after_one_that_has_left_takes_its_place_without_a_question(lesson: LiveSession) -> None:
    run = sends(lesson)
    with pytest.raises(SomebodySends):
        issue(lesson, OTHER_TAB, left="tab-cccccccc")  # another page than the one that sends has left
    assert publish(issue(lesson, OTHER_TAB, left=TAB), OTHER_TAB) == run + 1


def test_an_encoder_that_sends_is_said_too(lesson: LiveSession) -> None:
    media.encoder(lesson.stream)
    with pytest.raises(SomebodySends) as caught:
        issue(lesson)
    assert (caught.value.sending.way, caught.value.sending.name, caught.value.sending.encoder) == (Way.RTMP, "", "OBS")


def test_a_tab_comes_back_without_taking_over_from_itself(lesson: LiveSession) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        run = sends(lesson)
        began = lesson.stream.since_ms
        traveller.shift(3)
        assert publish(issue(lesson)) == run + 1
        assert lesson.stream.since_ms == began
        assert lesson.stream.ousted_client == "", "its own address is not ousted"


def test_whoever_has_sent_nothing_for_seconds_does_not_stand_in_the_way(lesson: LiveSession) -> None:
    run = sends(lesson)
    hears(lesson.stream, run, frame_age_ms=6000)
    assert queries.sending(lesson.stream) is None
    assert publish(issue(lesson, OTHER_TAB), OTHER_TAB) == run + 1


def test_a_lost_line_frees_the_place(lesson: LiveSession) -> None:
    run = sends(lesson)
    hears(lesson.stream, run, publishing=False)
    assert not lesson.stream.publishing
    assert issue(lesson, OTHER_TAB)


def test_a_browser_that_takes_over_from_obs_keeps_it_out(lesson: LiveSession) -> None:
    media.encoder(lesson.stream, client="192.0.2.1")
    hears(lesson.stream, publish(issue(lesson, take_over=True)))
    lesson.stream.has_picture = True
    with pytest.raises(MediaRefusal) as caught:
        media.encoder(lesson.stream, client="192.0.2.1")
    assert caught.value.refusal.code is RefusalCode.TAKEN_OVER


def test_old_tickets_are_cleared_away(lesson: LiveSession) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        for _ in range(3):
            issue(lesson)
            traveller.shift(2 * tickets.KEPT_MS / 1000)
        assert len(db.session.scalars(select(Ticket)).all()) == 1
