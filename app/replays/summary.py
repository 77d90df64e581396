"""授课小结: what became of a lesson, for those who taught it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.accounts import queries as accounts
from app.audit import services as audit
from app.audit.models import Action
from app.classroom.engine import door
from app.classroom.engine.commands import Call
from app.classroom.engine.presence import queries as presence
from app.classroom.engine.presence.queries import Visit
from app.classroom.engine.seats import Side
from app.classroom.engine.words import by_ids
from app.classroom.polls import queries as polls
from app.classroom.polls.models import Poll, PollState
from app.classroom.polls.views import poll_views
from app.classroom.questions import errors, services
from app.classroom.questions import queries as questions
from app.classroom.questions.models import Question
from app.classroom.questions.views import question_views
from app.classroom.reactions import queries as reactions
from app.classroom.reactions.queries import Given
from app.classroom.reactions.views import Tally, tallies
from app.kernel import charts, csv_files, paging, web, xlsx_files
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.htmx import is_for_htmx, respond
from app.live.access import for_lesson
from app.live.audiences import replay_words
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import permissions_of
from app.live.views import view_of
from app.replays import queries
from app.replays.queries import CrowdMoment

ON_A_PAGE = 20
"""People in the list on one page. The list is one of several parts, and each row of it is a card on a phone."""

WIDTHS = (20, 14, 24, 10, 22, 22, 12, 60)

bp = Blueprint("summary", __name__, url_prefix="/live/<live_id>/summary")


@dataclass(frozen=True)
class VisitRow:
    """A person who was there, with the picture of her stays."""

    visit: Visit
    strip: Markup

    @property
    def came_ms(self) -> int:
        """Beginning of her first stay."""
        return self.visit.stays[0][0]

    @property
    def went_ms(self) -> int:
        """End of her last stay."""
        return self.visit.stays[-1][1]


@dataclass(frozen=True)
class Reactions:
    """Reactions of learners between a moment of the lesson and the next one."""

    moment: CrowdMoment
    tallies: list[Tally]


@bp.get("")
@for_lesson(Who.PRESENTER)
def page(live: LiveSession) -> ResponseReturnValue:
    """Show what became of a lesson; before its end, and for a rehearsal, its own page is the right one."""
    view = view_of(live, accounts.viewer())
    if not _is_summed_up(live):
        return redirect(view.url)
    time = _time_of(live)
    visits = presence.visits(live.id, *time)
    audience = [visit.stays for visit in visits if visit.learns]
    crowd = charts.Crowd(audience)
    curve, most = charts.curve([time], crowd) if audience else (Markup(), 0)
    moments = queries.crowd_at_moments(live, crowd)
    given = reactions.given_in(live.id)
    shown = _page_of(visits)
    return render_template(
        "replays/summary.html",
        live=view,
        length_ms=time[1] - time[0],
        learners=len(audience),
        most=most,
        curve=curve,
        links=charts.links([time], [one.mark for one in moments if one.url]),
        pictures=charts.pictures([time], [one.mark for one in moments]),
        moments=moments,
        reacted=tallies(given),
        reactions=_reactions(moments, given),
        page=shown,
        rows=[VisitRow(visit, charts.strip([time], visit.stays, _span_words(visit, time))) for visit in shown.rows],
        polls=poll_views(_asked(live), Side.DESK, over=True),
        open_questions=question_views(live, questions.left_open(live.id), Side.DESK),
        recorded_ms=live.stream.kept_ms if live.stream.finished else None,
        download=queries.download_view(live),
        part_words=part_words,
        replay_audience=replay_words(live),
    )


@bp.post("/visits.<ending>")
@for_lesson(Who.PRESENTER)
def export(live: LiveSession, ending: str) -> ResponseReturnValue:
    """Return who was there when, as xlsx or CSV. The log notes who took it."""
    if not _is_summed_up(live) or ending not in {"xlsx", "csv"}:
        raise NotFound
    audit.record(Action.VISITS_EXPORTED, by_id=accounts.me().id, unit_id=live.unit_id, what=live.subject)
    lines, name = _lines(presence.visits(live.id, *_time_of(live))), f"{_('Who was there')} {live.subject}"
    if ending == "xlsx":
        book = xlsx_files.as_xlsx(str(_("Who was there")), lines, widths=WIDTHS)
        return web.named(Response(book, content_type=xlsx_files.KIND), f"{name}.xlsx")
    return web.named(Response(csv_files.as_csv(lines), content_type="text/csv; charset=utf-8"), f"{name}.csv")


@bp.post("/questions/<int:question_id>")
@for_lesson(Who.PRESENTER)
def answer(live: LiveSession, question_id: int) -> ResponseReturnValue:
    """Answer a question that was left open."""
    question = by_ids(Question, live.id, [question_id]).get(question_id)
    if question is None or not _is_summed_up(live):
        raise errors.NoQuestion
    user = accounts.me()
    call = Call(live, user, door.person_of(user, live), permissions_of(user, live))
    services.answer(call, question, request.form.get("text", ""))
    if not is_for_htmx():
        flash(_told(question))
    (view,) = question_views(live, [question], Side.DESK)
    return respond(
        "replays/_open_question.html",
        page=url_for("summary.page", live_id=live.id),
        question=view,
        live_id=live.id,
        told=_told(question),
    )


def _told(question: Question) -> str:
    if question.by_id is None:
        return str(_("Answered. Guests have no address; the answer stands in the replay."))
    return str(_("Answered. The person who asked gets a mail, unless she wants none."))


def _is_summed_up(live: LiveSession) -> bool:
    return live.state is LiveState.ENDED and live.rehearses_id is None


def _time_of(live: LiveSession) -> tuple[int, int]:
    """Return the beginning and the end of a lesson that is over (epoch ms)."""
    end_ms = live.ended_at_ms or live.state_since_ms
    return live.started_at_ms or end_ms, end_ms


def _asked(live: LiveSession) -> list[Poll]:
    return [poll for poll in polls.polls_of(live.id) if poll.state is not PollState.PREPARED]


def _page_of(visits: Sequence[Visit]) -> paging.Page[Visit]:
    number = min(paging.wanted(), max(1, -(-len(visits) // ON_A_PAGE)))
    first = (number - 1) * ON_A_PAGE
    return paging.Page(visits[first : first + ON_A_PAGE], number, len(visits), ON_A_PAGE)


def _reactions(moments: Sequence[CrowdMoment], given: Sequence[Given]) -> list[Reactions]:
    """Put reactions to the moments at which they came. Those before the first moment belong to it."""
    ends = [*(moment.at_ms for moment in moments[1:]), inf]
    starts = [-inf, *ends]
    rows = [
        Reactions(moment, tallies(one for one in given if start <= one.at_ms < end))
        for moment, start, end in zip(moments, starts, ends, strict=False)
    ]
    return [row for row in rows if row.tallies]


def _span_words(visit: Visit, time: tuple[int, int]) -> str:
    there, whole = web.as_clock(visit.total_ms), web.as_clock(time[1] - time[0])
    return str(_("there for %(time)s of %(whole)s", time=there, whole=whole))


def part_words(part: str) -> str:
    """Return the part that a person had in the lesson, in words."""
    words = {
        "teacher": _("Teacher"),
        "assistant": _("Assistant"),
        "manager": _("Manager"),
        "learner": _("Learner"),
        "guest": _("Guest"),
    }
    return str(words.get(part, part))


def _lines(visits: Sequence[Visit]) -> Iterator[list[str]]:
    yield [
        _("Real name"), _("Staff number"), _("Unit"), _("Part"), web.with_zone(_("Came")), web.with_zone(_("Went")),
        _("Time there"), _("When"),
    ]  # fmt: skip
    for one in visits:
        yield [
            one.name, one.staff_number, one.unit, part_words(one.part), web.format_exact(one.stays[0][0]),
            web.format_exact(one.stays[-1][1]), web.as_clock(one.total_ms),
            "; ".join(f"{web.format_time(start)}–{web.format_time(end)}" for start, end in one.stays),
        ]  # fmt: skip
