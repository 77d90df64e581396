"""What people type stays text: a corpus through every field of the classroom, read back in all renderers."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.classroom.engine.presence import services as people
from app.classroom.engine.seats import Person, Seat, Side
from app.kernel.text import one_line, plain_text, storable
from app.kernel.unit_of_work import unit_of_work
from app.live import services as lives
from tests.classroom.cast import DESK, Room
from tests.reading import VOID

LANGUAGES = ("zh_CN", "en")

PARTS = 3
"""The corpus is typed in so many parts, which may run at the same time."""

CORPUS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mi xlink:href='javascript:alert(1)'>x",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<form action=javascript:alert(1)><button>",
    "<a href='javascript:alert(1)'>x</a>",
    "<lesson-chat data-me=u1></lesson-chat>",
    "<button data-command='chat.delete' data-fields='{\"message\":1}'>",
    "<div hx-get='/sign-out' hx-trigger='load'>",
    "</textarea></template></li></ol></div><script>alert(1)</script>",
    "--><!--<script>alert(1)</script>",
    "]]><![CDATA[<script>alert(1)</script>]]>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    'x" hx-on:click="alert(1)" y="',
    "`onload=alert(1)`",
    '\\"><script>alert(1)</script>',
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62; &amp;lt;",
    "javascript:alert(1)",
    "JaVaScRiPt://example.com/%0aalert(1)",
    "java\tscript:alert(1) java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script> data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1) file:///etc/passwd ftp://evil.example/x //evil.example/x",
    "[klick](javascript:alert(1)) [k](<javascript:alert(1)>) [k](&#106;avascript:alert(1))",
    '![x](javascript:alert(1)) ![x](https://evil.example/"onerror="alert(1))',
    "**[<b onclick=alert(1)>](https://evil.example/)** [[a](https://a.example)](javascript:alert(1))",
    '<https://evil.example/"onmouseover="alert(1)> <javascript:alert(1)>',
    "https://evil.example/\"onmouseover=\"alert(1) https://evil.example/'><script>alert(1)</script>",
    "https://evil.example/?a=<script>&b=\"'`{{7*7}}",
    'mailto:a@example.com?subject="><script>alert(1)</script> a"onclick=alert(1)@example.com',
    "http://user:pass@evil.example http://[::1]/ https://例子.测试/路径?键=值",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e \u02bascript\u02ba \ufe64img src=x onerror=alert(1)\ufe65",
    "<\u200bscript>alert(1)</script> <scr\u0000ipt>alert(1)</script> <\u202escript>",
    "\u2028<script>\u2029alert(1)</script>",
    "{{7*7}} {{ config }} {% raw %}{{7*7}}{% endraw %} {% include 'x' %} {# x #}",
    "${7*7} #{7*7} <%= 7*7 %> %(name)s %s {0} {name} {n}",
    "{\"key\":\"u1\"}' data-x='",
)  # fmt: skip

ELEMENTS = {
    "html", "head", "meta", "title", "link", "script", "style", "body", "template", "div", "main", "header",
    "footer", "nav", "section", "article", "aside", "h1", "h2", "h3", "h4", "p", "a", "b", "i", "em", "strong",
    "small", "s", "code", "br", "hr", "span", "ul", "ol", "li", "dl", "dt", "dd", "img", "video", "audio",
    "track", "canvas", "svg", "path", "circle", "rect", "line", "use", "polyline", "polygon", "g", "details",
    "summary", "form", "fieldset", "legend", "label", "input", "select", "option", "textarea", "button",
    "output", "progress", "meter", "time", "dialog", "table", "thead", "tbody", "tr", "th", "td", "kbd",
    "noscript", "figure", "figcaption", "search", "menu",
}  # fmt: skip
"""What our own templates are made of, besides the elements with names of ours."""

SCHEMES = {"http", "https", "mailto"}
ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "srcset",
    "data",
    "xlink:href",
    "hx-get",
    "hx-post",
    "hx-delete",
    "hx-put",
}


class Elements(HTMLParser):
    """Everything in a piece of HTML that a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        last = self.open.pop()
        assert last == tag, f"</{tag}> closes <{last}>"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def dangers(html: str, *, is_page: bool) -> list[str]:
    """Return what in a piece of HTML is not of our templates' making."""
    read, found = Elements(html), list[str]()
    if read.open:
        found.append(f"left open: {read.open}")
    found += [f"comment: {one}" for one in read.comments]
    for tag, attributes in read.elements:
        if tag not in ELEMENTS and "-" not in tag:
            found.append(f"<{tag}>")
        if tag in {"script", "style", "link", "meta", "iframe"} and not is_page:
            found.append(f"<{tag}> in a fragment")
        if (
            tag == "script"
            and "src" not in attributes
            and attributes.get("type") not in {"application/json", "importmap"}
        ):
            found.append(f"inline script {attributes}")
        for name, value in attributes.items():
            if name.startswith(("on", "hx-on", "style", "srcdoc")):
                found.append(f"<{tag} {name}={value!r}>")
            if name in ADDRESSES and not is_fine(value):
                found.append(f"<{tag} {name}={value!r}>")
    return found


