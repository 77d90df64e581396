"""What the studio says: is one on air, seen and heard, recorded, and what is wrong."""

from __future__ import annotations

import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts.models import User
from app.classroom.engine.presence.models import Presence
from app.classroom.studio import alarms
from app.extensions import db
from app.kernel import clock
from app.live import services
from app.live.lifecycle import LiveState
from app.live.models import LiveSession, Part, RecordingPolicy
from app.media import services as media_services
from media_worker.contract import Alarm, AudioHealth, Beat, Health, LineHealth, Way
from tests.conftest import SignIn
from tests.factories import accounts, live, media
from tests.reading import Page

SOUND = AudioHealth("aac", 48000, 2, 128)
PICTURE = media.HEALTHY.video


@pytest.fixture
def browser(sign_in: SignIn, teacher: User) -> FlaskClient:
    return sign_in(teacher)


def panel(browser: FlaskClient, lesson: LiveSession) -> Page:
    reply = browser.get(f"/live/{lesson.id}/health")
    assert reply.status_code == 200
    return Page(reply.text)


def beat(lesson: LiveSession, health: Health, *, kept_ms: int = 0) -> None:
    media_services.hear_beat(
        lesson.stream_id, Beat("worker-1", lesson.stream.run, True, 0, health=health, kept_ms=kept_ms)
    )


def with_attribute(page: Page, name: str) -> dict[str, dict[str, str]]:
    return {attributes[name]: attributes for _tag, attributes in page.elements if name in attributes}


@pytest.mark.parametrize(
    ("health", "says"),
    [
        (Health(video=PICTURE, audio=SOUND), "学员能看到、听到您"),
        (Health(audio=SOUND), "学员能听到您，没有画面"),
        (Health(video=PICTURE), "学员能看到您，没有声音"),
        (Health(), "学员看不到也听不到您"),
    ],
)
def test_of_an_encoder_it_says_what_arrives(browser: FlaskClient, teacher: User, health: Health, says: str) -> None:
    lesson = live.on_air(teacher)
    beat(lesson, health)
    assert says in panel(browser, lesson).text_in("controls")


def test_of_a_browser_only_its_own_page_knows(browser: FlaskClient, teacher: User) -> None:
    """The stream of a muted page has a sound, a silent one; the page chooses among the sentences."""
    lesson = live.on_air(teacher)
    lesson.stream.way = str(Way.BROWSER)
    db.session.commit()
    said = with_attribute(panel(browser, lesson), "data-said")
    moods = {name: "good" if "answer--good" in one["class"] else "bad" for name, one in said.items()}
    assert moods == {"unknown": "good", "both": "good", "sound": "good", "picture": "bad", "neither": "bad"}


def test_before_the_start_nothing_alarms_and_both_ways_have_their_words(browser: FlaskClient, teacher: User) -> None:
    page = panel(browser, live.lesson(teacher))
    assert "还没有画面和声音" in page.text_in("controls")
    assert not any("--bad" in attributes.get("class", "") for _tag, attributes in page.elements)
    assert with_attribute(page, "data-words-of").keys() == {"browser", "encoder"}


def test_just_begun_it_waits_calmly_and_then_alarms(browser: FlaskClient, teacher: User) -> None:
    lesson = live.lesson(teacher)
    services.start(lesson, by=teacher)
    assert (lesson.state, lesson.status()["reason"]) == (LiveState.INTERRUPTED, "waiting_for_encoder")
    assert "answer--bad" not in browser.get(f"/live/{lesson.id}/health").text
    lesson.state_since_ms -= 9000
    db.session.commit()
    page = panel(browser, lesson)
    assert sum("answer--bad" in attributes.get("class", "") for _tag, attributes in page.elements) == 2
    assert "data-sender-go" in browser.get(f"/live/{lesson.id}/studio").text


@pytest.mark.parametrize("state", ["scheduled", "on_air", "interrupted", "paused", "away"])
def test_what_is_not_recorded_is_marked_in_every_state(browser: FlaskClient, teacher: User, state: str) -> None:
    lesson = live.lesson(teacher, recording_policy=RecordingPolicy.BY_HAND)
    if state != "scheduled":
        if state != "interrupted":
            media.encoder(lesson.stream)
        services.start(lesson, by=teacher)
    if state == "paused":
        services.pause(lesson, by=teacher, message="")
    if state == "away":
        services.leave(lesson, by=teacher)
    assert lesson.status()["state"] == state
    page = panel(browser, lesson)
    before = state == "scheduled"
    assert ("将不录制" if before else "未录制，没有回放") in page.text_in("controls")
    assert ("按下“录制”之前不会录制。" in page.text_in("controls")) is before
    assert any("button--warn" in attributes.get("class", "") for _tag, attributes in page.elements)
    services.set_recording(lesson, True, by=teacher)
    page = panel(browser, lesson)
    assert not any("button--warn" in attributes.get("class", "") for _tag, attributes in page.elements)


