"""Why a poll is not made, not opened, or an answer not counted."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, Forbidden, NotFound


class NoPoll(NotFound):
    """The poll was deleted, or learners do not know of it yet."""

    code = "polls.none"
    message = _l("This poll is not there any more.")
    mend = _l("Somebody has deleted it.")


class Closed(Conflict):
    """Its time is over, or a presenter has closed it."""

    code = "polls.closed"
    message = _l("This poll is closed.")
    mend = _l("What you sent before it was closed is counted.")


class NothingChosen(AppError):
    """An empty answer."""

    code = "polls.nothing_chosen"
    message = _l("There is no answer yet.")
    mend = _l("Choose or write one first.")


class NoSuchAnswer(AppError):
    """Something that cannot be chosen here."""

    code = "polls.no_such_answer"
    message = _l("This answer is not one of those that can be given.")
    mend = _l("Reload the page and choose again.")


class AnswerTooLong(AppError):
    """More than an answer holds."""

    code = "polls.too_long"

    def __init__(self, length: int, most: int) -> None:
        """Name the maximum and the length of the text, both in characters."""
        super().__init__(
            _("An answer has %(most)s characters at most; this one has %(length)s.", most=most, length=length),
            _("Shorten it."),
        )


class DeskAsks(Forbidden):
    """A teacher or assistant answers, whose answer would count among the learners'."""

    code = "polls.desk_asks"
    message = _l("Those who teach or assist do not answer.")
    mend = _l("To try it out, rehearse the lesson, and choose “View as a learner” there.")


class LessonOver(Conflict):
    """Nobody is there to answer."""

    code = "polls.over"
    message = _l("The lesson is over; nobody could answer.")
    mend = _l("The results of its polls can still be exported.")


class NotInThisState(Conflict):
    """Another person has changed the state of the poll meanwhile."""

    code = "polls.state"
    message = _l("The poll is not in a state that allows this.")
    mend = _l("Look at the list: somebody may just have opened or closed it.")


class Asked(Conflict):
    """The poll has answers, so its question must stay as it was."""

    code = "polls.asked"
    message = _l("This poll was opened before, so its words stay as they are.")
    mend = _l("Make a copy and change that.")


class NoQuestion(AppError):
    """Nothing is asked."""

    code = "polls.no_question"
    message = _l("The question is missing.")
    mend = _l("Write what you want to ask.")


class QuestionTooLong(AppError):
    """More than a question holds."""

    code = "polls.question_too_long"

    def __init__(self, most: int) -> None:
        """Name the maximum, in characters."""
        super().__init__(_("A question has %(most)s characters at most.", most=most), _("Shorten it."))


class OptionTooLong(AppError):
    """More than an option holds."""

    code = "polls.option_too_long"

    def __init__(self, most: int) -> None:
        """Name the maximum, in characters."""
        super().__init__(_("An option has %(most)s characters at most.", most=most), _("Shorten it."))


class OptionCount(AppError):
    """Too few to choose from, or too many."""

    code = "polls.option_count"
    message = _l("A choice needs 2 to 10 different options.")
    mend = _l("Write one into each line.")


class OneRight(AppError):
    """A poll with a single choice has two right answers."""

    code = "polls.one_right"
    message = _l("Of a single choice, one option can be right.")
    mend = _l("Mark one, or make it a multiple choice.")


class RightIsEmpty(AppError):
    """A mark beside nothing."""

    code = "polls.right_is_empty"
    message = _l("An empty option is marked as right.")
    mend = _l("Write the option, or take the mark away.")


class Countdown(AppError):
    """Too short to read, or longer than a lesson."""

    code = "polls.countdown"
    message = _l("A countdown lasts 5 seconds to one hour.")
    mend = _l("Choose another one, or none.")


class TooManyPolls(Conflict):
    """More than one lesson needs."""

    code = "polls.too_many"
    message = _l("This lesson has very many polls.")
    mend = _l("Delete some that are not needed.")
