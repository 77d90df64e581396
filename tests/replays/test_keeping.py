"""The recycle bin, and the rules by which recordings are deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.credits.ledger.models import Closing
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live import services as live_services
from app.live.models import LiveSession
from app.mail.models import Mail
from app.replays.keeping import queries, services
from app.replays.keeping.errors import BeingClosed, StillNeeded
from app.replays.keeping.queries import BIN_DAYS, DAY_MS, NOTICE_DAYS
from app.roles import policies
from app.units.queries import ancestors
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives


@pytest.fixture
def owner() -> User:
    department = units.department(units.institute("物质研究所"))
    return roles.holding(accounts.user("owner", unit=department, email="owner@iom.example"), Permission.LIVE_MANAGE)


@pytest.fixture
def recorded(app: Flask, owner: User) -> LiveSession:
    live = lives.on_air(owner, "旧课")
    live_services.end(live, by=owner)
    folder: Path = app.config["MEDIA_ROOT"] / live.stream_id / "segments"
    folder.mkdir(parents=True)
    (folder / "1.m4s").write_bytes(b"x")
    with unit_of_work():
        live.stream.finished, live.stream.kept_ms, live.stream.kept_bytes = True, 60_000, 5_000_000
        closing = db.session.get(Closing, live.id) or Closing(live_id=live.id)
        closing.closed_ms = closing.final_ms = clock.now_ms()
        db.session.add(closing)
    return live


def age(live: LiveSession, days: float) -> None:
    with unit_of_work():
        live.ended_at_ms = clock.now_ms() - int(days * DAY_MS)


def later(live: LiveSession, days: float) -> None:
    """Let days pass, for the rows that know a moment."""
    with unit_of_work():
        for name in ("ended_at_ms", "recording_told_ms", "recording_binned_ms"):
            if (moment := getattr(live, name)) is not None:
                setattr(live, name, moment - int(days * DAY_MS))


def test_a_deleted_recording_comes_back_whole_and_is_gone_after_its_days(
    app: Flask, sign_in: SignIn, recorded: LiveSession, owner: User
) -> None:
    learner, browser, page = sign_in(accounts.user("l")), sign_in(owner), f"/live/{recorded.id}/recording"
    assert browser.post(f"{page}/bin").status_code == 302
    assert "已删除" in learner.get(f"/live/{recorded.id}/replay").text
    assert "旧课" not in browser.get("/manage/recordings").text
    assert "旧课" in browser.get("/manage/recordings?shown=bin").text
    assert f"{page}/return" in browser.get(page).text
    later(recorded, BIN_DAYS - 1)
    services.sweep()
    assert browser.post(f"{page}/return").status_code == 302
    assert recorded.has_recording
    assert (app.config["MEDIA_ROOT"] / recorded.stream_id / "segments" / "1.m4s").exists()
    browser.post(f"{page}/bin")
    with unit_of_work():
        recorded.replay_cover, recorded.replay_cover_ms = "0" * 32, 1000
    later(recorded, BIN_DAYS + 1)
    services.sweep()
    assert recorded.replay_cover == "", "nothing of the recording stays"
    assert not (app.config["MEDIA_ROOT"] / recorded.stream_id).exists()
    assert (recorded.has_recording, recorded.stream.kept_bytes) == (False, 0)
    assert browser.get(page).status_code == 404
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert {Action.REPLAY_DELETED, Action.REPLAY_RESTORED, Action.REPLAY_PURGED} <= set(actions)


def test_a_lesson_that_runs_and_open_hours_keep_it(recorded: LiveSession, owner: User) -> None:
    running = lives.on_air(owner, "正在讲")
    with pytest.raises(BeingClosed):
        services.delete(running, by=owner)
    with unit_of_work():
        db.session.get_one(Closing, recorded.id).final_ms = None
    with pytest.raises(StillNeeded):  # watching it earns hours for a year
        services.delete(recorded, by=owner)
    with unit_of_work():
        db.session.get_one(Closing, recorded.id).closed_ms = None
    with pytest.raises(StillNeeded):
        services.delete(recorded, by=owner)
    services.set_rule(owner.unit, 90, by=owner)
    age(recorded, 200)
    services.sweep()
    later(recorded, NOTICE_DAYS + 1)
    services.sweep()
    assert recorded.recording_binned_ms is None, "no rule deletes it either"


def test_a_rule_tells_its_people_two_weeks_before(recorded: LiveSession, owner: User) -> None:
    services.set_rule(owner.unit, 90, by=owner)
    age(recorded, 90 - NOTICE_DAYS - 1)
    services.sweep()
    assert recorded.recording_told_ms is None
    later(recorded, 2)
    services.sweep()
    services.sweep()
    told = db.session.scalars(select(Mail).where(Mail.recipient == "owner@iom.example")).all()
    assert len([mail for mail in told if "旧课" in mail.subject]) == 1
    later(recorded, NOTICE_DAYS - 2)
    services.sweep()
    assert recorded.recording_binned_ms is None
    later(recorded, 3)
    services.sweep()
    assert recorded.recording_binned_ms is not None
    services.restore(recorded, by=owner)
    services.sweep()
    assert recorded.recording_binned_ms is None, "what was restored by hand stays"


def test_a_new_rule_for_old_recordings_gives_notice_first(recorded: LiveSession, owner: User) -> None:
    age(recorded, 1000)
    services.set_rule(owner.unit, 90, by=owner)
    services.sweep()
    services.sweep()
    assert (recorded.recording_told_ms is not None, recorded.recording_binned_ms) == (True, None)
    services.set_rule(owner.unit, 1825, by=owner)
    services.sweep()
    assert recorded.recording_told_ms is None, "a longer rule takes the notice back"


def test_rules_are_inherited_and_replaced(recorded: LiveSession, owner: User) -> None:
    services.set_rule(units.academy(), 365, by=owner)
    assert queries.rule_for(owner.unit.path, queries.rules()).days == 365
    services.set_rule(owner.unit, None, by=owner)
    assert queries.rule_for(owner.unit.path, queries.rules()).days is None
    assert queries.due_ms(recorded, queries.rules()) is None
    services.drop_rule(owner.unit, by=owner)
    due_ms = queries.due_ms(recorded, queries.rules())
    assert due_ms == (recorded.ended_at_ms or 0) + 365 * DAY_MS
    services.keep_always(recorded, True)
    assert queries.due_ms(recorded, queries.rules()) is None


def test_managers_see_the_disk_and_set_rules_of_their_units(
    sign_in: SignIn, recorded: LiveSession, owner: User
) -> None:
    institute = ancestors(owner.unit)[1]
    manager = roles.manager(accounts.user("manager", unit=institute))
    elsewhere = roles.manager(accounts.user("elsewhere", unit=units.institute("天文研究所")))
    browser, page = sign_in(manager), "/manage/recordings/disk"
    assert "物质研究所" in browser.get(page).text
    assert "物质研究所" not in sign_in(elsewhere).get(page).text.split("<table")[1]
    assert sign_in(owner).get(page).status_code == 403
    assert browser.post(f"{page}/{owner.unit.id}", data={"days": "365"}).status_code == 302
    assert queries.rule_for(owner.unit.path, queries.rules()).days == 365
    assert sign_in(elsewhere).post(f"{page}/{owner.unit.id}", data={"days": "90"}).status_code == 404
    assert browser.post(f"{page}/{owner.unit.id}", data={"days": "7"}).status_code == 302
    assert queries.rules() == {}, "a number that is not offered is no rule"
    use = next(one for one in queries.use_by_unit(policies.holdings_now(manager)) if one.name == "物质研究所")
    assert (use.recordings, use.size_bytes, use.binned_bytes) == (1, 5_000_000, 0)
    assert queries.forecast().daily_bytes == 5_000_000
