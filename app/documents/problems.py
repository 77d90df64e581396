"""Sentences for people about a file that is not shown, or not wholly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.documents.convert.results import FindingKind, Problem

CRASHED = "crashed"
"""A problem beside those of the engine: a fault on our side."""


@dataclass(frozen=True)
class Sentences:
    """What happened, and what to do."""

    message: LazyString
    mend: LazyString


PROBLEMS: Mapping[str, Sentences] = {
    CRASHED: Sentences(
        _l("Something broke on our side while this file was converted."),
        _l("Try again. If it happens again, export the file as PDF and upload that."),
    ),
    Problem.EMPTY: Sentences(
        _l("There is nothing in this file that can be shown."),
        _l("Check that it has pages that are not hidden, then upload it again."),
    ),
    Problem.UNKNOWN_KIND: Sentences(
        _l("This kind of file cannot be shown."),
        _l("Save it as PPTX, PPT, ODP, DOCX, PDF or a picture, and upload that."),
    ),
    Problem.ENCRYPTED: Sentences(
        _l("This file is protected by a password."),
        _l("Save a copy without a password, and upload that."),
    ),
    Problem.BROKEN: Sentences(
        _l("This file is damaged or incomplete."),
        _l("Open it on your computer; if it looks right there, export it as PDF and upload that."),
    ),
    Problem.TOO_LARGE: Sentences(
        _l("This file is too large."),
        _l("Compress its pictures, or split it into several files."),
    ),
    Problem.TOO_MANY_PAGES: Sentences(
        _l("This file has too many pages."),
        _l("Split it, and upload only what you will show."),
    ),
    Problem.TOO_SLOW: Sentences(
        _l("This file takes too long to convert."),
        _l("Export it as PDF and upload that, or simplify the page that is slow."),
    ),
    Problem.TOO_MUCH_MEMORY: Sentences(
        _l("This file needs too much memory to convert."),
        _l("Make its pictures smaller, or export it as PDF and upload that."),
    ),
    Problem.NO_OFFICE: Sentences(
        _l("Office files cannot be converted here, because LibreOffice is not installed."),
        _l("Export the file as PDF and upload that, or ask your administrator to install LibreOffice."),
    ),
    Problem.DYNAMIC_FORM: Sentences(
        _l("This PDF is a form that only Adobe Acrobat can show; to others it says “Please wait”."),
        _l("Open it in Acrobat, print it to a new PDF, and upload that."),
    ),
    Problem.NO_ROOM: Sentences(
        _l("The server's disk is almost full."),
        _l("Ask whoever runs the server to make room, then try again. Lessons go on meanwhile."),
    ),
}

WORTH_ANOTHER_TRY = frozenset({CRASHED, Problem.TOO_SLOW, Problem.TOO_MUCH_MEMORY, Problem.NO_OFFICE, Problem.NO_ROOM})
"""Problems that may not come again with the same file: they depend on the machine, and on its other work."""

FINDINGS: Mapping[str, Sentences] = {
    FindingKind.ANIMATIONS_SHOWN_COMPLETE: Sentences(
        _l("Some animations could not be taken over; these pages show everything at once."),
        _l("Simple entrances and exits in PPTX files are taken over."),
    ),
    FindingKind.MEDIA_LEFT_OUT: Sentences(
        _l("Sound and film within the file are not played; these pages show a still picture."),
        _l("Share your screen to play them."),
    ),
    FindingKind.EXTERNAL_CONTENT_LEFT_OUT: Sentences(
        _l("Linked content that lies outside the file was left out."),
        _l("Embed it in the file, and upload that again."),
    ),
    FindingKind.MACROS_IGNORED: Sentences(
        _l("The macros in this file were ignored."),
        _l("Nothing needs to be done if the pages look right."),
    ),
    FindingKind.EQUATIONS_LEFT_OUT: Sentences(
        _l("Equations are missing: this server cannot draw them."),
        _l("Export the file as PDF and upload that, or ask your administrator to install libreoffice-math."),
    ),
    FindingKind.CHARACTERS_LEFT_OUT: Sentences(
        _l("Some characters or emoji are shown as empty boxes: this server has no font for them."),
        _l(
            "Export the file as PDF and upload that, or ask your administrator for the fonts that “flask doctor” names."
        ),
    ),
    FindingKind.FONTS_REPLACED: Sentences(
        _l("Some fonts of this file are not on this server; others stand in for them, and lines may break elsewhere."),
        _l("If a page looks wrong, export the file as PDF and upload that."),
    ),
}
