"""工单: asked by people with and without accounts, answered by their institute's people, solved, opened again."""

from __future__ import annotations

import re
import runpy
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.accounts.models import User
from app.extensions import db, limiter
from app.kernel import clock, pictures, storage
from app.kernel.permissions import Permission
from app.live.models import LiveSession
from app.mail.models import Mail
from app.roles import policies
from app.roles.models import RolePermission
from app.support.tickets import figures, queries, services
from app.support.tickets.errors import CannotMerge, NotTheirs
from app.support.tickets.models import Priority, Ticket, TicketEntry
from app.support.tickets.states import NotNow, TicketState, Verb, after
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, roles, tickets, units

ASKED = {"subject": "没有声音", "words": "听不到老师的声音。", "page": "/live"}
STRANGERS = {**ASKED, "name": "访客", "email": "Visitor@example.com"}
DAY_MS = 86_400_000


@pytest.fixture
def helper(institute: Unit) -> User:
    return roles.manager(accounts.user("helper", "周培训", unit=institute, email="helper@iom.example"))


@pytest.fixture
def platform(app: Flask) -> User:
    return roles.holding(accounts.user("platform", "平台", email="platform@academy.example"), Permission.TICKET_ANSWER)


@pytest.fixture
def asker(institute: Unit) -> User:
    return accounts.user("asker", "张三", unit=units.department(institute), email="asker@iom.example")


def picture(kind: str = "PNG") -> BytesIO:
    drawn = BytesIO()
    Image.new("RGB", (60, 40), "navy").save(drawn, kind)
    drawn.seek(0)
    return drawn


def the_ticket() -> Ticket:
    return db.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()  # type: ignore[return-value]


def mails_to(address: str) -> list[Mail]:
    return list(db.session.scalars(select(Mail).where(Mail.recipient == address).order_by(Mail.id)))


def number_of_tickets() -> int:
    return len(db.session.scalars(select(Ticket.id)).all())


# states


@pytest.mark.parametrize("state", list(TicketState))
def test_a_reply_opens_what_was_solved_and_leaves_the_rest(state: TicketState) -> None:
    over = state in {TicketState.TO_CONFIRM, TicketState.SOLVED}
    assert after(state, Verb.REPLY) is (TicketState.REOPENED if over else state)
    assert after(state, Verb.CONFIRM) is TicketState.SOLVED


@pytest.mark.parametrize("verb", [Verb.TAKE, Verb.ANSWER, Verb.SOLVE])
def test_a_solved_ticket_is_left_alone_by_those_who_help(verb: Verb) -> None:
    with pytest.raises(NotNow):
        after(TicketState.SOLVED, verb)


# the way of a ticket


def test_a_ticket_goes_from_question_to_solution_and_back(sign_in: SignIn, asker: User, helper: User) -> None:
    learner, desk = sign_in(asker), sign_in(helper)
    reply = learner.post("/support/new", data=ASKED)
    ticket = the_ticket()
    assert reply.location == f"/support/t/{ticket.key}"
    assert ticket.state is TicketState.WAITING
    (told,) = mails_to("helper@iom.example")
    assert f"/manage/tickets/{ticket.id}" in told.text
    assert "听不到老师的声音" in told.text

    here = f"/manage/tickets/{ticket.id}"
    desk.post(f"{here}/taking")
    assert (the_ticket().state, the_ticket().assignee_id) == (TicketState.WORKING, helper.id)
    desk.post(f"{here}/answers", data={"words": "SECRET-NOTE", "does": "note"})
    desk.post(f"{here}/answers", data={"words": "请点“打开声音”。", "does": "solve"})
    assert the_ticket().state is TicketState.TO_CONFIRM
    page = learner.get(f"/support/t/{ticket.key}").text
    assert "请点“打开声音”。" in page
    assert "SECRET-NOTE" not in page
    assert "SECRET-NOTE" in desk.get(here).text
    (answer,) = mails_to("asker@iom.example")
    assert ticket.key in answer.text
    assert "SECRET-NOTE" not in answer.text

    learner.post(f"/support/t/{ticket.key}/replies", data={"words": "还是没有声音。"})
    assert the_ticket().state is TicketState.REOPENED
    assert "还是没有声音" in mails_to("helper@iom.example")[-1].text
    desk.post(f"{here}/answers", data={"words": "换个浏览器。", "does": "solve"})
    learner.post(f"/support/t/{ticket.key}/solution")
    learner.post(f"/support/t/{ticket.key}/rating", data={"rating": "5"})
    assert (the_ticket().state, the_ticket().rating) == (TicketState.SOLVED, 5)
    assert desk.post(f"{here}/answers", data={"words": "x", "does": "answer"}).status_code == 409


