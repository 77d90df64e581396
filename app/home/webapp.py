"""The installable web app: its manifest, the service worker, the page for times without a network, shared addresses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import scripts, styles, web
from app.kernel.access import Who, allows

bp = Blueprint("webapp", __name__)

WORKER = "js/home/worker.js"
ADDRESS = re.compile(r"https?://\S+")


@bp.get("/manifest.webmanifest")
@allows(Who.ANYONE)
def manifest() -> ResponseReturnValue:
    """Describe the app to browsers that install it (W3C, Web Application Manifest)."""
    body = {
        "id": "/",
        "name": _("Jiangtang live training"),
        "short_name": _("Jiangtang"),
        "description": _("Lessons on air, lessons to come and replays of the academy."),
        "lang": "zh-CN" if web.language() == "zh_CN" else "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f7fa",
        "theme_color": "#ffffff",
        "icons": [
            _icon("app-192.png", "192x192"),
            _icon("app-512.png", "512x512"),
            _icon("app-maskable-512.png", "512x512", "maskable"),
        ],
        "shortcuts": [
            {"name": _("Live courses"), "url": url_for("lists.column"), "icons": [_icon("app-192.png", "192x192")]},
            {
                "name": _("My learning"),
                "url": url_for("credit_archive.learning"),
                "icons": [_icon("app-192.png", "192x192")],
            },
        ],
        "share_target": {
            "action": url_for("webapp.take_shared"),
            "method": "GET",
            "enctype": "application/x-www-form-urlencoded",  # Chromium wants it said
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    reply = Response(json.dumps(body, ensure_ascii=False), mimetype="application/manifest+json")
    reply.headers["Cache-Control"] = "private, no-cache"
    return reply


@bp.get("/service-worker.js")
@allows(Who.ANYONE)
def worker() -> ResponseReturnValue:
    """Send the service worker with the list of files that it keeps. Its text changes whenever one of them does."""
    asked = request.args.get("language", "")  # browsers name no language when they ask for a worker
    page = url_for("webapp.offline", language=asked if asked in web.LANGUAGES else web.language())
    files = [styles.address(), *_scripts(), web.static("icons/sprite.svg"), web.static("icons/favicon.svg")]
    shell = {"page": page, "files": files, "icon": web.static("icons/app-192.png")}
    code = (Path(current_app.static_folder or "") / WORKER).read_text(encoding="utf-8")
    reply = Response(f"self.SHELL = {json.dumps(shell)};\n{code}", mimetype="text/javascript")
    reply.headers["Cache-Control"] = "no-cache"
    return reply


@bp.get("/offline")
@allows(Who.ANYONE)
def offline() -> ResponseReturnValue:
    """Show the page that the service worker keeps. It holds nothing of anybody."""
    asked = request.args.get("language", "")
    with web.written_in(asked if asked in web.LANGUAGES else web.language()):
        return render_template("home/offline.html")


@bp.get("/shared")
@allows(Who.ANYONE)
def take_shared() -> ResponseReturnValue:
    """Open the address of ours that another app has shared, or look for the shared words."""
    given = [request.args.get(name, "") for name in ("url", "text", "title")]
    for address in ADDRESS.findall(" ".join(given)):
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if parts.netloc == urlsplit(web.root()).netloc and web.is_local(path):
            return redirect(path)
    words = ADDRESS.sub("", given[1] or given[2]).strip()[:100]
    return redirect(url_for("lists.column", q=words) if words else url_for("home.index"))


def _icon(name: str, sizes: str, purpose: str = "any") -> dict[str, str]:
    return {"src": web.static(f"icons/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}


def _scripts() -> list[str]:
    """Return the addresses of all scripts of the offline page."""
    markup = "".join(scripts.module(path) for path in ("js/site.js", "js/home/known-lessons.js"))
    return [*dict.fromkeys(re.findall(r'(?:href|src)="([^"]+)"', markup)), web.static("vendor/htmx.js")]
