"""What nobody should type, and some do: each gets a sentence, nothing typed is lost, nothing becomes markup."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, markdown
from app.kernel.text import one_line
from app.live import guests, services, subjects, tokens
from app.live.models import Audience, LiveSession, Part
from app.live.planning import services as planning
from tests.conftest import SignIn
from tests.factories import accounts, units
from tests.factories import live as lives
from tests.live.test_pages import FORM
from tests.live.test_plan import plan_of as form_of
from tests.reading import Page

pytestmark = pytest.mark.usefixtures("november")

TYPED = {
    "subject": "低温物理",
    "starts_at": "2026-12-01T14:00",
    "ends_at": "2026-12-01T16:00",
    "weeks": "2",
    "mode": "small_class",
    "audience": "everyone",
    "capacity": "12",
    "guests": "y",
    "recording_policy": "by_hand",
    "abstract": '第一行\n<b>第二行</b> & "引号"',
    "teacher_token": "q7teach4x",
    "assistant_token": "q8assist5y",
    "learner_token": "q9learn6z",
}
"""Every field of the form, none of them as it is when nothing is typed."""

TOKEN = ("口令为 6 到 15 位字母或数字，也可以留空。", "A token has 6 to 15 letters or digits, or is left empty.")
PLACES = ("请填 1 到 100000 之间的数字。", "Enter a number from 1 to 100000.")
WEEKS = ("请填 1 到 30 周。", "Choose 1 to 30 weeks.")
NO_DATE = ("没有这样的日期和时间，请重新选择。", "There is no such date and time. Choose them anew.")
NO_SUBJECT = ("请填写直播名称。", "Give the lesson a subject.")
DAY_OVER = ("这一天已经过去，请选择之后的日期。", "That day is over. Choose a later one.")
TIME_OVER = ("这个时间已经过去，请选择更晚的时间。", "That time is over. Choose a later one.")
FAR = ("距今超过两年，请检查年份。", "That is more than two years ahead. Check the year.")
ORDER = ("结束时间必须晚于开始时间。", "The end must be later than the beginning.")
LONG = ("一场直播最长 24 小时。", "A lesson lasts 24 hours at most.")
NO_CHOICE = ("不是有效的选择。", "Not a valid choice.")

MISTAKES: list[tuple[dict[str, str], str, tuple[str, str]]] = [
    ({"subject": ""}, "subject", NO_SUBJECT),
    ({"subject": " \t　"}, "subject", NO_SUBJECT),
    ({"subject": "\u200b\u2060\ufeff"}, "subject", NO_SUBJECT),
    ({"subject": "\u200d"}, "subject", NO_SUBJECT),
    ({"subject": "\u200b\u2060"}, "subject", NO_SUBJECT),
    (
        {"subject": "长" * 121},
        "subject",
        ("字段长度不能超过 120 个字符。", "Field cannot be longer than 120 characters."),
    ),
    (
        {"subject": "x" * 10_000},
        "subject",
        ("字段长度不能超过 120 个字符。", "Field cannot be longer than 120 characters."),
    ),
    (
        {"abstract": "字" * 4_001},
        "abstract",
        ("字段长度不能超过 4000 个字符。", "Field cannot be longer than 4000 characters."),
    ),
    ({"starts_at": ""}, "starts_at", ("请选择日期和时间。", "Choose date and time.")),
    ({"ends_at": ""}, "ends_at", ("请选择日期和时间。", "Choose date and time.")),
    ({"starts_at": "soon"}, "starts_at", NO_DATE),
    ({"starts_at": "2026-02-30T10:00"}, "starts_at", NO_DATE),
    ({"starts_at": "2026-12-01T25:00"}, "starts_at", NO_DATE),
    ({"starts_at": "-0001-01-01T00:00"}, "starts_at", NO_DATE),
    ({"starts_at": "<script>"}, "starts_at", NO_DATE),
    ({"ends_at": "99999-01-01T00:00"}, "ends_at", NO_DATE),
    ({"starts_at": "0001-01-01T00:00", "ends_at": "0001-01-01T02:00"}, "starts_at", DAY_OVER),
    ({"starts_at": "1969-12-31T23:00", "ends_at": "1970-01-01T01:00"}, "starts_at", DAY_OVER),
    ({"starts_at": "2026-11-23T17:59", "ends_at": "2026-11-23T19:00"}, "starts_at", DAY_OVER),
    ({"starts_at": "2026-11-24T09:00", "ends_at": "2026-11-24T17:59"}, "ends_at", TIME_OVER),
    ({"starts_at": "9999-12-31T00:00", "ends_at": "9999-12-31T02:00"}, "starts_at", FAR),
    ({"starts_at": "9999-12-31T23:59", "ends_at": "9999-12-31T23:59"}, "starts_at", FAR),
    ({"starts_at": "2028-11-25T10:00", "ends_at": "2028-11-25T11:00"}, "starts_at", FAR),
    ({"ends_at": "2026-12-01T13:00"}, "ends_at", ORDER),
    ({"ends_at": "2026-12-01T14:00"}, "ends_at", ORDER),
    ({"ends_at": "2026-12-02T14:01"}, "ends_at", LONG),
    ({"capacity": "0"}, "capacity", PLACES),
    ({"capacity": "-1"}, "capacity", PLACES),
    ({"capacity": "1000000000"}, "capacity", PLACES),
    ({"capacity": "9" * 5_000}, "capacity", PLACES),
    ({"capacity": "viele"}, "capacity", PLACES),
    ({"capacity": "1.5"}, "capacity", PLACES),
    ({"weeks": "0"}, "weeks", WEEKS),
    ({"weeks": "-3"}, "weeks", WEEKS),
    ({"weeks": "1000"}, "weeks", WEEKS),
    ({"weeks": "zwei"}, "weeks", WEEKS),
    ({"audience": "the world"}, "audience", NO_CHOICE),
    ({"audience": "department"}, "audience", NO_CHOICE),  # the teacher belongs to the academy: there is none
    ({"mode": "x"}, "mode", NO_CHOICE),
    ({"recording_policy": "x"}, "recording_policy", NO_CHOICE),
    ({"teacher_token": "abc12"}, "teacher_token", TOKEN),
    ({"learner_token": "abc-123"}, "learner_token", TOKEN),
    ({"assistant_token": "口令口令口令"}, "assistant_token", TOKEN),
    ({"teacher_token": "abc\u202e123"}, "teacher_token", TOKEN),
    ({"teacher_token": "abc\u200b123"}, "teacher_token", TOKEN),
    ({"learner_token": "<b>abc</b>"}, "learner_token", TOKEN),
    ({"learner_token": "x" * 10_000}, "learner_token", TOKEN),
]


def test_the_form_has_no_field_that_this_file_forgets(sign_in: SignIn, teacher: User) -> None:
    fields = set(Page(sign_in(teacher).get("/live/new").text).fields)
    assert fields - {"csrf_token", "next", "cover_name", "teachers", "q"} == set(TYPED)


@pytest.fixture
def browsers(sign_in: SignIn, teacher: User) -> list[FlaskClient]:
    """The teacher's, in Chinese and in English."""
    chinese, english = sign_in(teacher), sign_in(teacher)
    with english.session_transaction() as cookie:
        cookie["language"] = "en"
    return [chinese, english]


