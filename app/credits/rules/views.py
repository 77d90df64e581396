"""Rules as templates see them, and what hangs in the pages of lessons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, render_template
from flask_login import current_user

from app.credits.rules import categories, queries, words
from app.credits.rules.models import RuleVersion
from app.credits.rules.rule import ReplayCounts, Rule
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.roles import policies


@dataclass(frozen=True)
class VersionView:
    """A line of a unit's history."""

    id: int
    valid_from_ms: int
    made_ms: int
    by: str
    note: str
    sentence: str
    """Empty means the rule of the unit above."""
    state: str
    """coming, valid, past or withdrawn."""


def history_of(versions: Sequence[RuleVersion]) -> list[VersionView]:
    """Show the versions of one unit, the newest first."""
    now, seen_valid, shown = clock.now_ms(), False, []
    for version in versions:
        if version.withdrawal is not None:
            state = "withdrawn"
        elif version.valid_from_ms > now:
            state = "coming"
        else:
            state, seen_valid = ("past" if seen_valid else "valid"), True
        rule = version.rule
        shown.append(
            VersionView(
                id=version.id,
                valid_from_ms=version.valid_from_ms,
                made_ms=version.made_ms,
                by=version.by.real_name,
                note=version.note,
                sentence=words.sentence(rule) if rule else "",
                state=state,
            )
        )
    return shown


def examples(rule: Rule) -> list[tuple[str, str]]:
    """Return what a rule brings in some cases, each with its hours."""
    return [words.example(rule, programme, watched) for programme, watched in words.PREVIEWED]


def fact_of(live_id: str) -> str:
    """Render the line about learning hours among the facts of a lesson's introduction page."""
    live = db.session.get_one(LiveSession, live_id)
    terms = queries.terms_for(live_id)
    return render_template(
        "credits/_fact.html",
        sentence=words.sentence(queries.rule_for(live), terms.fixed if terms else None),
        category=categories.name_of(terms.category) if terms else "",
    )


def step_of(live_id: str) -> str:
    """Render the button to a lesson's category and hours, for those who decide about them."""
    live = db.session.get_one(LiveSession, live_id)
    user = current_user if current_user.is_authenticated else None
    if not policies.holdings_of(user).covers(Permission.CREDIT_RULES, live.unit.path):
        return ""
    return render_template("credits/_step.html", live_id=live_id)


def card_of(live_id: str) -> str:
    """Render what a lesson brings, for its card. Lessons that the request has read are looked up together."""
    known: dict[str, str] = g.setdefault("credit_cards", {})
    if live_id not in known:
        read = [one for one in db.session.identity_map.values() if isinstance(one, LiveSession)]
        known.update(_cards([one for one in read if one.id not in known]))
    return known.get(live_id, "")


def _cards(lives: list[LiveSession]) -> dict[str, str]:
    rules, terms = queries.rules_for(lives), queries.terms_of([live.id for live in lives])
    shown, rendered = {}, {}  # most lessons of a page bring the same
    for live in lives:
        its = terms.get(live.id)
        is_past = live.state is LiveState.ENDED and rules[live.id].replay is ReplayCounts.NO
        if is_past or live.state is LiveState.CANCELLED:
            shown[live.id] = ""
            continue
        length_s = _length_ms(live) // 1000
        hours = rules[live.id].hours(length_s, length_s, its.fixed if its else None)
        brought = (words.number(hours), categories.name_of(its.category) if its else "")
        if brought not in rendered:
            rendered[brought] = render_template("credits/_card.html", hours=brought[0], category=brought[1])
        shown[live.id] = rendered[brought]
    return shown


def _length_ms(live: LiveSession) -> int:
    if live.started_at_ms and live.ended_at_ms:
        return live.ended_at_ms - live.started_at_ms
    return live.ends_at_ms - live.starts_at_ms