def test_what_is_recorded_stays_on_the_line(browser: FlaskClient, teacher: User) -> None:
    lesson = live.lesson(teacher)
    assert "未录制" in panel(browser, lesson).text_in("health-line")
    media.encoder(lesson.stream)
    services.start(lesson, by=teacher)
    assert "已录制 0:00:00" in panel(browser, lesson).text_in("health-line")
    beat(lesson, media.HEALTHY, kept_ms=751_000)
    services.set_recording(lesson, False, by=teacher)
    services.pause(lesson, by=teacher, message="")
    media_services.hear_beat(lesson.stream_id, Beat("worker-1", lesson.stream.run, False, 0, kept_ms=751_000))
    line = panel(browser, lesson).text_in("health-line")
    assert "无信号" in line
    assert "已录制 0:12:31" in line


def test_the_line_has_every_alarm_the_worst_first(browser: FlaskClient, teacher: User) -> None:
    lesson = live.on_air(teacher)
    found = (Alarm.ENCODER_RESTARTED, Alarm.VIDEO_REENCODED_KEYFRAMES, Alarm.NO_AUDIO)
    beat(lesson, Health(video=PICTURE, alarms=found, last_frame_age_ms=1400))
    page = panel(browser, lesson)
    line = page.text_in("health-line")
    assert 0 < line.index("没有收到声音") < line.index("关键帧") < line.index("重新启动过")
    assert "最新一帧 1.4 秒前" in line
    assert "丢失" not in line, "what comes by RTMP cannot be lost on the way"
    assert sum("fact--note" in attributes.get("class", "") for _tag, attributes in page.elements) == 1
    beat(lesson, Health(video=PICTURE, audio=SOUND, way=Way.BROWSER, line=LineHealth(20, 80, 3)))
    assert "丢失 3" in panel(browser, lesson).text_in("health-line")


def test_every_alarm_has_its_place() -> None:
    assert sorted(alarms.WORST_FIRST) == sorted(Alarm)


def test_learners_are_counted_without_those_who_teach(browser: FlaskClient, teacher: User) -> None:
    lesson, now = live.lesson(teacher), clock.now_ms()
    for part in ("teacher", "assistant", "learner", "guest"):
        db.session.add(
            Presence(live_id=lesson.id, key=part, name=part, unit="", part=part, entered_ms=now, seen_ms=now)
        )
    db.session.commit()
    assert "学员 2 人" in panel(browser, lesson).text_in("health-line")


def test_leaving_asks_in_the_words_of_the_guide(browser: FlaskClient, teacher: User) -> None:
    lesson = live.on_air(teacher)
    page = Page(browser.get(f"/live/{lesson.id}/studio").text)
    assert with_attribute(page, "data-answer").keys() >= {"stay", "leave", "end", "go"}
    for words in ("本次直播结束", "临时离开", "取消", "关闭"):
        assert words in page.text


def test_an_assistant_invites_and_is_asked_nothing(sign_in: SignIn, teacher: User, learner: User) -> None:
    lesson = live.on_air(teacher, assistants=(learner,))
    assert lesson.chosen_as(learner) is Part.ASSISTANT
    beat(lesson, Health(video=PICTURE, audio=SOUND))
    page = Page(sign_in(learner).get(f"/live/{lesson.id}/studio").text)
    assert "学员能看到、听到老师" in page.text_in("controls")
    assert "invite" in with_attribute(page, "data-opens")
    assert "leave-guard" not in [tag for tag, _attributes in page.elements]


def version(page: Page, element_id: str) -> str:
    """Return what tells the page's scripts whether a part is drawn anew."""
    return next(one["data-version"] for _tag, one in page.elements if one.get("id") == element_id)


def test_a_studio_open_on_a_draft_gets_its_start_button_once_the_draft_is_published(
    browser: FlaskClient, teacher: User
) -> None:
    lesson = live.lesson(teacher, draft=True)
    draft = panel(browser, lesson)
    assert "开始讲课" not in draft.text_in("controls")
    lesson.draft = False
    db.session.commit()
    published = panel(browser, lesson)
    assert "开始讲课" in published.text_in("controls")
    assert version(published, "controls") != version(draft, "controls")