@pytest.mark.parametrize("field", dict.fromkeys(field for _change, field, _sentences in MISTAKES))
def test_each_mistake_is_named_beside_its_field_and_nothing_is_lost(
    browsers: list[FlaskClient], teacher: User, field: str
) -> None:
    people = {"teachers": str(teacher.id), "assistants": str(accounts.user("helper", "助手").id)}
    mistakes = [(change, sentences) for change, its_field, sentences in MISTAKES if its_field == field]
    for change, sentences in mistakes:
        form = {**TYPED, **people, **change}
        for browser, sentence in zip(browsers, sentences, strict=True):
            reply = browser.post("/live/new", data=form)
            assert reply.status_code == 422, change
            page = Page(reply.text)
            assert page.errors(field).startswith(sentence), change
            assert page.errors(field).count(sentence) == 1, change
            for name, value in form.items():
                if sentences is not NO_CHOICE or name != field:  # what is not offered cannot be shown as chosen
                    assert page.fields[name] == [one_line(value) if name == "subject" else value], (change, name)
    assert lives.of(teacher) == []


def test_two_mistakes_are_said_at_once(browsers: list[FlaskClient]) -> None:
    page = Page(browsers[0].post("/live/new", data={**TYPED, "subject": "", "capacity": "0", "weeks": "x"}).text)
    assert page.errors("subject")
    assert page.errors("capacity")
    assert page.errors("weeks")


