"""A lesson described as a course: read from timeline, documents and the classroom's own tables, for learners' eyes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.classroom.chat import pictures as chat_pictures
from app.classroom.chat import queries as chat
from app.classroom.engine import frames
from app.classroom.engine.seats import Side
from app.classroom.polls import kinds as poll_kinds
from app.classroom.polls import queries as polls
from app.classroom.polls.models import Poll, PollState, numbers_of
from app.classroom.questions import queries as questions
from app.classroom.questions.views import question_views
from app.classroom.slides import kinds as stage_kinds
from app.courseware.course import (
    Asked,
    Caption,
    Chapter,
    Course,
    Film,
    Gap,
    Options,
    Pictures,
    Polled,
    Words,
    chapters_of,
    gaps_of,
    on_stage,
    place_of,
)
from app.documents import files
from app.live import kinds as live_kinds
from app.live.models import LiveSession, Part
from app.replays import completion, mp4
from app.replays import queries as replays
from app.replays.captions import queries as captions
from app.replays.captions.shifting import as_published
from app.replays.cutting.queries import Cuts, cuts_of, remaining
from app.timeline import queries as timeline
from app.timeline.models import Event

EXCERPT = 60
AT_ONCE = 500
TEACHING = {"teacher", "assistant"}
"""Parts whose names are told always."""


@dataclass(frozen=True)
class Described:
    """A course, and where the pictures of its package lie on this server, by their names."""

    course: Course
    pictures: Mapping[str, Path]


def described(live: LiveSession, film: mp4.Recording, options: Options, names: Pictures | None = None) -> Described:
    """Describe a lesson that is over, as its learners saw it.

    Args:
        live: the lesson.
        film: its recording.
        options: what is wanted of it.
        names: gives pictures their names in the package; `None` numbers them.
    """
    names = names or Pictures()
    clock = film.clock(live.started_at_ms or 0)
    chat_too, cuts = options.chat, cuts_of(live.id)
    staged = list(_stage(live.id))
    standing = {event.id for event in remaining([event for event, _data in staged], cuts)}
    stage = [(event, data) for event, data in staged if event.id in standing]
    course = Course(
        id=f"course-{live.id}",
        title=live.subject,
        abstract=live.abstract,
        teachers=[user.real_name for user in live.people_of(Part.TEACHER)] or [live.owner.real_name],
        unit=live.unit.name,
        language="zh-CN",
        began_ms=live.started_at_ms or 0,
        film=Film("media/lesson.mp4", round(film.length_s, 3), film.look.width, film.look.height),
        clock=clock,
        gaps=[gap for gap in gaps_of(clock, _states(live.id)) if not _is_cut(gap, clock, cuts)],
        stage=[on_stage(event.id, event.at_ms, event.kind, data, names) for event, data in stage],
        chapters=_chapters(live, stage, clock, names),
        share=completion.least_share(live) / 100,
        chat=list(_chat(live.id, clock, options, names, cuts)) if chat_too else [],
        questions=list(_questions(live, clock, options, cuts)) if chat_too else [],
        polls=list(_polls(live.id, clock, cuts)) if chat_too else [],
        captions=list(_captions(live)),
    )
    found = {name: _file_of(live.id, address) for address, name in names.names.items()}
    return Described(course, {name: file for name, file in found.items() if file is not None})


def events_of(live_id: str, kinds: Sequence[str] | None = None) -> Iterator[Event]:
    """Return the events of a lesson, of some kinds or all, in order."""
    last = 0
    while events := timeline.after(live_id, last, kinds=kinds, limit=AT_ONCE):
        yield from events
        last = events[-1].id


Staged = tuple[Event, Mapping[str, object]]


def _stage(live_id: str) -> Iterator[Staged]:
    """Return the events that have led the stage as learners' pages got them."""
    last = 0
    while events := timeline.after(live_id, last, kinds=stage_kinds.STAGE, limit=AT_ONCE):
        shown: dict[int, frames.Shown] = {}
        for kind in {event.kind for event in events}:
            shown |= frames.kinds()[kind].show([event for event in events if event.kind == kind], Side.LEARNER)
        yield from ((event, shown[event.id].data) for event in events if event.id in shown)
        last = events[-1].id


def _states(live_id: str) -> list[tuple[int, str]]:
    return [(event.at_ms, event.payload["state"]) for event in events_of(live_id, (live_kinds.STATE,))]


