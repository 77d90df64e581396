"""Search in the slides of 2,000 replays with 60,000 pages, in an academy with 20,000 lessons: server time."""

from __future__ import annotations

import random
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, text

from app.accounts.queries import user_by_name
from app.classroom.slides import kinds as stage
from app.documents.models import Document, DocumentKind, DocumentState, Page
from app.extensions import db
from app.kernel.ids import new_id
from app.kernel.unit_of_work import unit_of_work
from app.live.lists import queries as listings
from app.live.models import LiveSession
from app.replays.search.everywhere import NEWEST
from app.timeline.models import Event
from tests import postgres
from tests.bench import part_lists, part_people
from tests.bench.table import Row, percentile
from tests.factories import accounts

PAGES, WORDS_ON_A_PAGE = 30, 50
MINUTE_MS = 60_000
GOAL_MS = 200
WORDS = ("低温", "超导", "能隙", "天文", "样品", "测量", "实验", "数据", "Josephson", "BCS", "SQUID", "qubit")
RARE = "朗道能级"
SEARCHES = {
    "a word of nearly all": "超导",
    "a word of one": RARE,
    "a word of none": "不存在的词",
    "a Latin word of none": "Meissner",
    "three words": "超导 能隙 josephson",
}


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Search as a learner, on both databases."""
    rows = []
    with postgres.cluster() as url:
        for kind, address in (("SQLite", f"sqlite:///{folder / 'search.sqlite3'}"), ("PostgreSQL", url)):
            with part_people.academy(folder / f"{kind}-search", address) as app:
                part_lists.fill(random.Random(3))
                accounts.user("bench-learner")
                show(random.Random(4))
                rows.append(_searched(app, kind, asked=10 if quick else 200))
    return rows


def show(chance: random.Random) -> None:
    """Show slides in the newest replays that the learner may watch, the rare word in the oldest of them."""
    replays = listings.column(user_by_name("bench-learner"), tab=listings.Tab.REPLAYS).limit(NEWEST)
    lessons = db.session.scalars(replays).all()
    assert len(lessons) == NEWEST, "there are enough replays"
    documents, pages, events = [], [], []
    for live in lessons:
        documents.append(_document(live))
        began = live.started_at_ms or 0
        for number in range(1, PAGES + 1):
            words = [*chance.choices(WORDS, k=WORDS_ON_A_PAGE), *([RARE] if live is lessons[-1] else [])]
            shown = {"document": documents[-1]["id"], "page": number, "step": 0}
            at_ms = began + number * MINUTE_MS
            pages.append(
                {
                    "document_id": documents[-1]["id"],
                    "number": number,
                    "width": 1920,
                    "height": 1080,
                    "steps": [new_id(20)],
                    "text": " ".join(words),
                    "notes": "",
                    "shown_ms": at_ms,
                }
            )
            events.append({"live_id": live.id, "id": number, "at_ms": at_ms, "kind": stage.SHOWN, "payload": shown})
    with unit_of_work():
        db.session.execute(insert(Document), documents)
        db.session.execute(insert(Page), pages)
        db.session.execute(insert(Event), events)
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def _document(live: LiveSession) -> dict[str, object]:
    return {
        "id": new_id(),
        "live_id": live.id,
        "kind": DocumentKind.DECK,
        "name": "讲义.pptx",
        "state": DocumentState.READY,
        "findings": {},
        "page_count": PAGES,
        "ready_count": PAGES,
    }


def _searched(app: Flask, kind: str, *, asked: int) -> Row:
    browser, names = app.test_client(), list(SEARCHES)
    reply = browser.post("/sign-in", data={"username": "bench-learner", "password": accounts.PASSWORD})
    assert reply.status_code == 302, reply.text
    times: dict[str, list[float]] = {name: [] for name in names}
    counts = set()
    for number in range(asked):
        name = names[number % len(names)]
        took_ms, count = part_people.ask(browser, f"/replays/slides?q={SEARCHES[name]}")
        times[name].append(took_ms)
        counts.add(count)
    every = [one for found in times.values() for one in found]
    slowest = max(names, key=lambda name: percentile(times[name], 50))
    p95 = percentile(every, 95)
    return Row(
        f"Server time of a search in the slides of {NEWEST:,} replays, {NEWEST * PAGES:,} pages, {kind}",
        f"p50 {percentile(every, 50):.0f} ms, p95 {p95:.0f} ms; {part_people.span(counts)} queries",
        f"{asked} requests; slowest {slowest}, p50 {percentile(times[slowest], 50):.0f} ms",
        f"p95 ≤ {GOAL_MS} ms",
        p95 <= GOAL_MS,
    )