def test_the_edges_that_are_fine(browsers: list[FlaskClient], teacher: User) -> None:
    for number, change in enumerate(
        (
            {"subject": "长" * 120},
            {"abstract": "字" * 4_000},
            {"starts_at": "2026-11-23T18:01", "ends_at": "2026-11-24T18:01"},
            {"starts_at": "2028-11-23T10:00", "ends_at": "2028-11-24T10:00"},
            {"capacity": "1"},
            {"capacity": "100000"},
            {"capacity": ""},
            {"weeks": ""},
            {"starts_at": "2026-12-01T14:00:30"},
        )
    ):
        reply = browsers[0].post("/live/new", data={**FORM, "subject": f"第 {number} 场", **change})
        assert reply.status_code == 302, change
    assert len(lives.of(teacher)) == 9


@pytest.mark.parametrize("subject", ["ﷺ" * 120, "㌖" * 120, "İ" * 120, "👩‍🔬" * 40, "e\u0301" * 60])
def test_signs_that_unfold_to_many_fit_too(browsers: list[FlaskClient], teacher: User, subject: str) -> None:
    assert browsers[0].post("/live/new", data={**FORM, "subject": subject}).status_code == 302
    (live,) = lives.of(teacher)
    assert live.subject == subject
    again = browsers[0].post("/live/new", data={**FORM, "subject": subject})
    assert again.status_code == 409, "and is the same as itself"


UNSEEN = "\u200b\u2060\ufeff\u00ad\x85"
"""What pasting brings along, and nobody types or sees."""


def is_clean(text: str) -> bool:
    return not set(UNSEEN) & set(text)


def test_what_cannot_be_seen_is_not_kept(app: Flask, browsers: list[FlaskClient], teacher: User) -> None:
    browser, dirty = browsers[0], UNSEEN.join("低温物理")
    browser.post("/live/new", data={**FORM, "subject": dirty, "abstract": f"{dirty}\n二\t行", "audience": "everyone"})
    (live,) = lives.of(teacher)
    assert live.subject.replace(" ", "") == "低温物理"
    assert is_clean(live.subject)
    assert live.abstract.endswith("\n二\t行"), "what is seen stays"
    visitor = app.test_client()
    visitor.post(f"/live/{live.id}/guest", data={"name": dirty})
    with visitor.session_transaction() as cookie:
        assert is_clean(cookie["guest"]["name"])
        assert cookie["guest"]["name"].replace(" ", "") == "低温物理"
    browser.post(f"/live/{live.id}/cancellation", data={"reason": dirty})
    assert is_clean(live.cancel_reason)
    assert live.cancel_reason.replace(" ", "") == "低温物理"


@pytest.mark.parametrize("dangerous", "\u202e\u202a\u2066\x07\x1b\x7f")
def test_what_would_mislead_readers_is_refused_with_a_sentence(
    app: Flask, browsers: list[FlaskClient], teacher: User, dangerous: str
) -> None:
    browser, typed = browsers[0], f"低温{dangerous}物理"
    reply = browser.post("/live/new", data={**FORM, "subject": typed})
    assert reply.status_code == 422
    assert "“低温”之后" in Page(reply.text).errors("subject")
    live = lives.lesson(teacher, "低温", audience=Audience.EVERYONE)
    for address, sent in (
        ("guest", {"name": typed}),
        ("cancellation", {"reason": typed}),
        ("pause", {"message": typed}),
    ):
        reply = browser.post(f"/live/{live.id}/{address}", data=sent)
        assert reply.status_code in {409, 422}, address
        assert address == "pause" or "“低温”之后" in Page(reply.text).text, address
    assert live.cancel_reason == ""


