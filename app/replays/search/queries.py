"""Search in a replay, for one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.classroom.chat import queries as chat
from app.classroom.chat.models import Message
from app.classroom.engine.seats import Person, Side
from app.classroom.questions import queries as questions
from app.classroom.questions.views import question_views
from app.classroom.slides import queries as shown
from app.classroom.slides import views as slides
from app.documents import queries as documents
from app.live.models import LiveSession
from app.live.naming import name_in_replay
from app.replays.captions import queries as captions
from app.replays.cutting.queries import cuts_of, whole_clock
from app.replays.search.matching import Excerpt, excerpt_of, words_of

MOST_HITS = 200


@dataclass(frozen=True)
class Hit:
    """A moment at which the words were shown or written."""

    at_ms: int
    kind: str
    """slide, notes, chat, question, answer or caption."""
    who: str
    """Name of the person who wrote it, empty where it is not told; of a caption its language."""
    page: int | None
    excerpt: Excerpt


def hits(live: LiveSession, q: str, side: Side, person: Person) -> list[Hit]:
    """Return what holds all words of a search, in the order of the lesson, at most `MOST_HITS`.

    The person finds what the replay shows to her: as a learner what everybody was told, what she wrote herself, and
    what the desk answered to her alone.
    """
    words = words_of(q)
    if not words:
        return []
    found = [
        *_slides(live, words, notes_too=live.replay_notes or side is Side.DESK),
        *_captions(live, words),
        *(_chat(live, words, side, person) if live.replay_chat else ()),
        *(_questions(live, words, side, person) if live.replay_chat else ()),
    ]
    cuts = cuts_of(live.id)
    return sorted((hit for hit in found if not cuts.hold(hit.at_ms)), key=lambda hit: hit.at_ms)[:MOST_HITS]


def first_slide(live: LiveSession, words: list[str]) -> Hit | None:
    """Return the first page of a recording that holds all words. `None` where there is none that is not cut out."""
    cuts, texts = cuts_of(live.id), documents.texts_holding(live.id, words)
    started_ms, turns = live.started_at_ms or 0, shown.pages_in_turn(live.id)
    standing = max((number for number, (at_ms, _key) in enumerate(turns) if at_ms <= started_ms), default=0)
    for turned_ms, key in turns[standing:]:
        at_ms = max(turned_ms, started_ms)
        excerpt = excerpt_of(texts[key], words) if key in texts and not cuts.hold(at_ms) else None
        if key is not None and excerpt is not None:
            return Hit(at_ms, "slide", "", key[1], excerpt)
    return None


def _slides(live: LiveSession, words: list[str], *, notes_too: bool) -> Iterator[Hit]:
    started_ms = live.started_at_ms or 0
    turns = slides.turns_of(live.id)
    standing = max((turn.at_ms for turn in turns if turn.at_ms <= started_ms), default=started_ms)
    for turn in turns:
        if turn.at_ms < standing:
            continue
        at_ms = max(turn.at_ms, started_ms)
        if excerpt := excerpt_of(turn.text, words):
            yield Hit(at_ms, "slide", "", turn.page, excerpt)
        if notes_too and (excerpt := excerpt_of(turn.notes, words)):
            yield Hit(at_ms, "notes", "", turn.page, excerpt)


def _captions(live: LiveSession, words: list[str]) -> Iterator[Hit]:
    all_captions = captions.captions_of(live.id)
    if not all_captions:
        return
    clock = whole_clock(live)
    for one in all_captions:
        for cue in one.cues:
            excerpt = excerpt_of(cue.text, words)
            at_ms = clock.wall_ms(cue.start_ms) if excerpt else None
            if excerpt and at_ms is not None:
                yield Hit(at_ms, "caption", captions.LANGUAGES[one.language], None, excerpt)


def _chat(live: LiveSession, words: list[str], side: Side, person: Person) -> Iterator[Hit]:
    for message in chat.holding(live.id, words, side, person.key, most=MOST_HITS):
        excerpt = excerpt_of(message.text, words)
        if excerpt:
            yield Hit(message.at_ms, "chat", _name_of(message, side), None, excerpt)


def _name_of(message: Message, side: Side) -> str:
    if side is Side.DESK:
        return message.by_name
    return name_in_replay(message.live_id, message.by_key, message.by_name, message.part)


def _questions(live: LiveSession, words: list[str], side: Side, person: Person) -> Iterator[Hit]:
    found = questions.holding(live.id, words, side, person.key, most=MOST_HITS)
    for view in question_views(live, found, side):
        asked, answered = excerpt_of(view.text, words), excerpt_of(view.answer, words)
        if asked:
            yield Hit(view.at_ms, "question", view.by_name, None, asked)
        if answered:
            yield Hit(view.at_ms, "answer", view.answered_by, None, answered)
