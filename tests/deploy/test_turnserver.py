"""deploy/turnserver.conf runs with the real coturn, and `flask doctor` gets an allocation of it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from app.classroom.stage import relays
from tests.relay import coturn


def test_the_doctor_is_given_an_allocation_and_refused_with_another_secret(app: Flask, tmp_path: Path) -> None:
    with coturn(tmp_path) as relay, app.app_context():
        app.config |= {"TURN_URLS": (relay.url, relay.url.replace("tcp", "udp")), "TURN_SECRET": relay.secret}
        assert [(one.fine, one.mend) for one in relays.findings()] == [(True, "")] * 2
        app.config["TURN_SECRET"] = "another one"
        assert [one.fine for one in relays.findings()] == [False, False]
        relay.kill()
        assert [one.fine for one in relays.findings()] == [False, False]
