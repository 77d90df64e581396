"""Fills the example academy. A second run changes nothing but the lesson, if the last one has ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask import current_app

from app.accounts import hashing
from app.accounts import queries as accounts
from app.accounts import services as account_services
from app.accounts.models import User
from app.credits.rules import services as terms
from app.credits.rules.categories import PROFESSIONAL
from app.demo import deck
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.live import services, subjects
from app.live.lifecycle import LiveState
from app.live.lists import queries as listings
from app.live.lists.queries import Tab
from app.live.models import Audience, LiveSession
from app.live.planning import services as planning
from app.live.planning.plans import Plan
from app.recommendations import queries as recommended
from app.recommendations import services as recommendations
from app.recommendations.services import Wish
from app.roles import policies as roles
from app.roles import services as role_services
from app.roles.models import BuiltIn
from app.support.contact import queries as contact_queries
from app.support.contact import services as contacts
from app.units import queries as unit_queries
from app.units import services as unit_services
from app.units.models import Unit, UnitKind

HOUR_MS = 3_600_000
HOURS = Decimal(2)
"""Learning hours of the lecture. It lasts for two weeks, so that there is something to see, and would bring 448."""

PASSWORD = "jiangtang-demo"  # noqa: S105 - public on purpose, for an academy that does not exist


@dataclass(frozen=True)
class Account:
    """The account of one member of the cast."""

    role: str
    username: str
    real_name: str
    unit: str
    """Name of the unit, see UNITS."""
    email: str
    staff_number: str
    password: str = PASSWORD


UNITS = (
    ("物质研究所", "", UnitKind.INSTITUTE, "IOM"),
    ("低温物理实验室", "物质研究所", UnitKind.DEPARTMENT, "IOM-LT"),
    ("培训处", "物质研究所", UnitKind.DEPARTMENT, "IOM-TR"),
    ("天文研究所", "", UnitKind.INSTITUTE, "IOA"),
)
"""Name, name of the unit above (empty means the academy), kind, code."""

CAST = (
    Account("admin", "admin", "管理员", "", "admin@academy.example", "A0001"),
    Account("manager", "manager", "周培训", "物质研究所", "manager@iom.example", "M1001"),
    Account("teacher", "teacher", "李明远", "低温物理实验室", "teacher@iom.example", "M1002"),
    Account("assistant", "assistant", "王助教", "低温物理实验室", "assistant@iom.example", "M1003"),
    Account("learner", "learner", "张三", "培训处", "learner@iom.example", "M1004"),
    Account("stranger", "stranger", "赵来访", "天文研究所", "stranger@ioa.example", "T2001"),
)

TEACHERS_ROLE = "直播管理"

SUBJECT = "低温物理前沿：从超导到量子器件"

ABSTRACT = """示例课程。画面和声音由程序实时生成，通过 RTMP 推送到本机，与真实的编码器走同一条路。

