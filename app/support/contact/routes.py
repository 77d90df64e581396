"""服务联系方式: the contacts of a manager's units, and the foot of all pages."""

from __future__ import annotations

from io import BytesIO

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.accounts import queries as accounts
from app.kernel import paging
from app.kernel.access import Who, allows
from app.kernel.permissions import Permission
from app.roles import policies
from app.support.contact import queries, services
from app.support.contact.forms import ContactForm

bp = Blueprint("contacts", __name__, url_prefix="/manage/contacts")


@bp.get("")
@allows(Who.HOLDER, Permission.UNIT_MANAGE)
def index() -> ResponseReturnValue:
    """List the units whose contacts the reader keeps."""
    q = paging.sought()
    page = paging.page_of(queries.units_in_reach(policies.mine(), q), paging.wanted())
    return render_template("support/contact/index.html", page=page, contacts=queries.of_several(page.rows), q=q)


@bp.get("/<int:unit_id>")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def edit(unit_id: int) -> ResponseReturnValue:
    """Show the contact of a unit."""
    unit = policies.unit_for(Permission.UNIT_MANAGE, unit_id)
    return render_template(
        "support/contact/edit.html", unit=unit, form=ContactForm(formdata=None, obj=queries.of(unit))
    )


@bp.post("/<int:unit_id>")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def change(unit_id: int) -> ResponseReturnValue:
    """Change it."""
    unit, form = policies.unit_for(Permission.UNIT_MANAGE, unit_id), ContactForm()
    if not form.validate_on_submit():
        return render_template("support/contact/edit.html", unit=unit, form=form), 422
    ways = {name: value or "" for name, value in form.data.items() if name != "csrf_token"}
    services.change(unit, by=accounts.me(), **ways)
    flash(_("Saved. Pages show it at their foot from now on."))
    return redirect(url_for("contacts.index"))


def foot() -> str:
    """Render whom to ask, for the foot of a page."""
    found = [one for one in queries.shown_to(accounts.viewer()) if not one.is_empty]
    return render_template("support/contact/_foot.html", contacts=found)


def cards() -> list[tuple[object, Markup | None]]:
    """Return the contacts for the reader, each with the QR code of its group, if it has a link."""
    found = [one for one in queries.shown_to(accounts.viewer()) if not one.is_empty]
    return [(one, _qr(one.qq_link) if one.qq_link else None) for one in found]


def _qr(link: str) -> Markup:
    """Return a QR code as an SVG element."""
    drawn = BytesIO()
    segno.make(link, micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, nl=False, border=2, scale=3, light="#fff", svgclass="qr"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - segno draws paths and numbers only
