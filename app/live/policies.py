"""Permissions of people for a lesson, by their part in it."""

from __future__ import annotations

from enum import StrEnum

from app.accounts.models import User
from app.kernel.errors import Forbidden
from app.kernel.permissions import Permission
from app.live.lifecycle import LiveState
from app.live.models import Audience, LiveSession, Part
from app.roles import policies as roles
from app.units import queries as units
from app.units.models import Unit


class May(StrEnum):
    """Deeds with one lesson that a person may be allowed."""

    WATCH = "watch"
    """See its pages, and watch it while it is on air."""
    REPLAY = "replay"
    """Watch its recording. Before the end this is the same as WATCH."""
    ASSIST = "assist"
    """See studio, preview and health; hand out addresses, links and the learner token."""
    DIRECT = "direct"
    """Start, pause, end, record; see key and tokens."""
    PLAN = "plan"
    """Change, cancel and delete it."""


def permissions_of(user: User | None, live: LiveSession) -> frozenset[May]:
    """Return everything that a person, or a visitor without an account, may do with a lesson.

    What a guest link or the learner token adds is in `queries.permissions_here`.
    """
    if user is not None and plans(user, live):
        return frozenset(May) - {May.PLAN} if live.rehearses_id is not None else frozenset(May)
    if live.draft and live.rehearses_id is None:
        return frozenset()
    part = part_of(user, live) if user else None
    if part is Part.TEACHER:
        return frozenset({May.WATCH, May.REPLAY, May.ASSIST, May.DIRECT})
    if part is Part.ASSISTANT:
        return frozenset({May.WATCH, May.REPLAY, May.ASSIST})
    if live.draft:  # a rehearsal is for presenters alone
        return frozenset()
    return _as_audience(user, live)


def _as_audience(user: User | None, live: LiveSession) -> frozenset[May]:
    """Return what the audience may do.

    The recording of a lesson that is over may be published to another audience, whose people then see the pages of the
    lesson, too.
    """
    is_invited = is_invited_to(user, live)
    if live.state is not LiveState.ENDED or live.replay_audience is None:
        is_shown = is_invited and not is_withheld(live)
    else:
        is_shown = not is_withheld(live) and _belongs(user, live.replay_audience, live.replay_audience_unit)
    if is_shown:
        return frozenset({May.WATCH, May.REPLAY})
    return frozenset({May.WATCH}) if is_invited else frozenset()


def is_invited_to(user: User | None, live: LiveSession) -> bool:
    """Return whether a person, or a visitor without an account, belongs to the audience of a lesson as it is taught."""
    return _belongs(user, live.audience, live.audience_unit)


def admitted_may(live: LiveSession, *, is_guest: bool) -> frozenset[May]:
    """Return what people may do who came by the guest link (`is_guest`) or by the learner token."""
    if live.state is not LiveState.ENDED:
        return frozenset({May.WATCH, May.REPLAY})
    is_shown = live.replay_guests if is_guest else live.replay_audience is None
    return frozenset({May.WATCH, May.REPLAY}) if is_shown and not is_withheld(live) else frozenset({May.WATCH})


def is_withheld(live: LiveSession) -> bool:
    """Return whether the recording of a lesson that is over is for its presenters only."""
    return live.state is LiveState.ENDED and live.replay_hidden


def _belongs(user: User | None, audience: Audience, unit: Unit | None) -> bool:
    if audience is Audience.EVERYONE:
        return True
    return user is not None and unit is not None and user.unit.is_within(unit.path)


def part_of(user: User, live: LiveSession) -> Part | None:
    """Return the part that a person plays in a lesson, `None` for a person who only watches.

    Presenters whom others have named, or who hold a token, need no role. Who made the lesson does, also where she
    named herself: otherwise taking her role back would change nothing.
    """
    return live.chosen_as(user) if live.owner_id != user.id or plans(user, live) else None


def directs(user: User, live: LiveSession) -> bool:
    """Return whether a person teaches the lesson, or planned it and still may, or manages the sessions of its unit."""
    return May.DIRECT in permissions_of(user, live)


def plans(user: User, live: LiveSession) -> bool:
    """Return whether a person has planned the lesson, and still may, or manages the sessions of its unit.

    A lesson that runs is not taken out of the hands of who planned it.
    """
    held = roles.holdings_of(user)
    if held.covers(Permission.LIVE_MANAGE_UNIT, live.unit.path):
        return True
    return live.owner_id == user.id and (live.is_running or held.covers(Permission.LIVE_MANAGE, live.unit.path))


def hands_out(live: LiveSession, user: User | None) -> bool:
    """Return whether a person may invite to a lesson, and there is something to come to."""
    return not (live.draft or live.is_over) and May.ASSIST in permissions_of(user, live)


def audience_unit(unit: Unit, audience: Audience) -> Unit:
    """Return the unit whose people may watch a lesson that is taught in the name of `unit`."""
    if audience is Audience.DEPARTMENT:
        return unit
    return units.home_of(unit) if audience is Audience.INSTITUTE else units.academy()


def home_for_sessions(user: User) -> Unit:
    """Return the unit in whose name a person teaches: her own, or the first one where she may.

    Raises:
        Forbidden: she may teach nowhere.
    """
    held = roles.holdings_of(user)
    if held.covers(Permission.LIVE_MANAGE, user.unit.path):
        return user.unit
    elsewhere = roles.first_unit(held, Permission.LIVE_MANAGE)
    if elsewhere is None:
        raise Forbidden
    return elsewhere
