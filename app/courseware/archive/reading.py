"""Looks through an archive and unpacks it: a program of its own with limits, which knows nothing of the app.

`reading.py ARCHIVE FOLDER MOST_BYTES`. It says how far it is, and at the end that all is well or a word for what is
not, as lines of JSON. Names, kinds of files, sizes and checksums are judged before anything is believed.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

MAJOR = 1
"""`course.MAJOR`; this program imports nothing of the app."""
SCHEMA = "jiangtang.course"
PIECE = 1 << 20
MOST_FILES = 200_000
"""A day of segments in two renditions has 170,000."""
MOST_RATIO = 200
"""Maximum ratio of unpacked to packed size; more is a bomb. Events of a whole day shrink to a fortieth."""
MOST_TEXT = 400_000_000
NAME = re.compile(
    r"(course|data)\.json|events\.jsonl|checksums\.sha256|(chapters|captions\.[A-Za-z-]{2,12})\.vtt"
    r"|rows/[a-z_]{1,40}\.jsonl|media/[A-Za-z0-9_.-]{1,120}"
    r"|documents/[0-9a-z]{1,16}/[A-Za-z0-9_-]{8,50}\.webp|chat/[0-9a-z]{8,40}\.webp",
    re.ASCII,
)
URI = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,119}", re.ASCII)
TAGS = frozenset({
    "EXTM3U", "EXTINF", "EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE",
    "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME", "EXT-X-DISCONTINUITY",
    "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-GAP", "EXT-X-ENDLIST", "EXT-X-STREAM-INF",
})  # fmt: skip
"""Tags of playlists that our worker writes; others may lead elsewhere."""


class Refused(Exception):
    """The archive is not taken; the text is a word of `importing.PROBLEMS`."""


def main(arguments: Sequence[str]) -> None:
    """Unpack, or refuse."""
    archive, folder, most_bytes = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    try:
        for done in unpack(archive, folder, most_bytes):
            say({"done": done})
    except Refused as error:
        say({"refused": str(error)})
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, UnicodeDecodeError, ValueError, KeyError):
        say({"refused": "damaged"})
    except OSError as error:
        say({"refused": "disk_full" if error.errno == 28 else "damaged"})
    else:
        say({"whole": True})


def say(message: object) -> None:
    """Write a line for the program that has started this one."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def unpack(archive: Path, folder: Path, most_bytes: int) -> Iterator[int]:
    """Unpack an archive, and report the number of unpacked bytes from time to time.

    Raises:
        Refused: something in it is not as it must be.
    """
    with zipfile.ZipFile(archive) as zipped:
        entries = zipped.infolist()
        judge(entries, most_bytes)
        names = {entry.filename for entry in entries}
        if not {"course.json", "events.jsonl", "checksums.sha256", "media/source.m3u8"} <= names:
            raise Refused("no_archive")
        judge_version(zipped.read("course.json"))
        sums = dict(line.split("  ", 1)[::-1] for line in zipped.read("checksums.sha256").decode().splitlines())
        if set(sums) != names - {"checksums.sha256"}:
            raise Refused("damaged")
        done = 0
        for entry in entries:
            if entry.filename != "checksums.sha256" and extract(zipped, entry, folder) != sums[entry.filename]:
                raise Refused("damaged")
            done += entry.file_size
            yield done
    judge_playlists(folder / "media")


def judge(entries: Sequence[zipfile.ZipInfo], most_bytes: int) -> None:
    """Judge what an archive says of its files. Raises Refused."""
    names = [entry.filename for entry in entries]
    if len(names) > MOST_FILES or len(set(names)) != len(names):
        raise Refused("too_large" if len(names) > MOST_FILES else "damaged")
    if sum(entry.file_size for entry in entries) > most_bytes:
        raise Refused("too_large")
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if not NAME.fullmatch(entry.filename) or ".." in entry.filename or kind not in {0, stat.S_IFREG}:
            raise Refused("foreign")
        if entry.file_size > MOST_RATIO * max(entry.compress_size, 100) or entry.flag_bits & 1:
            raise Refused("foreign")
        if entry.filename.endswith((".json", ".jsonl", ".m3u8", ".sha256")) and entry.file_size > MOST_TEXT:
            raise Refused("too_large")


def judge_version(text: bytes) -> None:
    """Refuse what a newer program has written in another way. Raises Refused."""
    told = json.loads(text)
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise Refused("no_archive")
    version = told.get("version")
    if not isinstance(version, list) or not version or version[0] != MAJOR:
        raise Refused("newer")


def extract(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> str:
    """Write one file, no longer than the archive announced. Return its SHA-256. Raises Refused."""
    target = folder / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), entry.file_size
    with zipped.open(entry) as source, target.open("xb") as out:
        while piece := source.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise Refused("foreign")
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def judge_playlists(media: Path) -> None:
    """Refuse playlists that lead out of their folder. Raises Refused."""
    for playlist in media.glob("*.m3u8"):
        for line in playlist.read_text().splitlines():
            tag, _colon, rest = line.removeprefix("#").partition(":")
            uri = rest.partition('URI="')[2].partition('"')[0] if line.startswith("#") else line
            if (line.startswith("#") and tag not in TAGS) or (uri and not URI.fullmatch(uri)):
                raise Refused("foreign")
