"""One transaction around a service; effects run after the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.extensions import Base, db

Effect = Callable[[], object]


@contextmanager
def unit_of_work() -> Iterator[Callable[[Effect], None]]:
    """Open a write transaction; a nested call joins the outer one.

    Yields a function that takes effects to run after the commit. They do not run if it fails. Objects that were
    loaded before are read anew inside, so a service judges the state that it is about to change.
    """
    session = db.session()
    effects: list[Effect] | None = session.info.get("effects")
    if effects is not None:
        yield effects.append
        return
    session.commit()  # ends the read snapshot: SQLite could not turn a stale one into a write
    effects = session.info["effects"] = []
    try:
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        yield effects.append
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info["effects"]
    for effect in effects:
        effect()


def lock(thing: Base) -> None:
    """Read a row anew and keep others from changing it until the unit of work ends.

    PostgreSQL locks the row, but does not hold up rows that only point to it: they could wait for one another.
    SQLite has one writer anyway.
    """
    db.session.flush()  # a refresh would throw away this unit of work's changes
    db.session.refresh(thing, with_for_update={"of": type(thing), "key_share": True})
