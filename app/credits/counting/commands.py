"""What pages may ask of counting."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from app.classroom.engine.commands import Allowance, EpochMs, Given, NoName, command
from app.classroom.engine.seats import Seat
from app.credits.counting import judging
from app.credits.counting.collecting import Counted, Report, collector
from app.credits.counting.judging import Why
from app.kernel import clock
from app.kernel.access import Who

REPORTING = Allowance("credits.watched", burst=24, per_s=1)
"""A page reports every ten seconds, and whenever something is done to its player; a person may have a dozen pages."""

NONE: list[int] = []


@command("credits.watched", Who.WATCHER, for_crowds=True, allowance=REPORTING)
def watched(seat: Seat, since: EpochMs, pieces: list[int] = NONE, whole: bool = False) -> Given | Future[Given]:
    """Count what a page has played; answered when it is on the disk.

    Args:
        seat: of the page; its person is the one whose time this is.
        since: moment of the capture clock (epoch ms) after which the pieces lie.
        pieces: four numbers each, see `judging.pieces_of`.
        whole: give all stretches that are stored as well.
    """
    if not seat.person.key:
        raise NoName
    if seat.person.user_id is None:
        return _answer(Counted(0, Why.GUEST, []), whole=whole)
    report = Report(seat, seat.person.user_id, judging.pieces_of(since, pieces), clock.now_ms())
    return _once_written(report, whole=whole)


def _once_written(report: Report, *, whole: bool) -> Future[Given]:
    given: Future[Given] = Future()

    def settle(done: Future[Counted]) -> None:
        failure = done.exception()
        if failure is not None:
            given.set_exception(failure)
        else:
            given.set_result(_answer(done.result(), whole=whole))

    collector().put(report).add_done_callback(settle)
    return given


def _answer(counted: Counted, *, whole: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {"watched_ms": counted.watched_ms, "why": str(counted.why)}
    return answer | {"stretches": counted.stretches} if whole else answer
