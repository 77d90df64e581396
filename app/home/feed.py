"""The live column as an Atom feed, for readers and institutes' own sites (RFC 4287). It holds what is open to all."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.extensions import db
from app.kernel import clock, markdown, web
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.live.lists import queries as listings
from app.live.lists.queries import Tab
from app.live.models import LiveSession
from app.live.views import teachers_of
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
    body = ET.tostring(_feed(lives, unit), encoding="utf-8", xml_declaration=True)
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


def _feed(lives: Sequence[LiveSession], unit: Unit | None) -> ET.Element:
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "zh-CN" if web.language() == "zh_CN" else "en"})
    here = url_for("feed.atom", unit=unit.id if unit else None, _external=True)
    newest = max((live.state_since_ms for live in lives), default=0)
    _add(feed, "id", here)
    _add(feed, "title", f"{unit.name} · {_('Live courses')}" if unit else str(_("Live courses")))
    _add(feed, "updated", _moment(newest))
    ET.SubElement(feed, "link", {"rel": "self", "href": here})
    ET.SubElement(feed, "link", {"rel": "alternate", "href": url_for("lists.column", _external=True)})
    for live in lives:
        page_url, teachers = url_for("live.page", live_id=live.id, _external=True), teachers_of(live)
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", page_url)
        _add(entry, "title", live.subject)
        _add(entry, "updated", _moment(live.state_since_ms))
        _add(entry, "published", _moment(live.created_ms))
        ET.SubElement(entry, "link", {"rel": "alternate", "href": page_url})
        _add(ET.SubElement(entry, "author"), "name", teachers)
        when = web.with_zone(web.format_datetime(live.starts_at_ms))
        _add(entry, "summary", " · ".join(filter(None, (when, teachers, markdown.as_words(live.abstract)))))
        ET.SubElement(entry, "category", {"term": live.status()["state"]})
    return feed


def _add(to: ET.Element, name: str, text: str) -> None:
    ET.SubElement(to, name).text = "".join(one for one in text if one.isprintable() or one in "\n\t")


def _moment(ms: int) -> str:
    return clock.to_datetime(ms).isoformat()