def test_silence_of_a_week_counts_as_solved_and_not_before(asker: User, helper: User) -> None:
    ticket = tickets.ticket(asker)
    services.answer(ticket, "好了", solves=True, by=helper)
    services.let_lapse()
    assert ticket.state is TicketState.TO_CONFIRM
    ticket.changed_ms -= 7 * DAY_MS + 1
    db.session.commit()
    services.let_lapse()
    assert ticket.state is TicketState.SOLVED


# who sees what


def test_only_the_asker_and_the_helpers_of_her_unit_see_a_ticket(
    client: FlaskClient, sign_in: SignIn, asker: User, helper: User, platform: User
) -> None:
    ticket = tickets.ticket(asker)
    elsewhere = roles.manager(accounts.user("elsewhere", unit=units.institute("天文研究所")))
    colleague = accounts.user("colleague", unit=asker.unit)
    as_asker, as_helper = f"/support/t/{ticket.key}", f"/manage/tickets/{ticket.id}"
    assert client.get(as_asker).status_code == 302
    seen = {
        person.username: (sign_in(person).get(as_asker).status_code, sign_in(person).get(as_helper).status_code)
        for person in (asker, helper, platform, elsewhere, colleague)
    }
    assert seen == {
        "asker": (200, 403),
        "helper": (404, 200),
        "platform": (404, 200),
        "elsewhere": (404, 404),
        "colleague": (404, 403),
    }


def test_institutes_people_come_first_and_hand_over_to_the_platform_team(
    sign_in: SignIn, asker: User, helper: User, platform: User
) -> None:
    ticket = tickets.ticket(asker)
    assert mails_to("platform@academy.example") == []
    assert "没有声音" not in sign_in(platform).get("/manage/tickets").text
    assert "没有声音" in sign_in(platform).get("/manage/tickets?which=all").text
    sign_in(helper).post(f"/manage/tickets/{ticket.id}/handover")
    assert len(mails_to("platform@academy.example")) == 1
    assert "没有声音" in sign_in(platform).get("/manage/tickets").text
    assert "转交" in sign_in(asker).get(f"/support/t/{ticket.key}", headers={"Accept-Language": "zh"}).text


def test_a_question_from_an_institute_without_helpers_goes_to_the_platform_team(platform: User) -> None:
    lonely = accounts.user("lonely", unit=units.institute("新所"))
    assert tickets.ticket(lonely).at_platform
    assert len(mails_to("platform@academy.example")) == 1


def test_the_only_helper_of_an_institute_is_answered_by_the_platform_team(helper: User, platform: User) -> None:
    assert tickets.ticket(helper).at_platform
    assert [len(mails_to(f"{one}")) for one in ("helper@iom.example", "platform@academy.example")] == [0, 1]


def test_work_is_given_only_to_those_who_may_see_it(asker: User, helper: User, platform: User) -> None:
    ticket = tickets.ticket(asker)
    elsewhere = roles.manager(accounts.user("elsewhere", unit=units.institute("天文研究所")))
    with pytest.raises(NotTheirs):
        services.assign(ticket, elsewhere, by=helper)
    services.assign(ticket, platform, by=helper)
    services.rank(ticket, Priority.URGENT, by=helper)
    assert len(mails_to("platform@academy.example")) == 1


