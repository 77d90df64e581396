"""Entries of the log. The database itself refuses to change or remove one: see the migration."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock


class Action(StrEnum):
    """A kind of deed. Values are stored, so they never change their meaning."""

    ADMIN_SIGNED_IN = "admin.signed_in"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - a deed, not a password
    LINK_MADE = "password.link_made"
    ROLE_CREATED = "role.created"
    ROLE_CHANGED = "role.changed"
    ROLE_DELETED = "role.deleted"
    GRANT_GIVEN = "grant.given"
    GRANT_CHANGED = "grant.changed"
    GRANT_ENDED = "grant.ended"
    PERSON_CREATED = "person.created"
    PERSON_CHANGED = "person.changed"
    PERSON_MOVED = "person.moved"
    PERSON_CLOSED = "person.closed"
    PERSON_REOPENED = "person.reopened"
    PEOPLE_IMPORTED = "people.imported"
    UNIT_CREATED = "unit.created"
    UNIT_CHANGED = "unit.changed"
    UNIT_MOVED = "unit.moved"
    MAIL_READ = "mail.read"
    AUDIT_EXPORTED = "audit.exported"
    PART_TAKEN = "live.part_taken"
    WORDS_EDITED = "classroom.words_edited"
    WORDS_WITHDRAWN = "classroom.words_withdrawn"
    WORDS_DELETED = "classroom.words_deleted"
    PERSON_MUTED = "classroom.person_muted"
    PERSON_PUT_OUT = "classroom.person_put_out"
    PERSON_LET_IN = "classroom.person_let_in"
    POLL_EXPORTED = "classroom.poll_exported"
    POLL_DELETED = "classroom.poll_deleted"
    ROLLCALLS_EXPORTED = "classroom.rollcalls_exported"
    VISITS_EXPORTED = "classroom.visits_exported"
    CREDIT_RULE_MADE = "credit.rule_made"
    CREDIT_RULE_WITHDRAWN = "credit.rule_withdrawn"
    CREDIT_TERMS_DECIDED = "credit.terms_decided"
    CREDIT_CATEGORY_CHANGED = "credit.category_changed"
    COURSE_EXPORTED = "courseware.exported"
    COURSE_DOWNLOADED = "courseware.downloaded"
    COURSE_IMPORTED = "courseware.imported"
    REPLAY_PUBLISHED = "replay.published"
    REPLAY_UNPUBLISHED = "replay.unpublished"
    REPLAY_CUT = "replay.cut"
    REPLAY_CUT_TAKEN_BACK = "replay.cut_taken_back"
    REPLAY_DELETED = "replay.deleted"
    REPLAY_RESTORED = "replay.restored"
    REPLAY_PURGED = "replay.purged"
    REPLAY_RULE_SET = "replay.rule_set"
    RECORDINGS_EXPORTED = "replay.list_exported"
    CREDIT_CORRECTED = "credit.corrected"
    CREDIT_ADDED = "credit.added"
    CREDIT_BROUGHT = "credit.brought"
    CREDITS_IMPORTED = "credit.imported"
    CREDITS_EXPORTED = "credit.exported"
    CREDIT_APPEAL_ANSWERED = "credit.appeal_answered"
    CREDIT_TARGET_SET = "credit.target_set"
    CREDIT_REMINDED = "credit.reminded"
    WEEKLY_ON = "weekly.on"
    WEEKLY_OFF = "weekly.off"
    CONTACT_CHANGED = "support.contact_changed"
    TICKET_HANDED_OVER = "support.ticket_handed_over"
    TICKET_MERGED = "support.ticket_merged"
    ANNOUNCED = "support.announced"
    ANNOUNCEMENT_CHANGED = "support.announcement_changed"
    ANNOUNCEMENT_WITHDRAWN = "support.announcement_withdrawn"
    RECOMMENDED = "recommend.added"
    RECOMMENDATION_CHANGED = "recommend.changed"
    RECOMMENDATION_REMOVED = "recommend.removed"
    RECOMMENDATION_ASKED = "recommend.asked"
    RECOMMENDATION_ANSWERED = "recommend.answered"


ACTION_NAMES: dict[Action, LazyString] = {
    Action.ADMIN_SIGNED_IN: _l("signed in as administrator"),
    Action.PASSWORD_CHANGED: _l("changed a password"),
    Action.LINK_MADE: _l("made a link that sets a password"),
    Action.ROLE_CREATED: _l("created a role"),
    Action.ROLE_CHANGED: _l("changed a role"),
    Action.ROLE_DELETED: _l("deleted a role"),
    Action.GRANT_GIVEN: _l("gave a role"),
    Action.GRANT_CHANGED: _l("changed until when somebody holds a role"),
    Action.GRANT_ENDED: _l("took a role back"),
    Action.PERSON_CREATED: _l("created an account"),
    Action.PERSON_CHANGED: _l("changed an account"),
    Action.PERSON_MOVED: _l("moved a person to another unit"),
    Action.PERSON_CLOSED: _l("closed an account"),
    Action.PERSON_REOPENED: _l("reopened an account"),
    Action.PEOPLE_IMPORTED: _l("imported people"),
    Action.UNIT_CREATED: _l("created a unit"),
    Action.UNIT_CHANGED: _l("changed a unit"),
    Action.UNIT_MOVED: _l("moved a unit"),
    Action.MAIL_READ: _l("read a mail in the outbox"),
    Action.AUDIT_EXPORTED: _l("exported the audit log"),
    Action.PART_TAKEN: _l("became teacher or assistant of a lesson by its token"),
    Action.WORDS_EDITED: _l("changed what had been written in a lesson"),
    Action.WORDS_WITHDRAWN: _l("withdrew what had been written in a lesson"),
    Action.WORDS_DELETED: _l("deleted what somebody had written in a lesson"),
    Action.PERSON_MUTED: _l("muted somebody in a lesson, or let them write again"),
    Action.PERSON_PUT_OUT: _l("put somebody out of a lesson"),
    Action.PERSON_LET_IN: _l("let somebody into a lesson again"),
    Action.POLL_EXPORTED: _l("exported the answers to a poll"),
    Action.POLL_DELETED: _l("deleted a poll that had been opened"),
    Action.ROLLCALLS_EXPORTED: _l("exported the roll-calls of a lesson"),
    Action.VISITS_EXPORTED: _l("exported who was in a lesson when"),
    Action.CREDIT_RULE_MADE: _l("made a rule of learning hours"),
    Action.CREDIT_RULE_WITHDRAWN: _l("withdrew a rule of learning hours"),
    Action.CREDIT_TERMS_DECIDED: _l("decided about the learning hours of a lesson"),
    Action.CREDIT_CATEGORY_CHANGED: _l("changed the categories of learning hours"),
    Action.COURSE_EXPORTED: _l("exported a course"),
    Action.COURSE_DOWNLOADED: _l("downloaded an exported course"),
    Action.COURSE_IMPORTED: _l("imported a course"),
    Action.REPLAY_PUBLISHED: _l("published a recording"),
    Action.REPLAY_UNPUBLISHED: _l("took a recording back"),
    Action.REPLAY_CUT: _l("cut a stretch out of a recording"),
    Action.REPLAY_CUT_TAKEN_BACK: _l("took a cut of a recording back"),
    Action.REPLAY_DELETED: _l("put a recording into the recycle bin"),
    Action.REPLAY_RESTORED: _l("restored a recording from the recycle bin"),
    Action.REPLAY_PURGED: _l("removed a recording for good"),
    Action.REPLAY_RULE_SET: _l("set how long recordings are kept"),
    Action.RECORDINGS_EXPORTED: _l("exported the list of recordings"),
    Action.CREDIT_CORRECTED: _l("corrected learning hours"),
    Action.CREDIT_ADDED: _l("added learning hours"),
    Action.CREDIT_BROUGHT: _l("wrote down learning hours earned elsewhere"),
    Action.CREDITS_IMPORTED: _l("imported learning hours earned elsewhere"),
    Action.CREDITS_EXPORTED: _l("exported learning hours"),
    Action.CREDIT_APPEAL_ANSWERED: _l("answered an appeal about learning hours"),
    Action.CREDIT_TARGET_SET: _l("set a target of learning hours"),
    Action.CREDIT_REMINDED: _l("reminded people of missing learning hours"),
    Action.WEEKLY_ON: _l("switched the weekly mail on"),
    Action.WEEKLY_OFF: _l("switched the weekly mail off"),
    Action.CONTACT_CHANGED: _l("changed whom people can ask for help"),
    Action.TICKET_HANDED_OVER: _l("handed a ticket over"),
    Action.TICKET_MERGED: _l("merged two tickets"),
    Action.ANNOUNCED: _l("published an announcement"),
    Action.ANNOUNCEMENT_CHANGED: _l("changed an announcement"),
    Action.ANNOUNCEMENT_WITHDRAWN: _l("withdrew an announcement"),
    Action.RECOMMENDED: _l("put a lesson on the home page"),
    Action.RECOMMENDATION_CHANGED: _l("changed a lesson's picture on the home page"),
    Action.RECOMMENDATION_REMOVED: _l("took a lesson from the home page"),
    Action.RECOMMENDATION_ASKED: _l("asked for a lesson to be recommended to the academy"),
    Action.RECOMMENDATION_ANSWERED: _l("answered a request to recommend a lesson to the academy"),
}


class AuditEntry(Base):
    """A deed of a person with an object, at a unit of the tree."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_unit_id_id", "unit_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), comment="none: by the service itself")
    action: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="whose managers may read it")
    object: Mapped[str] = mapped_column(String(200), comment="what it was done to, in words that stay true")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(String(80), default="", comment="network address of the request")
