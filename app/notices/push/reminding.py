"""Reminders of lessons as messages to browsers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from flask_babel import gettext as _

from app.kernel import web
from app.live.models import Learner, LiveSession
from app.notices.push import keys, queries
from app.notices.push.delivery import Message
from app.notices.push.models import PushDevice


def messages_for(reminded: Sequence[tuple[Learner, LiveSession]]) -> list[Message]:
    """Return the messages to all browsers of learners who are reminded of a lesson."""
    if not keys.public_key():
        return []
    devices = defaultdict(list)
    for device in queries.devices_of({learner.user_id for learner, _live in reminded}):
        devices[device.sign_in.user_id].append(device)
    return [_message(device, live) for learner, live in reminded for device in devices[learner.user_id]]


def _message(device: PushDevice, live: LiveSession) -> Message:
    with web.written_in(device.language):
        return Message(
            device=device.id,
            title=live.subject,
            body=_("Begins at %(time)s", time=web.with_zone(web.format_time(live.starts_at_ms))),
            url=web.absolute("live.page", live_id=live.id, beneath=device.site),
            until_ms=live.starts_at_ms,
        )
