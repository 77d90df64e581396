"""Reminders, 30 minutes before a lesson begins, to the people who signed up for it or asked for one."""

from __future__ import annotations

from app.kernel import clock, web
from app.kernel.unit_of_work import unit_of_work
from app.live import queries as lives
from app.mail import services as mail
from app.notices import queries, wishes
from app.notices.push import delivery, reminding

BEFORE_MS = 30 * 60_000
AT_ONCE = 200


def remind_due() -> None:
    """Write the reminders that are due. The clockwork calls it.

    A person who signs up later than that is at the page already. If the jobs process was away, late reminders go out
    until the lesson begins. A person for whom the lesson is no longer meant hears nothing of it.
    """
    now = clock.now_ms()
    if not queries.to_be_reminded(now, BEFORE_MS, 1):
        return
    with unit_of_work() as after_commit:
        mails = []
        looked_at = queries.to_be_reminded(now, BEFORE_MS, AT_ONCE)
        due = [(learner, live) for learner, live in looked_at if lives.may_come(learner.user, live)]
        for learner, _live in looked_at:
            learner.reminded_ms = now
        for learner, live in due:
            if not learner.user.email:
                continue
            unsubscribe = wishes.unsubscribe_url(learner.user, wishes.REMINDERS, site=learner.site)
            mails.append(
                mail.compose(
                    learner.user.email,
                    "session_reminder",
                    locale=learner.language,
                    unsubscribe=unsubscribe,
                    name=learner.user.real_name,
                    subject=live.subject,
                    signed_up=learner.signed_up_ms is not None,
                    starts_at_ms=live.starts_at_ms,
                    ends_at_ms=live.ends_at_ms,
                    link=web.absolute("live.page", live_id=live.id, beneath=learner.site),
                )
            )
        mail.send_all(mails)
        if messages := reminding.messages_for(due):
            after_commit(lambda: delivery.deliver.later(messages))