def test_an_emoji_of_several_parts_stays_whole(browsers: list[FlaskClient], teacher: User) -> None:
    subject = "\U0002ebf0建国谈 \U0001fa77 👩‍🔬 می‌خواهم"
    browsers[0].post("/live/new", data={**FORM, "subject": subject})
    assert lives.of(teacher)[0].subject == subject


@pytest.mark.parametrize("written", ["低\u200b温", "低\u200f温", "\ufeff低温", "低温\u200d", "低\u00ad温"])
def test_two_subjects_that_look_the_same_are_the_same(browsers: list[FlaskClient], teacher: User, written: str) -> None:
    lives.lesson(teacher, "低温")
    reply = browsers[0].post("/live/new", data={**FORM, "subject": written})
    assert reply.status_code == 409
    assert "subject exists" in Page(reply.text).errors("subject")
    assert subjects.is_taken(written)


def test_a_subject_that_was_offered_is_tidied_like_one_that_was_typed(
    browsers: list[FlaskClient], teacher: User
) -> None:
    assert browsers[0].post("/live/new", data={**FORM, "offered": "  "}).status_code == 302, "nothing was offered"
    browsers[0].post("/live/new", data={**FORM, "offered": " 新\u202e的\r\n名称 "})
    assert {live.subject for live in lives.of(teacher)} == {"拓扑 绝缘体", "新的 名称"}
    assert browsers[0].post("/live/new", data={**FORM, "offered": "x" * 10_000}).status_code == 422


def test_a_sign_that_no_database_stores_is_called_that(browsers: list[FlaskClient], teacher: User) -> None:
    for name in ("subject", "abstract", "teacher_token", "capacity", "mode"):
        reply = browsers[0].post("/live/new", data={**TYPED, name: "a\0b"})
        assert reply.status_code == 400
        assert "无法保存的字符" in reply.text
    assert lives.of(teacher) == []


# People


def test_people_who_are_none_and_closed_accounts_do_not_teach(browsers: list[FlaskClient], teacher: User) -> None:
    closed, colleague = accounts.user("closed", "已离开"), accounts.user("colleague", "同事")
    closed.closed_ms = clock.now_ms()
    db.session.commit()
    ids = [str(closed.id), "999999", "-1", "0", "abc", "²", "9" * 30, "1.0", "", "' OR 1=1", str(colleague.id)]
    reply = browsers[0].post(
        "/live/new", data={**FORM, "teachers": [*ids, str(colleague.id)], "assistants": [str(closed.id), *ids]}
    )
    assert reply.status_code == 302
    (live,) = lives.of(teacher)
    assert [(one.user, one.part) for one in live.presenters] == [(colleague, Part.TEACHER)]
    assert "已离开" not in browsers[0].get("/live/colleagues?field=teachers&q=已离").text.replace("“已离”", "")


def test_somebody_of_another_institute_may_be_named_and_nobody_else_may_name_her(
    sign_in: SignIn, browsers: list[FlaskClient], teacher: User, learner: User
) -> None:
    stranger = accounts.user("stranger", "远方", unit=units.institute())
    assert browsers[0].post("/live/new", data={**FORM, "teachers": str(stranger.id)}).status_code == 302
    (live,) = lives.of(stranger)
    assert live.people_of(Part.TEACHER) == [stranger]
    assert sign_in(learner).post("/live/new", data={**FORM, "subject": "x"}).status_code == 403
    assert sign_in(learner).get("/live/colleagues?field=teachers&q=远").status_code == 403


@pytest.mark.parametrize("q", ["%", "_", "\\", "<b id=boom>", "'", "x" * 5000, "\u202e", " "])
def test_a_search_for_rubbish_finds_nobody(browsers: list[FlaskClient], q: str) -> None:
    reply = browsers[0].get("/live/colleagues", query_string={"field": "teachers", "q": q})
    assert reply.status_code == 200
    page = Page(reply.text)
    assert markup(page) == []
    assert not any(one.get("name") == "teachers" for _tag, one in page.elements)
    assert browsers[0].get("/live/colleagues?field=<b id=boom>&q=x").status_code == 404


# Markup

EVIL = "<img src=x onerror=boom()><script>boom()</script>{{ 7*7 }}{% raw %}\"'><b id=boom>"
URLS = ("javascript:", "data:", "vbscript:")


