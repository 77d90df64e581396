"""Learning hours as templates of learners see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from flask import current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.accounts.models import User
from app.credits.counting import queries as counting
from app.credits.counting.stretches import Stretches, length_ms
from app.credits.ledger import queries as ledger
from app.credits.ledger.closing import counts_until_ms
from app.credits.ledger.models import Entry, Evidence, Kind
from app.credits.outbox import receivers as outbox
from app.credits.reports import targets
from app.credits.reports.certificates import watched
from app.credits.reports.models import Appeal
from app.credits.reports.targets import ALL, Targets
from app.credits.rules import queries as rules
from app.credits.rules.categories import name_of
from app.credits.rules.rule import Rule
from app.credits.rules.words import number
from app.extensions import db
from app.kernel import charts, clock, web
from app.live import queries as lives
from app.live.errors import NotForYou
from app.live.lifecycle import LiveState
from app.live.lists import queries as listings
from app.live.models import LiveSession

MOST_UNFINISHED = 30
"""Lessons, the newest first, that are looked at for what is missing."""


@dataclass(frozen=True)
class Unfinished:
    """A lesson of which something is still to be watched, and would count."""

    subject: str
    page_url: str
    replay_url: str
    watched_ms: int
    programme_ms: int
    missing_ms: int
    """Until the hours are full."""
    has: str
    brings: str
    """Learning hours, now and when all of it is watched."""
    until_ms: int | None
    strip: Markup

    @property
    def percent(self) -> int:
        """How much of it is watched."""
        return self.watched_ms * 100 // max(1, self.programme_ms)


@dataclass(frozen=True)
class EntryView:
    """A line of somebody's ledger."""

    id: int
    day_ms: int
    title: str
    page_url: str
    kind: str
    category: str
    watched: str
    share: str
    hours: str
    is_negative: bool
    reason: str
    appeal_url: str


@dataclass(frozen=True)
class Goal:
    """A target, and how far somebody is."""

    name: str
    has: str
    wanted: str
    lacks: str
    """Empty means that the target is reached."""
    percent: int


@dataclass(frozen=True)
class AppealView:
    """An appeal, and what became of it."""

    id: int
    who: str
    unit: str
    title: str
    words: str
    made_ms: int
    answer: str
    answered_ms: int | None
    corrected: bool


def kind_name(kind: Kind) -> str:
    """Return the word for a kind of entry."""
    return str(
        {
            Kind.EARNED: _("watched"),
            Kind.CORRECTION: _("correction"),
            Kind.ADDITION: _("addition"),
            Kind.BROUGHT: _("earned elsewhere"),
        }[kind]
    )


def unfinished(user: User, most: int | None = None) -> list[Unfinished]:
    """Return the lessons that somebody can still finish by the replay, the newest first.

    Args:
        user: the learner.
        most: maximum number of lessons. `None` means all of those that are looked at.
    """
    ids = counting.lessons_of(user.id)[:MOST_UNFINISHED]
    lessons = listings.by_ids(ids)
    ended = [lessons[one] for one in ids if one in lessons and lessons[one].state is LiveState.ENDED]
    made = rules.rules_for(ended) if ended else {}
    counted = [live for live in ended if live.has_recording and _counts_still(live, made[live.id])]
    if not counted:
        return []
    ids = [live.id for live in counted]
    terms, shares, programmes = rules.terms_of(ids), counting.shares_of(user.id, ids), counting.programmes(counted)
    fixed = {live_id: one.fixed for live_id, one in terms.items()}
    each = (
        _unfinished(live, made[live.id], fixed.get(live.id), shares.get(live.id), programmes[live.id])
        for live in counted
    )
    return list(islice((one for one in each if one is not None), most))


def _counts_still(live: LiveSession, rule: Rule) -> bool:
    until_ms = counts_until_ms(live, rule)
    return until_ms is None or until_ms > clock.now_ms()


