"""The slides of the example lecture, converted from a PDF that carries its fonts, so that they need nothing else.

A PDF knows neither builds nor notes. It has one sheet for each step (see deck.html), which are put together here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.accounts.models import User
from app.documents import jobs, queries, services
from app.documents.models import Document, DocumentState, Page
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession

FILE = Path(__file__).with_name("deck.pdf")
NAME = "低温物理前沿.pdf"


@dataclass(frozen=True)
class Slide:
    """A page of the deck: number of its sheets, and the speaker's notes."""

    steps: int
    notes: str


SLIDES = (
    Slide(1, "开场：自我介绍，问一问在座各位做的是什么方向。"),
    Slide(1, "先说清楚今天的四个部分，提醒大家可以随时提问。"),
    Slide(3, "按年份讲。重点是 1911 年：昂内斯原本想验证的是电阻会缓慢下降。"),
    Slide(1, "强调“测不到”和“很小”的区别，可以讲持续电流实验。"),
    Slide(2, "先只看左图，请大家猜一猜降温以后会怎样，再翻到右图。"),
    Slide(3, "先讲结构，再讲第一个方程，最后讲第二个方程。"),
    Slide(2, "关键是“不等距”：只有这样才能单独操控最低的两个能级。"),
    Slide(1, "留五分钟讨论：5 GHz 对应的温度约为 240 毫开。"),
)


def put(lesson: LiveSession, *, by: User) -> None:
    """Add the deck to a lesson, unless it has had documents already."""
    if queries.has_had_documents(lesson.id):
        return
    document = services.add_file(lesson, FILE, name=NAME, by=by)
    jobs.convert_waiting.now()
    if document.state is DocumentState.READY:
        _put_together(document)


def _put_together(document: Document) -> None:
    """Turn sheets that belong together into steps of one page."""
    with unit_of_work():
        sheets = [*queries.pages_of(document.id)]
        pages = []
        for number, slide in enumerate(SLIDES, start=1):
            own, sheets = sheets[: slide.steps], sheets[slide.steps :]
            last = own[-1]
            keys = [key for sheet in own for key in sheet.steps]
            pages.append(
                Page(
                    document_id=document.id,
                    number=number,
                    width=last.width,
                    height=last.height,
                    steps=keys,
                    text=last.text,
                    notes=slide.notes,
                )
            )
        for sheet in queries.pages_of(document.id):
            db.session.delete(sheet)
        db.session.flush()
        db.session.add_all(pages)
        document.page_count = document.ready_count = len(pages)
