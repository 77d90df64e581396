"""Roll-calls as a file, for managers who credit learning hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from flask_babel import gettext as _

from app.classroom.rollcall.models import Outcome
from app.classroom.rollcall.views import LATE, MISSING, PRESENT, RollView, people_of
from app.kernel import csv_files, web


def rollcalls_csv(rolls: list[RollView]) -> bytes:
    """Write one line for each person in each roll-call; of a cancelled one only that it was."""
    return csv_files.as_csv(_lines(rolls))


def _lines(rolls: list[RollView]) -> Iterator[list[str]]:
    called, closed, confirmed = (web.with_zone(one) for one in (_("Called at"), _("Closed at"), _("Confirmed at")))
    yield [
        _("Roll-call"), called, _("Seconds"), closed, _("End"), _("Real name"), _("Staff number"),
        _("Unit"), _("Result"), confirmed, _("Address"), _("Browser"),
    ]  # fmt: skip
    for roll in rolls:
        head = [str(roll.number), _moment(roll.began_ms), str(roll.length_s), _moment(roll.closed_ms), ending(roll)]
        if not roll.counts:
            yield [*head, *[""] * 7]
            continue
        for one in people_of(roll):
            yield [
                *head, one.name, one.staff_number, one.unit, result(one.state), _moment(one.confirmed_ms), one.address,
                one.browser,
            ]  # fmt: skip


def ending(roll: RollView) -> str:
    """Return how a roll-call came to its end."""
    words = {
        "": _("running"),
        Outcome.TIME: _("time was over"),
        Outcome.EARLY: _("ended early"),
        Outcome.CUT: _("cut short: not on air any more"),
        Outcome.CANCELLED: _("cancelled, counts for nothing"),
    }
    return str(words[roll.outcome])


def result(state: str) -> str:
    """Return what somebody did, for `PersonView.state`."""
    return str({PRESENT: _("present"), LATE: _("came in later, confirmed"), MISSING: _("missing")}[state])


def _moment(ms: int | None) -> str:
    """Write a moment of the server's clock to the millisecond, in its zone."""
    if ms is None:
        return ""
    local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(web.zone())
    return f"{local:%Y-%m-%d %H:%M:%S}.{ms % 1000:03}"
