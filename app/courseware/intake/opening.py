"""Opens a zip that somebody brings: a program of its own with limits, which knows nothing of the app.

`opening.py ZIP FOLDER MOST_BYTES`. It says as a line of JSON what the zip is. Of an archive it says only that: another
program unpacks archives (`archive/reading.py`). A presentation recording of BigBlueButton is unpacked into FOLDER, as
`recording.json`, `film` and `slides.pdf`.

Source of the format: bigbluebutton, record-and-playback/presentation/scripts/publish/presentation.rb, and bbb-playback,
src/utils/builder.js. `shapes.svg` names the slides with lists of seconds in which each was shown; `slides_new.xml` has
the chat; `polls.json` the results of polls that were shown; `notes.html` the shared notes; `metadata.xml` the moments;
`presentation_text.json` the words on the slides; `captions.json` the languages of `caption_LANGUAGE.vtt`.
"""

from __future__ import annotations

import json
import re
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

from lxml import etree
from PIL import Image

PIECE = 1 << 20
MOST_FILES = 20_000
MOST_RATIO = 200
"""Maximum ratio of unpacked to packed size; more is a bomb."""
MOST_TEXT = 100_000_000
MOST_SLIDES = 1_000
MOST_PIXELS = 40_000_000
"""Of a slide; BigBlueButton draws pages with 2 million."""
MOST_SIDE = 2_560
MOST_POLLS, MOST_ANSWERS, MOST_VOTES = 500, 10, 1_000
LONGEST_NOTES = 4_000
"""As long as the description of a lesson can be, which they become."""
XLINK = "{http://www.w3.org/1999/xlink}href"
FILMS = (
    "video/webcams.mp4", "video/webcams.webm", "video/webcams.m4v", "deskshare/deskshare.mp4",
    "deskshare/deskshare.webm",
)  # fmt: skip
"""The cameras with the sound of all; without them, the shared screen. A replay has one picture."""
SLIDE = re.compile(r"presentation/[A-Za-z0-9_-]{1,120}/[A-Za-z0-9_-]{1,80}\.(png|jpe?g)")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z]{2,4})?")


class Refused(Exception):
    """The zip is not taken; the text is a word of `errors.PROBLEMS`."""


def main(arguments: Sequence[str]) -> None:
    """Open, or refuse."""
    try:
        for message in opened(Path(arguments[0]), Path(arguments[1]), int(arguments[2])):
            say(message)
    except Refused as error:
        say({"refused": str(error)})
    except (
        zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, UnicodeDecodeError, ValueError, KeyError,
        etree.LxmlError, RecursionError, TypeError, AttributeError,
    ):  # fmt: skip
        say({"refused": "damaged"})
    except OSError as error:
        say({"refused": "disk_full" if error.errno == 28 else "damaged"})


