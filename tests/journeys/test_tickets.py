"""反馈问题: from a studio that gets no picture to its solution, by page and by mail, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import expect

from tests import imap_server
from tests.imap_server import Inbox
from tests.journeys.browsers import PHONE
from tests.journeys.conftest import Visitors, running
from tests.journeys.stack import MANAGER, TEACHER, Stack
from tests.journeys.waiting import wait_for
from tests.postman import Postman, listening

pytestmark = [pytest.mark.journey, pytest.mark.browser]

ADDRESS = "support@live.example.cn"

GIVE_ADDRESSES = """
from app.accounts.queries import user_by_name
from app.kernel.unit_of_work import unit_of_work
with unit_of_work():
    for name in ("teacher", "manager"):
        user_by_name(name).email = f"{name}@iom.example"
"""

LOOK_NOW = "from app.support.tickets import inbox; inbox.look.later()"
"""The jobs process does this by itself each minute."""


@pytest.fixture(scope="module")
def postman() -> Iterator[tuple[Postman, int]]:
    """The mail server to which the service hands its mails, and its port."""
    with listening() as (postman, port):
        yield postman, port


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    with imap_server.serving() as found:
        yield found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, postman: tuple[Postman, int], inbox: Inbox) -> Iterator[Stack]:
    """The service, with servers for its mails and for the answers to them."""
    settings = {
        "PUBLIC_URL": "http://live.example.cn",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(postman[1]),
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": str(inbox.tls_port),
        "IMAP_CA_FILE": str(inbox.certificate),
        "IMAP_USER": imap_server.USER,
        "IMAP_PASSWORD": imap_server.PASSWORD,
        "IMAP_ADDRESS": ADDRESS,
    }
    yield from running(tmp_path_factory.mktemp("service") / "data", **settings)


def newest_mail(postman: Postman, to: str, words: str) -> EmailMessage:
    """Wait for a mail, and return it."""

    def found() -> EmailMessage | None:
        mine = [one for one in postman.taken if one["To"] == to and words in one.get_content()]
        return mine[-1] if mine else None

    return wait_for(found, f"a mail to {to} that says {words}")


def answer_to(mail: EmailMessage, words: str) -> EmailMessage:
    """Return what a mail program makes of a person's answer: her words above the quoted mail."""
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = mail["To"], mail["Reply-To"], f"Re: {mail['Subject']}"
    reply["Message-ID"] = mail["Message-ID"].replace("<", "<answer.")
    reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
    quoted = "\n".join(f"> {line}" for line in mail.get_content().splitlines())
    reply.set_content(f"{words}\n\n在 2026年12月1日，讲堂写道：\n{quoted}")
    return reply


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_problem_in_the_studio_is_reported_answered_and_solved(
    stack: Stack, visitor: Visitors, postman: tuple[Postman, int], inbox: Inbox, size: dict[str, object]
) -> None:
    stack.run(GIVE_ADDRESSES)
    postman[0].taken.clear()  # the mails of the other size say the same
    lesson = stack.lesson("没有画面的课")
    teacher = visitor(stack.url, TEACHER, **size).page
    manager = visitor(stack.url, MANAGER, **size).page

    # the studio waits for an encoder that does not come: ? leads to the form beside it, and the studio stays open
    teacher.goto(f"{lesson.url}/studio")
    teacher.locator("summary.help-mark").click()
    with teacher.context.expect_page() as opened:
        teacher.get_by_role("link", name="反馈问题").click()
    form = opened.value
    expect(form.locator("main")).to_contain_text("没有画面的课")
    facts = form.locator("textarea[name=facts]")
    expect(facts).to_have_value(re.compile("browser: .*\n(.*\n)*page: /live/"))
    form.get_by_label("一句话概括").fill("控制台没有画面")
    form.get_by_label("问题描述").fill("OBS 已经推流，控制台一直等待。")

    # what she typed survives a look elsewhere
    form.reload()
    expect(form.get_by_label("一句话概括")).to_have_value("控制台没有画面")
    form.get_by_label("附上下面显示的诊断信息").check()
    form.get_by_role("button", name="发送").click()
    expect(form.locator(".ticket__facts")).to_contain_text("待受理")
    number = (form.locator(".ticket__facts").text_content() or "").split("#")[1].split(" ")[0]

    # the manager hears of it by mail, sees the diagnostics, and answers
    told = newest_mail(postman[0], "manager@iom.example", f"/manage/tickets/{number}")
    assert "控制台没有画面" in told["Subject"]
    manager.goto(f"{stack.url}/manage/tickets")
    manager.get_by_role("link", name="控制台没有画面").first.click()
    manager.get_by_role("button", name="受理").click()
    manager.locator("summary", has_text="诊断信息").click()
    expect(manager.locator("pre.ticket__diagnostics")).to_contain_text(f"session: {lesson.id}")
    manager.get_by_label("回复").fill("推流密钥换过了，请重新复制。")
    manager.get_by_role("button", name="回复并请用户确认").click()
    expect(manager.locator(".ticket__facts")).to_contain_text("待用户确认")

    # the teacher answers in her mail program, and the ticket is open again
    mail = newest_mail(postman[0], "teacher@iom.example", "推流密钥换过了")
    assert mail["Reply-To"] == ADDRESS
    inbox.put(answer_to(mail, "换了，还是没有画面。"))
    stack.run(LOOK_NOW)
    wait_for(lambda: inbox.unseen() == 0, "the answer is taken")
    manager.reload()
    expect(manager.locator("main")).to_contain_text("换了，还是没有画面。")
    expect(manager.locator("main")).not_to_contain_text("写道")
    expect(manager.locator(".ticket__facts")).to_contain_text("重新打开")
    manager.get_by_label("回复").fill("防火墙已放行，请再试一次。")
    manager.get_by_role("button", name="回复并请用户确认").click()

    # she opens the link in the next mail, confirms, and says how the help was
    mail = newest_mail(postman[0], "teacher@iom.example", "防火墙已放行")
    path = re.search(r"/support/t/\w+", mail.get_content())
    assert path
    form.goto(stack.url + path[0])
    expect(form.locator("main")).to_contain_text("换了，还是没有画面。")
    form.get_by_role("button", name="已解决").click()
    form.get_by_label("非常满意").check()
    form.locator(".ticket__rating").get_by_role("button", name="发送").click()
    expect(form.locator(".ticket__facts")).to_contain_text("已解决")
    assert stack.row("SELECT state, rating FROM support_ticket WHERE id = ?", int(number)) == ("solved", 5)
