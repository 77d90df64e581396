"""The description of a course, from its parts."""

from __future__ import annotations

from app.courseware.course import Chapter, Gap, Pictures, chapters_of, gaps_of, on_stage, place_of
from app.replays.mp4.parts import Part, Piece, parts_of, pieces_of

CLOCK = [Piece(0, 10, 1_000_000), Piece(10, 5, 1_070_000)]


def test_a_moment_has_its_place_in_the_film() -> None:
    assert place_of(CLOCK, 1_004_500) == 4.5
    assert place_of(CLOCK, 1_030_000) == 10, "in the pause: where the film goes on"
    assert place_of(CLOCK, 1_072_000) == 12
    assert place_of(CLOCK, 0) == 0
    assert place_of(CLOCK, 9_000_000) == 15


def test_what_is_missing_is_a_gap_with_its_reason() -> None:
    states = [(999_000, "on_air"), (1_010_500, "paused"), (1_069_900, "on_air")]
    assert gaps_of(CLOCK, states) == [Gap(10, 60_000, "paused")]
    assert gaps_of(CLOCK, states[:1]) == [Gap(10, 60_000, "unrecorded")]
    assert gaps_of([Piece(0, 10, 0), Piece(10, 5, 10_400)], []) == [], "the seam of an encoder"


def test_chapters_are_pages_that_stood_and_a_pause_is_one_place() -> None:
    moments = [(1_000_000, "一", 1), (1_005_000, "二", 2), (1_020_000, "三", 3), (1_050_000, "四", 4)]
    found = chapters_of(moments, CLOCK, {1_050_000: "thumbs/001.jpg"})
    assert found == [Chapter(0, "一", 1, ""), Chapter(5, "二", 2, ""), Chapter(10, "四", 4, "thumbs/001.jpg")]


def test_pages_of_a_package_name_its_own_pictures() -> None:
    names = Pictures()
    page = {
        "document": "d",
        "page": 1,
        "large": "/slides/d/k-large.webp",
        "medium": "/slides/d/k-medium.webp",
        "next": ["x"],
    }
    shown = on_stage(4, 1_000, "slides.shown", page, names)
    assert shown["data"] == {"document": "d", "page": 1, "large": "slides/001.jpg", "medium": "", "next": []}
    assert names.names == {"/slides/d/k-large.webp": "slides/001.jpg"}
    assert names.name("/slides/d/k-large.webp", "slides") == "slides/001.jpg"
    assert names.name("", "slides") == ""


def test_the_clock_follows_the_dates_of_segments() -> None:
    playlist = """#EXTM3U
#EXT-X-MAP:URI="a"
#EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:00:00.000Z
#EXTINF:1.00000,
a1
#EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:00:01.010Z
#EXTINF:1.00000,
a2
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:01:00.000Z
#EXTINF:2.00000,
b1
#EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:01:02.300Z
#EXTINF:1.00000,
b2
"""
    eight = 1_796_025_600_000
    pieces = pieces_of([(part, length) for part, length in zip(parts_of(playlist), (2.02, 3.0), strict=True)], 0)
    assert [(round(one.at_s, 3), round(one.length_s, 3), one.captured_ms - eight) for one in pieces] == [
        (0, 2.02, 0), (2.02, 2, 60_000), (4.02, 1, 62_300),
    ]  # fmt: skip


def test_without_dates_the_film_runs_on_from_the_beginning() -> None:
    assert pieces_of([(Part("a", (("a1", 1.0), ("a2", 1.0))), 2.0)], 5_000) == [Piece(0, 2.0, 5_000)]
