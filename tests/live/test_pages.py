"""Pages about lessons."""

from __future__ import annotations

import io

import pytest
import segno
from flask.testing import FlaskClient

from app.accounts.models import User
from app.live import services, tokens
from app.live.lifecycle import LiveState
from app.live.models import LiveSession, Part
from tests.conftest import SignIn
from tests.factories import live as lives
from tests.reading import Page

pytestmark = pytest.mark.usefixtures("november")

FORM = {
    "subject": " 拓扑\r\n绝缘体\u200b ",
    "starts_at": "2026-12-01T14:00",
    "ends_at": "2026-12-01T16:00",
    "audience": "academy",
    "abstract": "第一讲",
    "mode": "lecture_hall",
    "recording_policy": "from_start",
}


def test_a_new_lesson_leads_to_its_page(sign_in: SignIn, teacher: User) -> None:
    browser = sign_in(teacher)
    assert browser.get("/live/new").status_code == 200
    reply = browser.post("/live/new", data=FORM)
    (live,) = lives.of(teacher)
    assert reply.headers["Location"] == f"/live/{live.id}"
    assert (live.subject, live.recording) == ("拓扑 绝缘体", True)
    assert live.ends_at_ms - live.starts_at_ms == 2 * 3_600_000
    assert "拓扑 绝缘体" in browser.get("/live/mine").text


def test_times_are_those_of_the_academy(sign_in: SignIn, teacher: User) -> None:
    sign_in(teacher).post("/live/new", data=FORM)
    (live,) = lives.of(teacher)
    assert live.starts_at_ms == 1_796_104_800_000, "14:00 in Shanghai is 06:00 UTC"