def say(message: object) -> None:
    """Write a line for the program that has started this one."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def opened(source: Path, folder: Path, most_bytes: int) -> Iterator[dict[str, Any]]:
    """Yield progress in bytes, and at last what the zip is.

    Raises:
        Refused: it is nothing that can be taken.
    """
    if not zipfile.is_zipfile(source):
        raise Refused("no_recording" if source.stat().st_size < 22 else "damaged")
    with zipfile.ZipFile(source) as zipped:
        entries = zipped.infolist()
        if any(entry.filename == "course.json" for entry in entries):
            yield {"kind": "archive"}
            return
        judge(entries, most_bytes)
        recording = Recording(zipped, {entry.filename: entry for entry in entries if not entry.is_dir()})
        yield from recording.unpack(folder)
    yield {"kind": "bigbluebutton"}


def judge(entries: Sequence[zipfile.ZipInfo], most_bytes: int) -> None:
    """Judge what a zip says of its files. Raises Refused."""
    names = [entry.filename for entry in entries]
    if len(names) > MOST_FILES or sum(entry.file_size for entry in entries) > most_bytes:
        raise Refused("too_large")
    if len(set(names)) != len(names):
        raise Refused("damaged")
    for entry in entries:
        kind, path = stat.S_IFMT(entry.external_attr >> 16), PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename or kind == stat.S_IFLNK:
            raise Refused("foreign")
        if entry.file_size > MOST_RATIO * max(entry.compress_size, 100) or entry.flag_bits & 1:
            raise Refused("foreign")


class Recording:
    """A presentation recording within a zip, at its root or in a folder."""

    def __init__(self, zipped: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> None:
        self._zipped, self._entries = zipped, entries
        heads = sorted((name for name in entries if PurePosixPath(name).name == "metadata.xml"), key=len)
        self._top = heads[0].removesuffix("metadata.xml") if heads else ""
        film = self._first(FILMS)
        if not heads or film is None:
            raise Refused("no_recording")
        self._film = film

    def unpack(self, folder: Path) -> Iterator[dict[str, Any]]:
        """Write what a replay needs; yield how many bytes there are."""
        meta = self._xml("metadata.xml")
        slides = self._slides()
        told = {
            "title": text_of(meta, "meta/meetingName") or text_of(meta, "meta/name") or text_of(meta, "meeting/@name"),
            "began_ms": int(text_of(meta, "start_time") or 0),
            "shown": [[at_s, number] for at_s, number, _name in slides],
            "words": self._words(slides),
            "chat": self._chat(),
            "polls": self._polls(),
            "notes": self._notes(),
            "captions": self._captions(),
        }
        (folder / "recording.json").write_text(json.dumps(told))
        done = 0
        for count in self._extract(self._film, folder / "film"):
            done += count
            yield {"done": done}
        self._bind({number: name for _at, number, name in slides}, folder)

    def _first(self, names: Sequence[str]) -> str | None:
        return next((name for name in names if self._entries.get(self._top + name, None) is not None), None)

    def _read(self, name: str) -> bytes | None:
        entry = self._entries.get(self._top + name)
        if entry is None:
            return None
        if entry.file_size > MOST_TEXT:
            raise Refused("too_large")
        with self._zipped.open(entry) as source:
            data = source.read(entry.file_size + 1)
        if len(data) > entry.file_size:
            raise Refused("foreign")
        return data

    def _xml(self, name: str) -> Any:
        """Parse a file of XML without what it could lead to; an empty tree where there is none."""
        data = self._read(name)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        return etree.fromstring(data, parser) if data else etree.Element("none")

    def _extract(self, name: str, target: Path) -> Iterator[int]:
        entry = self._entries[self._top + name]
        left = entry.file_size
        with self._zipped.open(entry) as source, target.open("xb") as out:
            while piece := source.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise Refused("foreign")
                out.write(piece)
                yield len(piece)

    def _slides(self) -> list[tuple[float, int, str]]:
        """Return when which slide was shown, in order: (s, number from 1, name); each picture has one number."""
        found: list[tuple[float, str]] = []
        for image in self._xml("shapes.svg").iter("{*}image"):
            name = image.get(XLINK) or image.get("href") or ""
            if SLIDE.fullmatch(name) and self._top + name in self._entries:
                found += [(seconds(at), name) for at in (image.get("in") or "").split()]
        found.sort()
        numbers: dict[str, int] = {}
        for _at, name in found:
            numbers.setdefault(name, len(numbers) + 1)
        if len(numbers) > MOST_SLIDES:
            raise Refused("too_large")
        return [(at_s, numbers[name], name) for at_s, name in found]

    def _words(self, slides: Sequence[tuple[float, int, str]]) -> dict[str, str]:
        """Return the words on slides, by their numbers."""
        told = json.loads(self._read("presentation_text.json") or b"{}")
        words = {}
        for _at, number, name in slides:
            _presentation, folder, file = name.split("/")
            text = told.get(folder, {}).get(file.rpartition(".")[0], "")
            if isinstance(text, str):
                words[str(number)] = text.strip()[:20_000]
        return words

    def _chat(self) -> list[list[Any]]:
        """Return the messages: [s, name, text], in order."""
        lines = []
        for line in self._xml("slides_new.xml").iter("chattimeline"):
            text = plain(line.get("message") or "")
            if text:
                lines.append([seconds(line.get("in") or "0"), (line.get("name") or "").strip()[:80], text[:2_000]])
        return sorted(lines, key=lambda one: one[0])[:100_000]

    def _polls(self) -> list[list[Any]]:
        """Return the polls: [s, question, people who answered, [[answer, votes], …]], in order."""
        told = json.loads(self._read("polls.json") or b"[]")
        polls: list[list[Any]] = []
        for one in told if isinstance(told, list) else []:
            answers = [(str(answer["key"]).strip()[:100], int(answer["numVotes"])) for answer in one["answers"]]
            voters = int(one.get("responders") or 0)
            if 2 <= len(answers) <= MOST_ANSWERS and all(0 <= votes <= MOST_VOTES for _answer, votes in answers):
                question = plain(str(one.get("question") or ""))[:300]
                polls.append([seconds(str(one["timestamp"])), question, min(voters, MOST_VOTES), answers])
        return sorted(polls, key=lambda one: one[0])[:MOST_POLLS]

    def _notes(self) -> str:
        """Return the shared notes without their form."""
        body = re.search(r"<body[^>]*>(.*)</body>", (self._read("notes.html") or b"").decode(), re.DOTALL)
        return plain(body[1])[:LONGEST_NOTES] if body else ""

    def _captions(self) -> dict[str, str]:
        """Return captions as WebVTT, by language."""
        told = json.loads(self._read("captions.json") or b"[]")
        found = {}
        for one in told if isinstance(told, list) else []:
            language = str(one.get("locale", ""))
            if LANGUAGE.fullmatch(language) and (data := self._read(f"caption_{language}.vtt")):
                found[language.replace("_", "-")] = data.decode()
        return found

    def _bind(self, slides: dict[int, str], folder: Path) -> None:
        """Bind the pictures of slides, in the order of their numbers, into `slides.pdf`."""
        if not slides:
            return
        Image.MAX_IMAGE_PIXELS = MOST_PIXELS
        pages = (self._picture(slides[number]) for number in sorted(slides))
        next(pages).save(folder / "slides.pdf", "PDF", save_all=True, append_images=pages, resolution=144, quality=92)

    def _picture(self, name: str) -> Image.Image:
        try:
            with self._zipped.open(self._entries[self._top + name]) as source, Image.open(source) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Refused("too_large")
                drawn = picture.convert("RGBA")
        except (OSError, Image.DecompressionBombError) as error:
            raise Refused("damaged") from error
        drawn.thumbnail((MOST_SIDE, MOST_SIDE))
        paper = Image.new("RGB", drawn.size, "white")
        paper.paste(drawn, mask=drawn.getchannel("A"))
        return paper


def text_of(tree: Any, path: str) -> str:
    """Return the text at a path of elements, or of an attribute; empty where there is none."""
    place, _at, attribute = path.partition("/@")
    found = tree.find(place)
    if found is None:
        return ""
    return str((found.get(attribute) if attribute else found.text) or "").strip()


def seconds(text: str) -> float:
    """Return a number of seconds from the beginning. Raises ValueError."""
    value = float(text)
    if not 0 <= value < 1e6:
        raise ValueError(text)
    return value


class _Plain(HTMLParser):
    """The words of a message; links are written as HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its parent's
        """Keep line breaks."""
        if tag in {"br", "p", "li", "div"} and self.words:
            self.words.append("\n")


def plain(message: str) -> str:
    """Return a message without tags."""
    parser = _Plain()
    parser.feed(message)
    parser.close()
    return "".join(parser.words).replace("\0", "").strip()