def test_urgent_ones_come_first_and_a_search_finds_numbers_and_words(helper: User, asker: User) -> None:
    first, second = tickets.ticket(asker, "第一"), tickets.ticket(asker, "第二", "讲义打不开")
    services.rank(second, Priority.URGENT, by=helper)
    held = policies.holdings_now(helper)

    def found(q: str = "", which: str = "open") -> list[str]:
        return [one.subject for one in db.session.scalars(queries.in_reach(held, helper, q=q, which=which))]

    assert found() == ["第二", "第一"]
    assert found(f"#{first.id}") == ["第一"]
    assert found("讲义") == ["第二"]
    assert found("%") == []
    assert found(which="mine") == []


# merging


def test_answers_to_a_merged_ticket_reach_both_askers_and_each_sees_her_own(
    sign_in: SignIn, asker: User, helper: User, institute: Unit
) -> None:
    other = accounts.user("other", "李四", unit=institute, email="other@iom.example")
    one, two = tickets.ticket(asker, words="ASKERS-WORDS"), tickets.ticket(other, "也没有声音")
    services.merge(two, one, by=helper)
    services.answer(one, "已经修好。", solves=True, by=helper)
    assert len(mails_to("asker@iom.example")) == len(mails_to("other@iom.example")) == 1
    page = sign_in(other).get(f"/support/t/{two.key}").text
    assert "已经修好。" in page
    assert "ASKERS-WORDS" not in page
    services.reply(two, "没有好", by=other)
    assert (two.merged_into_id, two.state, one.state) == (None, TicketState.REOPENED, TicketState.TO_CONFIRM)


def test_a_ticket_is_merged_neither_with_itself_nor_beyond_reach(asker: User, helper: User) -> None:
    ticket = tickets.ticket(asker)
    elsewhere = tickets.ticket(accounts.user("e", unit=units.institute("天文研究所")))
    for into in (ticket, elsewhere, None):
        with pytest.raises(CannotMerge):
            services.merge(ticket, into, by=helper)


# without an account


def test_a_stranger_asks_by_mail_with_a_confirmed_link(client: FlaskClient, sign_in: SignIn, platform: User) -> None:
    assert client.post("/support/new", data=STRANGERS).status_code == 200
    ticket = the_ticket()
    assert sign_in(platform).get(f"/manage/tickets/{ticket.id}").status_code == 404
    assert mails_to("platform@academy.example") == []
    (letter,) = mails_to("visitor@example.com")
    link = re.search(r"/support/t/\w+", letter.text)
    assert link
    assert client.get(link[0]).status_code == 200
    assert the_ticket().confirmed_ms is None, "a look at the link, as by a scanner of mail, confirms nothing"
    client.post(f"{link[0]}/confirmation")
    assert sign_in(platform).get(f"/manage/tickets/{ticket.id}").status_code == 200
    services.answer(ticket, "请再试。", solves=False, by=platform)
    assert "请再试。" in client.get(link[0]).text
    assert client.post(f"{link[0]}/replies", data={"words": "好了"}).status_code == 302


def test_nobodys_mailbox_is_flooded_by_our_form(client: FlaskClient) -> None:
    replies = [client.post("/support/new", data=STRANGERS).status_code for _ in range(5)]
    assert replies == [200, 200, 200, 429, 429]
    assert len(mails_to("visitor@example.com")) == 3


def test_a_question_that_nobody_confirms_is_removed_with_its_files(client: FlaskClient) -> None:
    client.post("/support/new", data={**STRANGERS, "pictures": [(picture(), "a.png")]})
    ticket = the_ticket()
    folder = storage.place("tickets") / ticket.key
    assert len(list(folder.iterdir())) == 1
    ticket.opened_ms -= 2 * DAY_MS + 1
    db.session.commit()
    services.let_lapse()
    assert number_of_tickets() == 0
    assert not folder.exists()


# files and diagnostics