def _unfinished(
    live: LiveSession, rule: Rule, fixed: Decimal | None, share: counting.Share | None, programme: Stretches
) -> Unfinished | None:
    has_ms, whole_ms = int((share.watched_s if share else 0) * 1000), length_ms(programme)
    now, then = rule.hours(has_ms / 1000, whole_ms / 1000, fixed), rule.hours(whole_ms / 1000, whole_ms / 1000, fixed)
    if now >= then:
        return None
    return Unfinished(
        subject=live.subject,
        page_url=url_for("live.page", live_id=live.id),
        replay_url=url_for("replays.page", live_id=live.id),
        watched_ms=has_ms,
        programme_ms=whole_ms,
        missing_ms=whole_ms - has_ms,
        has=number(now),
        brings=number(then),
        until_ms=counts_until_ms(live, rule),
        strip=watched_strip(programme, share.stretches if share else []),
    )


def entry_views(entries: Sequence[Entry], *, appeals: bool = True) -> list[EntryView]:
    """Show entries."""
    return [
        EntryView(
            id=entry.id,
            day_ms=entry.earned_ms,
            title=entry.title,
            page_url=url_for("live.page", live_id=entry.live_id) if entry.live_id else "",
            kind=kind_name(entry.kind),
            category=name_of(entry.category),
            watched=watched(entry),
            share=f"{entry.share}%" if entry.programme_ms else "–",
            hours=f"{entry.hours:.2f}",
            is_negative=entry.hours < 0,
            reason=entry.reason,
            appeal_url=url_for("credit_archive.appeal", entry=entry.id) if appeals else "",
        )
        for entry in entries
    ]


def goals(totals: dict[str, Decimal], wanted: Targets) -> list[Goal]:
    """Show how far somebody is on the way to each target; the one for all categories comes first."""
    has = {**totals, ALL: sum(totals.values(), Decimal(0))}
    lacks = targets.missing(totals, wanted)
    return [
        Goal(
            name=name_of(category) if category else _("All categories"),
            has=number(has.get(category, Decimal(0))),
            wanted=number(hours),
            lacks=number(lacks[category]) if category in lacks else "",
            percent=min(100, int(has.get(category, Decimal(0)) * 100 / hours)),
        )
        for category, hours in sorted(wanted.items())
    ]


def sums(totals: dict[str, Decimal]) -> list[tuple[str, str]]:
    """Show hours by category."""
    return [(name_of(category) or _("without a category"), number(hours)) for category, hours in sorted(totals.items())]


def appeal_views(appeals: Sequence[Appeal]) -> list[AppealView]:
    """Show appeals."""
    return [
        AppealView(
            id=one.id,
            who=one.user.label,
            unit=one.user.unit.name,
            title=one.entry.title if one.entry else "",
            words=one.words,
            made_ms=one.made_ms,
            answer=one.answer,
            answered_ms=one.answered_ms,
            corrected=one.correction_id is not None,
        )
        for one in appeals
    ]


def watched_strip(programme: Stretches, watched: Stretches) -> Markup:
    """Draw what somebody watched of a lesson's programme."""
    label = _(
        "%(watched)s of %(programme)s watched",
        watched=web.as_clock(length_ms(watched)),
        programme=web.as_clock(length_ms(programme)),
    )
    return charts.strip(programme, watched, label)


def evidence_of(entry: Entry) -> Markup:
    """Draw from which stretches an entry was computed; empty where they are thinned."""
    evidence = db.session.get(Evidence, entry.id)
    if evidence is None or entry.live_id is None:
        return Markup()
    try:
        programme = counting.programme(lives.by_id(entry.live_id))
    except NotForYou:
        return Markup()
    return watched_strip(programme, ledger.stretches_of(evidence))


def kept_days() -> int:
    """Return how many days stretches are kept; 0 means for good."""
    return int(current_app.config["CREDITS_STRETCHES_DAYS"])


def receivers() -> list[str]:
    """Return the other services that hear of learning hours, and what they hear."""
    found = []
    if (store := outbox.lrs()) is not None:
        found.append(
            _("What you watch, with your name, goes to the academy's learning record store, %(host)s.", host=store.host)
        )
    if (hook := outbox.hook()) is not None:
        found.append(_("Your entries also go to another service of the academy, %(host)s.", host=hook.host))
    return found
