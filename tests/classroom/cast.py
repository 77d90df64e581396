"""A lesson on air, everybody who could want something in it, and their browsers."""

from __future__ import annotations

import itertools
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.classroom.engine import door
from app.classroom.engine.seats import Person
from app.extensions import db
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live import guests
from app.live.models import Audience, LiveSession
from app.timeline import queries as timeline
from tests.conftest import SignIn
from tests.factories import accounts, live, roles, units

Answer = dict[str, Any]

ROLES = (
    "nobody", "guest", "learner", "barred", "teacher", "assistant", "manager", "manager_elsewhere", "admin",
)  # fmt: skip
"""`nobody` has no session at all, `barred` is a learner who was put out; `manager` manages the lesson's institute."""

DESK = ("teacher", "assistant", "manager", "admin")

_names = itertools.count(1)


class Room:
    """One lesson with its people, by their role."""

    def __init__(self, app: Flask, sign_in: SignIn, *, audience: Audience = Audience.ACADEMY) -> None:
        self._app, self._sign_in = app, sign_in
        with unit_of_work():  # one commit for all of them
            self.people, self.live = self._cast(audience)
        self.live_id = self.live.id
        """Known also to threads that have no session of the database."""
        self._browsers: dict[str, FlaskClient] = {}
        door.put_out(self.live, self.person("barred"), for_good=True, by=self.people["teacher"])

    def _cast(self, audience: Audience) -> tuple[dict[str, User], LiveSession]:
        here, elsewhere = units.institute(), units.institute()
        people = {
            "learner": self._person("张三", here),
            "other": self._person("李四", here),
            "barred": self._person("王五", here),
            "teacher": roles.holding(self._person("李明远", here), Permission.LIVE_MANAGE),
            "assistant": self._person("赵助教", here),
            "manager": roles.manager(self._person("周培训", here)),
            "manager_elsewhere": roles.manager(self._person("吴培训", elsewhere)),
            "admin": roles.admin(self._person("管理员", units.academy())),
        }
        return people, live.on_air(people["teacher"], assistants=(people["assistant"],), audience=audience)

    @staticmethod
    def _person(name: str, unit: Any) -> User:
        return accounts.user(f"person{next(_names)}", name, unit=unit)

    def browser(self, who: str) -> FlaskClient:
        """Return a person's browser. A guest's has opened the guest link, nobody's has been nowhere."""
        if who not in self._browsers:
            browser = self._browsers[who] = self._sign_in(self.people.get(who))
            if who.startswith("guest"):
                with self._app.test_request_context():
                    link = guests.link_of(self.live)
                browser.get(link)
        return self._browsers[who]

    def another_browser(self, who: str) -> FlaskClient:
        """Return a second browser of somebody with an account."""
        return self._sign_in(self.people[who])

    def comes(self, who: str) -> str:
        """Let somebody's page ask for news, as pages do when they open; gives her key."""
        assert self.browser(who).get(f"/live/{self.live_id}/events?after={self.newest()}").status_code == 200
        return self.key(who)

    def person(self, who: str) -> Person:
        """Return who somebody with an account is in the room."""
        user = self.people[who]
        return Person(f"u{user.id}", user.real_name, user.id)

    def key(self, who: str) -> str:
        """Return a person's key, a guest's too."""
        if who in self.people:
            return self.person(who).key
        with self.browser(who).session_transaction() as session:
            return f"g{session['guest']['id']}"

    def send(self, who: str, frame: object, **more: Any) -> Any:
        """Post whatever is said to be a command frame; gives the reply."""
        return self.browser(who).post(
            f"/live/{self.live_id}/commands", json=frame, headers={"Accept": "application/json"}, **more
        )

    def ask(self, who: str, name: str, /, **fields: Any) -> Answer:
        """Send a command; gives the frame that answers it, or the page's own refusal in the same words."""
        reply = self.send(who, {"type": "command", "n": 7, "name": name, "fields": fields})
        said: Answer = reply.get_json()
        return said if reply.status_code == 200 else {"type": "refused", "code": said.pop("error"), **said}

    def do(self, who: str, name: str, /, **fields: Any) -> Answer:
        """Send a command that is carried out; gives its data."""
        said = self.ask(who, name, **fields)
        assert said["type"] == "done", (who, name, said)
        data: Answer = said["data"]
        return data

    def say(self, who: str, text: str, /, **fields: Any) -> int:
        """Write something; gives the message's number."""
        number: int = self.do(who, "chat.say", text=text, nonce=f"nonce{next(_names)}", **fields)["message"]
        return number

    def refusal(self, who: str, name: str, /, **fields: Any) -> str:
        """Send a command that is refused; gives the code."""
        said = self.ask(who, name, **fields)
        assert said["type"] == "refused", (who, name, said)
        assert said["message"], said
        code: str = said["code"]
        return code

    def newest(self) -> int:
        """Return the id of the newest event."""
        db.session.commit()
        return timeline.last_id(self.live_id)

    def frames(self, who: str, after: int = 0) -> list[Answer]:
        """Return all events that somebody's page is sent after one, batch by batch."""
        found: list[Answer] = []
        while True:
            reply = self.browser(who).get(f"/live/{self.live_id}/events?after={after}")
            assert reply.status_code == 200, reply.text
            hello, *batch = reply.get_json()
            if hello["last"] == after:
                return found
            found, after = found + batch, hello["last"]

    def page(self, who: str) -> str:
        """Return the page on which somebody follows the lesson."""
        reply = self.browser(who).get(f"/live/{self.live_id}/{'studio' if who in DESK else 'watch'}")
        assert reply.status_code == 200, reply.text
        return reply.text

    def seen(self, who: str) -> dict[str, str]:
        """Return everything from which somebody could read what was written, by the name of its renderer."""
        earlier = self.browser(who).get(f"/live/{self.live_id}/chat?before={self.newest() + 1}")
        people = self.browser(who).get(f"/live/{self.live_id}/people")
        return {
            "page": self.page(who),
            "earlier": earlier.text,
            "people": people.text,
            "frames": "\n".join(map(words_of, self.frames(who))),
        }

    def own_lesson(self) -> LiveSession:
        """Return another lesson of the same teacher."""
        return live.on_air(self.people["teacher"])

    def set_audience(self, audience: Audience) -> None:
        """Have the lesson be for others than before."""
        with unit_of_work():
            self.live.audience = audience


def words_of(frame: Answer) -> str:
    """Return everything that a frame says: its data, and its fragments as they are."""
    return "\n".join([str(frame["data"]), *frame["html"].values()])


def names_of_events(frames: list[Answer]) -> list[str]:
    """Return the kinds of some events, without what the lesson itself did."""
    return [frame["kind"] for frame in frames if not re.match(r"live\.", frame["kind"])]
