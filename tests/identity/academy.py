"""A real identity provider, and the app beside it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urljoin

import requests
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.extensions import db
from tests.conftest import ROOT, Browser

CALLBACK = "http://localhost/sign-in/provider/callback"

PEOPLE = {
    "wang": {
        "name": "王新",
        "preferred_username": "Wang.Xin",
        "email": "Wang@iom.example",
        "email_verified": True,
        "organization": "IOM",
        "staff": "M9",
        "place": {"unit": ["物质研究所/培训处"]},
    },
    "li": {"name": "李生", "email": "li@iom.example", "email_verified": False, "organization": "没有的研究所"},
    "odd": {
        "name": "名" * 200 + "\0",
        "preferred_username": "赵@iom.example",
        "email": "x" * 300 + "@iom.example",
        "email_verified": True,
        "organization": {"nothing": "that we know"},
        "staff": "9" * 60,
    },
    "bare": {},
}
"""People whom the provider knows, by their names there, with its claims about them."""

LIES: dict[str, object] = {
    "for another client": {"id_token": {"aud": "another"}},
    "for another client, by us": {"id_token": {"aud": "another", "azp": "jiangtang"}},
    "from another time": {"id_token": {"nonce": "another"}},
    "from another issuer": {"id_token": {"iss": "https://another.example"}},
    "forged": {"forged": True},
    "unsigned": {"unsigned": True},
    "of two minds": {"userinfo": {"sub": "wang", "name": "王新"}},
    "an hour ahead": {"later_s": 3600},
    "an hour behind": {"later_s": -2 * 3600},
    "a minute ahead": {"later_s": 60},
}
"""Wrong claims, by the names of their people."""


@contextmanager
def free_port() -> Iterator[int]:
    """Yield a port on which no program listens. It is free afterwards."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@contextmanager
def provider(port: int) -> Iterator[subprocess.Popen[str]]:
    """Run a provider that listens on a port of this machine."""
    argv = ["node", "tests/identity/provider.mjs", str(port), CALLBACK, json.dumps(PEOPLE), json.dumps(LIES)]
    with subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert any(line.strip() == "ready" for line in process.stdout)
        try:
            yield process
        finally:
            process.kill()


class Academy:
    """The app beside a provider."""

    def __init__(self, app: Flask, issuer: str, settings: Mapping[str, object]) -> None:
        names = ("DATA_DIR", "MEDIA_ROOT", "DATABASE_URL", "SECRET_KEY", "WORKER_SECRET", "MEDIA_SECRET")
        own = {name: app.config[name] for name in names}
        oidc = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "jiangtang", "OIDC_CLIENT_SECRET": "a-client-secret"}
        tests = {"TESTING": True, "WTF_CSRF_ENABLED": False, "RATE_LIMITS": False}  # the limiter is every app's
        self.app = create_app({**own, **oidc, **tests, **settings})
        self.app.test_client_class = Browser

    def browser(self) -> FlaskClient:
        """Return a browser in which nobody is signed in."""
        return self.app.test_client()

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


Opener = Callable[..., Academy]


def through(browser: FlaskClient, person: str, *, wanted: str = "/live/mine", agree: bool = True) -> str:
    """Walk to the provider, sign in there and agree. Return the address with which it sends the browser back."""
    leaving = browser.get("/sign-in/provider", query_string={"next": wanted})
    assert leaving.status_code == 302, leaving.text
    return at_the_provider(leaving.headers["Location"], person, agree=agree)


def at_the_provider(address: str, person: str, *, agree: bool = True) -> str:
    """Act as a person on the provider's pages. Return the address with which it sends the browser back."""
    with requests.Session() as session:
        reply = session.get(address, allow_redirects=False, timeout=5)
        while True:
            while reply.is_redirect:
                target = urljoin(reply.url, reply.headers["Location"])
                if target.startswith(CALLBACK):
                    return target
                reply = session.get(target, allow_redirects=False, timeout=5)
            if not agree:
                target = re.findall(r'href="([^"]*/abort)"', reply.text)[0]
                reply = session.get(urljoin(reply.url, target), allow_redirects=False, timeout=5)
                continue
            form = re.findall(r'<form[^>]*action="([^"]+)"', reply.text)[0]
            prompt = re.findall(r'name="prompt" value="(\w+)"', reply.text)[0]
            data = {"prompt": prompt, "login": person, "password": "any"}
            reply = session.post(urljoin(reply.url, form), data=data, allow_redirects=False, timeout=5)


def signed_in_as(browser: FlaskClient) -> str:
    """Return the real name on the pages, empty if nobody is signed in."""
    found = re.search(r'<span class="account__name">([^<]*)', browser.get("/").text)
    return found[1] if found else ""
