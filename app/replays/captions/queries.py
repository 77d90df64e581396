"""Reading captions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db
from app.replays.captions.errors import NoSuchCaptions
from app.replays.captions.models import Captions

LANGUAGES = {
    "zh-CN": "简体中文",
    "zh-TW": "繁體中文",
    "en": "English",
    "ja": "日本語",
    "ko": "한국어",
    "fr": "Français",
    "de": "Deutsch",
    "ru": "Русский",
    "es": "Español",
    "bo": "བོད་ཡིག",
    "ug": "ئۇيغۇرچە",
    "mn": "Монгол",
}
"""Languages in which a recording may have captions, each by its own name."""


def captions_of(live_id: str) -> Sequence[Captions]:
    """Return a recording's captions, in the order of `LANGUAGES`."""
    wanted = select(Captions).where(Captions.live_id == live_id, Captions.gone_ms.is_(None))
    order = list(LANGUAGES)
    return sorted(db.session.scalars(wanted), key=lambda one: order.index(one.language))


def captions_in(live_id: str, language: str) -> Captions:
    """Return the captions in one language.

    Raises:
        NoSuchCaptions: there are none.
    """
    captions = db.session.get(Captions, (live_id, language[:16]))
    if captions is None or captions.gone_ms is not None:
        raise NoSuchCaptions
    return captions