def test_pictures_and_a_log_come_along_and_only_those_who_may_see_them(
    client: FlaskClient, sign_in: SignIn, asker: User, helper: User
) -> None:
    learner = sign_in(asker)
    sent = {
        **ASKED,
        "pictures": [(picture(), "一.png"), (picture("JPEG"), "b.jpg")],
        "log": (BytesIO(b"line\n"), "a.log"),
    }
    assert learner.post("/support/new", data=sent).status_code == 302
    ticket = the_ticket()
    (entry,) = db.session.scalars(select(TicketEntry).where(TicketEntry.ticket_id == ticket.id))
    shown = [one for one in entry.files if one.is_picture]
    (log,) = [one for one in entry.files if not one.is_picture]
    assert len(shown) == 2
    with learner.get(f"/support/t/{ticket.key}/files/{shown[0].id}") as reply:
        assert reply.mimetype == "image/webp"
    with sign_in(helper).get(f"/manage/tickets/{ticket.id}/files/{log.id}") as reply:
        assert (reply.mimetype, reply.data) == ("text/plain", b"line\n")
        assert reply.headers["Content-Disposition"].startswith("attachment")
    other = tickets.ticket(accounts.user("x", unit=asker.unit))
    assert sign_in(helper).get(f"/manage/tickets/{other.id}/files/{log.id}").status_code == 404
    assert client.get(f"/support/t/{ticket.key}/files/{log.id}").status_code == 302


