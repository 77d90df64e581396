"""Deleting recordings, bringing them back, and the rules that delete by themselves."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import clock, web
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import LiveState
from app.live.models import LiveSession, Part
from app.mail import services as mail
from app.media.folders import folder_of
from app.replays import services as replays
from app.replays.keeping import holds, queries
from app.replays.keeping.errors import BeingClosed, StillNeeded
from app.replays.keeping.models import KeepingRule
from app.replays.keeping.queries import BIN_DAYS, DAY_MS, NOTICE_DAYS
from app.units.models import Unit


def delete(live: LiveSession, *, by: User | None) -> None:
    """Put a recording into the recycle bin.

    Args:
        live: the lesson.
        by: who deletes it; `None` for the rule of its unit.

    Raises:
        BeingClosed, StillNeeded: it must stay.
    """
    with unit_of_work():
        lock(live)
        if live.state is not LiveState.ENDED or not live.stream.finished:
            raise BeingClosed
        if why := holds.reason(live):
            raise StillNeeded(mend=why)
        if live.recording_binned_ms is None:
            live.recording_binned_ms = clock.now_ms()
            replays.drop_download(live)
            _note(Action.REPLAY_DELETED, live, by)


def restore(live: LiveSession, *, by: User) -> None:
    """Bring a recording back from the bin. No rule deletes it again."""
    with unit_of_work():
        lock(live)
        if live.recording_binned_ms is not None:
            live.recording_binned_ms, live.recording_told_ms, live.recording_kept = None, None, True
            _note(Action.REPLAY_RESTORED, live, by)


def keep_always(live: LiveSession, on: bool) -> None:
    """Exempt a recording from the rules of units, or not any more."""
    with unit_of_work():
        lock(live)
        live.recording_kept, live.recording_told_ms = on, None


def set_rule(unit: Unit, days: int | None, *, by: User) -> None:
    """Set the rule of a unit. `None` keeps recordings for ever."""
    with unit_of_work():
        rule = db.session.get(KeepingRule, unit.id, with_for_update=True)
        if rule is None:
            rule = KeepingRule(unit_id=unit.id)
            db.session.add(rule)
        rule.days, rule.by_id, rule.changed_ms = days, by.id, clock.now_ms()
        audit.record(Action.REPLAY_RULE_SET, by_id=by.id, unit_id=unit.id, what=unit.name, days=days)


def drop_rule(unit: Unit, *, by: User) -> None:
    """Have the rule of the unit above hold."""
    with unit_of_work():
        rule = db.session.get(KeepingRule, unit.id, with_for_update=True)
        if rule is not None:
            db.session.delete(rule)
            audit.record(Action.REPLAY_RULE_SET, by_id=by.id, unit_id=unit.id, what=unit.name, days="inherited")


def sweep() -> None:
    """Do what the rules say: tell people, delete what they were told of, empty the bin. Called every hour."""
    now_ms, made = clock.now_ms(), queries.rules()
    for live in queries.nearly_due(now_ms, made):
        _follow(live, now_ms, made)
    for live in queries.to_purge(now_ms):
        if not holds.reason(live):
            _purge(live)


def _follow(live: LiveSession, now_ms: int, made: Mapping[int, KeepingRule]) -> None:
    due_ms = queries.due_ms(live, made)
    if due_ms is None or now_ms < due_ms - NOTICE_DAYS * DAY_MS:
        if live.recording_told_ms is not None:
            with unit_of_work():
                lock(live)
                live.recording_told_ms = None  # the rule has changed: people are told anew
    elif live.recording_told_ms is None:
        _tell(live, max(due_ms, now_ms + NOTICE_DAYS * DAY_MS))
    elif now_ms >= max(due_ms, live.recording_told_ms + NOTICE_DAYS * DAY_MS) and not holds.reason(live):
        delete(live, by=None)


def _tell(live: LiveSession, goes_ms: int) -> None:
    people = {user.id: user for user in [live.owner, *live.people_of(Part.TEACHER)]}
    with unit_of_work():
        lock(live)
        live.recording_told_ms = clock.now_ms()
        for user in people.values():
            if user.email and user.closed_ms is None:
                mail.send(
                    user.email,
                    "recording_deletion",
                    name=user.real_name,
                    subject=live.subject,
                    day=web.format_date(goes_ms),
                    bin_days=BIN_DAYS,
                )


def _purge(live: LiveSession) -> None:
    """Remove the files of a recording for good. A folder that cannot be removed is tried again the next hour."""
    folder = folder_of(live.stream_id)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        return
    with unit_of_work():
        lock(live)
        live.recording_binned_ms = live.replay_cover_ms = None
        live.replay_cover = ""  # its file is swept with the unused ones
        live.stream.kept_ms = live.stream.kept_bytes = 0
        _note(Action.REPLAY_PURGED, live, None)


def _note(action: Action, live: LiveSession, by: User | None) -> None:
    audit.record(action, by_id=by.id if by else None, unit_id=live.unit_id, what=live.subject)
