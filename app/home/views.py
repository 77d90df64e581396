"""Parts of the home page that are a person's own: her lesson, her day, and the work that waits for her."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import ngettext
from sqlalchemy import func, select

from app.accounts.models import User
from app.credits.counting import queries as counting
from app.credits.ledger import queries as ledger
from app.credits.reports import appeals
from app.credits.reports import views as credits
from app.credits.reports.views import Unfinished
from app.extensions import db
from app.kernel.permissions import Permission
from app.live.lists import queries as listings
from app.live.lists.queries import Tab
from app.live.models import LiveSession
from app.live.views import LiveCard, LiveView, cards_of, next_step, view_of
from app.recommendations import queries as recommendations
from app.roles import policies as roles
from app.support.tickets import queries as tickets
from app.units import queries as units

MOST_UNFINISHED = 3
MOST_LIKED = 4
LOOKED_THROUGH = 50
"""Newest replays among which those are looked for that colleagues have finished."""
FEWEST_FINISHERS = 2
"""Minimum number of colleagues: what a single one has finished is her own affair."""


@dataclass(frozen=True)
class Need:
    """Work that waits for a manager."""

    words: str
    url: str


@dataclass(frozen=True)
class Home:
    """All lessons of the home page."""

    own: Own
    on_air: list[LiveCard]
    coming: list[LiveCard]
    replays: list[LiveCard]


@dataclass(frozen=True)
class Own:
    """The part of the home page for one person alone."""

    next_lesson: LiveView | None
    """The next lesson that she teaches."""
    step: str
    """As `live.views.next_step` says of it."""
    today: list[LiveCard]
    """Lessons of today for which she has signed up, or in which she has a part."""
    unfinished: list[Unfinished]
    liked: list[LiveCard]
    """Replays that most people of her institute have finished, and of which she has seen nothing."""
    needs: list[Need]


def home(user: User | None) -> Home:
    """Return the home page of a person, or of a visitor.

    The lessons of all its parts are read together, and so are their pictures and marks: the page has up to fifty cards.
    """
    most = {Tab.ON_AIR: listings.ON_A_SHELF, Tab.COMING: listings.ON_A_SHELF, Tab.REPLAYS: LOOKED_THROUGH}
    ids = listings.first_ids(user, most)
    newest = ids[Tab.REPLAYS][: listings.ON_A_SHELF]
    liked = _liked(user, ids[Tab.REPLAYS]) if user is not None else []
    read = listings.by_ids({*ids[Tab.ON_AIR], *ids[Tab.COMING], *newest, *liked})
    lesson, step = _next_lesson(user) if user is not None else (None, "")
    today = [live for live in listings.today_of(user) if live is not lesson] if user is not None else []
    liked = [one for one in liked if user is None or read[one].chosen_as(user) is None][:MOST_LIKED]
    cards = {card.id: card for card in cards_of(list({**read, **{live.id: live for live in today}}.values()), user)}
    return Home(
        own=Own(
            next_lesson=view_of(lesson, user) if lesson is not None else None,
            step=step,
            today=[cards[live.id] for live in today],
            unfinished=credits.unfinished(user, most=MOST_UNFINISHED) if user is not None else [],
            liked=[cards[one] for one in liked],
            needs=_needs(user) if user is not None else [],
        ),
        on_air=[cards[one] for one in ids[Tab.ON_AIR]],
        coming=[cards[one] for one in ids[Tab.COMING]],
        replays=[cards[one] for one in newest if one not in liked] or [cards[one] for one in newest],
    )


def _next_lesson(user: User) -> tuple[LiveSession | None, str]:
    """Return the lesson that a person teaches next and its step, or `None` and nothing."""
    lesson = listings.next_taught(user)
    step = next_step(lesson, user, may_watch=True) if lesson is not None else ""
    if step not in {"start", "studio"}:  # she planned it, and may no longer teach
        return None, ""
    return lesson, step


def _liked(user: User, newest: Sequence[str]) -> list[str]:
    """Return the ids of the replays that most colleagues finished, some more than are shown."""
    fresh = set(newest) - set(counting.lessons_of(user.id))
    finished = ledger.finishers(fresh, units.home_of(user.unit)) if fresh else {}
    best = sorted((one for one in finished if finished[one] >= FEWEST_FINISHERS), key=lambda one: -finished[one])
    return best[: 2 * MOST_LIKED]


def _needs(user: User) -> list[Need]:
    held, found = roles.holdings_of(user), []
    if held.anywhere(Permission.LIVE_MANAGE_UNIT) and (number := _count(listings.in_trouble(held))):
        words = ngettext(
            "%(num)d lesson is late, or its presenter is away",
            "%(num)d lessons are late, or without presenters",
            number,
        )
        found.append(Need(words, url_for("lists.managed")))
    if held.anywhere(Permission.CREDIT_CORRECT) and (number := _count(appeals.in_reach(held, answered=False))):
        words = ngettext("%(num)d appeal about learning hours", "%(num)d appeals about learning hours", number)
        found.append(Need(words, url_for("credit_reports.appeals_list")))
    if held.anywhere(Permission.TICKET_ANSWER) and (number := _count(tickets.in_reach(held, user, q="", which="open"))):
        words = ngettext("%(num)d ticket waits for an answer", "%(num)d tickets wait for an answer", number)
        found.append(Need(words, url_for("ticket_desk.index")))
    if held.anywhere(Permission.RECOMMEND_ACADEMY) and (number := len(recommendations.open_requests())):
        words = ngettext("%(num)d request to recommend a lesson", "%(num)d requests to recommend lessons", number)
        found.append(Need(words, url_for("recommendations.academy_desk")))
    return found


def _count(wanted: Any) -> int:
    rows = wanted.order_by(None).options().with_only_columns(wanted.selected_columns[0], maintain_column_froms=True)
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
