"""Audiences in words: to choose from, and of a lesson and its recording."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.kernel.forms import choices
from app.live.models import Audience, LiveSession
from app.people import queries as people
from app.units import queries as units
from app.units.models import Unit


def audience_choices(unit: Unit, *, kept: Audience | None = None) -> list[Any]:
    """Return the audiences of lessons of `unit`, in words with their people: "物质研究所, 412 people".

    A department that has become an institute has none of its own any more; what was chosen before (`kept`) stays a
    choice.
    """
    home = units.home_of(unit)
    counts = people.headcount([unit, home, units.academy()])

    def who(one: Unit) -> str:
        number = counts[one.id]
        return str(
            _("%(unit)s, %(people)s", unit=one.name, people=ngettext("%(num)d person", "%(num)d people", number))
        )

    own = [(str(Audience.DEPARTMENT), _("Own department: %(who)s", who=who(unit)))]
    return choices(
        [
            *(own if unit.id != home.id or kept is Audience.DEPARTMENT else []),
            (str(Audience.INSTITUTE), _("Own institute: %(who)s", who=who(home))),
            (str(Audience.ACADEMY), _("Whole academy: %(who)s", who=who(units.academy()))),
            (str(Audience.EVERYONE), _("Everyone: visitors without an account too")),
        ]
    )


def audience_words(live: LiveSession) -> str:
    """Return who may watch a lesson, in words."""
    return _words_for(live.audience, live.audience_unit)


def replay_words(live: LiveSession) -> str:
    """Return who may watch the recording of a lesson, in words."""
    if live.replay_hidden:
        return str(_("Only its presenters"))
    if live.replay_audience is None or live.replay_audience_unit is None:
        return audience_words(live)
    return _words_for(live.replay_audience, live.replay_audience_unit)


def _words_for(audience: Audience, unit: Unit) -> str:
    if audience is Audience.EVERYONE:
        return str(_("Open to everyone"))
    if audience is Audience.ACADEMY:
        return str(_("Open to the whole academy"))
    return str(_("Open to %(unit)s", unit=unit.name))
