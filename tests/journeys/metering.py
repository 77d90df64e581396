"""The meter of learning hours, as a page shows it, and what is stored."""

from __future__ import annotations

from tests.journeys.browsers import ChromiumScreen
from tests.journeys.stack import Lesson, Stack

STORED = """
from app.accounts.queries import user_by_name
from app.credits.counting.queries import watched_s
print(int(watched_s({live!r}, user_by_name({username!r}).id)))
"""

PROGRAMME = """
from app.credits.counting.queries import programme_s
from app.live.queries import by_id
print(programme_s(by_id({live!r})))
"""

CLOSE_NOW = """
from app.credits.ledger.closing import close
print(close({live!r}, quiet_ms=0))
"""

GUEST_LINK = """
from flask import current_app
from app.live import guests, queries
with current_app.test_request_context(base_url={base!r}):
    print(guests.link_of(queries.by_id({live!r})))
"""


def meter_says(screen: ChromiumScreen) -> str:
    """Return the state that the meter shows, such as counting."""
    return str(screen.ask("document.querySelector('credit-meter').dataset.state"))


def metered_s(screen: ChromiumScreen) -> int:
    """Return the seconds that the meter shows."""
    hours, minutes, seconds = map(
        int, str(screen.ask("document.querySelector('credit-meter [data-part=sum]').textContent")).split(":")
    )
    return hours * 3600 + minutes * 60 + seconds


def stored_s(stack: Stack, lesson: Lesson, username: str) -> int:
    """Return the whole seconds that are stored of somebody."""
    return int(stack.run(STORED.format(live=lesson.id, username=username)).split()[-1])


def close_now(stack: Stack, lesson: Lesson) -> None:
    """Write into the ledger what was watched of the replay until now; the lesson itself is closed by itself."""
    stack.run(CLOSE_NOW.format(live=lesson.id))


def guest_link(stack: Stack, lesson: Lesson) -> str:
    """Return the address that the QR code holds."""
    return stack.run(GUEST_LINK.format(base=stack.url, live=lesson.id)).split()[-1]


def programme_s(stack: Stack, lesson: Lesson) -> float:
    """Return the length of the lesson's programme."""
    return float(stack.run(PROGRAMME.format(live=lesson.id)).split()[-1])
