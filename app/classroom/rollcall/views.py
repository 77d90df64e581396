"""View models of the fragments and the page of roll-calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.classroom.rollcall import planning, queries
from app.classroom.rollcall.models import Called, Confirmation, RollCall
from app.classroom.rollcall.queries import Tally
from app.live.models import LiveSession

NAMED = 60
"""Maximum number of names in the studio. The page of the roll-call has all of them."""


@dataclass(frozen=True)
class CardView:
    """A roll-call as a learner sees it. Times are epoch ms."""

    roll_id: int | None
    """None means that nobody is asked at the moment."""
    until_ms: int
    confirmed: bool


def card_view(live_id: str, key: str = "") -> CardView:
    """Show the roll-call that runs, if one does, to somebody; without a key as if nobody had confirmed."""
    roll = queries.running(live_id)
    if roll is None:
        return CardView(None, 0, confirmed=False)
    confirmed = bool(key) and queries.has_confirmed(live_id, roll.id, key)
    return CardView(roll.id, roll.deadline_ms or 0, confirmed)


@dataclass(frozen=True)
class RollView:
    """One roll-call as the desk sees it. Times are epoch ms."""

    id: int
    number: int
    """From 1, in the order in which they began."""
    began_ms: int
    until_ms: int
    closed_ms: int | None
    length_s: int
    outcome: str
    """Empty while it runs; see `models.Outcome`."""
    counts: bool
    tally: Tally


@dataclass(frozen=True)
class DeskView:
    """Roll-calls in the studio."""

    roll: RollView | None
    """The one that runs, or the last one."""
    missing: Sequence[str]
    present: Sequence[str]
    """The first NAMED of each; empty while it runs."""
    to_come: int
    live_id: str
    lengths_s: Sequence[int]
    usual_s: int
    most_planned: int

    @property
    def is_running(self) -> bool:
        """Return whether people are being asked."""
        return self.roll is not None and self.roll.closed_ms is None


def desk_view(live_id: str) -> DeskView:
    """Show what runs, or what came of the last one, and how many are planned; never when they come."""
    rolls = roll_views(queries.held(live_id))
    last = rolls[-1] if rolls else None
    people = _people([last.id]) if last and last.closed_ms is not None and last.counts else []
    return DeskView(
        roll=last,
        missing=[one.name for one in people if one.state == MISSING][:NAMED],
        present=[one.name for one in people if one.state in (PRESENT, LATE)][:NAMED],
        to_come=len(queries.planned(live_id)),
        live_id=live_id,
        lengths_s=planning.LENGTHS_S,
        usual_s=planning.USUAL_S,
        most_planned=planning.MOST_PLANNED,
    )


def roll_views(rolls: Sequence[RollCall]) -> list[RollView]:
    """Show roll-calls with their numbers."""
    tallies = queries.tallies([roll.id for roll in rolls])
    return [
        RollView(
            id=roll.id,
            number=number,
            began_ms=roll.began_ms or 0,
            until_ms=roll.deadline_ms or 0,
            closed_ms=roll.closed_ms,
            length_s=roll.length_s,
            outcome=str(roll.outcome or ""),
            counts=roll.counts,
            tally=tallies[roll.id],
        )
        for number, roll in enumerate(rolls, 1)
    ]


PRESENT, LATE, MISSING = "present", "late", "missing"


@dataclass(frozen=True)
class PersonView:
    """One person in one roll-call. Times are epoch ms."""

    roll_id: int
    key: str
    name: str
    unit: str
    staff_number: str
    state: str
    """present, late (was not there when the roll was called) or missing."""
    called_ms: int | None
    confirmed_ms: int | None
    address: str
    browser: str


@dataclass(frozen=True)
class RowView:
    """One person in all roll-calls of a lesson."""

    key: str
    name: str
    unit: str
    staff_number: str
    marks: Sequence[PersonView | None]
    """In the order of the roll-calls. None means that she was neither called nor confirmed."""

    @property
    def has_missed(self) -> bool:
        """Return whether she was called at least once and has not confirmed."""
        return any(mark is not None and mark.state == MISSING for mark in self.marks)


@dataclass(frozen=True)
class RecordView:
    """All roll-calls of a lesson."""

    rolls: Sequence[RollView]
    rows: Sequence[RowView]
    to_come: int
    not_held: int
    """Planned, and never came."""

    @property
    def missed(self) -> Sequence[RowView]:
        """Return those who have missed one."""
        return [row for row in self.rows if row.has_missed]


def record_view(live: LiveSession) -> RecordView:
    """Show who was there, of those roll-calls that count."""
    rolls = roll_views(queries.held(live.id))
    marks: dict[str, dict[int, PersonView]] = {}
    for one in _people([roll.id for roll in rolls if roll.counts]):
        marks.setdefault(one.key, {})[one.roll_id] = one
    rows = []
    for key, its in marks.items():
        newest = its[max(its)]
        rows.append(RowView(key, newest.name, newest.unit, newest.staff_number, [its.get(roll.id) for roll in rolls]))
    rows.sort(key=lambda row: (row.unit, row.name, row.key))
    return RecordView(rolls, rows, len(queries.planned(live.id)), queries.not_held(live.id))


def people_of(roll: RollView) -> list[PersonView]:
    """Return everybody who was called in a roll-call, or came late: by unit and name."""
    return _people([roll.id])


def _people(roll_ids: Sequence[int]) -> list[PersonView]:
    called = {(one.roll_id, one.key): one for one in queries.called_in(roll_ids)}
    confirmed = {(one.roll_id, one.key): one for one in queries.confirmed_in(roll_ids)}
    found = [_person(called.get(who), confirmed.get(who)) for who in {**called, **confirmed}]
    return sorted(found, key=lambda one: (one.roll_id, one.unit, one.name, one.key))


def _person(called: Called | None, confirmed: Confirmation | None) -> PersonView:
    who = called or confirmed
    assert who is not None
    return PersonView(
        roll_id=who.roll_id,
        key=who.key,
        name=who.name,
        unit=who.unit,
        staff_number=who.staff_number,
        state=MISSING if confirmed is None else PRESENT if called is not None else LATE,
        called_ms=called.at_ms if called else None,
        confirmed_ms=confirmed.at_ms if confirmed else None,
        address=confirmed.address if confirmed else "",
        browser=confirmed.browser if confirmed else "",
    )
