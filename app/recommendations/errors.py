"""Reasons for which a lesson is not recommended."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict


class TooManyPictures(Conflict):
    """The unit recommends as many lessons as the home page shows."""

    code = "recommendation.too_many"
    message = _l("Eight lessons are recommended here already, and the home page shows no more.")
    mend = _l("Take one of them away first.")


class NothingToRecommend(Conflict):
    """The lesson is a draft, cancelled, or over without a recording."""

    code = "recommendation.nothing_to_see"
    message = _l("There is nothing to watch in this lesson now.")
    mend = _l("Recommend a lesson that comes, is on air, or has a replay.")


class AudienceElsewhere(Conflict):
    """None of the unit's people may watch the lesson."""

    code = "recommendation.audience_elsewhere"
    message = _l("Nobody who would see the picture may watch this lesson.")
    mend = _l("Ask its planner to open it to a larger audience.")


class AskedAlready(Conflict):
    """A request for the lesson waits for its answer."""

    code = "recommendation.asked_already"
    message = _l("A request for this lesson is waiting for its answer.")


class AnsweredAlready(Conflict):
    """Another member of the platform team was quicker."""

    code = "recommendation.answered_already"
    message = _l("This request is answered already.")
