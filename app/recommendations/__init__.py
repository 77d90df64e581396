"""首页大图推荐: large pictures on the home page that lead to lessons, and the desk of those who recommend them."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission
from app.live import events as live_events
from app.live.covers import services as covers
from app.recommendations import desk_routes, moments, news, pictures, routes


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(desk_routes.bp)
    app.extensions["banner_news"] = news.News(app)
    for signal in (live_events.changed, live_events.planned_anew, live_events.cancelled):
        signal.connect(news.tell)
    moments.register(app)
    covers.paint_by(app, moments.likenesses)
    live_events.changed.connect(moments.forget)
    clockwork.every_second(moments.take_pictures)
    clockwork.every_hour(pictures.remove_unused)
    navigation.add(
        navigation.Entry(
            _l("Home page pictures"),
            "recommendations.desks",
            order=22,
            needs=(Permission.RECOMMEND_UNIT, Permission.RECOMMEND_ACADEMY),
            group=navigation.TRAINING,
        )
    )