您可以打开直播控制台，试试暂停、继续、临时离开和结束；结束后立即可以看回放。"""


def fill() -> None:
    """Make the missing accounts and lessons, and put the lecture on air."""
    units = _units()
    people = {account.role: _person(account, units[account.unit]) for account in CAST}
    _grant(people, units)
    _tell_whom_to_ask(people, units)
    lesson = _lesson(people["teacher"], people["manager"])
    if lesson.state is LiveState.SCHEDULED:
        services.start(lesson, by=people["teacher"])
    deck.put(lesson, by=people["teacher"])
    if not listings.shelf(people["admin"], Tab.COMING):
        coming = Plan(
            subject=subjects.next_free("科研数据管理与共享实践"),
            abstract="如何让数据在课题结束之后仍然可用。",
            starts_at_ms=clock.now_ms() + 26 * HOUR_MS,
            ends_at_ms=clock.now_ms() + 28 * HOUR_MS,
            assistants=(people["assistant"],),
        )
        planned = planning.schedule(coming, owner=people["teacher"])
        recommendations.recommend(planned, units["物质研究所"], Wish("新员工必修"), by=people["manager"])
    if not recommended.of_desk(units[""]):
        recommendations.recommend(lesson, units[""], Wish("从零电阻到量子比特，一堂课看懂"), by=people["admin"])


def has_known_password(user: User) -> bool:
    """Return whether the account has the password of the example, which everybody knows."""
    return user.password_hash is not None and _is_known(user.password_hash)


@lru_cache(maxsize=64)
def _is_known(password_hash: str) -> bool:
    return hashing.matches(password_hash, PASSWORD)


def lecture() -> LiveSession:
    """Return the lesson of the generated stream.

    Raises:
        LookupError: the example academy is not filled.
    """
    teacher = accounts.user_by_name("teacher")
    for live in db.session.scalars(listings.mine(teacher)) if teacher else ():
        if live.subject.startswith(SUBJECT) and live.state is not LiveState.ENDED:
            return live
    raise LookupError("run `flask demo fill` first")


def info() -> dict[str, Any]:
    """Return addresses, accounts, the lesson on air, RTMP address and key."""
    live = lecture()
    port, rtmp_port = current_app.config["PORT"], current_app.config["RTMP_PORT"]
    base = f"http://localhost:{port}"
    return {
        "url": base,
        "accounts": {account.role: asdict(account) for account in CAST},
        "live": {
            "id": live.id,
            "subject": live.subject,
            "page": f"{base}/live/{live.id}",
            "watch": f"{base}/live/{live.id}/watch",
            "studio": f"{base}/live/{live.id}/studio",
            "replay": f"{base}/live/{live.id}/replay",
        },
        "rtmp": {"url": f"rtmp://localhost:{rtmp_port}/live", "key": live.stream.key},
    }


def _units() -> dict[str, Unit]:
    found = {"": unit_queries.academy()}
    for name, above, kind, code in UNITS:
        known = unit_queries.unit_by_code(code)
        found[name] = known or unit_services.create(found[above], name=name, kind=kind, code=code, by_id=None)
    return found


def _person(account: Account, unit: Unit) -> User:
    known = accounts.user_by_name(account.username)
    if known is not None and known.closed_ms is not None and has_known_password(known):
        account_services.reopen_account(known)  # a start with DEMO=0 has closed it
    return known or account_services.create_user(
        username=account.username,
        real_name=account.real_name,
        password=account.password,
        unit=unit,
        email=account.email,
        staff_number=account.staff_number,
    )


def _grant(people: dict[str, User], units: dict[str, Unit]) -> None:
    """Grant the cast the roles of their parts. The teacher's role comes in the guide's two steps."""
    manager, teacher, institute = people["manager"], people["teacher"], units["物质研究所"]
    for user, which, unit in (
        (people["admin"], BuiltIn.ADMINISTRATOR, units[""]),
        (manager, BuiltIn.TRAINING_MANAGER, institute),
    ):
        if not roles.holdings_now(user).paths:
            role_services.appoint(user, which, unit)
    if not roles.holdings_now(teacher).paths:
        role = role_services.create_role(
            institute, name=TEACHERS_ROLE, permissions=[Permission.LIVE_MANAGE], by=manager
        )
        role_services.give(role, teacher, institute, by=manager)


def _tell_whom_to_ask(people: dict[str, User], units: dict[str, Unit]) -> None:
    """Set contacts of the academy and its first institute that belong to nobody: the numbers do not exist."""
    for name, who, number, email in (
        ("", "admin", "10000000", "help@academy.example"),
        ("物质研究所", "manager", "20000000", "training@iom.example"),
    ):
        if contact_queries.of(units[name]).is_empty:
            contacts.change(
                units[name],
                by=people[who],
                qq_number=number,
                qq_link=f"https://qm.qq.example/q/{number}",
                telephone="010-0000 0000",
                email=email,
                hours="工作日 9:00–17:00",
            )


def _lesson(teacher: User, manager: User) -> LiveSession:
    try:
        return lecture()
    except LookupError:
        plan = Plan(
            subject=subjects.next_free(SUBJECT),
            abstract=ABSTRACT,
            audience=Audience.EVERYONE,
            starts_at_ms=clock.now_ms(),
            ends_at_ms=clock.now_ms() + 14 * 24 * HOUR_MS,
        )
        lesson = planning.schedule(plan, owner=teacher)
        terms.decide(lesson, category=PROFESSIONAL, fixed=HOURS, reason="示例讲座全天播出，按一堂课计", by=manager)
        return lesson