def markup(page: Page) -> list[object]:
    """Return what in a page would be somebody else's."""
    found: list[object] = [one for one in page.elements if one[1].get("id") == "boom"]
    for tag, attributes in page.elements:
        found += [(tag, name) for name in attributes if name.startswith("on")]
        is_ours = attributes.get("src", "").startswith("/static/") or attributes.get("type") == "application/json"
        found += [(tag, "script")] if tag == "script" and not is_ours else []
        addresses = [attributes.get(name, "") for name in ("href", "src", "action", "formaction")]
        found += [one for one in addresses if "".join(one.split()).lower().startswith(URLS)]
    return found


def test_this_file_knows_live_markup_when_it_sees_it() -> None:
    assert len(markup(Page(EVIL))) == 3
    assert markup(Page("<a href=' JavaScript:x'>")) == [" JavaScript:x"]


def test_nothing_typed_becomes_markup_on_any_page(
    app: Flask, sign_in: SignIn, browsers: list[FlaskClient], teacher: User
) -> None:
    teacher.real_name = EVIL[:64]
    browser, helper = browsers[0], accounts.user("evil", EVIL[:60], unit=units.institute(EVIL[:70]))
    form = {**FORM, "subject": EVIL, "abstract": EVIL, "audience": "everyone", "guests": "y"}
    people = {"teachers": str(teacher.id), "assistants": str(helper.id)}
    assert browser.post("/live/new", data={**form, **people}).status_code == 302
    (live,) = lives.of(teacher)
    address, visitor = f"/live/{live.id}", app.test_client()
    visitor.post(f"{address}/guest", data={"name": "<b id=boom>{{7*7}}"})
    pages = {
        f"{address}{end}": browser.get(f"{address}{end}")
        for end in ("", "/watch", "/studio", "/plan", "/copy", "/sharing", "/poster", "/health", "/invitations")
    }
    pages |= {path: browser.get(path) for path in ("/", "/live/mine", "/live/colleagues?field=teachers&q=<img")}
    pages["visitor"], pages["visitor watches"] = visitor.get(address), visitor.get(f"{address}/watch")
    browser.post(f"{address}/lecture")
    browser.post(f"{address}/pause", data={"message": EVIL})
    pages["paused"], pages["paused studio"] = visitor.get(f"{address}/watch"), browser.get(f"{address}/studio")
    for where, reply in pages.items():
        assert reply.status_code == 200, where
        page = Page(reply.text)
        assert markup(page) == [], where
        if not where.endswith("/health"):
            assert "<img src=x" in page.text, "it is there to be read"
        if where.startswith(address) and not where.endswith("/health"):
            assert "{{ 7*7 }}" in page.text, where


def test_reasons_and_refused_forms_hold_no_markup(
    browsers: list[FlaskClient], client: FlaskClient, teacher: User, learner: User, sign_in: SignIn
) -> None:
    browser = browsers[0]
    refused = browser.post("/live/new", data=dict.fromkeys((*TYPED, "cover_name", "offered", "fresh"), EVIL))
    assert refused.status_code == 422
    page = Page(refused.text)
    assert markup(page) == []
    assert page.fields["abstract"] == [EVIL]
    token = sign_in(learner).post("/token", data={"token": EVIL})
    assert markup(Page(token.text)) == []
    assert Page(token.text).fields["token"] == [EVIL]
    live = lives.lesson(teacher, EVIL, audience=Audience.EVERYONE)
    taken = browser.post("/live/new", data={**FORM, "subject": EVIL})
    assert taken.status_code == 409
    assert markup(Page(taken.text)) == []
    planning.cancel(live, reason=EVIL, by=teacher)
    for who in (browser, sign_in(learner)):
        for end in ("", "/watch"):
            shown = Page(who.get(f"/live/{live.id}{end}").text)
            assert markup(shown) == []
            assert "{{ 7*7 }}" in shown.text
    planning.delete(live, by=teacher)
    flashed = lives.lesson(teacher, EVIL)
    page = Page(browser.delete(f"/live/{flashed.id}/plan", follow_redirects=True).text)
    assert markup(page) == []
    assert "{{ 7*7 }}" in page.text


