"""The parts that all pages share: headers, static files, language, times, the hidden verbs of plain forms."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, get_timezone_name
from flask import Flask, Response, current_app, g, has_request_context, request, send_from_directory, session, url_for
from flask_babel import force_locale, get_locale  # noqa: TID251 - see written_in
from flask_babel import format_date as babel_date
from flask_babel import format_datetime as babel_datetime
from flask_babel import format_time as babel_time
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.security import safe_join

from app.kernel import clock, navigation
from app.kernel.errors import AppError, NotFound

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LANGUAGES = ("zh_CN", "en")

NO_FRAMES = "frame-ancestors 'none'; "
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; "  # Safari before 15.4 does not count sockets as 'self'
    "worker-src 'self'; "
    "object-src 'none'; "
    f"{NO_FRAMES}"
    "base-uri 'none'; "
    "form-action 'self'; "
)


def register(app: Flask) -> None:
    """Bind templates, headers and verbs to the app."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(zone_name=zone_name, zone_key=lambda: zone().key, labelled=labelled)
    filters: dict[str, Callable[..., Any]] = {
        "format_datetime": format_datetime,
        "format_time": format_time,
        "format_date": format_date,
        "format_day": format_day,
        "with_zone": with_zone,
        "iso_day": iso_day,
        "clock": as_clock,
        "bytes": as_bytes,
        "fingerprint": fingerprint,
    }
    app.jinja_env.filters.update({name: _for_each_reader(one) for name, one in filters.items()})
    app.context_processor(_page_context)
    app.before_request(_refuse_nul)
    app.before_request(_refuse_endless_numbers)
    app.after_request(_add_headers)
    app.view_functions["static"] = send_static
    app.wsgi_app = hidden_verbs(app.wsgi_app)  # type: ignore[method-assign, assignment]
    proxies: int = app.config["TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]


def _for_each_reader(computed: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that is computed whenever it is read.

    Jinja computes any other filter of a constant once, when it compiles the template: in the language of that reader.
    """

    @pass_context
    @wraps(computed)
    def filter_(_context: Context, *values: Any, **options: Any) -> Any:
        return computed(*values, **options)

    return filter_


def kept_json(tag: str) -> Response:
    """Return an empty JSON reply that the browser keeps and revalidates. It is a 304 if it has this tag already."""
    reply = Response(mimetype="application/json")
    reply.set_etag(tag, weak=True)
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.make_conditional(request)
    return reply


WORTH_COMPRESSING = 1400
"""Minimum bytes for compression. Less fits into one packet and would not arrive sooner."""


def compressed(reply: Response) -> Response:
    """Return a reply, compressed if the browser takes gzip. A row of fragments shrinks to less than a tenth."""
    reply.vary.add("Accept-Encoding")
    body = reply.get_data()
    if len(body) > WORTH_COMPRESSING and request.accept_encodings["gzip"]:
        reply.set_data(gzip.compress(body, compresslevel=4))  # 5 and above take twice as long for a few percent
        reply.headers["Content-Encoding"] = "gzip"
    return reply


def hidden_verbs(inner: WSGIApplication) -> WSGIApplication:
    """Let a plain form reach DELETE: `<form method="post" action="…?_method=DELETE">`."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and "_method=DELETE" in environ.get("QUERY_STRING", ""):
            environ["REQUEST_METHOD"] = "DELETE"
        return inner(environ, start_response)

    return application


@cache
def _locale(language: str) -> Locale:
    """Parse a language once: Babel looks through the names of all its thousand locales each time."""
    return Locale.parse(language)


def choose_locale() -> Locale:
    """Return the language that was chosen here, else the one that the browser asks for, else Chinese."""
    return _locale(_chosen() if has_request_context() else LANGUAGES[0])


def _chosen() -> str:
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    asked = (name.partition("-")[0].lower() for name in request.accept_languages.values())  # the most wanted first
    return next((one for name in asked for one in LANGUAGES if one.startswith(name)), LANGUAGES[0])


@contextmanager
def written_in(language: str) -> Iterator[None]:
    """Write everything within the context in one of LANGUAGES, whatever the reader's language is."""
    with force_locale(_locale(language)):
        yield


def language() -> str:
    """Return the language being written, one of LANGUAGES, also if it was forced."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh_CN"


def listed(words: Iterable[str]) -> str:
    """Return several words in a row, as the reader's language writes them."""
    return ("、" if language() == "zh_CN" else ", ").join(words)


def labelled(label: str, value: object) -> str:
    """Return a value behind its label, with the colon of the reader's language."""
    return str(_("%(label)s: %(value)s", label=label, value=value))


def is_local(target: str) -> bool:
    """Return whether `target` lies within this site, so that a redirect to it leads nobody astray."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return False  # browsers drop line breaks and tabs, and a header cannot hold them
    parts = urlsplit(target)
    return not parts.netloc and not parts.scheme


def send_static(filename: str) -> Response:
    """Send a static file, from the compressed one beside it where there is one and the browser takes it."""
    folder = Path(current_app.static_folder or "")
    if not _is_packed(folder, filename):
        return send_from_directory(folder, filename)
    takes_gzip = bool(request.accept_encodings["gzip"])
    kind = mimetypes.guess_type(filename)[0]
    reply = send_from_directory(
        folder, f"{filename}.gz" if takes_gzip else filename, mimetype=kind, download_name=Path(filename).name
    )
    if takes_gzip:
        reply.headers["Content-Encoding"] = "gzip"
    reply.vary.add("Accept-Encoding")
    return reply


def _is_packed(folder: Path, filename: str) -> bool:
    """Return whether the compressed file exists and is not older than its source."""
    safe = safe_join(str(folder), filename)
    if safe is None:
        return False
    file, packed = Path(safe), Path(f"{safe}.gz")
    return file.is_file() and packed.is_file() and packed.stat().st_mtime >= file.stat().st_mtime


def static(path: str) -> str:
    """Return the address of a static file with a hash of its content, so that browsers may keep it for a year."""
    known: dict[str, str] = g.setdefault("static_addresses", {})  # a page of cards asks for its icons ninety times
    if path not in known:
        known[path] = url_for("static", filename=path, v=_content_hash(path))
    return known[path]


def _content_hash(path: str) -> str:
    file = Path(current_app.static_folder or "") / path
    stamp = file.stat().st_mtime_ns if file.exists() else 0
    return _hash_of(file, stamp)


@lru_cache(maxsize=512)
def _hash_of(file: Path, _stamp: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "missing"


def fingerprint(html: str) -> str:
    """Return a word that changes with a rendered fragment, but not with the token in its forms."""
    return hashlib.sha256(html.replace(generate_csrf(), "").encode()).hexdigest()[:16]


def named(reply: Response, filename: str) -> Response:
    """Return a reply that the browser saves as a file, with a name in any language (RFC 6266, 5)."""
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    return reply


def format_datetime(ms: int) -> str:
    """Return epoch milliseconds as day, weekday and time in the academy's zone, with the year if it is not this one."""
    this_year = clock.to_datetime(clock.now_ms()).astimezone(zone()).year
    return _written_datetime(ms, this_year, zone(), get_locale())


@lru_cache(maxsize=4096)
def _written_datetime(ms: int, this_year: int, zone: ZoneInfo, locale: Locale | None) -> str:
    """Write a moment once: each takes Babel a third of a millisecond, and lists hold the same ones all day."""
    moment = clock.to_datetime(ms).astimezone(zone)
    skeleton = "MMMEd" if moment.year == this_year else "yMMMEd"
    return f"{format_skeleton(skeleton, moment, locale=locale)} {moment:%H:%M}"


def format_exact(ms: int) -> str:
    """Return epoch milliseconds to the second in the academy's zone, for tables and logs."""
    return str(babel_datetime(clock.to_datetime(ms), "medium"))


def format_date(ms: int) -> str:
    """Return epoch milliseconds as a date."""
    return str(babel_date(clock.to_datetime(ms), "full"))


def format_day(ms: int) -> str:
    """Return the day of epoch milliseconds, in short form."""
    return str(babel_date(clock.to_datetime(ms), "medium"))


def iso_day(ms: int) -> str:
    """Return the day of epoch milliseconds in the academy's zone, as a date field holds it."""
    return clock.to_datetime(ms).astimezone(zone()).date().isoformat()


def format_time(ms: int) -> str:
    """Return epoch milliseconds as a time of day."""
    return str(babel_time(clock.to_datetime(ms), "HH:mm"))


def zone_name() -> str:
    """Return people's name for the academy's zone."""
    if zone().key == "Asia/Shanghai":
        return str(_("Beijing time"))
    return str(get_timezone_name(zone(), "long", zone_variant="generic", locale=get_locale()))


def with_zone(moment: str) -> str:
    """Return a time with the academy's zone, for readers who may live by another one."""
    return str(_("%(time)s (%(zone)s)", time=moment, zone=zone_name()))


def as_clock(ms: int) -> str:
    """Return a duration in ms as 0:07:31."""
    seconds = max(0, ms) // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def as_bytes(count: int) -> str:
    """Return a size as 0 B, 14 kB, 2.1 MB, 3.4 GB."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")


def root() -> str:
    """Return the address of the site, without the last slash.

    It is PUBLIC_URL, if that is set: a browser may name any host, and a link in a mail must lead to us.
    """
    public: str = current_app.config["PUBLIC_URL"]
    asked = request.url_root if has_request_context() else f"http://localhost:{current_app.config['PORT']}"
    return (public or asked).rstrip("/")


def absolute(endpoint: str, *, beneath: str = "", **values: Any) -> str:
    """Return the whole address of a page, for mails and links that are handed on. It works without a request.

    Args:
        endpoint: endpoint of the page.
        beneath: the `root` of the request for which a job works. Empty means the `root` here.
        values: variables of the address.
    """
    return (beneath or root()) + current_app.url_map.bind("").build(endpoint, values)


def zone() -> ZoneInfo:
    """Return the academy's time zone, in which forms are read and times are written, wherever the reader is."""
    return ZoneInfo(current_app.config["TIMEZONE"])


def start_of_day_ms(day: date) -> int:
    """Return the first moment of a day in the academy's zone, in epoch ms."""
    return clock.to_ms(datetime.combine(day, time(), zone()))


def end_of_day_ms(day: date) -> int:
    """Return the moment at which a day in the academy's zone is over, in epoch ms."""
    return start_of_day_ms(day + timedelta(days=1))


def day_of(ms: int) -> tuple[int, int]:
    """Return beginning and end of the day of a moment in the academy's zone, all in epoch ms."""
    day = clock.to_datetime(ms).astimezone(zone()).date()
    return start_of_day_ms(day), end_of_day_ms(day)


def _refuse_nul() -> None:
    """Refuse NUL before anything looks for it. PostgreSQL stores none, and nobody types one.

    Raises:
        NotFound: the address contains NUL.
        AppError: a form contains NUL.
    """
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        raise NotFound
    if any("\0" in value for value in request.form.values()):
        raise AppError(
            _l("The text contains a character that cannot be stored."), _l("Type it again instead of pasting it.")
        )


def _refuse_endless_numbers() -> None:
    """Refuse numbers beyond 64 bits. No row has one, and databases answer such a question with an error.

    Raises:
        NotFound: the path contains one.
    """
    if any(isinstance(value, int) and value >= 2**63 for value in (request.view_args or {}).values()):
        raise NotFound


def _page_context() -> dict[str, Any]:
    return {
        "locale": language(),
        "nav": navigation.items,
        "rail": navigation.rail,
        "warnings": navigation.warnings,
        "server_now_ms": clock.now_ms(),
    }


def let_frame(reply: Response, origins: Sequence[str]) -> None:
    """Let pages of these sites, and our own, show a reply within a frame; all others stay refused (CSP 3, 6.4.2)."""
    sites = " ".join(("'self'", *origins))
    policy = CONTENT_SECURITY_POLICY.replace(NO_FRAMES, f"frame-ancestors {sites}; ")
    reply.headers["Content-Security-Policy"] = policy


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    if NO_FRAMES in headers["Content-Security-Policy"]:
        headers.setdefault("X-Frame-Options", "DENY")  # for browsers that do not know frame-ancestors
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=()")
    if request.is_secure and current_app.config["SECURE_COOKIES"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static" and ("v" in request.args or request.path.startswith("/static/built/")):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")  # answers carry names and keys; the back button asks again
    return response


def cookie_settings(secure: bool) -> dict[str, Any]:
    """Return Flask's settings for cookies."""
    return {
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,  # replies that shared caches may keep must not carry a person's cookie
        "REMEMBER_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
    }
