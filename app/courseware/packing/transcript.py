"""Chat and questions of a lesson, as a text that people read and print."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from app.courseware.course import Asked, Course, Polled, Words
from app.courseware.packing.words import WORDS
from app.kernel.web import as_clock, format_date


def transcript(course: Course) -> str:
    """Write messages, questions with their answers and polls in the order of the film."""
    head = [course.title, f"{'、'.join(course.teachers)} · {course.unit} · {format_date(course.began_ms)}", ""]
    said: list[Words | Asked | Polled] = [*course.chat, *course.questions, *course.polls]
    lines = [line for one in sorted(said, key=lambda one: one.at_s) for line in _lines(one)]
    return "\n".join([*head, *(lines or [_("Nothing was written in this lesson.")]), ""])


def _lines(one: Words | Asked | Polled) -> Iterator[str]:
    at = as_clock(round(one.at_s * 1000))
    if isinstance(one, Polled):
        yield f"{at}  {_('Poll')}: {one.question}"
        for number, (option, count) in enumerate(zip(one.options, one.counts, strict=True), 1):
            yield f"         {'✓' if number in one.right else '·'} {option}: {count}"
        return
    name = one.name or str(WORDS[f"part_{one.part}"] if one.part else WORDS["part_learner"])
    if isinstance(one, Words):
        yield f"{at}  {name}: {_flat(one.text) or _('[picture]')}"
        return
    yield f"{at}  {_('Question')} · {name}: {_flat(one.text)}"
    if one.answer:
        yield f"         {one.answered_by}: {_flat(one.answer)}"
    if one.answered_s is not None:
        yield f"         {_('answered by voice at %(at)s', at=as_clock(round(one.answered_s * 1000)))}"


def _flat(text: str) -> str:
    return text.replace("\n", "\n         ")
