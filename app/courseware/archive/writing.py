"""The contents of an archive of a lesson."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.classroom.chat import pictures as chat_pictures
from app.classroom.slides import kinds as stage
from app.courseware import describing
from app.courseware.archive import rows
from app.courseware.course import Caption, Course, Film, Options, Pictures, place_of
from app.courseware.packing.zips import Entry, from_file, from_text
from app.documents import files
from app.live.models import LiveSession
from app.replays import mp4
from app.replays.captions.formats import Cue, vtt_of
from app.replays.cutting.queries import cuts_of, remaining
from app.replays.cutting.queries import left_out_ms as left_out_of

LESSON = (
    "subject", "abstract", "mode", "starts_at_ms", "ends_at_ms", "started_at_ms", "ended_at_ms", "ended_by",
    "recording_policy",
)  # fmt: skip
STREAM = ("kept_ms", "kept_bytes", "air", "record")
PLAYLISTS = ("index.m3u8", "source.m3u8", "audio.m3u8")


class ArchivedPictures(Pictures):
    """Pictures keep the names that they have on the server: the rows of their pages know them by these."""

    def name(self, address: str, _folder: str, /) -> str:
        """Return the name of what an address leads to."""
        if address.startswith("chat:"):
            return f"chat/{address.removeprefix('chat:')}.webp"
        return address.replace("/slides/", "documents/", 1)


def entries_of(live: LiveSession, media: Path, options: Options) -> list[Entry]:
    """Return the files of an archive.

    Args:
        live: a lesson that is over.
        media: the folder of its recording.
        options: what is wanted of it. What was cut out is in no archive: neither its media nor what was said meanwhile.

    Raises:
        mp4.NothingRecorded, mp4.Unreadable: there is no recording, or it is damaged.
    """
    described = describing.described(live, mp4.Recording(media), options, ArchivedPictures())
    course = replace(described.course, film=replace(described.course.film, src="media/index.m3u8"))
    people = rows.People(options)
    cuts = cuts_of(live.id)
    left_out_ms = left_out_of([live.id]).get(live.id, 0)
    told = {
        **course.as_json(),
        "lesson": {name: getattr(live, name) for name in LESSON},
        "stream": {
            **{name: getattr(live.stream, name) for name in STREAM},
            "kept_ms": live.stream.kept_ms - left_out_ms,
        },
    }
    entries = [from_text("course.json", _json(told)), from_text("data.json", _json(_paella(course))), *_tracks(course)]
    for name in rows.tables_for(options):
        table = [people.row(row) for row in rows.rows_of(name, live, cuts)]
        entries.append(from_text(f"rows/{name}.jsonl", _lines(table)))
        if name == "document_page":
            entries += list(_pages(table))
        if name == "chat_message":
            entries += list(_chat_pictures(live.id, table))
    events = remaining(describing.events_of(live.id), cuts)
    lines = [
        {"id": event.id, "at_ms": event.at_ms, "kind": event.kind, "payload": people.payload(event.payload)}
        for event in events
        if rows.is_told(event.kind, options)
    ]
    entries.append(from_text("events.jsonl", _lines(lines)))
    return [*entries, *_media(media)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _lines(values: Iterable[Mapping[str, Any]]) -> str:
    return "".join(f"{_json(value)}\n" for value in values)


def _pages(table: Iterable[Mapping[str, Any]]) -> Iterator[Entry]:
    for page in table:
        for key in page["steps"]:
            for size in files.SIZES:
                if (file := files.picture_of(page["document_id"], key, size)) is not None:
                    yield from_file(f"documents/{page['document_id']}/{file.name}", file)


def _chat_pictures(live_id: str, table: Iterable[Mapping[str, Any]]) -> Iterator[Entry]:
    for message in table:
        if message["picture"] and (file := chat_pictures.file_of(live_id, message["picture"])) is not None:
            yield from_file(f"chat/{file.name}", file)


def _tracks(course: Course) -> Iterator[Entry]:
    """Yield captions and chapters as WebVTT, for players that know nothing of `course.json`."""
    for caption in course.captions:
        yield from_text(_name_of(caption), vtt_of([_cue(*cue) for cue in caption.cues]))
    ends = [chapter.at_s for chapter in course.chapters[1:]] + [course.film.length_s]
    cues = [_cue(chapter.at_s, end_s, chapter.title) for chapter, end_s in zip(course.chapters, ends, strict=True)]
    yield from_text("chapters.vtt", vtt_of(cues))


def _name_of(caption: Caption) -> str:
    return f"captions.{caption.language}.vtt"


def _cue(begin_s: float, end_s: float, text: str) -> Cue:
    return Cue(round(1000 * begin_s), round(1000 * end_s), text)


def _media(media: Path) -> Iterator[Entry]:
    names: dict[str, None] = {}
    for playlist in PLAYLISTS:
        file = mp4.playlists_of(media) / playlist
        if file.exists():
            yield from_file(f"media/{playlist}", file)
            names |= dict.fromkeys(names_in(file.read_text()))
    for name in names:
        if name not in PLAYLISTS and (media / "segments" / name).exists():  # playlists list what is missing as a gap
            yield from_file(f"media/{name}", media / "segments" / name)


def names_in(playlist: str) -> list[str]:
    """Return the names of the files in a playlist (RFC 8216), each map before its segments."""
    found: dict[str, None] = {}
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            found[line.partition('URI="')[2].partition('"')[0]] = None
        elif line and not line.startswith("#"):
            found[line] = None
    return list(found)


def _paella(course: Course) -> dict[str, Any]:
    """Describe the course for Paella players: the film, and the pages as an image stream with times."""
    shown = [event for event in course.stage if event["kind"] == stage.SHOWN and event["data"]["large"]]
    frames = [(place_of(course.clock, event["at"]), event["data"]) for event in shown]
    film: Film = course.film
    presenter = {
        "sources": {"hls": [{"src": film.src, "mimetype": "video/mp4", "res": {"w": film.width, "h": film.height}}]},
        "content": "presenter",
        "role": "mainAudio",
    }
    pages = {
        "sources": {
            "image": [
                {
                    "mimetype": "image/webp",
                    "frames": [{"time": at_s, "src": page["large"]} for at_s, page in frames],
                    "count": len(frames),
                    "duration": film.length_s,
                    "res": {"w": frames[0][1]["width"], "h": frames[0][1]["height"]} if frames else {},
                }
            ]
        },
        "content": "presentation",
    }
    return {
        "metadata": {"title": course.title, "duration": film.length_s},
        "streams": [presenter, *([pages] if frames else [])],
        "frameList": {
            "targetContent": "presentation",
            "frames": [
                {"id": f"frame_{number}", "mimetype": "image/webp", "time": chapter.at_s, "url": chapter.thumb}
                for number, chapter in enumerate(course.chapters)
            ],
        },
        "captions": [
            {"id": one.language, "lang": one.language, "text": one.label, "format": "vtt", "url": _name_of(one)}
            for one in course.captions
        ],
    }
