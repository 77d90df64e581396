"""The states of a lesson and the one function that leads from one to the next."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict


class LiveState(StrEnum):
    """State of a lesson."""

    SCHEDULED = "scheduled"
    ON_AIR = "on_air"
    PAUSED = "paused"
    AWAY = "away"
    """临时离开: learners see 缓冲中; ends by itself when no presenter comes back."""
    INTERRUPTED = "interrupted"
    """On air, but no encoder delivers: learners see 缓冲中. Never ends by itself."""
    ENDED = "ended"
    CANCELLED = "cancelled"
    """Called off before it began."""


class Verb(StrEnum):
    """Verb that leads a lesson into a state."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    RETURN = "return"
    END = "end"
    CANCEL = "cancel"
    LOSE_ENCODER = "lose_encoder"
    FIND_ENCODER = "find_encoder"


SHOWN = frozenset({LiveState.ON_AIR, LiveState.INTERRUPTED})
"""States in which whatever the encoder sends is for learners."""

RUNNING = frozenset({LiveState.ON_AIR, LiveState.INTERRUPTED, LiveState.PAUSED, LiveState.AWAY})

OVER = frozenset({LiveState.ENDED, LiveState.CANCELLED})


class NotNow(Conflict):
    """The verb does not fit the state."""

    code = "live.not_now"
    message = _l("The lesson is in another state by now.")
    mend = _l("Somebody else may have pressed a button. Look at the state above and choose again.")


class NotStarted(NotNow):
    """The lesson has not begun."""

    code = "live.not_started"
    message = _l("The lesson has not started.")
    mend = _l("Press “Begin teaching” first.")


class AlreadyEnded(NotNow):
    """The lesson is over."""

    code = "live.already_ended"
    message = _l("This lesson has ended.")
    mend = _l("The replay is on its page. Create a new lesson to teach again.")


class Cancelled(NotNow):
    """The lesson was called off."""

    code = "live.cancelled"
    message = _l("This lesson is cancelled.")
    mend = _l("Duplicate it to teach it at another time.")


def refuse_over(state: LiveState) -> None:
    """Refuse what nobody does with a lesson that is over.

    Raises:
        AlreadyEnded, Cancelled: it is.
    """
    if state is LiveState.ENDED:
        raise AlreadyEnded
    if state is LiveState.CANCELLED:
        raise Cancelled


def transition(state: LiveState, verb: Verb, *, encoder: bool) -> LiveState:  # noqa: C901 - a table, in one place
    """Return which state follows.

    Args:
        state: where the lesson is.
        verb: what happens to it.
        encoder: whether an encoder delivers a picture at this moment.

    Raises:
        AlreadyEnded, Cancelled: nothing happens to a lesson that is over.
        NotStarted: the lesson must start first.
        NotNow: the verb does not fit the state.
    """
    on_air = LiveState.ON_AIR if encoder else LiveState.INTERRUPTED
    if verb not in {Verb.LOSE_ENCODER, Verb.FIND_ENCODER}:
        refuse_over(state)
    match state, verb:
        case LiveState.ON_AIR, Verb.LOSE_ENCODER:
            return LiveState.INTERRUPTED
        case LiveState.INTERRUPTED, Verb.FIND_ENCODER:
            return LiveState.ON_AIR
        case _, Verb.LOSE_ENCODER | Verb.FIND_ENCODER:
            return state
        case LiveState.SCHEDULED, Verb.START:
            return on_air
        case LiveState.SCHEDULED, Verb.CANCEL:
            return LiveState.CANCELLED
        case LiveState.SCHEDULED, _:
            raise NotStarted
        case (LiveState.PAUSED, Verb.RESUME) | (LiveState.AWAY, Verb.RETURN):
            return on_air
        case (LiveState.ON_AIR | LiveState.INTERRUPTED, Verb.PAUSE):
            return LiveState.PAUSED
        case (LiveState.ON_AIR | LiveState.INTERRUPTED | LiveState.PAUSED, Verb.LEAVE):
            return LiveState.AWAY
        case _, Verb.END:
            return LiveState.ENDED
        case _:
            raise NotNow
