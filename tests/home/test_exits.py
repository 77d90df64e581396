"""Everything by which a lesson leaves its page tells of it to its audience alone: audience × viewer × exit."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from PIL import Image

from app.accounts.models import User
from app.extensions import db
from app.home import weekly
from app.kernel import clock, storage
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live import services
from app.live.marks import services as marks
from app.live.models import Audience, LiveSession
from app.recommendations import moments
from app.recommendations.models import Moment
from app.timeline import services as timeline
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, recommendations, roles, slides, units
from tests.factories import live as lives

SITE = "https://portal.academy.example"
HTMX = {"HX-Request": "true"}
WORDS = {audience: f"thema{number}" for number, audience in enumerate(Audience)}
"""A word that stands in the subject of each lesson, by its audience."""
VIEWERS = {
    "visitor": {Audience.EVERYONE},
    "elsewhere": {Audience.EVERYONE, Audience.ACADEMY},
    "institute": {Audience.EVERYONE, Audience.ACADEMY, Audience.INSTITUTE},
    "department": set(Audience),
}
"""Whose lessons each viewer may watch."""
FOR_ALL = {Audience.EVERYONE}


class Academy:
    """A lesson of each audience in each state, and somebody of each place."""

    def __init__(self) -> None:
        institute = units.institute("物质研究所")
        department = units.department(institute)
        planner = roles.holding(accounts.user("planner", "李明远", unit=department), Permission.LIVE_MANAGE)
        self.people: dict[str, User | None] = {
            "visitor": None,
            "elsewhere": accounts.user("elsewhere", unit=units.institute("天文研究所")),
            "institute": accounts.user("institute", unit=institute),
            "department": accounts.user("department", unit=department),
        }
        later = clock.now_ms() + lives.HOUR_MS
        self.planned: dict[Audience, LiveSession] = {}
        self.on_air: dict[Audience, LiveSession] = {}
        self.over: dict[Audience, LiveSession] = {}
        for audience, word in WORDS.items():
            self.planned[audience] = lives.lesson(
                planner, f"{word}未开始", audience=audience, starts_at_ms=later, ends_at_ms=later + lives.HOUR_MS
            )
            self.on_air[audience] = self._on_air(planner, f"{word}直播中", audience, institute)
            self.over[audience] = self._over(planner, f"{word}回放", audience)

    @staticmethod
    def _on_air(by: User, subject: str, audience: Audience, institute: Unit) -> LiveSession:
        """Return a lesson of which the camera has just taken a picture, and that stands on the home page."""
        live = lives.on_air(by, subject, audience=audience)
        storage.place("moments").mkdir(exist_ok=True)
        Image.new("RGB", (640, 360), "red").save(moments.file_of(live.id))
        with unit_of_work():
            db.session.add(Moment(live_id=live.id, at_ms=clock.now_ms()))
        recommendations.shown(live, institute if audience in {Audience.INSTITUTE, Audience.DEPARTMENT} else None)
        return live

    @staticmethod
    def _over(by: User, subject: str, audience: Audience) -> LiveSession:
        """Return a lesson with a replay in which a page was shown."""
        live = lives.on_air(by, subject, audience=audience)
        deck = slides.deck(live, pages=1)
        with unit_of_work():
            timeline.append(live.id, "slides.shown", {"document": deck.id, "page": 1, "step": 0})
        services.end(live, by=by)
        with unit_of_work():
            live.stream.kept_ms, live.stream.finished = 60_000, True
            (page,) = db.session.scalars(db.select(slides.Page).where(slides.Page.document_id == deck.id))
            page.shown_ms, page.text = clock.now_ms(), f"讲义 {subject}"
        return live

    @property
    def lessons(self) -> list[LiveSession]:
        return [live for state in (self.planned, self.on_air, self.over) for live in state.values()]


@pytest.fixture
def academy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Academy:
    monkeypatch.setitem(app.config, "EMBED_ORIGINS", (SITE,))
    return Academy()


def told(text: str) -> set[Audience]:
    return {audience for audience, word in WORDS.items() if word in text}


Exit = Callable[[FlaskClient, Academy], set[Audience]]


def listed(path: str, **headers: str) -> Exit:
    """Return what tells of which audiences a list tells."""
    return lambda browser, _academy: told(browser.get(path, headers=headers).text)


def of_each(path: str, state: str) -> Exit:
    """Return what tells of which audiences' lessons an address of one lesson tells."""

    def ask(browser: FlaskClient, academy: Academy) -> set[Audience]:
        found = getattr(academy, state).items()
        return {audience for audience, live in found if WORDS[audience] in browser.get(path.format(id=live.id)).text}

    return ask