def ask(browser: FlaskClient, sent: dict[str, object]) -> TestResponse:
    """Send the form in one piece: the client's own way leaves a temporary file open."""
    boundary, body = encode_multipart({name: as_sent(value) for name, value in sent.items()})
    return browser.post("/support/new", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def as_sent(value: object) -> object:
    if isinstance(value, list):
        return [as_sent(one) for one in value]
    return FileStorage(value[0], filename=value[1]) if isinstance(value, tuple) else value


def kept() -> set[Path]:
    return {file for file in storage.place("tickets").rglob("*") if file.is_file()}


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"pictures": [(BytesIO(SVG), "a.png")]}, "pictures"),
        ({"pictures": [(BytesIO(b"\x89PNG\r\n\x1a\n" + b"x" * pictures.MOST_BYTES), "big.png")]}, "pictures"),
        ({"pictures": [(BytesIO(b"GIF89a"), f"{n}.gif") for n in range(6)]}, "pictures"),
        ({"log": (BytesIO(b"\x00\x01"), "a.log")}, "log"),
        ({"words": "长" * 10_000}, "words"),
        ({"words": ""}, "words"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_nothing_typed_is_lost(
    sign_in: SignIn, asker: User, sent: dict[str, object], field: str
) -> None:
    before = kept()
    reply = ask(sign_in(asker), {**ASKED, "subject": "保留我", **sent})
    assert 400 <= reply.status_code < 500
    assert f'id="{field}-errors"' in reply.text
    assert 'value="保留我"' in reply.text
    assert str(sent.get("words", ASKED["words"])) in reply.text
    assert number_of_tickets() == 0
    assert kept() == before


def test_a_bomb_is_refused(sign_in: SignIn, asker: User) -> None:
    bomb = BytesIO()
    Image.new("1", (7000, 7000)).save(bomb, "PNG")
    bomb.seek(0)
    reply = sign_in(asker).post("/support/new", data={**ASKED, "pictures": [(bomb, "bomb.png")]})
    assert reply.status_code == 400
    assert 'id="pictures-errors"' in reply.text


def test_a_hundred_megabytes_are_not_even_read(sign_in: SignIn, asker: User) -> None:
    reply = ask(sign_in(asker), {**ASKED, "pictures": [(BytesIO(b"x" * 100_000_000), "a.png")]})
    assert reply.status_code == 413
    assert number_of_tickets() == 0


def test_diagnostics_come_only_with_consent_and_the_streams_only_for_its_people(
    sign_in: SignIn, teacher: User, learner: User, lesson: LiveSession
) -> None:
    page = f"/live/{lesson.id}/studio"
    said = {**ASKED, "page": page, "facts": "browser: X"}
    sign_in(teacher).post("/support/new", data=said)
    assert (the_ticket().facts, the_ticket().live_id) == ("", lesson.id)
    sign_in(teacher).post("/support/new", data={**said, "with_facts": "y"})
    assert the_ticket().facts.startswith("browser: X")
    assert f"session: {lesson.id}" in the_ticket().facts
    assert lesson.stream.key not in the_ticket().facts
    sign_in(learner).post("/support/new", data={**said, "with_facts": "y"})
    assert the_ticket().facts == "browser: X"


def test_the_form_is_about_the_page_from_which_one_comes_and_about_no_other_site(sign_in: SignIn, asker: User) -> None:
    browser = sign_in(asker)
    assert 'value="/live?tab=1"' in browser.get("/support/new?from=/live%3Ftab%3D1").text
    page = browser.get("/support/new?from=https://evil.example/").text
    assert re.findall(r'name="page"[^>]*value="([^"]*)"', page) == [""]
    browser.post("/support/new", data={**ASKED, "page": "/live?token=SECRET"})
    assert the_ticket().page == "/live"


# floods


def test_a_flood_is_refused_kindly_and_nothing_typed_is_lost(
    sign_in: SignIn, asker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    browser = sign_in(asker)
    statuses = [browser.post("/support/new", data=ASKED).status_code for _ in range(10)]
    refused = browser.post("/support/new", data=ASKED)
    limiter.reset()
    assert statuses == [302] * 10
    assert refused.status_code == 429
    assert ASKED["words"] in refused.text
    assert number_of_tickets() == 10


def test_strangers_behind_one_address_have_one_limit_together(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    asked = [{**STRANGERS, "email": f"p{number}@example.com"} for number in range(60)]
    replies = [client.post("/support/new", data=one) for one in asked]
    limiter.reset()
    assert Counter(reply.status_code for reply in replies) == {200: 6, 429: 54}
    assert all(STRANGERS["words"] in reply.text for reply in replies[6:]), "nothing typed is lost"
    assert number_of_tickets() == 6
    assert len(db.session.scalars(select(Mail.id)).all()) == 6, "six mailboxes hear of it"


# figures, canned answers


def test_figures_have_times_to_answer_and_solution_and_ratings(asker: User, helper: User) -> None:
    ticket = tickets.ticket(asker)
    ticket.opened_ms -= 60_000
    db.session.commit()
    services.answer(ticket, "好了", solves=True, by=helper)
    services.confirm_solution(ticket, by=asker)
    services.rate(ticket, 4, by=asker)
    tickets.ticket(asker)
    whole, (one,) = figures.since(policies.holdings_now(helper), clock.now_ms() - DAY_MS)
    assert (whole.asked, whole.solved, whole.rating, one.name) == (2, 1, 4.0, "物质研究所")
    assert whole.first_answer_ms is not None
    assert 60_000 <= whole.first_answer_ms < 120_000


def test_canned_answers_of_units_above_are_one_press_away(
    sign_in: SignIn, asker: User, helper: User, platform: User
) -> None:
    canned = tickets.canned_answer(units.academy())
    ticket, desk = tickets.ticket(asker), sign_in(helper)
    assert "请刷新页面。" in desk.get(f"/manage/tickets/{ticket.id}?canned={canned.id}").text
    assert desk.delete(f"/manage/tickets/canned/{canned.id}").status_code == 404
    assert sign_in(platform).delete(f"/manage/tickets/canned/{canned.id}").status_code == 302


def test_training_managers_of_before_answer_tickets_and_no_other_role_does(helper: User, asker: User) -> None:
    roles.holding(asker, Permission.LIVE_MANAGE)
    db.session.execute(delete(RolePermission).where(RolePermission.permission == Permission.TICKET_ANSWER))
    db.session.commit()
    assert not policies.holdings_now(helper).anywhere(Permission.TICKET_ANSWER)
    db.session.rollback()
    (file,) = Path("migrations/versions").glob("*_tickets.py")
    migration = runpy.run_path(str(file))
    for _twice in range(2):
        with db.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
            migration["let_managers_answer"]()
    assert policies.holdings_now(helper).anywhere(Permission.TICKET_ANSWER)
    assert not policies.holdings_now(asker).anywhere(Permission.TICKET_ANSWER)
