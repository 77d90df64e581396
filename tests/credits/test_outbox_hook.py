"""Each entry of the ledger arrives at a webhook, signed, however often its server fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.credits.ledger import closing
from app.credits.ledger import queries as ledger
from app.credits.ledger import services as entries
from app.credits.outbox import delivery, health, sending
from app.credits.outbox.models import Delivery, State
from app.credits.outbox.receivers import Key, Receiver
from app.extensions import db
from app.kernel import clock
from tests.conftest import SignIn
from tests.factories import accounts, credits, roles
from tests.house import tree

SECRET = "the-hook's-secret-of-32-characters"

Verify = Callable[[str, Any, bytes], bool]


@pytest.fixture
def verify() -> Verify:
    """The receiver's side, as docs/credits.md shows it to whoever writes one."""
    shown = tree.text(Path("docs/credits.md"))
    (code,) = re.findall(r"```python\n(.*?)```", shown, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    verify: Verify = names["is_genuine"]
    return verify


@dataclass
class Hook:
    """A server that takes entries, or does what a test has set."""

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    wire: list[bytes] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """For the next requests: a status, `hang`, `close`, or `away` for a redirect."""


@pytest.fixture
def hook(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    hook, over = Hook(), Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.wire.append(body)
            hook.heads.append(dict(self.headers.items()))
            answer = hook.answers.pop(0) if hook.answers else "200"
            if answer in {"hang", "close"}:
                over.wait(30 if answer == "hang" else 0)
                self.close_connection = True
                return
            if answer == "200":
                hook.taken.append(json.loads(body))
            self.send_response(302 if answer == "away" else int(answer))
            if answer == "away":
                self.send_header("Location", hook.url)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"said.")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    hook.url = f"http://127.0.0.1:{server.server_port}/hours"
    monkeypatch.setitem(app.config, "CREDITS_WEBHOOK_URL", hook.url)
    monkeypatch.setitem(app.config, "CREDITS_WEBHOOK_SECRET", SECRET)
    yield hook
    over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock on, by seconds."""
    real, ahead = clock.now_ms, [0.0]
    monkeypatch.setattr(clock, "now_ms", lambda: real() + round(ahead[0] * 1000))

    def later(seconds: float) -> None:
        ahead[0] += seconds

    return later


def send() -> None:
    delivery.deliver.now(Key.HOOK)
    db.session.commit()


def state() -> State:
    db.session.commit()
    return db.session.scalars(select(Delivery.state)).one()


def test_each_entry_is_told_in_the_order_of_the_chain(hook: Hook, teacher: User, learner: User, verify: Verify) -> None:
    lesson = credits.taught(teacher, "超导", minutes=90)
    credits.watched(lesson, learner, (0, 90 * 60))
    closing.open_for(lesson.id)
    closing.close(lesson.id)
    (entry,) = ledger.entries_of(learner.id)
    entries.correct(entry, to=Decimal(1), reason="早退", by=teacher)
    send()
    earned, corrected = (one["data"] for one in hook.taken)
    assert earned["kind"] == "earned"
    assert earned["person"]["username"] == learner.username
    assert earned["hours"] == "2"
    assert (earned["watched_s"], earned["programme_s"], earned["share_percent"]) == (5400, 5400, "100.0")
    assert earned["lesson"]["id"] == lesson.id
    assert corrected["refers_to"] == earned["number"]
    assert (corrected["hours"], corrected["reason"]) == ("-1", "早退")
    assert corrected["previous"] == earned["hash"] == entry.hash
    for head, body in zip(hook.heads, hook.wire, strict=True):
        assert verify(SECRET, head, body)
        assert not verify("another secret", head, body)
        assert not verify(SECRET, head, body.replace(b"earned", b"Earned") + b" ")
        assert not verify(SECRET, head | {"webhook-timestamp": str(int(head["webhook-timestamp"]) - 600)}, body)
    assert {one.state for one in db.session.scalars(select(Delivery))} == {State.DELIVERED}


def test_what_the_documentation_shows_is_what_is_sent(
    app: Flask, hook: Hook, teacher: User, learner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://live.example.cn")
    lesson = credits.taught(teacher, "超导", minutes=90)
    credits.watched(lesson, learner, (0, 90 * 60))
    closing.open_for(lesson.id)
    closing.close(lesson.id)
    send()
    shown = tree.text(Path("docs/credits.md"))
    statement, entry = (json.loads(one) for one in re.findall(r"```json\n(.*?)```", shown, re.DOTALL))
    assert shape(entry) == shape(hook.taken[0])
    assert statement["verb"]["display"]["en-US"] == "paused"


def shape(value: Any) -> Any:
    """Return the names of fields within one another."""
    return {name: shape(one) for name, one in value.items()} if isinstance(value, dict) else None


def test_the_example_of_a_signature_is_right() -> None:
    shown = tree.text(Path("docs/credits.md"))
    (example,) = re.findall(r"```http\n(.*?)```", shown, re.DOTALL)
    head, body = example.strip().split("\n\n")
    lines = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    (secret,) = re.findall(r"with the secret `([^`]+)`", shown)
    uuid, stamp = lines["webhook-id"], int(lines["webhook-timestamp"])
    assert sending.signature(secret, uuid, stamp, body) == lines["webhook-signature"]


@pytest.mark.parametrize("failing", ["500", "hang", "close", "away", "404"])
def test_a_server_that_fails_gets_it_again_under_the_same_name(
    hook: Hook,
    teacher: User,
    learner: User,
    later: Callable[[float], None],
    failing: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credits.entry(learner, teacher)
    hook.answers = [failing, failing]
    with monkeypatch.context() as limits:
        if failing == "hang":
            limits.setattr(sending, "TIMEOUT_S", 1.5)
        send()
        assert len(hook.wire) == 1
        assert state() is State.WAITING
        later(2)
        send()
        assert len(hook.wire) == 1, "not at once"
        later(60)
        send()
        assert len(hook.wire) == 2
    later(10)
    send()
    assert len(hook.wire) == 2, "later with each time"
    later(600)
    send()
    assert state() is State.DELIVERED
    assert len({head["webhook-id"] for head in hook.heads}) == 1
    assert len(set(hook.wire)) == 1
    assert len({head["webhook-timestamp"] for head in hook.heads}) == 3
    assert len(hook.taken) == 1
    send()
    assert len(hook.wire) == 3


def test_one_that_is_refused_holds_up_no_other_and_fails_in_the_end(
    hook: Hook, teacher: User, learner: User, later: Callable[[float], None]
) -> None:
    for _ in range(2):
        credits.entry(learner, teacher)
    hook.answers = ["422"]
    send()
    assert [one["data"]["number"] for one in hook.taken] == [2]
    for _ in delivery.AGAIN_AFTER_S:
        later(86_400)
        hook.answers = ["422"]
        send()
    first = db.session.scalars(select(Delivery).order_by(Delivery.id)).first()
    assert first is not None
    assert (first.state, first.problem) == (State.FAILED, "422 Unprocessable Entity said.")
    assert [one.fine for one in health.findings()] == [False]


def test_a_server_that_is_out_of_order_is_left_in_peace(
    hook: Hook, teacher: User, learner: User, later: Callable[[float], None]
) -> None:
    for _ in range(10):
        credits.entry(learner, teacher)
    hook.answers = ["500"] * 10
    send()
    assert len(hook.wire) == delivery.REFUSALS_IN_A_ROW
    hook.answers = []
    for _ in range(3):
        later(600)
        send()
    assert sorted(one["data"]["number"] for one in hook.taken) == list(range(1, 11))


def test_an_entry_that_is_not_written_is_not_told(hook: Hook, learner: User) -> None:
    with pytest.raises(entries.NotYourOwn):
        credits.entry(learner, learner)
    send()
    assert hook.wire == []


def test_administrators_see_deliveries_and_send_them_again(
    hook: Hook, teacher: User, learner: User, later: Callable[[float], None], sign_in: SignIn
) -> None:
    admin = sign_in(roles.admin(accounts.user("admin")))
    here = "/system/credits/deliveries"
    assert "还没有" in admin.get(here).text
    credits.entry(learner, teacher)
    hook.answers = ["close"]
    send()
    page = admin.get(here).text
    assert hook.url in page
    assert "现在不接收" in page
    assert f"#1 · {learner.real_name} · 报告" in page
    assert SECRET not in page
    one = db.session.scalars(select(Delivery)).one()
    assert '"type": "credits.entry"' in admin.get(f"{here}/{one.id}").text.replace("&#34;", '"')
    assert admin.post(f"{here}/{one.id}/again").status_code == 302
    send()  # at once: whoever presses has mended something
    assert state() is State.DELIVERED
    assert admin.get(f"{here}?state=failed").text.count("chip--bad") == 0
    admin.post(f"{here}/{one.id}/again")  # the receiver has lost it
    send()
    assert len(hook.taken) == 2
    assert hook.heads[1]["webhook-id"] == hook.heads[2]["webhook-id"]
    failed = credits.delivery()
    assert "1 " in admin.post(f"{here}/again", follow_redirects=True).text
    db.session.refresh(failed)
    assert failed.state is State.WAITING


def test_old_deliveries_are_forgotten(hook: Hook, teacher: User, learner: User, later: Callable[[float], None]) -> None:
    credits.entry(learner, teacher)
    later(delivery.KEPT_DAYS * 86_400 - 60)
    delivery.forget_old()
    assert state() is State.WAITING
    later(120)
    delivery.forget_old()
    assert db.session.scalars(select(Delivery)).all() == []


def test_a_webhook_without_a_secret_sends_nothing_and_the_doctor_says_so(
    app: Flask, hook: Hook, teacher: User, learner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "CREDITS_WEBHOOK_SECRET", "")
    credits.entry(learner, teacher)
    send()
    assert hook.wire == []
    assert [(one.fine, one.mend) for one in health.findings()] == [
        (False, "set CREDITS_WEBHOOK_SECRET, or run: flask --app wsgi secrets")
    ]


@pytest.mark.parametrize(
    ("url", "readable"),
    [
        ("https://hr.example.cn/x", False),
        ("http://hr.example.cn/x", True),
        ("http://8.8.8.8/x", True),
        ("http://10.1.2.3:8080/x", False),
        ("http://localhost/x", False),
        ("http://hr.local/x", False),
    ],
)
def test_names_do_not_travel_the_open_net_in_the_clear(url: str, readable: bool) -> None:
    assert Receiver(Key.HOOK, url).is_readable_on_its_way is readable