EXITS: dict[str, Exit] = {
    "home page and its banner": listed("/"),
    "live column": listed("/live"),
    "search": listed("/live?q=thema"),
    "search in slides": listed("/replays/slides?q=讲义", **HTMX),
    "replay": of_each("/live/{id}/replay", "over"),
    "frame of a replay": of_each("/live/{id}/embed", "over"),
    "watch page": of_each("/live/{id}/watch", "on_air"),
}
FOR_VISITORS: dict[str, Exit] = {
    "feed": listed("/live/feed.atom"),
    "frame of the live column": listed("/live/widget"),
    "oEmbed": of_each("/oembed?url=http://localhost/live/{id}/replay", "over"),
}
"""Exits to other sites, which have the same for everybody."""


def test_each_exit_tells_of_what_the_viewer_may_watch(academy: Academy, sign_in: SignIn) -> None:
    for viewer, may_watch in VIEWERS.items():
        user = academy.people[viewer]
        browser = sign_in(user)
        seen = {name: ask(browser, academy) for name, ask in EXITS.items()}
        public = {name: ask(browser, academy) for name, ask in FOR_VISITORS.items()}
        if user is not None:
            for live in academy.lessons:
                marks.keep(live, user)  # as she could while it was for her
            seen["kept lessons"] = told(browser.get("/live/kept").text)
            seen["weekly mail"] = {live.audience for live in (*weekly.coming_for(user), *weekly.missed_by(user))}
        assert seen == dict.fromkeys(seen, may_watch), viewer
        assert public == dict.fromkeys(FOR_VISITORS, FOR_ALL), viewer


def test_open_graph_shows_no_picture_to_others(academy: Academy, sign_in: SignIn) -> None:
    """A visitor may read the introduction of a lesson for the academy, without any picture of it."""
    for viewer, may_watch in VIEWERS.items():
        browser = sign_in(academy.people[viewer])
        graphs = [(live.audience, graph_of(browser.get(f"/live/{live.id}").text)) for live in academy.lessons]
        with_picture = {audience for audience, graph in graphs if graph and "/static/" not in graph["og:image"]}
        reads_too = {Audience.ACADEMY} if viewer == "visitor" else set()
        assert {audience for audience, graph in graphs if graph} == may_watch | reads_too, viewer
        assert with_picture == may_watch, viewer
        for audience, live in academy.on_air.items():
            at_ms = db.session.get_one(Moment, live.id).at_ms
            with browser.get(f"/banner/moments/{live.id}-{at_ms}.webp") as picture:
                assert (picture.status_code == 200) == (audience in may_watch), (viewer, audience)


def graph_of(page: str) -> dict[str, str]:
    """Read Open Graph as a parser of HTML finds it, by the rules of ogp.me. An empty one means that there is none."""
    document = html.document_fromstring(page)
    found = [(one.get("property"), one.get("content")) for one in document.iterfind("head/meta[@property]")]
    graph = {str(name): str(content) for name, content in found if content}
    assert len(graph) == len(found), "no property twice, and none is empty"
    assert not list(document.iterfind("body//meta[@property]")), "what stands in the body is not read"
    if graph:
        assert set(graph) >= {"og:title", "og:type", "og:image", "og:url"}, "the four that every page must have"
        for name in ("og:image", "og:url", "og:video"):
            assert urlsplit(graph.get(name, "http://x")).scheme in {"http", "https"}, name
        assert graph["og:type"] in {"website", "video.other"}
        assert re.fullmatch(r"[a-z]{2}_[A-Z]{2}", graph["og:locale"])
    return graph


def test_open_graph_is_whole_and_leads_to_its_page_and_picture(academy: Academy, client: FlaskClient) -> None:
    planned, on_air, over = (state[Audience.EVERYONE] for state in (academy.planned, academy.on_air, academy.over))
    with unit_of_work():
        planned.subject, planned.abstract = '“<b>引号"与&符号', "第一行\n\n**第二行** <script>"
    for live, end in ((planned, ""), (on_air, ""), (over, ""), (over, "/replay")):
        graph = graph_of(client.get(f"/live/{live.id}{end}").text)
        assert graph["og:title"] == live.subject
        assert graph["og:url"] == f"http://localhost/live/{live.id}{end}"
        assert graph["og:type"] == ("video.other" if end else "website")
        assert "\n" not in graph["og:description"]
        assert "李明远" in graph["og:description"]
        if live is not over:  # the pages of this test have no pictures on disk
            with client.get(graph["og:image"].removeprefix("http://localhost")) as picture:
                assert picture.status_code == 200
                with Image.open(io.BytesIO(picture.data)) as image:
                    assert min(image.size) >= 200, "smaller ones are not shown by chat applications"
    assert graph["og:video"] == f"http://localhost/live/{over.id}/embed"