@pytest.mark.parametrize(
    "change",
    [
        {"subject": ""},
        {"subject": "   "},
        {"subject": "长" * 121},
        {"ends_at": "2026-12-01T13:00"},
        {"ends_at": "2026-12-09T13:00"},
        {"starts_at": "soon"},
        {"starts_at": "0001-01-01T00:00", "ends_at": "0001-01-01T02:00"},
        {"starts_at": "1969-12-31T23:00", "ends_at": "1970-01-01T01:00"},
        {"starts_at": "9999-12-31T00:00", "ends_at": "9999-12-31T02:00"},
        {"abstract": "字" * 4001},
        {"audience": "the world"},
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(sign_in: SignIn, teacher: User, change: dict[str, str]) -> None:
    reply = sign_in(teacher).post("/live/new", data={**FORM, "abstract": "不能丢的简介", **change})
    assert reply.status_code == 422
    assert 'aria-invalid="true"' in reply.text
    assert change.get("abstract", "不能丢的简介") in reply.text
    page = Page(reply.text)
    linked = {attributes["href"] for tag, attributes in page.elements if tag == "a" and "#" in attributes["href"][:1]}
    assert linked - {"#main"} == {f"#{field}" for field in FORM if page.errors(field)}
    assert {link[1:] for link in linked} <= {attributes.get("id") for _tag, attributes in page.elements}
    assert lives.of(teacher) == []


def test_the_introduction_page_offers_the_right_next_step(
    sign_in: SignIn, client: FlaskClient, teacher: User, learner: User
) -> None:
    live = lives.on_air(teacher)
    watch, studio, sign_in_page = f"/live/{live.id}/watch", f"/live/{live.id}/studio", "/sign-in?next="
    assert watch in sign_in(learner).get(f"/live/{live.id}").text
    assert studio in sign_in(teacher).get(f"/live/{live.id}").text
    assert sign_in_page in client.get(f"/live/{live.id}").text
    services.end(live, by=teacher)
    assert f"/live/{live.id}/replay" in sign_in(learner).get(f"/live/{live.id}").text


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: FlaskClient, learner: User, lesson: LiveSession) -> None:
    reply = client.get(f"/live/{lesson.id}/watch")
    assert reply.headers["Location"] == f"/sign-in?next=%2Flive%2F{lesson.id}%2Fwatch"


def test_the_studio_s_buttons_lead_through_a_lesson(sign_in: SignIn, lesson: LiveSession) -> None:
    browser, base = sign_in(lesson.owner), f"/live/{lesson.id}"
    seen = []
    for method, path in [
        ("POST", "/lecture"),
        ("POST", "/pause"),
        ("DELETE", "/pause"),
        ("POST", "/absence"),
        ("DELETE", "/absence"),
        ("DELETE", "/recording"),
        ("POST", "/ending"),
    ]:
        reply = browser.open(base + path, method=method, headers={"HX-Request": "true"})
        assert reply.status_code == 200, reply.text
        seen.append(lesson.state)
    waiting = LiveState.INTERRUPTED  # no encoder is there
    assert seen == [waiting, LiveState.PAUSED, waiting, LiveState.AWAY, waiting, waiting, LiveState.ENDED]
    assert not lesson.recording


def test_the_buttons_work_without_scripts(sign_in: SignIn, lesson: LiveSession) -> None:
    browser, base = sign_in(lesson.owner), f"/live/{lesson.id}"
    assert browser.post(f"{base}/lecture").status_code == 302
    browser.post(f"{base}/pause", data={"message": "休息"})
    assert lesson.pause_message == "休息"
    assert browser.post(f"{base}/pause?_method=DELETE").status_code == 302
    assert lesson.state is LiveState.INTERRUPTED


def test_a_button_pressed_too_late_says_what_happened(sign_in: SignIn, lesson: LiveSession) -> None:
    browser = sign_in(lesson.owner)
    reply = browser.post(f"/live/{lesson.id}/pause", headers={"HX-Request": "true"})
    assert reply.status_code == 409
    assert reply.headers["HX-Retarget"] == "#toasts"


def test_a_new_key_is_shown_to_the_presenter_only(sign_in: SignIn, lesson: LiveSession, learner: User) -> None:
    old = lesson.stream.key
    reply = sign_in(lesson.owner).post(f"/live/{lesson.id}/key", headers={"HX-Request": "true"})
    assert lesson.stream.key != old
    assert lesson.stream.key in reply.text
    assert lesson.stream.key not in sign_in(learner).get(f"/live/{lesson.id}/watch").text


def test_fresh_addresses_are_given_to_watchers_and_the_preview_to_presenters(
    sign_in: SignIn, lesson: LiveSession, learner: User
) -> None:
    learners = sign_in(learner).get(f"/live/{lesson.id}/source").json
    assert learners["preview"] is None
    assert "/preview/" in sign_in(lesson.owner).get(f"/live/{lesson.id}/source").json["preview"]


def test_an_invitation_says_everything_but_the_presenters_tokens(
    sign_in: SignIn, lesson: LiveSession, learner: User
) -> None:
    browser, given = sign_in(lesson.owner), tokens.values_of(lesson)
    for path in (f"/live/{lesson.id}", f"/live/{lesson.id}/sharing", f"/live/{lesson.id}/studio", "/live/mine"):
        texts = [one["value"] for tag, one in Page(browser.get(path).text).elements if tag == "copy-button"]
        (text,) = [one for one in texts if "诚邀" in one]
        said = ("《超导》", "北京时间", lesson.owner.real_name, f"/live/{lesson.id}", given[Part.LEARNER], "/token")
        assert all(words in text for words in said), (path, text)
        assert not any(given[part] in text for part in (Part.TEACHER, Part.ASSISTANT))
        english = [one for one in texts if "You are invited" in one]
        assert len(english) == (1 if path.endswith(("sharing", "studio")) else 0)
        assert all("Beijing time" in one and given[Part.LEARNER] in one for one in english)
    assert "诚邀" not in sign_in(learner).get(f"/live/{lesson.id}").text
    services.start(lesson, by=lesson.owner)
    services.end(lesson, by=lesson.owner)
    assert "诚邀" not in browser.get(f"/live/{lesson.id}").text


def test_the_qr_code_leads_to_the_page(client: FlaskClient, lesson: LiveSession) -> None:
    reply = client.get(f"/live/{lesson.id}/qr.svg")
    assert reply.mimetype == "image/svg+xml"
    expected = io.BytesIO()
    segno.make(f"http://localhost/live/{lesson.id}", error="m").save(
        expected, kind="svg", scale=4, border=4, xmldecl=False
    )
    assert reply.data == expected.getvalue()


def test_an_unrecorded_lesson_offers_no_replay(sign_in: SignIn, teacher: User, learner: User) -> None:
    live = lives.on_air(teacher, recording=False)
    services.end(live, by=teacher)
    page = sign_in(learner).get(f"/live/{live.id}").text
    assert f"/live/{live.id}/replay" not in page


def test_every_page_carries_the_strict_policy(client: FlaskClient, lesson: LiveSession) -> None:
    headers = client.get(f"/live/{lesson.id}").headers
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
