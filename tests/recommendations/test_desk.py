"""The desks: what can be recommended, pictures, order, requests for the academy."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.kernel.permissions import Permission
from app.live import services as live_services
from app.live.models import Audience, LiveSession
from app.mail.models import Mail
from app.recommendations import pictures, queries, services
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, recommendations, roles, units
from tests.factories import live as lives


@pytest.fixture
def manager(institute: Unit) -> User:
    return roles.manager(accounts.user("manager", "王主管", unit=institute, email="m@iom.example"))


@pytest.fixture
def platform(app: Flask) -> User:
    return roles.holding(accounts.user("platform"), Permission.RECOMMEND_ACADEMY)


def desk(unit: Unit, rest: str = "") -> str:
    return f"/manage/recommendations/units/{unit.id}{rest}"


def picture(*colours: str) -> io.BytesIO:
    """Return a square picture of stripes, from the top."""
    image = Image.new("RGB", (900, 300 * len(colours)))
    for place, colour in enumerate(colours):
        image.paste(colour, (0, 300 * place, 900, 300 * place + 300))
    file = io.BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return file


def row(unit: Unit, live: LiveSession) -> services.Recommendation:
    found = queries.of_lesson(unit, live)
    assert found is not None
    return found


def test_the_way_of_the_guide_leads_to_ones_own_desk(
    sign_in: SignIn, manager: User, platform: User, institute: Unit
) -> None:
    assert sign_in(manager).get("/manage/recommendations").location == desk(institute)
    assert sign_in(platform).get("/manage/recommendations").location == "/manage/recommendations/academy"
    assert "首页培训推荐" in sign_in(manager).get(desk(institute)).text


def test_the_list_shows_what_the_units_people_may_watch(
    sign_in: SignIn, manager: User, institute: Unit, teacher: User
) -> None:
    inside = lives.lesson(manager, "所内课", audience=Audience.INSTITUTE)
    lives.lesson(teacher, "全院课")
    elsewhere = roles.holding(accounts.user("far", unit=units.institute("天文所")), Permission.LIVE_MANAGE)
    lives.lesson(elsewhere, "外所课", audience=Audience.INSTITUTE)
    text = sign_in(manager).get(desk(institute)).text
    assert {one: one in text for one in ("所内课", "全院课", "外所课")} == {
        "所内课": True,
        "全院课": True,
        "外所课": False,
    }
    assert "管理推荐" in text or "推荐管理" in text
    for deed in ("get", "post"):
        reply = getattr(sign_in(manager), deed)(desk(institute, f"/lessons/{elsewhere.id}"))
        assert reply.status_code == 404
    assert sign_in(manager).post(desk(institute, f"/lessons/{inside.id}"), data={"words": "请看"}).status_code == 302
    assert row(institute, inside).words == "请看"


def test_a_picture_is_cut_to_the_banners_shape_at_its_top_middle_or_foot(
    sign_in: SignIn, manager: User, institute: Unit
) -> None:
    live, browser = lives.lesson(manager), sign_in(manager)
    seen = []
    for centre in ("0", "0.5", "1"):
        data = {"picture": (picture("red", "lime", "blue"), "p.png"), "centre": centre}
        assert browser.post(desk(institute, f"/lessons/{live.id}"), data=data).status_code == 302
        name = row(institute, live).picture
        with browser.get(f"/banner/pictures/{name}-720.webp") as reply, Image.open(io.BytesIO(reply.data)) as image:
            assert image.size == (720, 240)
            pixel = image.convert("RGB").getpixel((360, 120))
        assert isinstance(pixel, tuple)
        seen.append("RGB"[pixel.index(max(pixel))])
    assert seen == ["R", "G", "B"]
    pictures.remove_unused()
    assert pictures.SHELF.is_kept(name)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "不是可识别"),
        (b"\0" * 10_100_000, "太大"),
    ],
    ids=["svg", "large"],
)
def test_what_is_no_picture_costs_nothing_that_was_typed(
    sign_in: SignIn, manager: User, institute: Unit, content: bytes, sentence: str
) -> None:
    live = lives.lesson(manager)
    data = {"picture": FileStorage(io.BytesIO(content), "p.svg"), "words": "打好的字"}
    boundary, body = encode_multipart(data)  # a client's own would be left open on the disk
    kind = f"multipart/form-data; boundary={boundary}"
    reply = sign_in(manager).post(desk(institute, f"/lessons/{live.id}"), data=body, content_type=kind)
    assert reply.status_code == 422
    assert "打好的字" in reply.text
    assert re.search(sentence, reply.text)
    assert queries.of_lesson(institute, live) is None


def test_words_that_are_too_long_and_an_end_before_the_beginning_are_refused(
    sign_in: SignIn, manager: User, institute: Unit
) -> None:
    live, browser = lives.lesson(manager), sign_in(manager)
    for wrong in (
        {"words": "长" * 10_000},
        {"from_at": "2030-01-02T00:00", "until_at": "2030-01-01T00:00"},
        {"until_at": "2001-01-01T00:00"},
        {"from_at": "nonsense"},
    ):
        assert browser.post(desk(institute, f"/lessons/{live.id}"), data=wrong).status_code == 422, wrong
    assert queries.of_lesson(institute, live) is None


def order(browser: FlaskClient, unit: Unit) -> list[str]:
    return re.findall(r'data-name="([^"]*)"', browser.get(desk(unit)).text)


def test_the_order_changes_by_dragging_and_by_buttons(sign_in: SignIn, manager: User, institute: Unit) -> None:
    rows = {one: recommendations.shown(lives.lesson(manager, one), institute).id for one in ("丙", "乙", "甲")}
    browser = sign_in(manager)
    assert order(browser, institute) == ["甲", "乙", "丙"]
    browser.post(desk(institute, "/order"), data={"move": rows["丙"], "to": "front"})
    assert order(browser, institute) == ["甲", "丙", "乙"]
    browser.post(desk(institute, "/order"), data={"move": rows["甲"], "to": "rear"})
    assert order(browser, institute) == ["丙", "甲", "乙"]
    reply = browser.post(
        desk(institute, "/order"),
        data={"ids": f"{rows['乙']} x {rows['甲']} {rows['丙']} 999"},
        headers={"HX-Request": "true"},
    )
    assert re.findall(r'data-name="([^"]*)"', reply.text) == ["乙", "甲", "丙"]


def test_a_lesson_is_taken_away_although_it_is_cancelled(sign_in: SignIn, manager: User, institute: Unit) -> None:
    live = lives.lesson(manager)
    recommendations.shown(live, institute)
    assert sign_in(manager).delete(desk(institute, f"/lessons/{live.id}")).status_code == 302
    assert queries.of_lesson(institute, live) is None
    deeds = db.session.scalars(select(AuditEntry.action).where(AuditEntry.unit_id == institute.id)).all()
    assert {Action.RECOMMENDED, Action.RECOMMENDATION_REMOVED} <= set(deeds)


def test_a_request_for_the_academy_is_answered_by_mail_and_on_the_desk(
    sign_in: SignIn, manager: User, platform: User, institute: Unit
) -> None:
    live = lives.lesson(manager, "高温超导")
    recommendations.shown(live, institute, words="所里的好课")
    asking, team = sign_in(manager), sign_in(platform)
    assert asking.post(desk(institute, f"/lessons/{live.id}/academy")).status_code == 302
    assert asking.post(desk(institute, f"/lessons/{live.id}/academy")).status_code == 409
    (waiting,) = queries.open_requests()
    address = f"/manage/recommendations/academy/requests/{waiting.id}"
    assert address in team.get("/manage/recommendations/academy").text
    assert asking.post(address, data={"grant": "1"}).status_code == 403
    assert team.post(address, data={"grant": "1", "reply": "很好的课"}).status_code == 302
    assert team.post(address, data={}).status_code == 409
    assert row(units.academy(), live).words == "所里的好课"
    (letter,) = db.session.scalars(select(Mail).where(Mail.recipient == "m@iom.example"))
    assert all(one in letter.subject + letter.text for one in ("高温超导", "很好的课", f"/units/{institute.id}"))
    assert "很好的课" in asking.get(desk(institute)).text


def test_a_declined_request_can_be_made_again(sign_in: SignIn, manager: User, platform: User, institute: Unit) -> None:
    live = lives.lesson(manager)
    asked = recommendations.asked(live, institute, by=manager)
    services.answer(asked, granted=False, reply="请改到下周", by=platform)
    assert queries.of_lesson(units.academy(), live) is None
    assert sign_in(manager).post(desk(institute, f"/lessons/{live.id}/academy")).status_code == 302


def test_a_request_cannot_be_granted_once_the_lesson_is_gone(
    sign_in: SignIn, manager: User, platform: User, institute: Unit
) -> None:
    live = lives.on_air(manager, recording=False)
    asked = recommendations.asked(live, institute, by=manager)
    live_services.end(live, by=manager)
    reply = sign_in(platform).post(f"/manage/recommendations/academy/requests/{asked.id}", data={"grant": "1"})
    assert reply.status_code == 409
    assert asked.answered_ms is None


def test_managers_recommend_to_their_own_people_only(sign_in: SignIn, manager: User, institute: Unit) -> None:
    live = lives.lesson(manager)
    for address, status in (
        (desk(units.institute("天文所")), 404),
        (desk(units.academy()), 404),
        ("/manage/recommendations/academy", 403),
    ):
        assert sign_in(manager).get(address).status_code == status
        assert sign_in(manager).post(f"{address}/lessons/{live.id}").status_code == status
