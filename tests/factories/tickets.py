"""Tickets and announcements for tests."""

from __future__ import annotations

from app.accounts.models import User
from app.kernel import clock
from app.support.announcements import services as announcements
from app.support.announcements.models import Announcement, Kind
from app.support.tickets import canned, services
from app.support.tickets.models import Canned, Ticket
from app.support.tickets.services import Question
from app.units.models import Unit


def ticket(by: User, subject: str = "没有声音", words: str = "听不到老师的声音。") -> Ticket:
    """Open a ticket of a person with an account."""
    return services.ask(Question(subject=subject, words=words), by=by)


def strangers(email: str = "visitor@example.com", subject: str = "打不开") -> Ticket:
    """Open a ticket of a person without an account, who has confirmed her address."""
    opened = services.ask(Question(subject=subject, words="页面打不开。", name="访客", email=email), by=None)
    services.confirm_address(opened)
    return opened


def canned_answer(unit: Unit) -> Canned:
    """Keep a canned answer for the tickets of a unit."""
    return canned.add(unit, title="刷新", words="请刷新页面。")


def announcement(unit: Unit, by: User) -> Announcement:
    """Publish an announcement of a unit for the next hour."""
    now_ms = clock.now_ms()
    return announcements.publish(
        unit, by=by, kind=Kind.NEWS, title="新课上线", words="", from_ms=now_ms, until_ms=now_ms + 3_600_000
    )
