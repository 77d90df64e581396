"""A course in parts: where it is cut, what each part holds, and that it plays from its first picture on."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from app.accounts.models import User
from app.courseware import describing, queries, splitting
from app.courseware.course import Caption, Chapter, Options
from app.courseware.models import ExportState, Form
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import mp4
from tests.conftest import SignIn
from tests.courseware.conftest import Runs, exported, package, taught
from tests.courseware.test_composed import FPS, decoded, near
from tests.courseware.test_packages import data_of


def chapter(at_s: float) -> Chapter:
    return Chapter(at_s, f"{at_s:.0f}", 1, "")


def test_parts_begin_with_chapters_where_one_is_near() -> None:
    chapters = [chapter(at_s) for at_s in (0, 290, 520, 640)]
    assert splitting.cuts_of(900, chapters, 3) == [(0, 290), (290, 640), (640, 900)]
    assert splitting.cuts_of(900, [chapter(0)], 3) == [(0, 300), (300, 600), (600, 900)]
    assert splitting.cuts_of(900, [], 1) == [(0, 900)]


def test_a_part_has_its_own_share_of_everything(course: LiveSession) -> None:
    whole = describing.described(course, mp4.Recording(folder_of(course.stream_id)), Options()).course
    part = splitting.section_of(whole, 2.0, 5.0, 2, 2)
    assert (part.id, part.title, part.film.length_s) == (f"{whole.id}-2of2", f"{whole.title} (2/2)", 3.0)
    assert [(piece.at_s, piece.length_s) for piece in part.clock] == [(0.0, 1.0), (1.0, 2.0)]
    assert part.clock[0].captured_ms == whole.clock[0].captured_ms + 2000
    assert [(one.at_s, one.page) for one in part.chapters] == [(0.0, 1), (2.0, 2)], "it begins in the midst of page 1"
    assert [gap.at_s for gap in part.gaps] == [1.0]
    assert len(part.stage) == len(whole.stage)
    first = splitting.section_of(whole, 0.0, 2.0, 1, 2)
    assert [event["data"]["page"] for event in first.stage] == [1]
    assert splitting.pictures_of(first) < splitting.pictures_of(whole)


def test_captions_are_cut_at_the_seam() -> None:
    caption = Caption("zh", "中文", [(0.0, 1.0, "一"), (1.5, 2.5, "二"), (3.0, 4.0, "三")])
    assert splitting._captions(caption, 2.0, 3.5).cues == [(0.0, 0.5, "二"), (1.0, 1.5, "三")]


def test_each_package_is_a_course_of_its_own_and_no_larger_than_it_may_be(
    course: LiveSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = exported(course, Form.WEB)
    monkeypatch.setattr("app.courseware.splitting.NEAR", 0.5)
    most = round(0.9 * one.size_bytes)
    export = exported(course, Form.WEB, Options(part_mb=most / 1e6))  # type: ignore[arg-type] # less than a megabyte
    assert export.state is ExportState.DONE, export.problem
    with package(export) as outer:
        names = outer.namelist()
        assert names == [f"part-{number}.zip" for number in range(1, len(names) + 1)]
        assert len(names) > 1
        assert all(entry.file_size <= most for entry in outer.infolist())
        parts = [zipfile.ZipFile(io.BytesIO(outer.read(name))) for name in names]
    told = [data_of(part) for part in parts]
    assert sum(one["film"]["length_s"] for one in told) == pytest.approx(5.0)
    assert len({one["id"] for one in told}) == len(parts)
    last = tmp_path / "last.mp4"
    last.write_bytes(parts[-1].read("media/lesson.mp4"))
    assert abs(len(decoded(last, (32, 18))) / FPS - told[-1]["film"]["length_s"]) < 0.1


@pytest.mark.one_database
def test_a_composed_mp4_in_parts(app: Flask, teacher: User, learner: User, runs: Runs, tmp_path: Path) -> None:
    live = taught(app, teacher, learner, runs)
    size = exported(live, Form.COMPOSED).size_bytes
    export = exported(live, Form.COMPOSED, Options(part_mb=0.85 * size / 1e6))  # type: ignore[arg-type] # see above
    assert (export.state, export.ending) == (ExportState.DONE, "zip"), export.problem
    with package(export) as outer:
        outer.extractall(tmp_path)
        parts = [decoded(tmp_path / name, (160, 90)) for name in outer.namelist()]
    cuts = splitting.cuts_of(5.0, [chapter(0), chapter(4)], len(parts))
    assert len(cuts) > 1
    for pictures, (begin_s, end_s) in zip(parts, cuts, strict=True):
        assert 0 <= len(pictures) - round((end_s - begin_s) * FPS) <= 6, (
            "a quarter of a second is there twice at most, and none is missing"
        )
        page_2 = [near(picture.getpixel((10, 20)), (80, 90, 160)) for picture in pictures]
        if begin_s < 4.0 < end_s:
            assert abs(begin_s + page_2.index(True) / FPS - 4.0) <= 0.15


def test_parts_that_would_be_too_many_are_refused_in_words(course: LiveSession) -> None:
    assert exported(course, Form.WEB, Options(part_mb=0.0001)).problem == "parts_too_small"  # type: ignore[arg-type]


def test_the_form_asks_for_parts(sign_in: SignIn, course: LiveSession) -> None:
    browser, base = sign_in(course.owner), f"/live/{course.id}/courseware"
    for typed in ("500", "", "1"):
        browser.post(base, data={"chosen": "1", "kind": "scorm12", "part_mb": typed})
    assert {one.wanted.part_mb for one in queries.exports_of(course.id)} == {500, 0, splitting.LEAST_MB}
