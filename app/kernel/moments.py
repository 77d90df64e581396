"""Dates and times as people type them in forms: in the server's zone, to the minute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import DateTimeLocalField

from app.kernel import clock, web

TYPED = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
"""Formats in which browsers send a date and time."""


class MomentField(DateTimeLocalField):
    """Date and time, with a plain sentence for other text."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the value that a browser sends, or the text from a browser that knows no such field."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("There is no such date and time. Choose them anew.")) from None


def as_typed(moment_ms: int) -> datetime:
    """Return epoch milliseconds as a form field has them: to the minute, without a zone."""
    return clock.to_datetime(moment_ms).astimezone(web.zone()).replace(tzinfo=None, second=0, microsecond=0)


def in_ms(local: datetime) -> int:
    """Turn a time as typed into epoch milliseconds."""
    if local.year < 1970:
        return 0  # before the epoch is before everything; year 1 has no moment in every zone
    return clock.to_ms(local.replace(tzinfo=web.zone()))
