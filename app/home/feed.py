"""The live column as an Atom feed, for readers and institutes' own sites (RFC 4287). It holds what is open to all."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.extensions import db
from app.kernel import clock, web
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.live import listings
from app.live.listings import Tab
from app.live.models import LiveSession
from app.live.views import LiveView, views_of
from app.units import queries as units
from app.units.models import Unit

bp = Blueprint("feed", __name__)

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50


@bp.get("/live/feed.atom")
@allows(Who.ANYONE)
def atom() -> ResponseReturnValue:
    """Send what a visitor may watch now, later or again, of all units or of `?unit=`."""
    unit = asked_unit()
    lives = db.session.scalars(listings.column(None, tab=Tab.ALL, unit=unit).limit(MOST)).all()
    body = ET.tostring(_feed(lives, views_of(lives, None), unit), encoding="utf-8", xml_declaration=True)
    reply = Response(body, mimetype="application/atom+xml")
    reply.headers["Cache-Control"] = "public, max-age=60"
    return web.compressed(reply)


def asked_unit() -> Unit | None:
    """Return the unit that this request asks for. `None` means all.

    Raises:
        NotFound: there is no such unit.
    """
    asked = request.args.get("unit")
    unit = units.unit(int(asked)) if asked and asked.isdecimal() and len(asked) < 10 else None
    if asked and unit is None:
        raise NotFound
    return unit


def _feed(lives: Sequence[LiveSession], shown: list[LiveView], unit: Unit | None) -> ET.Element:
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "zh-CN" if web.language() == "zh_CN" else "en"})
    here = url_for("feed.atom", unit=unit.id if unit else None, _external=True)
    newest = max((live.state_since_ms for live in lives), default=0)
    _add(feed, "id", here)
    _add(feed, "title", f"{unit.name} · {_('Live courses')}" if unit else str(_("Live courses")))
    _add(feed, "updated", _moment(newest))
    ET.SubElement(feed, "link", {"rel": "self", "href": here})
    ET.SubElement(feed, "link", {"rel": "alternate", "href": url_for("lists.column", _external=True)})
    for live, view in zip(lives, shown, strict=True):
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", view.page_url)
        _add(entry, "title", view.subject)
        _add(entry, "updated", _moment(live.state_since_ms))
        _add(entry, "published", _moment(live.created_ms))
        ET.SubElement(entry, "link", {"rel": "alternate", "href": view.page_url})
        _add(ET.SubElement(entry, "author"), "name", view.owner_name)
        when = web.with_zone(web.format_datetime(view.starts_at_ms))
        _add(entry, "summary", " · ".join(filter(None, (when, view.owner_name, view.gist))))
        ET.SubElement(entry, "category", {"term": view.state})
    return feed


def _add(to: ET.Element, name: str, text: str) -> None:
    ET.SubElement(to, name).text = "".join(one for one in text if one.isprintable() or one in "\n\t")


def _moment(ms: int) -> str:
    return clock.to_datetime(ms).isoformat()
