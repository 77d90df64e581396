"""Very many messages of a lesson, written into the database as if an audience had sent them."""

from __future__ import annotations

from tests.journeys.stack import Lesson, Stack

SAY = """
from sqlalchemy import insert, update
from app.classroom.chat.models import Message
from app.extensions import db
from app.kernel.clock import now_ms
from app.live.models import LiveSession
from app.timeline.models import Event, Head
live, count, now = db.session.get(LiveSession, {live_id!r}), {count}, now_ms()
began = min(live.started_at_ms + 500, now - 2000) if live.started_at_ms else now
at = lambda one: began + (max(began, now - 2000) - began) * (one - first) // count
db.session.commit()
taken = update(Head).where(Head.live_id == live.id).values(last_id=Head.last_id + count).returning(Head.last_id)
last = db.session.execute(taken).scalar_one()
first = last - count + 1
ids = range(first, last + 1)
db.session.execute(insert(Event), [
    dict(live_id=live.id, id=one, at_ms=at(one), kind="chat.said", payload={{}}) for one in ids])
db.session.execute(insert(Message), [
    dict(live_id=live.id, id=one, at_ms=at(one), by_key=f"u{{one % 40 + 1000}}", by_name=f"学员{{one % 40}}",
         part="learner", text=f"第 {{one}} 句：退相干时间为什么这样短？", nonce=str(one), to_desk=False)
    for one in ids])
db.session.commit()
print("last", last)
"""


def say_much(stack: Stack, lesson: Lesson, count: int) -> int:
    """Write messages, spread over the lesson until two seconds ago. Return the number of the last one."""
    return int(stack.run(SAY.format(live_id=lesson.id, count=count)).split()[-1])
