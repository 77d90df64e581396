"""View models of the page 导入录制."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext as _

from app.accounts.models import User
from app.courseware.intake import queries
from app.courseware.intake.errors import sentence_of
from app.courseware.intake.models import UNFINISHED, Intake, IntakeState
from app.courseware.intake.services import ENDINGS, MOST_OPEN
from app.documents import formats
from app.documents.views import DropRules
from app.kernel import clock, pulse
from app.kernel.moments import as_typed
from app.kernel.uploads import CHUNK_BYTES

SILENT_MS = 60_000
"""Silence after which an upload counts as interrupted."""


@dataclass(frozen=True)
class IntakeView:
    """A recording on its way; `state` is uploading, asking, waiting, running, done or failed."""

    id: str
    name: str
    state: str
    size_bytes: int
    received_bytes: int
    percent: int
    is_broken: bool
    """The upload has been silent for a while."""
    subject: str
    began: str
    """As a field for day and time takes it; empty where it was not told."""
    slides_name: str
    slides_whole: bool
    problem: str
    """The fault in a sentence."""
    note: str
    """Why it takes longer than usual, in a sentence; empty when it does not."""
    may_retry: bool
    live_id: str
    url: str
    slides: DropRules
    latest: str
    """The latest time at which a video can have been begun, as a field takes it."""
    refusal: str
    """Why what was told of it is not enough; empty unless a form was refused."""


@dataclass(frozen=True)
class IntakesView:
    """All that a person has brought."""

    url: str
    rules: DropRules
    intakes: Sequence[IntakeView]
    is_full: bool
    most_open: int
    unit: str
    taken_by_unit: int
    most_of_unit: int


@dataclass(frozen=True)
class Typed:
    """A form that was refused: nothing typed is lost."""

    id: str
    subject: str
    began: str
    refusal: str


def page_of(user: User, typed: Typed | None = None) -> IntakesView:
    """Show what a person has brought; `typed` is the form that was refused."""
    intakes = [view_of(one, typed if typed and typed.id == one.id else None) for one in queries.intakes_of(user)]
    most_bytes = current_app.config["RECORDING_MOST_MB"] * 1_000_000
    return IntakesView(
        url=url_for("intake.page"),
        rules=DropRules(url_for("intake.announce"), most_bytes, CHUNK_BYTES, ",".join(ENDINGS), several=True),
        intakes=intakes,
        is_full=queries.open_of(user) >= MOST_OPEN,
        most_open=MOST_OPEN,
        unit=user.unit.name,
        taken_by_unit=queries.bytes_of_unit(user.unit_id),
        most_of_unit=current_app.config["UNIT_RECORDINGS_MB"] * 1_000_000,
    )


def view_of(intake: Intake, typed: Typed | None = None) -> IntakeView:
    """Show a recording on its way; `typed` is its form that was refused."""
    office = formats.office_is_here()
    slides = DropRules(
        url=url_for("intake.announce_slides", intake_id=intake.id),
        most_bytes=current_app.config["DOCUMENT_MOST_MB"] * 1_000_000,
        chunk_bytes=CHUNK_BYTES,
        accept=",".join(sorted(formats.TAKEN if office else formats.TAKEN - formats.OFFICE)),
        several=False,
    )
    return IntakeView(
        id=intake.id,
        name=intake.name,
        state=str(intake.state),
        size_bytes=intake.size_bytes,
        received_bytes=intake.received_bytes,
        percent=intake.percent,
        is_broken=intake.state is IntakeState.UPLOADING and intake.changed_ms < clock.now_ms() - SILENT_MS,
        subject=typed.subject if typed else intake.subject,
        began=typed.began if typed else (_field(intake.began_ms) if intake.began_ms else ""),
        slides_name=intake.slides_name,
        slides_whole=intake.has_slides,
        problem=sentence_of(intake.problem) if intake.problem else "",
        note=_note(intake),
        may_retry=intake.state is IntakeState.FAILED,
        live_id=intake.live_id or "",
        url=url_for("intake.one", intake_id=intake.id),
        slides=slides,
        latest=_field(clock.now_ms()),
        refusal=typed.refusal if typed else "",
    )


def _field(moment_ms: int) -> str:
    return as_typed(moment_ms).strftime("%Y-%m-%dT%H:%M")


def _note(intake: Intake) -> str:
    if intake.state not in UNFINISHED:
        return ""
    if not pulse.alive("jobs"):
        return str(_("The part of the server that makes files has stopped. It goes on by itself once it runs again."))
    if intake.attempts > 1:
        return str(_("The server was interrupted. The file is being made again from the beginning."))
    return ""
