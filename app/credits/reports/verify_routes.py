"""/verify: anybody checks a certificate by its code."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.credits.reports import certificates
from app.credits.reports.certificates import minute
from app.credits.reports.errors import UnknownCode
from app.credits.reports.forms import VerifyForm
from app.credits.reports.learner_routes import pdf_of
from app.credits.rules.words import number
from app.extensions import limiter
from app.kernel.access import Who, allows
from app.kernel.forms import refuse

bp = Blueprint("credit_verify", __name__, url_prefix="/verify")


@bp.get("")
@allows(Who.ANYONE)
@limiter.limit("60 per minute")
def index() -> ResponseReturnValue:
    """Ask for the code."""
    form = VerifyForm(request.args)
    if not form.code.data:
        return render_template("credits/verify.html", form=VerifyForm(formdata=None))
    if not form.validate():
        return render_template("credits/verify.html", form=form), 422
    return redirect(url_for("credit_verify.show", code=certificates.tidy(form.code.data) or "-"))


@bp.get("/<code>")
@allows(Who.ANYONE)
@limiter.limit("30 per minute")
def show(code: str) -> ResponseReturnValue:
    """Show what a certificate says, as far as its owner agreed, and what has been corrected since."""
    try:
        found = certificates.by_code(code)
    except UnknownCode as error:
        form = VerifyForm(formdata=None, code=code[:40])
        refuse(form.code, error)
        return render_template("credits/verify.html", form=form), error.status
    said = found.said
    now = number(certificates.hours_now(found))
    return render_template(
        "credits/verified.html",
        code=certificates.shown(found.code),
        name=said["name"] if found.is_open else certificates.masked(said["name"]),
        unit=said["unit"] if found.is_open else "",
        year=found.year,
        total=said["total"],
        now=now if now != said["total"] else "",
        lines=[(one["day"], one["title"], one["watched"], one["hours"]) for one in said["lines"]]
        if found.is_open
        else [],
        made=minute(found.made_ms),
        is_open=found.is_open,
        is_altered=found.digest != found.digested(),
        pdf_url=url_for("credit_verify.certificate", code=found.code) if found.is_open else "",
    )


@bp.get("/<code>/certificate.pdf")
@allows(Who.ANYONE)
@limiter.limit("10 per minute")
def certificate(code: str) -> ResponseReturnValue:
    """Print a certificate whose owner agreed that it is shown: so she keeps it when she has left."""
    found = certificates.by_code(code)
    if not found.is_open:
        raise UnknownCode
    return pdf_of(found)
