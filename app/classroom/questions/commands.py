"""Commands of questions."""

from __future__ import annotations

from typing import Any

from app.classroom.engine.commands import Call, command
from app.classroom.engine.words import by_ids
from app.classroom.questions import errors, services
from app.classroom.questions.models import Question
from app.kernel.access import Who


@command("questions.ask", Who.WATCHER)
def ask(call: Call, text: str, nonce: str, anonymous: bool = False) -> dict[str, Any]:
    """Ask something; `nonce` is the page's own name for it."""
    question = services.ask(call, text, nonce=nonce[:36], anonymous=anonymous)
    return {"question": question.id}


@command("questions.vote", Who.WATCHER)
def vote(call: Call, question: int, on: bool = True) -> dict[str, Any]:
    """Vote for a question, or take the vote back."""
    counted = services.vote(call, _question(call, question), on)
    return {"question": counted.id, "on": on, "votes": counted.votes}


@command("questions.withdraw", Who.WATCHER)
def withdraw(call: Call, question: int) -> None:
    """Take back one's own question while it is open."""
    services.withdraw(call, _question(call, question))


@command("questions.publish", Who.ASSISTANT)
def publish(call: Call, question: int) -> None:
    """公开: let everybody see it."""
    services.publish(call, _question(call, question))


@command("questions.take", Who.ASSISTANT)
def take(call: Call, question: int) -> None:
    """正在回答: begin to answer it."""
    services.take(call, _question(call, question))


@command("questions.answer", Who.ASSISTANT)
def answer(call: Call, question: int, text: str) -> None:
    """Answer it in writing."""
    services.answer(call, _question(call, question), text)


@command("questions.answer_by_voice", Who.ASSISTANT)
def answer_by_voice(call: Call, question: int) -> None:
    """口头回答: say that it was answered by voice."""
    services.answer_by_voice(call, _question(call, question))


@command("questions.dismiss", Who.ASSISTANT)
def dismiss(call: Call, question: int) -> None:
    """Set it aside."""
    services.dismiss(call, _question(call, question))


@command("questions.reopen", Who.ASSISTANT)
def reopen(call: Call, question: int) -> None:
    """Have it be open again."""
    services.reopen(call, _question(call, question))


@command("questions.rules", Who.ASSISTANT)
def rules(call: Call, moderated: bool = False) -> None:
    """Have the desk look at questions before everybody sees them, or no more."""
    services.set_rules(call, moderated=moderated)


def _question(call: Call, number: int) -> Question:
    question = by_ids(Question, call.live.id, [number]).get(number)
    if question is None or not (call.is_desk or question.is_public or question.by_key == call.person.key):
        raise errors.NoQuestion
    return question
