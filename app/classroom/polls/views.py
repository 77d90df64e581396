"""View models of the fragments of polls.

Here it is decided what a side may know: results and right answers reach no learner before they are published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.classroom.engine.seats import Person, Side
from app.classroom.polls import queries
from app.classroom.polls.models import STARS, Kind, Poll, PollState, Vote, numbers_of
from app.classroom.polls.queries import Count
from app.live.models import LiveSession
from app.live.policies import May

MOST_TEXTS = 100


@dataclass(frozen=True)
class OptionView:
    """One option, or one star of a rating."""

    number: int
    text: str
    count: int
    percent: int
    """Of the people who answered."""
    is_right: bool


@dataclass(frozen=True)
class TextView:
    """One written answer."""

    text: str
    name: str
    """Empty for learners."""
    key: str
    """Of the person, see `seats.Person`. Empty for learners."""


@dataclass(frozen=True)
class PollView:
    """A poll as one side of the room sees it."""

    id: int
    live_id: str
    kind: Kind
    question: str
    state: PollState
    position: int
    countdown_s: int
    closes_ms: int | None
    options: tuple[OptionView, ...]
    texts: tuple[TextView, ...]
    total: int
    is_quiz: bool
    has_results: bool
    """Whether the numbers in here may be shown."""
    over: bool
    """The lesson is: nothing can be opened any more."""

    @property
    def average(self) -> float:
        """Return the average of the stars; 0 when there is none."""
        return sum(one.number * one.count for one in self.options) / self.total if self.total else 0.0

    @property
    def right(self) -> list[int]:
        """Return the right options, as far as this side may know them."""
        return [one.number for one in self.options if one.is_right]


@dataclass(frozen=True)
class PollsView:
    """The polls as a page shows them when it opens."""

    live_id: str
    polls: Sequence[PollView]
    mine: dict[int, dict[str, Any]]
    """Answers of the reader, by poll."""
    may_prepare: bool
    over: bool

    @property
    def now(self) -> list[PollView]:
        """Return the polls that can be answered, the newest first. A closed one stands in its tab, as on open pages."""
        return [poll for poll in reversed(self.polls) if poll.state is PollState.OPEN]

    @property
    def earlier(self) -> list[PollView]:
        """Return the others."""
        return [poll for poll in self.polls if poll not in self.now]


def polls_view(live: LiveSession, side: Side, person: Person, may: frozenset[May]) -> PollsView:
    """Show a lesson's polls to somebody."""
    polls = queries.polls_of(live.id)
    if side is Side.LEARNER:
        polls = [poll for poll in polls if poll.state in queries.SHOWN_TO_LEARNERS]
    votes = queries.votes_of(live.id, person.key) if side is Side.LEARNER and person.key else {}
    return PollsView(
        live_id=live.id,
        polls=poll_views(polls, side, over=live.is_over),
        mine={poll_id: answer_data(vote) for poll_id, vote in votes.items()},
        may_prepare=May.DIRECT in may,
        over=live.is_over,
    )


def answer_data(vote: Vote) -> dict[str, Any]:
    """Return an answer to the page of whoever gave it."""
    return {"poll": vote.poll_id, "chosen": numbers_of(vote.chosen), "text": vote.text}


def poll_views(polls: Sequence[Poll], side: Side, *, over: bool = False) -> list[PollView]:
    """Show polls of one lesson to one side, with as much of their results as it may know."""
    shown = [poll.id for poll in polls if side is Side.DESK or poll.is_public]
    counts = queries.counts_of(shown) if shown else {}
    return [_view(poll, counts.get(poll.id), side, over) for poll in polls]


def _view(poll: Poll, count: Count | None, side: Side, over: bool) -> PollView:
    has_results = count is not None
    count = count or Count()
    words = [str(star) for star in range(1, STARS + 1)] if poll.kind is Kind.RATING else poll.options
    right = set(numbers_of(poll.right)) if has_results else set()
    return PollView(
        id=poll.id,
        live_id=poll.live_id,
        kind=poll.kind,
        question=poll.question,
        state=poll.state,
        position=poll.position,
        countdown_s=poll.countdown_s,
        closes_ms=poll.closes_ms,
        options=tuple(
            OptionView(number, text, count.by_number[number], _percent(count, number), number in right)
            for number, text in enumerate(words, 1)
        ),
        texts=_texts(poll, side) if has_results else (),
        total=count.total,
        is_quiz=poll.is_quiz,
        has_results=has_results,
        over=over,
    )


def _percent(count: Count, number: int) -> int:
    return round(100 * count.by_number[number] / count.total) if count.total else 0


def _texts(poll: Poll, side: Side) -> tuple[TextView, ...]:
    if poll.kind is not Kind.TEXT:
        return ()
    newest = queries.newest_texts(poll.id, MOST_TEXTS)
    if side is Side.LEARNER:
        return tuple(TextView(vote.text, "", "") for vote in newest)
    return tuple(TextView(vote.text, vote.name, vote.key) for vote in newest)