def test_every_change_that_the_buttons_show_draws_them_anew(browser: FlaskClient, teacher: User) -> None:
    lesson = live.lesson(
        teacher, starts_at_ms=clock.now_ms() + live.HOUR_MS, ends_at_ms=clock.now_ms() + 2 * live.HOUR_MS
    )
    seen = [version(panel(browser, lesson), "controls")]

    def change(**values: object) -> None:
        for name, value in values.items():
            setattr(lesson, name, value)
        db.session.commit()
        page = panel(browser, lesson)
        assert version(page, "controls") not in seen, (values, page.text_in("controls"))
        seen.append(version(page, "controls"))

    change(starts_at_ms=lesson.starts_at_ms + 60_000)
    change(starts_at_ms=clock.now_ms())
    change(recording=not lesson.recording)
    media.encoder(lesson.stream)
    services.start(lesson, by=teacher)
    change(subject="改了名的课")
    change(ends_at_ms=lesson.ends_at_ms + 60_000)
    beat(lesson, Health(video=PICTURE, audio=SOUND))
    change()
    services.pause(lesson, message="休息五分钟", by=teacher)
    change()
    change(pause_message="休息十分钟")


def test_buttons_that_say_the_same_stay_whatever_token_their_forms_carry(browser: FlaskClient, teacher: User) -> None:
    lesson = live.on_air(teacher)
    with time_machine.travel(clock.to_datetime(clock.now_ms()), tick=False) as traveller:
        first = panel(browser, lesson)
        traveller.shift(2)
        again = panel(browser, lesson)
    assert first.fields["csrf_token"] != again.fields["csrf_token"]
    assert version(first, "controls") == version(again, "controls")


def test_a_signal_that_gives_no_picture_yet_is_not_called_received(sign_in: SignIn, teacher: User) -> None:
    """It said 已收到信号 and 无信号 at once while an encoder was connected and nothing of it could be shown."""
    lesson = live.lesson(teacher)
    media.encoder(lesson.stream, picture=False)
    shown = panel(sign_in(teacher), lesson).text
    assert "已收到信号" not in shown
    assert "无信号" in shown
    media.encoder(lesson.stream)
    shown = panel(sign_in(teacher), lesson).text
    assert "已收到信号" in shown
    assert "无信号" not in shown


def test_a_draft_is_published_and_begun_with_one_press(sign_in: SignIn, teacher: User, learner: User) -> None:
    lesson, pupil, browser = live.lesson(teacher, draft=True), sign_in(learner), sign_in(teacher)
    assert "发布并开始" in panel(browser, lesson).text_in("controls")
    assert pupil.get(f"/live/{lesson.id}").status_code == 404
    browser.post(f"/live/{lesson.id}/publication?start=1")
    assert (lesson.draft, lesson.is_running) == (False, True)
    assert pupil.get(f"/live/{lesson.id}/watch").status_code == 200


def test_a_draft_that_may_not_begin_yet_is_only_published(browser: FlaskClient, teacher: User) -> None:
    later = clock.now_ms() + 2 * live.HOUR_MS
    lesson = live.lesson(teacher, draft=True, starts_at_ms=later, ends_at_ms=later + live.HOUR_MS)
    page = panel(browser, lesson).text_in("controls")
    assert "发布并开始" not in page
    assert "发布" in page
    # pressed all the same, in an old page: it is neither begun nor published
    assert browser.post(f"/live/{lesson.id}/publication?start=1").status_code == 409
    db.session.refresh(lesson)
    assert (lesson.draft, lesson.state) == (True, LiveState.SCHEDULED)
    browser.post(f"/live/{lesson.id}/publication")
    assert (lesson.draft, lesson.state) == (False, LiveState.SCHEDULED)


def test_a_draft_whose_subject_another_has_taken_meanwhile_stays_one(browser: FlaskClient, teacher: User) -> None:
    lesson = live.lesson(teacher, "超导入门", draft=True)
    live.lesson(accounts.user(unit=teacher.unit), "超导入门")
    assert browser.post(f"/live/{lesson.id}/publication?start=1").status_code in {409, 422}
    db.session.refresh(lesson)
    assert (lesson.draft, lesson.state) == (True, LiveState.SCHEDULED)
