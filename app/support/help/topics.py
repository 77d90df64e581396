"""The chapter that fits each page: by endpoint, else by blueprint. A test holds every page of the service to it."""

from __future__ import annotations

TOPICS: dict[str, str] = {
    # everybody
    "home": "watching#find",
    "accounts": "account#sign-in",
    "passwords": "account#password",
    "account": "account",
    "first_admin": "account#sign-in",
    "notices.wishes": "account#mail",
    "notices.unsubscribe": "account#mail",
    "help": "questions",
    # learners
    "lists.column": "watching#find",
    "live.page": "watching#open",
    "lists.kept": "watching#find",
    "lists.mine": "planning#mine",
    "joining": "watching#tokens",
    "classroom.watch": "watching#screen",
    "counting.signed_in": "watching#screen",
    "credit_archive": "hours#archive",
    "credit_archive.learning": "hours#learning",
    "credit_archive.appeal": "hours#appeal",
    "credit_archive.make_appeal": "hours#appeal",
    "credit_verify": "hours#certificate",
    "replays": "replays",
    "slide_search": "watching#find",
    # teachers
    "plans": "planning",
    "plans.copy": "planning#copies",
    "sharing": "planning#share",
    "notices": "planning#invite",
    "classroom.studio": "teaching",
    "classroom.diagnose": "teaching#trouble",
    "documents": "slides",
    "polls": "class#polls",
    "rollcalls": "class#rollcall",
    "participants": "class#people",
    "summary": "afterwards#summary",
    "courseware": "afterwards#courseware",
    "intake": "afterwards#import",
    "captions": "afterwards#captions",
    "recordings": "afterwards#publish",
    "cuts": "afterwards#publish",
    "replay_cover": "afterwards#publish",
    "keeping": "afterwards#publish",
    # managers
    "roles": "roles",
    "people": "people#people",
    "people_import": "people#import",
    "units": "people#units",
    "lists.managed": "lessons",
    "widget": "lessons#site",
    "weekly": "lessons#weekly",
    "recommendations": "lessons#recommend",
    "credit_reports": "hours-rules#reports",
    "credit_reports.appeals_list": "hours-rules#appeals",
    "credit_reports.appeal": "hours-rules#appeals",
    "credit_import": "hours-rules#import",
    "credit_rules": "hours-rules#rules",
    "audit_log": "service#log",
    "outbox": "service#outbox",
    "credit_deliveries": "service#deliveries",
    "contacts": "service#contacts",
    "announcements": "service#announcements",
    "tickets": "questions#ask",
    "ticket_desk": "service#tickets",
    "gallery": "service",
}


def topic_of(endpoint: str | None) -> str:
    """Return the chapter for a page, with the anchor of a section if there is one. Unknown pages lead to the index."""
    asked = endpoint or ""
    return TOPICS.get(asked, TOPICS.get(asked.partition(".")[0], ""))