# Markdown

ALLOWED = {
    "p", "a", "strong", "em", "s", "code", "pre", "ul", "ol", "li", "blockquote", "h3", "h4", "h5", "h6", "hr", "br",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"href", "title", "rel", "class", "start", "style"}


def foreign(html: str) -> list[object]:
    """Return what in written Markdown should not be there."""
    page = Page(html)
    strange: list[object] = [tag for tag, _attributes in page.elements if tag not in ALLOWED]
    strange += [name for _tag, attributes in page.elements for name in attributes if name not in ATTRIBUTES]
    return strange + markup(page)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:boom())",
        "[x](JaVaScRiPt:boom())",
        "[x](&#106;avascript:boom())",
        "[x](&#x6A;avascript&colon;boom())",
        "[x](java\tscript:boom())",
        "[x](<java\nscript:boom()>)",
        "[x]( \x01javascript:boom())",
        "[x](vbscript:boom())",
        "[x](data:text/html,<script>boom()</script>)",
        "[x](data:image/svg+xml;base64,PHN2Zz4=)",
        "[x][1]\n\n[1]: javascript:boom()",
        "<javascript:boom()>",
        "![x](https://example.org/x.png)",
        "![x](x.png \"t' onerror='boom()\")",
        "![x][1]\n\n[1]: https://example.org/x.png",
        '[x](https://example.org/"onmouseover="boom())',
        "[x](https://example.org 't\" onmouseover=\"boom()')",
        "<a href='javascript:boom()'>x</a>",
        "<svg/onload=boom()>",
        "<script>boom()</script>",
        '```"><b id=boom>\nx\n```',
        '~~~ x" onload="boom()\n</code></pre><b id=boom>\n~~~',
        "`</code><b id=boom>`",
        "    </pre><b id=boom>",
        "| <b id=boom> |\n|---|\n| <img src=x onerror=boom()> |",
        "# <b id=boom>\n\n<b id=boom>\n===",
        "<!-- --><b id=boom>-->",
        "&lt;b id=boom&gt;<b id=boom>",
        "https://example.org/<b id=boom>",
        "javascript:boom()",
        "> - <details open ontoggle=boom()>",
    ],
)
def test_no_markdown_becomes_somebody_elses_markup(text: str) -> None:
    assert foreign(markdown.as_html(text)) == []
    assert foreign(f"<p>{markdown.as_html(text)}</p>") == []


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *"<>\"'`[]()!#*_~|\\&:;/=- \n\tax",
                "javascript:",
                "<b id=boom>",
                "onerror=",
                "](",
                "![",
                "&#106;",
                "```",
                "http://a.b/",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_no_signs_at_all_do(text: str) -> None:
    assert foreign(markdown.as_html(text)) == []


def test_links_and_lists_that_were_meant_work() -> None:
    html = markdown.as_html("**粗** [页](https://example.org/?a=1&b=2)\n\n- 一\n- 二\n\nwww.example.org\n\n# 标题")
    page = Page(html)
    links = [attributes for tag, attributes in page.elements if tag == "a"]
    assert [one["href"] for one in links] == ["https://example.org/?a=1&b=2", "http://www.example.org"]
    assert all("noreferrer" in one["rel"] for one in links)
    assert [tag for tag, _attributes in page.elements].count("li") == 2
    assert "<h3>标题</h3>" in html


# Links and tokens


def link(app: Flask, live: LiveSession) -> str:
    with app.test_request_context():
        return guests.link_of(live).removeprefix("http://localhost")


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh_CN", "这个访客链接已失效"), ("en", "This guest link does not work")]
)
def test_a_link_that_does_not_work_says_so_kindly(
    app: Flask, client: FlaskClient, teacher: User, language: str, sentence: str
) -> None:
    with client.session_transaction() as cookie:
        cookie["language"] = language
    live, gone, draft = lives.lesson(teacher), lives.lesson(teacher), lives.lesson(teacher, draft=True)
    old, path = link(app, live), link(app, live)
    guests.reissue(live)
    switched_off, deleted = link(app, live), link(app, gone)
    guests.switch(live, False)
    planning.delete(gone, by=teacher)
    for dead in (
        old, switched_off, deleted, link(app, draft), path[:-1], path + "x", "/g/" + path[3:].upper(),
        "/g/.", "/g/" + "A" * 8000,
        "/g/%00", "/g/null.x", "/g/W10.AAAA", "/g/ключ", "/g/%F0%9F%94%91", path.replace(".", "%2E", 1)[:-2],
    ):  # fmt: skip
        reply = client.get(dead)
        assert reply.status_code == (404 if "%00" in dead else 410), dead
        assert sentence in reply.text or "%00" in dead
    with client.session_transaction() as cookie:
        assert "guest" not in cookie, "nobody was let in"


