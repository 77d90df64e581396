"""Pictures taken from lessons: the newest moment of a lesson on air, the first slide of one without a cover."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.accounts.models import User
from app.documents.models import Document, Page
from app.extensions import db
from app.kernel import clock, storage
from app.kernel.permissions import Permission
from app.live import services
from app.live.models import Audience, LiveSession
from app.recommendations import moments
from app.recommendations.models import Moment
from tests.conftest import SignIn
from tests.factories import accounts, documents, recordings, roles, units
from tests.factories import live as lives

MINUTE_MS = 60_000


def sends(live: LiveSession, colour: str = "red", **options: object) -> Path:
    """Let learners be sent real segments of one colour. Return the stream's folder."""
    folder = storage.place("media") / live.stream_id
    lines = recordings.run_of(folder, f"run-{colour}", 2, colour=colour, **options)  # type: ignore[arg-type]
    (folder / "live").mkdir(exist_ok=True)
    (folder / "live" / "source.m3u8").write_text("\n".join(["#EXTM3U", *lines]) + "\n")
    return folder


def take(camera: moments.Camera, seconds: float = 20) -> None:
    """Let the clockwork tick until the camera has nothing more to do."""
    until = time.monotonic() + seconds
    camera.tick()
    while camera.is_at_work and time.monotonic() < until:
        camera.wait(1)
        camera.tick()
    assert not camera.is_at_work, "the camera finishes"


def address(browser: FlaskClient, live: LiveSession) -> str:
    """Return the address of the lesson's picture, as the home page shows it. Empty means a drawn cover."""
    card = browser.get("/live").text.split(f'id="card-{live.id}"')[0].rpartition("<article")[2]
    return card.partition('src="')[2].partition('"')[0]


def colour(browser: FlaskClient, at: str) -> str:
    with browser.get(at) as reply:
        assert reply.status_code == 200, at
        with Image.open(io.BytesIO(reply.data)) as image:
            assert image.size == (640, 360)
            pixel = image.convert("RGB").getpixel((320, 180))
    assert isinstance(pixel, tuple)
    return "RGB"[pixel.index(max(pixel))]


def test_a_lesson_on_air_shows_its_newest_moment_until_it_pauses(sign_in: SignIn, teacher: User, learner: User) -> None:
    live, browser, camera = lives.on_air(teacher), sign_in(learner), moments.Camera()
    sends(live, "red")
    take(camera)
    first = address(browser, live)
    assert colour(browser, first) == "R"
    with time_machine.travel(time.time() + 51):
        sends(live, "blue")
        take(camera)
        second = address(browser, live)
        assert second != first
        assert colour(browser, second) == "B"
        assert second in browser.get(f"/live/{live.id}").text, "the introduction has it too, and Open Graph"
        services.pause(live, by=teacher)
        assert address(browser, live) == ""
        assert browser.get(second).status_code == 404
        services.resume(live, by=teacher)
        assert address(browser, live) == "", "nothing from before the pause comes back"


def test_an_old_picture_is_not_shown(sign_in: SignIn, teacher: User, learner: User) -> None:
    live = lives.on_air(teacher)
    sends(live)
    take(moments.Camera())
    with time_machine.travel(time.time() + 61):
        assert address(sign_in(learner), live) == ""


def test_a_lesson_without_a_picture_costs_the_others_nothing(sign_in: SignIn, teacher: User, learner: User) -> None:
    fine, broken, bare = (lives.on_air(teacher) for _number in range(3))
    sends(fine)
    folder = sends(broken, "blue")
    for file in (folder / "segments").glob("*.m4s"):
        file.write_bytes(b"\0" * 500)
    camera = moments.Camera()
    take(camera)
    take(camera)
    take(camera)
    assert set(db.session.scalars(db.select(Moment.live_id))) == {fine.id}
    assert not list(storage.place("moments").glob("*.new.webp"))
    assert bare.id not in db.session.scalars(db.select(Moment.live_id)).all()


@pytest.mark.parametrize("audience", list(Audience))
def test_nobody_outside_the_audience_gets_a_picture_at_any_exit(
    app: Flask, sign_in: SignIn, audience: Audience
) -> None:
    institute = units.institute("物质研究所")
    department = units.department(institute)
    owner = roles.holding(accounts.user("owner", unit=department), Permission.LIVE_MANAGE)
    viewers: dict[str, User | None] = {
        "visitor": None,
        "department": accounts.user("near", unit=department),
        "institute": accounts.user("inside", unit=institute),
        "academy": accounts.user("central"),
    }
    order = ["department", "institute", "academy", "visitor"]
    expected = set(order[: 1 + list(Audience).index(audience)])
    live = lives.on_air(owner, audience=audience)
    sends(live)
    take(moments.Camera())
    moment = db.session.get_one(Moment, live.id)
    inside = f"/banner/moments/{live.id}-{moment.at_ms}.webp"
    seen: dict[str, set[str]] = {"picture": set(), "list": set(), "introduction": set()}
    for name, user in viewers.items():
        browser = sign_in(user)
        with browser.get(inside) as reply:
            if reply.status_code == 200:
                seen["picture"].add(name)
        if inside in browser.get("/live").text:
            seen["list"].add(name)
        if inside in browser.get(f"/live/{live.id}").text:
            seen["introduction"].add(name)
    assert seen == {"picture": expected, "list": expected, "introduction": expected}


def test_a_lesson_without_a_cover_shows_its_first_slide_if_learners_may_see_it(
    sign_in: SignIn, teacher: User, learner: User
) -> None:
    live, browser = lives.lesson(teacher), sign_in(learner)
    document = documents.ready(live)
    page = db.session.get_one(Page, (document.id, 1))
    slide = f"/slides/{document.id}/{page.steps[-1]}-medium.webp"
    shown = []
    for hidden, shown_ms in ((True, None), (False, None), (True, clock.now_ms())):
        row = db.session.get_one(Document, document.id)
        row.hidden, db.session.get_one(Page, (document.id, 1)).shown_ms = hidden, shown_ms
        db.session.commit()
        shown.append(address(browser, live))
    assert shown == ["", slide, slide]
    visitor = sign_in(None).get(f"/live/{live.id}")
    assert visitor.status_code == 200, "a visitor may read about a lesson for the academy"
    assert slide not in visitor.text