def _chapters(live: LiveSession, stage: Sequence[Staged], clock: Sequence[mp4.Piece], names: Pictures) -> list[Chapter]:
    moments = [(one.at_ms, one.label, one.page) for one in replays.chapters(live)]
    shown = [(event.at_ms, str(data.get("large", ""))) for event, data in stage if event.kind == stage_kinds.SHOWN]
    thumbs = {}
    for at_ms, _title, _page in moments:
        large = next((address for since_ms, address in reversed(shown) if since_ms <= at_ms), "")
        thumbs[at_ms] = names.name(large.replace("-large.", "-thumb."), "thumbs")
    return chapters_of(moments, clock, thumbs)


def _is_cut(gap: Gap, clock: Sequence[mp4.Piece], cuts: Cuts) -> bool:
    """Return whether a gap comes from a cut, which a course does not mention."""
    after = next((piece for piece in clock if piece.at_s >= gap.at_s - 0.001), None)
    return after is not None and cuts.hold(after.captured_ms - gap.missing_ms // 2)


def _chat(live_id: str, clock: Sequence[mp4.Piece], options: Options, names: Pictures, cuts: Cuts) -> Iterator[Words]:
    messages = [message for message in chat.public_of(live_id) if not cuts.hold(message.at_ms)]
    by_id = {message.id: message for message in messages}
    for message in messages:
        answered = by_id.get(message.reply_id or 0)
        yield Words(
            at_s=place_of(clock, message.at_ms),
            name=message.by_name if options.names or message.part in TEACHING else "",
            part=message.part,
            text=message.text,
            picture=names.name(f"chat:{message.picture}", "chat") if message.picture else "",
            answers=" ".join(answered.text.split())[:EXCERPT] if answered else "",
        )


def _questions(live: LiveSession, clock: Sequence[mp4.Piece], options: Options, cuts: Cuts) -> Iterator[Asked]:
    for view in question_views(live, questions.public_of(live.id), Side.LEARNER):
        if cuts.hold(view.at_ms):
            continue
        yield Asked(
            at_s=place_of(clock, view.at_ms),
            name=view.by_name if options.names or view.part in TEACHING else "",
            part=view.part,
            text=view.text,
            votes=view.votes,
            answer=view.answer,
            answered_by=view.answered_by,
            answered_s=None if view.voiced_ms is None else place_of(clock, view.voiced_ms),
        )


def _polls(live_id: str, clock: Sequence[mp4.Piece], cuts: Cuts) -> Iterator[Polled]:
    opened_ms = {event.payload["poll"]: event.at_ms for event in events_of(live_id, (poll_kinds.OPENED,))}
    told = [poll for poll in polls.polls_of(live_id) if poll.state is PollState.PUBLISHED]
    counts = polls.counts_of([poll.id for poll in told])
    for poll in sorted(told, key=lambda one: opened_ms.get(one.id, one.opened_ms or 0)):
        if cuts.hold(opened_ms.get(poll.id, poll.opened_ms or 0)):
            continue
        count = counts[poll.id]
        yield Polled(
            at_s=place_of(clock, opened_ms.get(poll.id, poll.opened_ms or 0)),
            kind=str(poll.kind),
            question=poll.question,
            options=_options(poll),
            counts=[count.by_number[number] for number in range(1, poll.choosable + 1)],
            total=count.total,
            right=numbers_of(poll.right),
        )


def _captions(live: LiveSession) -> Iterator[Caption]:
    for one in captions.captions_of(live.id):
        cues = [(cue.start_ms / 1000, cue.end_ms / 1000, cue.text) for cue in as_published(live, one.cues)]
        yield Caption(one.language, captions.LANGUAGES[one.language], cues)


def _options(poll: Poll) -> list[str]:
    return poll.options or [str(number) for number in range(1, poll.choosable + 1)]


def _file_of(live_id: str, address: str) -> Path | None:
    """Find a picture on the disk by the address that pages have of it; `chat:NAME` names one of the chat."""
    if address.startswith("chat:"):
        return chat_pictures.file_of(live_id, address.removeprefix("chat:"))
    document, _slash, name = address.removeprefix("/slides/").partition("/")
    key, _dash, size = name.removesuffix(".webp").rpartition("-")
    return files.picture_of(document, key, size)