RUBBISH = [
    "", " ", "x", "abc12", "zzzzzz", "A" * 16, "x" * 10_000, "abc\u202e123", "\u200b", "<b id=boom>", "' OR 1=1 --",
    "%", "口令口令口令", "ａｂｃ",
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh_CN", "没有使用这个口令的直播"), ("en", "No open lesson has this token.")]
)
def test_a_token_that_opens_nothing_gets_a_sentence_and_stays_in_its_field(
    sign_in: SignIn, learner: User, lesson: LiveSession, language: str, sentence: str
) -> None:
    client = sign_in(learner)
    with client.session_transaction() as cookie:
        cookie["language"] = language
    for typed in RUBBISH:
        reply = client.post("/token", data={"token": typed})
        assert reply.status_code == 422, typed
        page = Page(reply.text)
        assert sentence in page.errors("token"), typed
        assert page.fields["token"] == [tokens.tidy(typed)]


@pytest.mark.parametrize("end", ["changed", "ended", "cancelled", "deleted"])
def test_a_token_of_yesterday_opens_nothing(sign_in: SignIn, learner: User, teacher: User, end: str) -> None:
    client = sign_in(learner)
    live = lives.on_air(teacher) if end == "ended" else lives.lesson(teacher)
    values = list(tokens.values_of(live).values())
    if end == "changed":
        shown = {"teacher_token": "newtoken1", "assistant_token": "newtoken2", "learner_token": "newtoken3"}
        plan = planning.plan_of(live)
        wanted = dict(zip(Part, shown.values(), strict=True))
        planning.plan_anew(live, planning.Plan(**{**vars(plan), "tokens": wanted}), by=teacher)
    elif end == "ended":
        services.end(live, by=teacher)
    elif end == "cancelled":
        planning.cancel(live, reason="", by=teacher)
    else:
        planning.delete(live, by=teacher)
    for value in values:
        reply = client.post("/token", data={"token": value})
        assert reply.status_code == 422
        assert Page(reply.text).fields["token"] == [value]


def test_an_address_that_is_none_is_not_found(browsers: list[FlaskClient]) -> None:
    for name in ("x", "0", "%00", "..", "A" * 4000, "%E2%80%AE", "'--", "-1"):
        for end in ("", "/watch", "/plan", "/qr.svg"):
            assert browsers[0].get(f"/live/{name}{end}").status_code == 404, (name, end)


def test_a_form_without_anything_is_refused_field_by_field(browsers: list[FlaskClient]) -> None:
    reply = browsers[0].post("/live/new")
    assert reply.status_code == 422
    page = Page(reply.text)
    assert [name for name in ("subject", "starts_at", "ends_at") if not page.errors(name)] == []


def test_changing_a_plan_is_as_careful(app: Flask, browsers: list[FlaskClient], lesson: LiveSession) -> None:
    before = lesson.subject
    for change, field, sentences in [one for one in MISTAKES if one[1] != "weeks"][::4]:
        form = {**form_of(app, lesson), **TYPED, **change}
        del form["weeks"]
        reply = browsers[1].post(f"/live/{lesson.id}/plan", data=form)
        assert reply.status_code == 422, change
        page = Page(reply.text)
        assert sentences[1] in page.errors(field)
        for name, value in form.items():
            if sentences is not NO_CHOICE or name != field:
                assert page.fields[name] == [one_line(value) if name == "subject" else value], (change, name)
    db.session.expire_all()
    assert lesson.subject == before
