"""Signing in through a real identity provider: who somebody is."""

from __future__ import annotations

import threading

from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import queries as accounts_read
from app.accounts.models import User
from app.audit.models import AuditEntry
from app.extensions import db
from app.identity.services import unit_for
from app.kernel.unit_of_work import unit_of_work
from tests.counting import count_queries
from tests.factories import accounts, units
from tests.identity.academy import Academy, Opener, signed_in_as, through


def unit_named(academy: Academy, name: str) -> int | None:
    with academy.app.app_context():
        unit = unit_for(name)
        return unit.id if unit is not None else None


def log_of(action: str) -> list[dict[str, str]]:
    return [
        dict(one)
        for one in db.session.scalars(
            select(AuditEntry.details).where(AuditEntry.action == action).order_by(AuditEntry.id)
        )
    ]


def test_somebody_new_gets_an_account_in_her_unit(academy: Academy) -> None:
    institute = units.institute("物质研究所", code="IOM")
    browser = academy.browser()
    reply = browser.get(through(browser, "wang"))
    assert reply.headers["Location"] == "/live/mine"
    assert signed_in_as(browser) == "王新"
    user = accounts_read.user_by_name("wang.xin")
    assert user is not None
    assert (user.email, user.unit_id, user.password_hash) == ("wang@iom.example", institute.id, None)
    assert log_of("person.created") == [{"unit": "物质研究所"}]


def test_the_second_time_it_is_the_same_person_with_her_new_name_and_unit(academy: Academy) -> None:
    first = academy.browser()
    first.get(through(first, "wang"))
    user = accounts_read.user_by_name("wang.xin")
    assert user is not None
    assert user.unit_id == units.academy().id, "no such unit: the academy itself"
    with unit_of_work():
        user.real_name = "王旧"
    institute = units.institute("物质研究所", code="IOM")
    again = academy.browser()
    again.get(through(again, "wang"))
    db.session.refresh(user)
    assert (user.real_name, user.unit_id) == ("王新", institute.id)
    assert len(db.session.scalars(select(User)).all()) == 1
    assert log_of("person.moved") == [{"before": "科学院", "after": "物质研究所"}]
    assert log_of("person.changed") == [{"before": "王旧", "after": "王新"}]


def test_an_account_is_hers_when_the_provider_vouches_for_its_address(academy: Academy) -> None:
    known = accounts.user("wangxin", "王新", email="wang@iom.example")
    browser = academy.browser()
    browser.get(through(browser, "wang"))
    db.session.refresh(known)
    assert known.identity is not None
    assert known.password_hash is None, "whoever prepared the account has no way in any more"
    assert len(db.session.scalars(select(User)).all()) == 1
    assert log_of("person.changed") == [{"before": "–", "after": known.identity}]


def test_a_code_that_is_another_units_name_decides_nothing(academy: Academy) -> None:
    units.institute("IOM")
    units.department(units.institute("别处"), "陷阱").code = "IOM"
    db.session.commit()
    browser = academy.browser()
    browser.get(through(browser, "wang"))
    user = accounts_read.user_by_name("wang.xin")
    assert user is not None
    assert user.unit_id == units.academy().id


def test_an_address_that_is_not_verified_opens_nobodys_account(academy: Academy) -> None:
    known = accounts.user("lisheng", "李生", email="li@iom.example")
    browser = academy.browser()
    browser.get(through(browser, "li"))
    db.session.refresh(known)
    assert known.identity is None
    other = db.session.scalars(select(User).where(User.id != known.id)).one()
    assert (other.username, other.email) == ("li", None)


def test_an_account_that_belongs_to_another_identity_is_not_taken_over(academy: Academy) -> None:
    known = accounts.user("wangxin", "王新", email="wang@iom.example")
    with unit_of_work():
        known.identity = "somebody else"
    browser = academy.browser()
    browser.get(through(browser, "wang"))
    db.session.refresh(known)
    assert known.identity == "somebody else"
    assert signed_in_as(browser) == "王新"


def test_staff_numbers_count_where_the_settings_trust_them(open_academy: Opener) -> None:
    known = accounts.user("m9")
    with unit_of_work():
        known.staff_number = "M9"
    browser = open_academy(OIDC_STAFF_CLAIM="staff").browser()
    browser.get(through(browser, "wang"))
    db.session.refresh(known)
    assert known.identity is not None


