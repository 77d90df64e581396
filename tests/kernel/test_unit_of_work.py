"""One transaction around a service."""

from __future__ import annotations

import pytest
from flask import Flask

from app.extensions import db
from app.kernel.pulse import Pulse
from app.kernel.unit_of_work import unit_of_work


def names() -> list[str]:
    return sorted(db.session.scalars(db.select(Pulse.name)))


def add(name: str) -> None:
    with unit_of_work():
        db.session.add(Pulse(name=name, at_ms=0, since_ms=0))


def test_effects_run_after_the_commit_in_order(app: Flask) -> None:
    seen: list[object] = []
    with unit_of_work() as after_commit:
        add("one")
        after_commit(lambda: seen.append(names()))
        after_commit(lambda: seen.append("second"))
        assert seen == []
    assert seen == [["one"], "second"]


def fail(seen: list[str]) -> None:
    with unit_of_work() as after_commit:
        add("one")
        after_commit(lambda: seen.append("never"))
        raise RuntimeError


def test_a_failure_leaves_nothing(app: Flask) -> None:
    seen: list[str] = []
    with pytest.raises(RuntimeError):
        fail(seen)
    assert names() == []
    assert seen == []
    add("after")
    assert names() == ["after"]
