"""Filling the example academy. Running it again changes nothing but the lesson, when the last one has ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app

from app.accounts import queries as accounts
from app.accounts import services as account_services
from app.accounts.models import User
from app.kernel import clock
from app.live import queries, services
from app.live.lifecycle import LiveState
from app.live.models import Audience, LiveSession

HOUR_MS = 3_600_000

PASSWORD = "jiangtang-demo"  # noqa: S105 - public on purpose, for an academy that does not exist


@dataclass(frozen=True)
class Account:
    """One of the cast."""

    role: str
    username: str
    real_name: str
    password: str = PASSWORD


CAST = (
    Account("admin", "admin", "管理员"),
    Account("manager", "manager", "周培训"),
    Account("teacher", "teacher", "李明远"),
    Account("assistant", "assistant", "王助教"),
    Account("learner", "learner", "张三"),
    Account("stranger", "stranger", "赵来访"),
)

SUBJECT = "低温物理前沿：从超导到量子器件"

ABSTRACT = """示例课程。画面和声音由程序实时生成，通过 RTMP 推送到本机，与真实的编码器走同一条路。

您可以打开直播控制台，试试暂停、继续、临时离开和结束；结束后立即可以看回放。"""


def fill() -> None:
    """Make the accounts and the lessons that are missing, and put the lecture on air."""
    people = {account.role: _person(account) for account in CAST}
    lesson = _lesson(people["teacher"])
    if lesson.state is LiveState.SCHEDULED:
        services.start(lesson, by=people["teacher"])
    if not queries.coming_for(people["admin"]):
        services.schedule(
            owner=people["teacher"],
            subject="科研数据管理与共享实践",
            abstract="如何让数据在课题结束之后仍然可用。",
            starts_at_ms=clock.now_ms() + 26 * HOUR_MS,
            ends_at_ms=clock.now_ms() + 28 * HOUR_MS,
        )


def lecture() -> LiveSession:
    """Give the lesson that the generated stream feeds.

    Raises:
        LookupError: the example academy is not filled.
    """
    teacher = accounts.user_by_name("teacher")
    for live in queries.mine(teacher) if teacher else ():
        if live.subject == SUBJECT and live.state is not LiveState.ENDED:
            return live
    raise LookupError("run `flask demo fill` first")


def info() -> dict[str, Any]:
    """Give addresses, accounts, the lesson on air, RTMP address and key."""
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


def _person(account: Account) -> User:
    return accounts.user_by_name(account.username) or account_services.create_user(
        username=account.username,
        real_name=account.real_name,
        password=account.password,
        is_admin=account.role == "admin",
    )


def _lesson(teacher: User) -> LiveSession:
    try:
        return lecture()
    except LookupError:
        return services.schedule(
            owner=teacher,
            subject=SUBJECT,
            abstract=ABSTRACT,
            audience=Audience.EVERYONE,
            starts_at_ms=clock.now_ms(),
            ends_at_ms=clock.now_ms() + 12 * HOUR_MS,
        )
