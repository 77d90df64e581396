"""Reactions and tempo: one press says 👍, 👏, 听懂了, 太快了 or 没听清; those who teach see how many, never who."""

from __future__ import annotations

from flask import Flask

from app.classroom.engine.presence.keeper import keeper_of
from app.classroom.reactions import commands, kinds, views  # noqa: F401 - importing them fills the registries
from app.classroom.reactions.collecting import Box


def register(app: Flask) -> None:
    """Open the feature."""
    box = app.extensions["reactions"] = Box()
    app.jinja_env.globals.update(reaction_words=views.WORDS, reaction_troubles=views.TROUBLES)
    keeper_of(app).at_each_step(box.empty)
