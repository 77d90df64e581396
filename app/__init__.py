"""讲堂 Jiangtang: live training for an academy. `create_app` is the table of contents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from app import (
    accounts,
    audit,
    backups,
    classroom,
    config,
    courseware,
    credits,
    demo,
    documents,
    home,
    identity,
    live,
    mail,
    media,
    notices,
    people,
    recommendations,
    replays,
    roles,
    support,
    timeline,
    units,
)
from app.extensions import babel, csrf, db, htmx, limiter, login, migrate, sock
from app.kernel import carriers, cli, errors, hosts, operations, pictures, queue, scripts, slots, styles, web

ROOMS = (
    mail, units, audit, accounts, roles, people, identity, timeline, media, live, notices, documents, classroom,
    replays, recommendations, courseware, credits, support, backups, home, demo,
)  # fmt: skip


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Create and configure the app; `settings` override the environment."""
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.config.update(config.load())
    app.config.update(settings or {})
    _configure_libraries(app)
    _bind_extensions(app)
    with app.app_context():
        carriers.register(app)
        hosts.register(app)
        web.register(app)
        styles.register(app)
        scripts.register(app)
        slots.register(app)
        errors.register(app)
        operations.register(app)
        cli.register(app)
        pictures.register(app)
        for room in ROOMS:
            room.register(app)
    return app


def _configure_libraries(app: Flask) -> None:
    own = app.config
    own["DATA_DIR"].mkdir(parents=True, exist_ok=True)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=own["DATABASE_URL"],
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True},  # a restart of the database costs nobody an error
        BABEL_DEFAULT_LOCALE="zh_CN",
        BABEL_DEFAULT_TIMEZONE=own["TIMEZONE"],
        WTF_CSRF_TIME_LIMIT=None,  # a lesson lasts longer than any limit; the token dies with the session
        WTF_CSRF_CHECK_DEFAULT=True,
        RATELIMIT_ENABLED=own["RATE_LIMITS"],
        RATELIMIT_STORAGE_URI=own["BUS_URL"] if carriers.is_redis(own["BUS_URL"]) else "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,  # without Redis each process counts alone
        MAX_CONTENT_LENGTH=own.get("MAX_CONTENT_LENGTH") or 1_000_000,
        SEND_FILE_MAX_AGE_DEFAULT=None,  # modules import each other without a hash, so browsers ask for changes
        **web.cookie_settings(own["SECURE_COOKIES"]),
    )


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db)
    login.init_app(app)
    csrf.init_app(app)
    sock.init_app(app)
    htmx.init_app(app)
    babel.init_app(app, locale_selector=web.choose_locale)
    limiter.init_app(app)
    queue.init_app(app)
