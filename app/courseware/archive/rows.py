"""Which rows of a lesson an archive holds, and how people are named in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import RowMapping, Table, select

from app.classroom.slides import kinds as stage
from app.courseware.course import Options
from app.extensions import Base, db
from app.live import kinds as live_kinds
from app.live.models import LiveSession
from app.replays.captions.formats import Cue
from app.replays.captions.shifting import as_published
from app.replays.cutting.queries import Cuts

TABLES = (
    "document",
    "document_page",
    "slide_rules",
    "chat_message",
    "chat_rules",
    "classroom_question",
    "classroom_question_vote",
    "classroom_question_rules",
    "classroom_notice",
    "poll",
    "poll_vote",
    "replay_captions",
    "replay_chapter_edit",
)
"""In the order in which they can be written again."""
WITHOUT_CHAT = frozenset({"document", "document_page", "slide_rules", "replay_captions", "replay_chapter_edit"})
"""Tables that stay when messages, questions and polls are left out."""
WITHIN = {"document_page": ("document_id", "document"), "poll_vote": ("poll_id", "poll")}
"""Tables that belong to a lesson by way of another one."""
PARENTS = {"poll_vote": ("poll", "poll_id"), "classroom_question_vote": ("classroom_question", "question_id")}
"""Tables whose rows stay only with the row that they are about."""
OURS = frozenset({"live_id", "by_id", "user_id"})
"""Columns that mean nothing on another installation."""
KEYS = frozenset({"key", "by_key"})
NAMES = {"by_key": "by_name", "key": "name"}
"""The name that stands beside a person's key."""
UNTOLD = ("rollcall.", "chat.muted", "hands.", "stage.")
"""Beginnings of kinds that say who was there, or might not speak; a replay shows none of it."""
WITHOUT_WORDS = frozenset({*stage.STAGE, stage.RULES, stage.LISTED, live_kinds.STATE})
"""Kinds that stay when messages, questions and polls are left out."""


def table_of(name: str) -> Table:
    """Return one of the tables."""
    return Base.metadata.tables[name]


def columns_of(name: str) -> list[str]:
    """Return the names of the columns of a table that an archive holds."""
    return [one.name for one in table_of(name).columns if one.name not in OURS and one.computed is None]


class People:
    """People of an archive, numbered in the order in which they come."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._keys: dict[str, str] = {}

    def key(self, key: str) -> str:
        """Return the key of a person within the archive, or `None` for nobody."""
        return self._keys.setdefault(key, f"x{len(self._keys) + 1}") if key else ""

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with the keys of its people, and with their names if these are wanted."""
        told = dict(row)
        for key in KEYS & told.keys():
            told[key] = self.key(told[key])
            is_teaching = told.get("part") in {"teacher", "assistant"}
            if NAMES[key] in told and told[key] and not self._options.names and not is_teaching:
                told[NAMES[key]] = _("Learner %(number)s", number=told[key][1:])
        return told

    def payload(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload of an event in the same way."""
        told = dict(payload)
        if isinstance(told.get("to"), list):
            told["to"] = [self.key(one) for one in told["to"]]
        return told


def tables_for(options: Options) -> Sequence[str]:
    """Return the names of the wanted tables."""
    return [name for name in TABLES if options.chat or name in WITHOUT_CHAT]


def rows_of(name: str, live: LiveSession, cuts: Cuts) -> list[dict[str, Any]]:
    """Return the rows of a table that belong to a lesson, in a fixed order and without the stretches that were cut out.

    Captions have their times in the recording without its cuts, which is the whole recording of the archive.
    """
    found = [dict(row) for row in _rows_of(name, live.id)]
    if not cuts:
        return found
    if name in PARENTS:
        parent, column = PARENTS[name]
        kept = {row["id"] for row in rows_of(parent, live, cuts)}
        return [row for row in found if row[column] in kept]
    if name == "replay_captions":
        for row in found:
            shown = as_published(live, [Cue(*one) for one in row["rows"]])
            row["rows"] = [[cue.start_ms, cue.end_ms, cue.text] for cue in shown]
    moment = "opened_ms" if name == "poll" else "at_ms"
    return [row for row in found if row.get(moment) is None or not cuts.hold(row[moment])]


def _rows_of(name: str, live_id: str) -> Sequence[RowMapping]:
    table = table_of(name)
    wanted = select(*(table.c[column] for column in columns_of(name)))
    if name in WITHIN:
        column, above = WITHIN[name]
        parent = table_of(above)
        wanted = wanted.join(parent, table.c[column] == parent.c.id).where(parent.c.live_id == live_id)
    else:
        wanted = wanted.where(table.c.live_id == live_id)
    if name == "replay_captions":
        wanted = wanted.where(table.c.gone_ms.is_(None))  # deleted ones stay here, where deleting can be undone
    wanted = wanted.order_by(*(column for column in table.primary_key.columns if column.name in columns_of(name)))
    return db.session.execute(wanted).mappings().all()


def is_told(kind: str, options: Options) -> bool:
    """Return whether an archive holds events of a kind."""
    return not kind.startswith(UNTOLD) and (options.chat or kind in WITHOUT_WORDS)
