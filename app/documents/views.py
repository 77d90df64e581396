"""View models of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.documents import files, formats, problems, queries
from app.documents.models import Document, DocumentKind, DocumentState, Page
from app.kernel import clock, web
from app.kernel.uploads import CHUNK_BYTES
from app.live.models import LiveSession

SILENT_MS = 60_000
"""Silence after which an upload counts as interrupted. On the slowest lines a piece takes that long."""


@dataclass(frozen=True)
class PageView:
    """A page in the strip of a document."""

    number: int
    thumb_url: str
    """Empty means that the page is blank."""
    width: int
    height: int
    builds: int
    """Number of steps after the first."""
    shown: bool


@dataclass(frozen=True)
class FindingView:
    """A loss in the conversion, and the mend."""

    message: str
    mend: str
    pages: str
    """Pages with the loss, as 4–6, 9. Empty means the whole file, or that nobody knows."""


@dataclass(frozen=True)
class DocumentView:
    """One document for the people who prepare a lesson."""

    id: str
    title: str
    """The name without its ending."""
    ending: str
    """PPTX, PDF …, empty for a whiteboard."""
    kind: str
    state: str
    words: str
    """The state in words."""
    problem: str
    """The error and its mend in sentences. Empty means that there is none."""
    mend: str
    findings: list[FindingView]
    """Remarks after the upload."""
    percent: int | None
    """Progress of upload or conversion. `None` means that nobody knows."""
    pages: list[PageView]
    page_count: int
    hidden: bool
    can_retry: bool
    interrupted: bool
    """The document is an upload that has been silent for a while."""
    is_own_upload: bool
    """The viewer began this upload and can go on with it."""
    url: str

    @property
    def busy(self) -> bool:
        """Whether upload or conversion are under way."""
        return self.state in {"uploading", "waiting", "converting"}


@dataclass(frozen=True)
class Quota:
    """Space of documents, used and allowed."""

    taken: int
    most: int
    unit: str
    taken_by_unit: int
    most_of_unit: int


@dataclass(frozen=True)
class DropRules:
    """What may be dropped into an upload element, and where it goes."""

    url: str
    most_bytes: int
    chunk_bytes: int
    accept: str
    """Types for the file chooser."""
    several: bool


@dataclass(frozen=True)
class UploadRules(DropRules):
    """What may be uploaded to a lesson."""

    office: bool
    """Whether Office files are accepted."""


def document_views(documents: Sequence[Document], by_id: int | None) -> list[DocumentView]:
    """Return the views of one lesson's documents."""
    pages = queries.pages_of_all([one.id for one in documents])
    return [_view(one, pages.get(one.id, []), by_id) for one in documents]


def _view(document: Document, pages: Sequence[Page], by_id: int | None) -> DocumentView:
    name = PurePath(document.name)
    failed = document.state is DocumentState.FAILED
    told = problems.PROBLEMS[document.problem] if failed else None
    return DocumentView(
        id=document.id,
        title=name.stem or (_("Whiteboard") if document.kind is DocumentKind.WHITEBOARD else document.name),
        ending=name.suffix.removeprefix(".").upper(),
        kind=str(document.kind),
        state=str(document.state),
        words=_words(document),
        problem=str(told.message) if told else "",
        mend=str(told.mend) if told else "",
        findings=[_finding(kind, numbers) for kind, numbers in document.findings.items()],
        percent=_percent(document),
        pages=[_page(page) for page in pages],
        page_count=document.page_count,
        hidden=document.hidden,
        can_retry=failed and document.problem in problems.WORTH_ANOTHER_TRY,
        interrupted=_is_interrupted(document),
        is_own_upload=document.state is DocumentState.UPLOADING and document.by_id == by_id,
        url=url_for("documents.show", live_id=document.live_id, document_id=document.id),
    )


def _page(page: Page) -> PageView:
    return PageView(
        number=page.number,
        thumb_url=files.picture_url(page.document_id, page.steps[0], "thumb") if page.steps else "",
        width=page.width,
        height=page.height,
        builds=max(0, len(page.steps) - 1),
        shown=page.shown_ms is not None,
    )


def _finding(kind: str, numbers: Sequence[int]) -> FindingView:
    told = problems.FINDINGS[kind]
    return FindingView(str(told.message), str(told.mend), ranges(numbers))


def ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers as text, consecutive ones as a range: 4–6, 9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return web.listed(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _words(document: Document) -> str:
    state, ready, count = document.state, document.ready_count, document.page_count
    if state is DocumentState.UPLOADING:
        there, whole = web.as_bytes(document.received_bytes), web.as_bytes(document.size_bytes)
        if _is_interrupted(document):
            return str(_("Interrupted, %(there)s of %(whole)s are here", there=there, whole=whole))
        return str(_("Uploading: %(there)s of %(whole)s", there=there, whole=whole))
    if state is DocumentState.WAITING:
        return str(_("Waiting to be converted"))
    if state is DocumentState.CONVERTING:
        if not count:
            return str(_("Being opened"))
        if not ready:
            return str(ngettext("Being converted, %(num)d page", "Being converted, %(num)d pages", count))
        return str(_("Page %(ready)s of %(count)s is ready", ready=ready, count=count))
    if state is DocumentState.FAILED and not ready:
        return ""
    return str(ngettext("%(num)d page", "%(num)d pages", ready))


def _is_interrupted(document: Document) -> bool:
    return document.state is DocumentState.UPLOADING and document.changed_ms < clock.now_ms() - SILENT_MS


def _percent(document: Document) -> int | None:
    if document.state is DocumentState.UPLOADING:
        return 100 * document.received_bytes // max(1, document.size_bytes)
    if document.state is DocumentState.CONVERTING and document.page_count:
        return min(100, 100 * document.ready_count // document.page_count)
    return None


def quota_of(live: LiveSession) -> Quota:
    """Return the used and allowed space of a lesson's documents, and of its unit's."""
    config = current_app.config
    return Quota(
        taken=queries.bytes_of_session(live.id),
        most=config["SESSION_DOCUMENTS_MB"] * 1_000_000,
        unit=live.unit.name,
        taken_by_unit=queries.bytes_of_unit(live.unit_id),
        most_of_unit=config["UNIT_DOCUMENTS_MB"] * 1_000_000,
    )


def upload_rules(live: LiveSession, most_mb: int) -> UploadRules:
    """Return the present rules for uploads to a lesson."""
    office = formats.office_is_here()
    return UploadRules(
        url=url_for("document_uploads.create", live_id=live.id),
        most_bytes=most_mb * 1_000_000,
        chunk_bytes=CHUNK_BYTES,
        accept=",".join(sorted(formats.TAKEN if office else formats.TAKEN - formats.OFFICE)),
        several=True,
        office=office,
    )
