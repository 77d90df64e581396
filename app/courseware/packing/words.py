"""The words of the portable player, which speaks both languages wherever it is."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.web import written_in

WORDS = {
    "play": _l("Play"),
    "pause": _l("Pause"),
    "back10": _l("Back 10 seconds"),
    "mute": _l("Mute"),
    "sound_on": _l("Sound on"),
    "volume": _l("Volume"),
    "fullscreen": _l("Full screen"),
    "shrink": _l("Leave full screen"),
    "apart": _l("Picture in picture"),
    "captions": _l("Captions"),
    "speed": _l("Speed"),
    "position": _l("Position"),
    "controls": _l("Player controls"),
    "picture": _l("Picture"),
    "layout": _l("Layout"),
    "layout_follow": _l("As the teacher shows it"),
    "layout_thirds": _l("Slides and video"),
    "layout_slides": _l("Slides large"),
    "layout_video": _l("Video large"),
    "layout_side": _l("Side by side"),
    "layout_pip": _l("Picture in picture"),
    "page": _l("Page {n} of {of}"),
    "page_only": _l("Page {n}"),
    "loading": _l("Loading page {n} …"),
    "failed": _l("The picture of page {n} does not come. Trying again …"),
    "chapters": _l("Chapters"),
    "chat": _l("Chat"),
    "questions": _l("Questions"),
    "polls": _l("Polls"),
    "voice": _l("Answered by voice: listen"),
    "send": _l("Submit answer"),
    "again": _l("Answer again"),
    "right": _l("Right"),
    "wrong": _l("Not right"),
    "part_teacher": _l("Teacher"),
    "part_assistant": _l("Assistant"),
    "part_manager": _l("Training manager"),
    "part_learner": _l("Learner"),
    "part_guest": _l("Guest"),
    "gap_paused": _l("The lesson was paused here for {t}."),
    "gap_away": _l("The presenter was away here for {t}."),
    "gap_unrecorded": _l("{t} of the lesson were not recorded here."),
    "watched": _l("Watched {n}%"),
    "done": _l("Completed · watched {n}%"),
    "untracked": _l("No learning platform answers: the course plays, but its progress is kept in this browser only."),
    "trouble": _l("The video cannot be played. Unpack the whole package first, or ask whoever gave it to you."),
    "fetching": _l("This server gives no parts of files: loading the whole video …"),
    "no_jumps": _l("This server gives no parts of files: the video can only be played from its beginning."),
    "no_fullscreen": _l("The page around this course does not allow full screen."),
    "reload": _l("Reload the page so that your progress goes on being recorded."),
}

OTHER = {"zh": "English", "en": "中文"}
"""Words of the button to the other language, in each."""


def words() -> dict[str, dict[str, str]]:
    """Return all words by language, as course.js holds them."""
    found = {}
    for key, locale in (("zh", "zh_CN"), ("en", "en")):
        with written_in(locale):
            found[key] = {name: str(word) for name, word in WORDS.items()} | {"other_language": OTHER[key]}
    return found
