"""From the files that somebody has brought to the folder of an archive, as `archive.importing` takes it in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.classroom.chat import kinds as chat_kinds
from app.classroom.polls import kinds as poll_kinds
from app.classroom.polls.models import Kind, PollState, mask_of
from app.classroom.slides import kinds as stage
from app.courseware.course import MAJOR, MINOR, SCHEMA
from app.courseware.intake import film
from app.documents.convert import Limits, Outline, PageMade, Refused, convert
from app.documents.files import SIZES
from app.kernel import clock
from app.kernel.children.family import Family, Rules, View
from app.kernel.ids import new_id
from app.live import kinds as live_kinds
from app.live.lifecycle import LiveState
from app.live.models import EndedBy, LiveMode, RecordingPolicy
from app.replays.captions import queries as captions
from app.replays.captions.formats import Unreadable, cues_of

OPENING = Rules(memory_bytes=1_500_000_000, cpu_s=1800, file_bytes=20_000_000_000)
SILENCE_S = 3600
"""Silence of a program after which it is given up, s."""
UNFOLDS = 3
VOTERS = 1_000_000
"""Numbers of nameless voters, beyond those of people who said something."""
ROUNDING_MS = 100
"""By which the last segment may seem to end after the lesson."""
FILM, SLIDES = 70, 25
"""Shares of the time, in percent; the rest is for unpacking and storing."""
AT_REST = {"reason": "", "message": "", "recording": True}

Report = Callable[[int], None]
"""Is told the progress in percent; what it raises ends the work."""


class Refusal(Exception):
    """The recording is not taken; the text is a word of `errors.PROBLEMS`."""


@dataclass(frozen=True)
class Result:
    """Result of a poll. Nobody knows who voted for what."""

    at_s: float
    question: str
    voters: int
    answers: Sequence[tuple[str, int]]
    """(answer, votes)"""

    def votes(self) -> list[int]:
        """Return what each of its voters has chosen, as `mask_of` writes it, so that the sums are right."""
        voters = max(self.voters, *(votes for _answer, votes in self.answers))
        total = sum(votes for _answer, votes in self.answers)
        chosen = [0] * min(total, voters)
        given = 0
        for number, (_answer, votes) in enumerate(self.answers, 1):
            for voter in range(given, given + votes):
                chosen[voter % len(chosen)] |= mask_of([number])
            given += votes
        return chosen


@dataclass(frozen=True)
class Told:
    """Facts about a recording beside its picture."""

    subject: str
    began_ms: int
    shown: Sequence[tuple[float, int]] = ()
    """Moments (s) at which pages were shown."""
    words: Mapping[int, str] = field(default_factory=dict)
    """Texts of pages whose pictures hold none."""
    chat: Sequence[tuple[float, str, str]] = ()
    """(s, name, text) of each message."""
    captions: Mapping[str, str] = field(default_factory=dict)
    """WebVTT by language."""
    polls: Sequence[Result] = ()
    notes: str = ""
    """Description of the lesson, or the notes that people wrote together in it."""


def open_zip(source: Path, work: Path, view: View, report: Report) -> str:
    """Have a program with limits look into a zip; return what it is: archive, or bigbluebutton.

    Raises:
        Refusal: it is nothing that can be taken.
    """
    most_bytes = UNFOLDS * source.stat().st_size + 100_000_000
    with Family(work, view.with_shown(source.resolve())) as family:
        family.start_own(
            "opening", "app.courseware.intake.opening", OPENING, str(source.resolve()), str(work), str(most_bytes)
        )
        while (said := family.hear(SILENCE_S)) is not None and said.line is not None:
            message = said.message
            if "refused" in message:
                raise Refusal(str(message["refused"]))
            if "kind" in message:
                return str(message["kind"])
            report(0)
    raise Refusal("damaged")


def told_by_bigbluebutton(work: Path, name: str) -> Told:
    """Read what the program has found in a recording of BigBlueButton. Raises Refusal."""
    try:
        told = json.loads((work / "recording.json").read_text())
        began_ms = int(told["began_ms"])
        return Told(
            subject=str(told["title"]) or name,
            began_ms=began_ms if 0 < began_ms < clock.now_ms() else clock.now_ms() - 86_400_000,
            shown=[(float(at_s), int(number)) for at_s, number in told["shown"]],
            words={int(number): str(text) for number, text in told["words"].items()},
            chat=[(float(at_s), str(name), str(text)) for at_s, name, text in told["chat"]],
            captions={str(language): str(text) for language, text in told["captions"].items()},
            polls=[
                Result(float(at_s), str(question), int(voters), [(str(text), int(votes)) for text, votes in answers])
                for at_s, question, voters, answers in told["polls"]
            ],
            notes=str(told["notes"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal("damaged") from error


class Making:
    """The folder of an archive, made of a video, its slides, and what is told of them."""

    def __init__(self, told: Told, work: Path, folder: Path, view: View, report: Report) -> None:
        self._told, self._work, self._folder, self._view, self._report = told, work, folder, view, report
        (folder / "media").mkdir(parents=True)
        (folder / "rows").mkdir()

    def make(self, video: Path, slides: Path | None, slides_name: str) -> None:
        """Make it.

        Raises:
            Refusal: the video or the slides cannot be read.
        """
        share = FILM if slides else FILM + SLIDES
        work = self._work / "film-work"
        work.mkdir()
        try:
            made = film.make(
                current_app.config["FFMPEG"], video, self._told.began_ms, work, self._folder / "media", self._view,
                lambda percent: self._report(share * percent // 100),
            )  # fmt: skip
        except film.NoFilm as error:
            raise Refusal(str(error)) from error
        ended_ms = self._told.began_ms + made.length_ms
        document, steps = "", list[int]()
        if slides is not None:
            document, steps = self._pages(slides, slides_name)
        self._write(made, ended_ms, document, steps)

    def _pages(self, slides: Path, name: str) -> tuple[str, list[int]]:
        """Have the documents' converter draw the slides; return their id, and of each page its last step."""
        document = new_id()
        target, pages, total = self._folder / "documents" / document, [], 0
        target.mkdir(parents=True)
        limits = Limits(file_bytes=slides.stat().st_size)
        try:
            for step in convert(slides, name, target, limits=limits, view=self._view):
                if isinstance(step, Outline):
                    total = step.pages
                elif isinstance(step, PageMade):
                    pages.append(step)
                    self._report(FILM + SLIDES * step.number // max(total, 1))
        except Refused as refusal:
            raise Refusal(f"slides.{refusal.problem}") from refusal
        size = sum(file.stat().st_size for key in {key for page in pages for key in page.steps}
                   for kind in SIZES if (file := target / f"{key}-{kind}.webp").exists())  # fmt: skip
        row = {
            "id": document, "kind": "deck", "name": name, "state": "ready", "page_count": len(pages),
            "ready_count": len(pages), "pictures_bytes": size, "hidden": False, "findings": {},
        }  # fmt: skip
        self._rows("document", [row])
        self._rows("document_page", (self._page(document, page) for page in pages))
        return document, [max(0, len(page.steps) - 1) for page in pages]

    def _page(self, document: str, page: PageMade) -> dict[str, Any]:
        at_s = next((at_s for at_s, number in self._told.shown if number == page.number), 0.0)
        return {
            "document_id": document, "number": page.number, "width": page.width, "height": page.height,
            "steps": list(page.steps), "text": page.text or self._told.words.get(page.number, ""), "notes": page.notes,
            "shown_ms": self._told.began_ms + round(1000 * at_s),
        }  # fmt: skip

    def _write(self, made: film.Made, ended_ms: int, document: str, steps: Sequence[int]) -> None:
        began_ms = self._told.began_ms
        lesson = {
            "subject": self._told.subject, "abstract": self._told.notes, "mode": str(LiveMode.LECTURE_HALL),
            "recording_policy": str(RecordingPolicy.FROM_START), "starts_at_ms": began_ms, "ends_at_ms": ended_ms,
            "started_at_ms": began_ms, "ended_at_ms": ended_ms, "ended_by": str(EndedBy.PRESENTER),
        }  # fmt: skip
        stretch = [[began_ms, ended_ms + ROUNDING_MS]]
        stream = {"kept_ms": made.length_ms, "kept_bytes": made.size_bytes, "air": stretch, "record": stretch}
        course = {"schema": SCHEMA, "version": [MAJOR, MINOR], "lesson": lesson, "stream": stream}
        (self._folder / "course.json").write_text(json.dumps(course))
        self._captions()
        moments: list[tuple[int, str, dict[str, Any]]] = [
            (began_ms, live_kinds.STATE, {**AT_REST, "state": str(LiveState.ON_AIR), "started_at": began_ms}),
            (ended_ms, live_kinds.STATE, {**AT_REST, "state": str(LiveState.ENDED), "started_at": began_ms}),
        ]
        moments += shown_events(document, steps, self._told.shown, began_ms, ended_ms)
        moments += [
            (min(ended_ms, began_ms + round(1000 * at_s)), chat_kinds.SAID, {"line": number})
            for number, (at_s, _name, _text) in enumerate(self._told.chat)
        ]
        moments += self._polls(began_ms, ended_ms)
        moments.sort(key=lambda one: one[0])
        self._chat([(number, at_ms, payload["line"]) for number, (at_ms, kind, payload) in enumerate(moments, 1)
                    if kind == chat_kinds.SAID])  # fmt: skip
        lines = [
            {"id": number, "at_ms": at_ms, "kind": kind, "payload": {} if kind == chat_kinds.SAID else payload}
            for number, (at_ms, kind, payload) in enumerate(moments, 1)
        ]
        (self._folder / "events.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    def _chat(self, places: Sequence[tuple[int, int, int]]) -> None:
        keys: dict[str, str] = {}
        rows = []
        for number, at_ms, line in places:
            _at_s, name, text = self._told.chat[line]
            name = name or str(_("Somebody"))
            key = keys.setdefault(name, f"x{len(keys) + 1}")
            rows.append({"id": number, "at_ms": at_ms, "by_key": key, "by_name": name, "part": "learner", "text": text,
                         "nonce": str(number), "to_desk": False, "picture": ""})  # fmt: skip
        self._rows("chat_message", rows)

    def _polls(self, began_ms: int, ended_ms: int) -> list[tuple[int, str, dict[str, Any]]]:
        """Write the polls; return (moment, kind, payload) of what happened to them."""
        rows, votes, moments = [], [], []
        for number, poll in enumerate(self._told.polls, 1):
            at_ms, chosen = min(ended_ms, began_ms + round(1000 * poll.at_s)), poll.votes()
            is_single = all(mask.bit_count() == 1 for mask in chosen)
            rows.append({
                "id": number, "position": number, "kind": str(Kind.SINGLE if is_single else Kind.MULTIPLE),
                "question": poll.question or str(_("Poll")), "options": [text for text, _votes in poll.answers],
                "right": 0, "countdown_s": 0, "state": str(PollState.PUBLISHED), "made_ms": at_ms, "opened_ms": at_ms,
            })  # fmt: skip
            votes += [
                {"poll_id": number, "key": f"x{VOTERS + voter}", "name": str(_("Somebody")), "chosen": mask,
                 "text": "", "at_ms": at_ms}
                for voter, mask in enumerate(chosen)
            ]  # fmt: skip
            moments += [(at_ms, kind, {"poll": number}) for kind in (poll_kinds.OPENED, poll_kinds.PUBLISHED)]
        self._rows("poll", rows)
        self._rows("poll_vote", votes)
        return moments

    def _captions(self) -> None:
        rows: list[dict[str, Any]] = []
        for language, text in self._told.captions.items():
            known = next((one for one in captions.LANGUAGES if one.split("-")[0] == language.split("-")[0]), None)
            try:
                cues = cues_of(text)
            except Unreadable:
                continue
            if known and cues and known not in {row["language"] for row in rows}:
                rows.append({"language": known, "rows": [[cue.start_ms, cue.end_ms, cue.text] for cue in cues]})
        self._rows("replay_captions", rows)

    def _rows(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        lines = [f"{json.dumps(row)}\n" for row in rows]
        if lines:
            (self._folder / "rows" / f"{name}.jsonl").write_text("".join(lines))


def shown_events(
    document: str, steps: Sequence[int], shown: Sequence[tuple[float, int]], began_ms: int, ended_ms: int
) -> list[tuple[int, str, dict[str, Any]]]:
    """Return (moment, kind, payload) of each turn of a page; without any time the first page stands from the start.

    `steps` are the last steps of all pages: nobody has told when their builds came, so that each is shown whole.
    """
    if not steps:
        return []
    turns = [(at_s, number) for at_s, number in shown if 1 <= number <= len(steps)] or [(0.0, 1)]
    return [
        (
            min(ended_ms, began_ms + round(1000 * at_s)),
            stage.SHOWN,
            {"document": document, "page": number, "step": steps[number - 1]},
        )
        for at_s, number in turns
    ]