def test_a_unit_is_found_by_its_path_in_a_nested_claim(open_academy: Opener) -> None:
    units.department(units.institute("天文研究所"), "培训处")
    wanted = units.department(units.institute("物质研究所"), "培训处")
    browser = open_academy(OIDC_UNIT_CLAIM="place.unit").browser()
    browser.get(through(browser, "wang"))
    user = accounts_read.user_by_name("wang.xin")
    assert user is not None
    assert user.unit_id == wanted.id


def test_an_institute_does_not_lose_its_people_to_a_department_of_its_name(open_academy: Opener) -> None:
    wanted = units.institute("物质研究所")
    units.department(units.institute("天文研究所"), "物质研究所")
    assert unit_named(open_academy(), "物质研究所") == wanted.id
    assert unit_named(open_academy(), "科学院/物质研究所") == wanted.id


def test_a_name_that_could_be_several_units_is_none(open_academy: Opener) -> None:
    for institute in ("物质研究所", "天文研究所"):
        units.department(units.institute(institute), "培训处")
    assert unit_named(open_academy(), "培训处") is None
    assert unit_named(open_academy(), "没有/培训处") is None
    assert unit_named(open_academy(), " / ") is None


def test_a_name_that_every_institute_has_costs_no_more_than_another(open_academy: Opener) -> None:
    for institute in range(8):
        units.department(units.institute(f"第{institute}研究所"), "培训处")
    with open_academy().app.app_context(), count_queries() as asked:
        unit_for("第5研究所/培训处")
    assert len(asked) <= 5


def test_whoever_is_nobody_but_a_number_is_let_in_all_the_same(academy: Academy) -> None:
    browser = academy.browser()
    browser.get(through(browser, "bare"))
    assert signed_in_as(browser) == "bare"


def test_what_could_not_be_stored_is_left_out_or_cut(open_academy: Opener) -> None:
    browser = open_academy(OIDC_STAFF_CLAIM="staff").browser()
    assert browser.get(through(browser, "odd")).status_code == 302
    user = accounts_read.user_by_name("person")
    assert user is not None
    assert (user.real_name, user.email, user.staff_number) == ("名" * 64, None, None)


def test_user_names_that_are_taken_get_a_number(academy: Academy) -> None:
    accounts.user("wang.xin")
    accounts.user("wang.xin2")
    browser = academy.browser()
    browser.get(through(browser, "wang"))
    assert accounts_read.user_by_name("wang.xin3") is not None


def test_two_windows_that_are_as_quick_make_one_account(academy: Academy) -> None:
    windows = [academy.browser() for _ in range(4)]
    backs = [through(one, "wang") for one in windows]
    together, statuses = threading.Barrier(4), []

    def come_back(window: FlaskClient, back: str) -> None:
        together.wait(10)
        statuses.append(window.get(back).status_code)

    threads = [threading.Thread(target=come_back, args=pair) for pair in zip(windows, backs, strict=True)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert statuses == [302] * 4
    assert [user.real_name for user in db.session.scalars(select(User))] == ["王新"]
    assert [signed_in_as(one) for one in windows] == ["王新"] * 4


def test_accounts_are_made_only_where_that_is_wanted(open_academy: Opener) -> None:
    browser = open_academy(OIDC_CREATE_ACCOUNTS=False).browser()
    reply = browser.get(through(browser, "wang"))
    assert reply.status_code == 403
    assert "培训主管" in reply.text
    assert db.session.scalars(select(User)).all() == []


def test_a_closed_account_stays_closed(academy: Academy) -> None:
    known = accounts.user("wangxin", email="wang@iom.example")
    with unit_of_work():
        known.closed_ms = 1
    browser = academy.browser()
    assert browser.get(through(browser, "wang")).status_code == 403
    assert signed_in_as(browser) == ""


def test_the_page_says_what_the_settings_call_it(open_academy: Opener) -> None:
    page = open_academy(OIDC_NAME="科技云通行证登录").browser().get("/sign-in?next=/live/mine").text
    assert "科技云通行证登录" in page
    assert 'href="/sign-in/provider?next=/live/mine"' in page


def test_without_a_provider_there_is_no_such_way(client: FlaskClient) -> None:
    assert "/sign-in/provider" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").status_code == 404