def is_fine(address: str) -> bool:
    """Return whether an address leads within the site, or out by a scheme that does nothing by itself."""
    address = "".join(one for one in address if one > " ")
    if address.startswith("//"):
        return False
    return address.startswith(("/", "#", "?", "data:image/")) or not address or urlsplit(address).scheme in SCHEMES


def outline(html: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the elements of a piece of HTML with the names of their attributes, without lines and links of words."""
    read = Elements(html)
    return tuple(
        (tag, tuple(sorted(attributes)))
        for tag, attributes in read.elements
        if tag != "br" and not (tag == "a" and attributes.get("rel", "").startswith("nofollow"))
    )


def clean(text: str) -> str:
    """Return what fields of one line take of a text: there, what turns a line is refused."""
    return storable(text).replace("\u202e", "")


def rename(user: User, name: str) -> None:
    with unit_of_work():
        user.real_name = name[:64]


def type_everywhere(room: Room, number: int, text: str) -> str:
    """Type a text into every field of the classroom, as a guest of its own and as others; gives the guest."""
    guest, teacher = f"guest{number}", room.people["teacher"]
    assert room.browser(guest).post(f"/live/{room.live_id}/guest", data={"name": clean(text)}).status_code in {200, 302}
    rename(room.people["learner"], clean(text))
    said = room.say(guest, text)
    edited = room.say("learner", "原来的话", reply=said)
    room.do("learner", "chat.edit", message=edited, text=text)
    room.say("teacher", text, reply=room.say(guest, text, to_desk=True))
    room.do("teacher", "chat.pin", message=said)
    room.do("teacher", "chat.rules", words=f"没有人写的{one_line(clean(text))}", guests=True, pictures=True)
    room.do(guest, "hands.raise", reason=clean(text))
    if number % 2:
        room.do("teacher", "hands.call", key=room.key(guest))
    persons = {one: Person(f"{one}{number}{clean(text)}"[:40], clean(text)[:80], None) for one in "ghx"}
    seats = [Seat(room.live_id, person, Side.LEARNER, "learner", False, "en", "") for person in persons.values()]
    people.note(entered=seats)
    room.do("teacher", "chat.mute", key=persons["g"].key)
    room.do("teacher", "room.put_out", key=persons["h"].key)
    asked = room.do(guest, "questions.ask", text=text, nonce="1")
    room.do("teacher", "questions.answer", text=text, **asked)
    choice = room.do(
        "teacher", "polls.new", kind="multiple", question=clean(text), options=[clean(text)[:60], "另一个"], right=[1]
    )
    words = room.do("teacher", "polls.new", kind="text", question=clean(text))
    for poll, answer in ((choice, {"chosen": [1]}), (words, {"text": text})):
        room.do("teacher", "polls.open", **poll)
        room.do(guest, "polls.answer", **poll, **answer)
        room.do("teacher", "polls.publish", **poll)
    room.do("teacher", "notice.give", text=text)
    roll = room.do("teacher", "rollcall.start")
    room.do(guest, "rollcall.confirm", **roll)
    room.do("teacher", "rollcall.end", **roll)
    lives.pause(room.live, by=teacher, message=clean(text))
    lives.resume(room.live, by=teacher)
    return guest


class Reader:
    """Somebody's browser in one language."""

    def __init__(self, room: Room, who: str, language: str) -> None:
        self.name = f"{who} ({language})"
        self._room, self._who, self._language = room, who, language

    def get(self, path: str) -> TestResponse:
        address = f"/live/{self._room.live_id}/{path}"
        reply = self._room.browser(self._who).get(address, headers={"Accept-Language": self._language})
        assert reply.status_code == 200, (path, reply.text)
        return reply

    def fragments(self, after: int) -> Iterator[tuple[str, str]]:
        """Return the fragments of what has happened after an event, by name."""
        for frame in self.get(f"events?after={after}").get_json()[1:]:
            for name, html in frame["html"].items():
                yield f"{frame['kind']} {name}", html

    def pages(self) -> Iterator[tuple[str, str]]:
        """Return what is read on opening the lesson, and on looking back in it."""
        for name in ("watch", "studio") if self._who in DESK else ("watch",):
            yield name, self.get(name).text
        yield "people", self.get("people").text
        yield "questions", self.get("questions?after=0.9999.1").text
        if self._who in DESK:
            for name in ("polls", "rollcalls"):
                yield name, self.get(name).text
        for before in range(self._room.newest() + 1, 1, -120):
            yield f"chat before {before}", self.get(f"chat?before={before}").text


def everybody(room: Room) -> list[Reader]:
    return [Reader(room, who, language) for who in ("other", "guest0", "teacher") for language in LANGUAGES]


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_typed_stays_text_wherever_it_is_read(room: Room, part: int) -> None:
    wrong, shapes, kinds = list[str](), dict[str, set[Any]](), set[str]()
    for number, text in enumerate(CORPUS[part::PARTS]):
        before = room.newest()
        type_everywhere(room, number, text)
        language = LANGUAGES[number % 2]
        for reader in (Reader(room, "other", language), Reader(room, "teacher", language)):
            for place, (name, html) in enumerate(reader.fragments(before)):
                kinds.add(name)
                wrong += [f"{text!r} in {name} for {reader.name}: {one}" for one in dangers(html, is_page=False)]
                if name == "chat.said message":
                    shapes.setdefault(f"{place} {reader.name}", set()).add(outline(html))
    for reader in everybody(room):
        for name, html in reader.pages():
            is_page = name in {"watch", "studio", "polls", "rollcalls"}
            wrong += [f"{name} for {reader.name}: {one}" for one in dangers(html, is_page=is_page)]
    assert wrong == []
    assert kinds >= {
        "chat.said message",
        "chat.changed message",
        "chat.pinned pinned",
        "hands.raised hands",
        "live.state state",
    }
    assert [name for name, several in shapes.items() if len(several) != 1] == []


def test_what_was_typed_is_read_back_as_it_was(room: Room) -> None:
    for text in CORPUS:
        before = room.newest()
        message = room.say("learner", text)
        (frame,) = room.frames("other", before)
        read, typed = Elements(frame["html"]["message"]), plain_text(storable(text))
        assert frame["data"]["text"] == typed
        (kept,) = [attributes["data-text"] for _tag, attributes in read.elements if "data-text" in attributes]
        assert kept == typed, "what one changes is what one wrote"
        assert " ".join((typed or "").split()) in " ".join(read.text.split()), message


def test_the_reader_notices_what_is_dangerous() -> None:
    """A net with holes would catch nothing."""
    fine = '<p>{{7*7}} <a href="https://example.com" rel="nofollow">x</a> <lesson-chat></lesson-chat></p>'
    assert dangers(fine, is_page=False) == []
    for html in ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href=' java\nscript:alert(1)'>x</a>",
                 "<p>", "<!-- -->", "<a href='//evil.example'>x</a>", "<iframe></iframe>", "<b style='x'>x</b>",
                 "<button hx-on:click='x'>x</button>", "<marquee>x</marquee>",
                 "<a href='data:text/html,x'>x</a>", "<a href='ftp://evil.example'>x</a>"):  # fmt: skip
        assert dangers(html, is_page=False), html
