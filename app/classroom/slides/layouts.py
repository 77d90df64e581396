"""Arrangements of slides and picture. Pages read the list from here, in this order."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

LAYOUTS: Mapping[str, LazyString] = {
    "thirds": _l("Slides, video, chat"),
    "slides": _l("Slides large"),
    "video": _l("Video large"),
    "side": _l("Side by side"),
    "pip": _l("Picture in picture"),
}
"""The arrangements that a page knows, with their words."""

FIRST = "thirds"
"""The arrangement until a presenter proposes another one."""
