"""学时证明: made out for a year, printed as PDF, checked by anybody who has its code."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import segno
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.credits.ledger import chain, queries
from app.credits.ledger.models import Entry
from app.credits.reports.errors import NothingToCertify, PrintingFailed, UnknownCode
from app.credits.reports.models import Certificate
from app.credits.rules.categories import name_of
from app.credits.rules.words import number
from app.extensions import db
from app.kernel import clock, storage, web
from app.kernel.children.family import Family, Rules
from app.kernel.disk import without_our_data
from app.kernel.unit_of_work import unit_of_work
from app.units import queries as units

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: none of them is taken for another."""
LENGTH = 16
PRINTING = Rules(memory_bytes=600_000_000, cpu_s=20, file_bytes=20_000_000, network="try")
PATIENCE_S = 30


def make(user: User, year: int, *, is_open: bool) -> Certificate:
    """Make out a certificate of what a person has in a year now.

    Args:
        user: whose.
        year: in the academy's zone.
        is_open: the person agrees that everybody who checks it sees her name and her lessons.

    Raises:
        NothingToCertify: she has nothing.
    """
    body = _body(user, year)
    if not body["lines"]:
        raise NothingToCertify
    head_id, head_hash = chain.head()
    certificate = Certificate(
        code="".join(secrets.choice(LETTERS) for _letter in range(LENGTH)),
        user_id=user.id,
        year=year,
        body=json.dumps(body, ensure_ascii=False, sort_keys=True),
        is_open=is_open,
        made_ms=clock.now_ms(),
        head_id=head_id,
        head_hash=head_hash,
    )
    certificate.digest = certificate.digested()
    with unit_of_work():
        db.session.add(certificate)
    return certificate


def of(user: User) -> Sequence[Certificate]:
    """Return a person's certificates, the newest first."""
    wanted = select(Certificate).where(Certificate.user_id == user.id)
    return db.session.scalars(wanted.order_by(Certificate.made_ms.desc())).all()


def by_code(code: str) -> Certificate:
    """Find a certificate by what somebody has typed.

    Raises:
        UnknownCode: there is none.
    """
    found = db.session.get(Certificate, tidy(code))
    if found is None:
        raise UnknownCode
    return found


def tidy(code: str) -> str:
    """Return a code as it is stored: without hyphens and blanks, letters that look like figures as figures."""
    letters = "".join(one for one in code.upper() if one.isalnum())
    return letters.replace("O", "0").replace("I", "1").replace("L", "1")[: 2 * LENGTH]


def shown(code: str) -> str:
    """Return a code as it is printed, in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


def hours_now(certificate: Certificate) -> Decimal:
    """Return what the person has in the year of a certificate now."""
    totals = queries.totals_of([certificate.user_id], certificate.year).get(certificate.user_id, {})
    return sum(totals.values(), Decimal(0))


def minute(ms: int) -> str:
    """Write a moment with its year, in the academy's zone."""
    return f"{clock.to_datetime(ms).astimezone(web.zone()):%Y-%m-%d %H:%M}"


def masked(name: str) -> str:
    """Return a name of which only the first character can be read."""
    return name[:1] + "*" * max(1, len(name) - 1)


def as_pdf(certificate: Certificate) -> bytes:
    """Print a certificate.

    Raises:
        PrintingFailed: the program that prints it did not.
    """
    said = certificate.said
    address = web.absolute("credit_verify.show", code=certificate.code)
    task = {
        "language": "zh" if web.language() == "zh_CN" else "en",
        "title": _("Certificate of learning hours"),
        "academy": units.academy().name,
        "rows": [
            [_("Real name"), said["name"]],
            [_("Staff number"), said["staff_number"] or "–"],
            [_("Unit"), said["unit"]],
            [_("Year"), str(certificate.year)],
        ],
        "heads": [_("Day"), _("Subject"), _("Category"), _("Watched"), _("Learning hours")],
        "lines": [
            [one["day"], one["title"], name_of(one["category"]), one["watched"], one["hours"]] for one in said["lines"]
        ],
        "sums": [
            *([name_of(category) or _("without a category"), hours] for category, hours in said["sums"].items()),
            [_("Total"), said["total"]],
        ],
        "code": [_("Verification code"), shown(certificate.code)],
        "address": [_("Check it at"), address],
        "made": [_("Made out"), minute(certificate.made_ms)],
        "head": [_("Ledger"), f"{certificate.head_id} {certificate.head_hash}"],
        "note": _("The ledger of learning hours is a chain in which nothing is changed afterwards; corrections are new "
                  "entries. The address above says whether there are any since this day."),
    }  # fmt: skip
    work_root = storage.place("run") / "certificates"
    work_root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work_root) as folder:
        work = Path(folder)
        (work / "certificate.json").write_text(json.dumps(task, ensure_ascii=False), encoding="utf-8")
        segno.make(address, error="m", micro=False).save(str(work / "qr.svg"), border=0, scale=4)
        return _printed(work)


def font_folder() -> Path:
    """Return where the Chinese font lies that comes with the packages."""
    spec = find_spec("pylopdf_fonts_zh_cn")
    return Path(spec.origin).parent if spec and spec.origin else Path()


def _printed(work: Path) -> bytes:
    with Family(work, without_our_data(current_app.config)) as family:
        family.start_own("print", "app.credits.reports.printing", PRINTING, str(work), str(font_folder()))
        while (said := family.hear(PATIENCE_S)) is not None and said.line is not None:
            pass
    made = work / "certificate.pdf"
    if not made.exists():
        raise PrintingFailed
    return made.read_bytes()


def _body(user: User, year: int) -> dict[str, Any]:
    lines, sums = [], dict[str, Decimal]()
    entries = sorted(queries.entries_of(user.id, year), key=_about)
    for _subject, some in groupby(entries, key=_about):
        its = sorted(some, key=lambda entry: entry.id)
        hours = sum((entry.hours for entry in its), Decimal(0))
        sums[its[0].category] = sums.get(its[0].category, Decimal(0)) + hours
        if hours:
            lines.append(
                {
                    "day": web.iso_day(its[0].earned_ms),
                    "title": its[0].title,
                    "category": its[0].category,
                    "watched": watched(max(its, key=lambda entry: entry.watched_ms)),
                    "hours": f"{hours:.2f}",
                }
            )
    return {
        "name": user.real_name,
        "staff_number": user.staff_number or "",
        "unit": units.full_name(user.unit),
        "lines": sorted(lines, key=itemgetter("day", "title")),
        "sums": {category: f"{hours:.2f}" for category, hours in sorted(sums.items()) if hours},
        "total": number(sum(sums.values(), Decimal(0))),
    }


def _about(entry: Entry) -> tuple[str, int, str]:
    """Return what an entry is about: all of one lesson is one line, with its replay and its corrections."""
    return entry.live_id or "", 0 if entry.live_id else entry.refers_to or entry.id, entry.category


def watched(entry: Entry) -> str:
    """Return how much was watched for an entry, to the second; a dash where there is nothing to watch."""
    return web.as_clock(entry.watched_ms) if entry.programme_ms else "–"
