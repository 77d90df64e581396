"""Errors of captions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, NotFound


class NotCaptions(AppError):
    """The file holds no captions that can be read."""

    code = "replays.not_captions"
    message = _l("This holds no captions: neither VTT nor SRT.")
    mend = _l("Choose a .vtt or .srt file with times such as 00:01:02.500 --> 00:01:04.000, saved as UTF-8.")


class TooLong(AppError):
    """The file has more cues than any lesson."""

    code = "replays.captions_too_long"
    message = _l("These captions are longer than 900 kB or 20,000 lines.")
    mend = _l("Choose a file with the captions of this lesson only.")


class UnknownLanguage(AppError):
    """The language is not in the list."""

    code = "replays.captions_language"
    message = _l("Captions have a language of the list.")
    mend = _l("Choose the language, then upload again.")


class NoSuchCaptions(NotFound):
    """The recording has no captions in this language."""

    code = "replays.no_such_captions"
    message = _l("There are no captions in this language.")
    mend = _l("Upload them on the page of the replay.")


class ChangedMeanwhile(Conflict):
    """Another presenter has saved these captions since the page was opened."""

    code = "replays.captions_changed"
    message = _l("Somebody else has changed these captions in the meantime.")
    mend = _l("Save yours as a file, reload the page, then put the two together.")
