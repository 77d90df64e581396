"""The lesson of an address: loaded and judged once, where the route declares whom it serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from app.accounts import queries as accounts
from app.kernel.access import Who, allows
from app.live import queries
from app.live.models import LiveSession
from app.live.policies import May

NEEDS: Mapping[Who, May] = {
    Who.WATCHER: May.WATCH,
    Who.SIGNED_IN: May.WATCH,
    Who.VIEWER: May.REPLAY,
    Who.ASSISTANT: May.ASSIST,
    Who.PRESENTER: May.DIRECT,
    Who.PLANNER: May.PLAN,
}
"""Permission that a person needs to belong to each circle of people."""


def lesson_for(who: Who, live_id: str) -> LiveSession:
    """Load a lesson for the person of the request, as a member of a circle. Refuses as `queries.live_for` does."""
    return queries.live_for(accounts.viewer(), live_id, NEEDS[who])


def for_lesson(who: Who) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare whom a route of one lesson serves, and hand the lesson over.

    The view takes the `LiveSession` in place of the address's `live_id`, then the other parts of the address. Whoever
    is not served is refused as `queries.live_for` says, before the view begins.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def judged(live_id: str, **values: Any) -> Any:
            return view(lesson_for(who, live_id), **values)

        return allows(who)(judged)

    return declare
