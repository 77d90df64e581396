"""Limits on questions, so that tickets cannot be flooded. People who share an address have more than one alone."""

from __future__ import annotations

from limits import RateLimitItem, parse

from app.accounts.models import User
from app.extensions import limiter
from app.kernel import networks
from app.support.tickets.errors import TooManyTickets

OF_A_PERSON = (parse("10 per 1 hour"), parse("40 per 1 day"))
OF_A_STRANGERS_ADDRESS = (parse("6 per 1 hour"), parse("30 per 1 day"))
OF_ANY_ADDRESS = (parse("120 per 1 hour"),)
"""An institute may share one address."""
AROUND = "tickets"


def charge(user: User | None) -> None:
    """Count a question or a reply of this request.

    Raises:
        TooManyTickets: there were too many. This one is not counted.
    """
    must_have_room(user)
    if limiter.enabled:
        for rate, whose in _rates(user):
            limiter.limiter.hit(rate, AROUND, whose)


def must_have_room(user: User | None) -> None:
    """Check that the person of this request may send one more. Raises TooManyTickets."""
    if limiter.enabled and not all(limiter.limiter.test(rate, AROUND, whose) for rate, whose in _rates(user)):
        raise TooManyTickets


def _rates(user: User | None) -> list[tuple[RateLimitItem, str]]:
    here = networks.block()
    own = [(rate, f"person:{user.id}") for rate in OF_A_PERSON] if user else []
    strangers = [] if user else [(rate, f"stranger:{here}") for rate in OF_A_STRANGERS_ADDRESS]
    return [*own, *strangers, *((rate, f"address:{here}") for rate in OF_ANY_ADDRESS)]
