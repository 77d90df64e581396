"""Exports as people ask for them: made, watched, cancelled, fetched and swept away, by those who may."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.courseware import errors, jobs, queries, services
from app.courseware.course import Options
from app.courseware.models import Export, ExportState, Form
from app.courseware.packing import zips
from app.documents import files
from app.documents import queries as documents
from app.documents.convert.writing import write_sizes
from app.extensions import db
from app.kernel import clock, pulse, workshop
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import jobs as downloads
from app.replays import mp4
from app.replays import services as replays
from tests.conftest import ROOT, SignIn
from tests.courseware.conftest import Runs, exported, taught
from tests.factories import courseware, roles
from tests.factories import live as lives
from tests.factories.recordings import run_of
from tests.jobs import run_queued

CASES = ROOT / "tests" / "documents" / "cases"


def again(export: Export) -> Export:
    db.session.rollback()
    return db.session.get_one(Export, export.id, populate_existing=True)


def packages() -> set[str]:
    return {one.name for one in queries.folder().iterdir()} - {"making.lock"}


def test_one_press_gives_the_usual_package(sign_in: SignIn, course: LiveSession) -> None:
    pulse.beat("jobs")
    browser, base = sign_in(course.owner), f"/live/{course.id}/courseware"
    for page in ("replay", "recording"):
        shown = browser.get(f"/live/{course.id}/{page}").text
        assert shown.count("导出课件") >= 2, f"the page of the {page} has the panel, and its button"
    assert "排队中" in browser.post(base, headers={"HX-Request": "true"}).text
    run_queued()
    text = browser.get(base, headers={"HX-Request": "true"}).text
    assert "下载完成" in text
    assert "hx-trigger" not in text, "nothing is asked for any more"
    (export,) = queries.exports_of(course.id)
    assert (export.form, export.wanted) == (Form.SCORM12, Options())
    reply = browser.get(f"{base}/{export.id}/file", buffered=True)
    assert (reply.status_code, reply.mimetype, len(reply.data)) == (200, "application/zip", export.size_bytes)
    assert reply.headers["Cache-Control"].startswith("private")
    rest = browser.get(f"{base}/{export.id}/file", headers={"Range": "bytes=1000-"}, buffered=True)
    assert (rest.status_code, rest.data) == (206, reply.data[1000:])
    told = [entry.action for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert told[-2:] == [Action.COURSE_EXPORTED, Action.COURSE_DOWNLOADED]


def test_the_form_of_a_page_without_scripts(sign_in: SignIn, course: LiveSession) -> None:
    browser, base = sign_in(course.owner), f"/live/{course.id}/courseware"
    reply = browser.post(base, data={"chosen": "1", "kind": "web", "names": "on"})
    assert reply.headers["Location"].endswith("/replay#courseware")
    (export,) = queries.exports_of(course.id)
    assert (export.form, export.wanted) == (Form.WEB, Options(chat=False, names=True))
    browser.post(f"{base}/{export.id}?_method=DELETE")
    assert again(export).state is ExportState.CANCELLED
    assert browser.post(base, data={"kind": "exe"}).status_code == 404


def test_packages_are_for_presenters_and_managers(
    sign_in: SignIn, course: LiveSession, learner: User, admin: User
) -> None:
    export = exported(course)
    address = f"/live/{course.id}/courseware/{export.id}/file"
    assert sign_in(learner).get(address).status_code == 403
    assert sign_in(None).get(address).status_code == 302
    assert sign_in(admin).get(address, buffered=True).status_code == 200
    other = lives.ended(roles.manager(course.owner))
    assert sign_in(admin).get(f"/live/{other.id}/courseware/{export.id}/file").status_code == 404, "of another lesson"
    assert "导出课件" not in sign_in(learner).get(f"/live/{course.id}/replay").text


def test_what_is_not_over_or_not_recorded_is_not_exported(app: Flask, teacher: User) -> None:
    with pytest.raises(errors.NotOver):
        services.request_export(lives.on_air(teacher, "一"), Form.SCORM12, Options(), by=teacher)
    never = lives.ended(teacher, "二")
    with unit_of_work():
        never.stream.finished = True
    with pytest.raises(errors.NothingRecorded):
        services.request_export(never, Form.SCORM12, Options(), by=teacher)


def test_asked_for_twice_it_is_made_once(course: LiveSession) -> None:
    first = services.request_export(course, Form.WEB, Options(), by=course.owner)
    assert services.request_export(course, Form.WEB, Options(), by=course.owner).id == first.id
    assert services.request_export(course, Form.WEB, Options(chat=False), by=course.owner).id != first.id


def test_progress_counts_bytes_and_the_forecast_is_near(course: LiveSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "REPORT_EVERY_MS", -1)
    seen: list[tuple[int, int]] = []
    write = zips.write_zip

    def watched(target: Path, entries: list[zips.Entry], at: object, report: zips.Report, **more: bool) -> None:
        def told(count: int) -> None:
            report(count)
            row = again(export)
            seen.append((row.done_bytes, row.total_bytes))

        write(target, entries, at, told, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "write_zip", watched)
    export = services.request_export(course, Form.SCORM12, Options(), by=course.owner)
    jobs.make_waiting.now()
    done = [one for one, _total in seen]
    assert done == sorted(done)
    assert len(set(done)) > 5
    assert 0.9 < done[-1] / seen[-1][1] <= 1, "it ends near what was forecast"
    film = mp4.bytes_of(folder_of(course.stream_id))
    assert again(export).size_bytes < 2 * film + 300_000


@pytest.mark.one_database
def test_the_forecast_is_near_what_is_made(course: LiveSession) -> None:
    film = mp4.bytes_of(folder_of(course.stream_id))
    assert queries.forecast(course) == film + 2 * queries.PICTURE_BYTES, "a page counts once"
    for form, least, most in ((Form.SOUND, 0.95, 1.1), (Form.COMPOSED, 0.7, 2.0)):
        assert least < queries.forecast(course, form) / exported(course, form).size_bytes < most, form


@pytest.mark.one_database
def test_the_forecast_of_a_pdf_comes_from_the_pages_of_the_document(course: LiveSession) -> None:
    pages = documents.pages_of(documents.documents_of(course.id)[0].id)
    for page, name in zip(pages, ("seal.pdf", "form_ap.pdf"), strict=False):
        with pypdfium2.PdfDocument(CASES / name) as document:
            width, height = document[0].get_size()
            picture = document[0].render(scale=1080 / width).to_pil().convert("RGB")
        page.width, page.height = picture.size
        write_sizes(picture, files.folder_of(page.document_id), page.steps[0], thumb=True)
    db.session.commit()
    for height in (720, 1080):
        options = Options(height=height)
        size = exported(course, Form.SLIDES, options).size_bytes
        assert 0.6 < queries.forecast(course, Form.SLIDES, options) / size < 1.5, (height, size)


@pytest.mark.one_database
@pytest.mark.parametrize("picture", ["null", "noise=alls=60:allf=t"])
def test_a_composed_film_lies_within_what_is_forecast(
    app: Flask, teacher: User, learner: User, tmp_path: Path, picture: str
) -> None:
    lengths = {"a": 4, "b": 2}
    first, second = (
        run_of(tmp_path, name, length, size="640x360", picture=picture) for name, length in lengths.items()
    )
    live = taught(app, teacher, learner, Runs(tmp_path, first, second, 4, 2))
    least, most = queries.span(live, Form.COMPOSED)
    export = exported(live, Form.COMPOSED)
    assert 0.8 * least < export.size_bytes < 1.2 * most, (least, export.size_bytes, most)
    assert least <= queries.forecast(live, Form.COMPOSED) <= most
    queries.file_of(export).unlink()


def test_a_download_that_is_there_is_not_made_again(course: LiveSession, monkeypatch: pytest.MonkeyPatch) -> None:
    replays.request_download(course)
    downloads.make_waiting.now()
    monkeypatch.setattr(mp4.Recording, "make", None)
    assert exported(course).state is ExportState.DONE


def test_cancelled_in_the_middle_it_leaves_nothing(course: LiveSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "REPORT_EVERY_MS", -1)
    write = zips.write_zip

    def cancelled(*given: object, **more: bool) -> None:
        services.cancel(db.session.get_one(Export, export.id))
        write(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "write_zip", cancelled)
    export = services.request_export(course, Form.SCORM12, Options(), by=course.owner)
    jobs.make_waiting.now()
    assert again(export).state is ExportState.CANCELLED
    assert packages() == set()


def test_a_full_disk_is_said_in_a_sentence(
    sign_in: SignIn, course: LiveSession, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object, **_more: bool) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jobs, "write_zip", full)
    assert exported(course).problem == "disk_full"
    assert packages() == set(), "nothing half-made is left"
    monkeypatch.setitem(app.config, "DISK_RESERVE_MB", 10**9)
    assert exported(course).problem == "disk_full", "what is left belongs to who is on air"
    page = sign_in(course.owner).get(f"/live/{course.id}/replay").text
    assert page.count("服务器磁盘空间不足") == 2


def test_a_recording_that_cannot_be_read_fails_in_words(course: LiveSession) -> None:
    segments = folder_of(course.stream_id) / "segments"
    segments.unlink()
    segments.mkdir()
    assert exported(course).problem == "unreadable"


def test_a_killed_process_leaves_nothing_half_visible(course: LiveSession) -> None:
    export = services.request_export(course, Form.WEB, Options(), by=course.owner)
    with unit_of_work():
        export.state, export.attempts = ExportState.RUNNING, 1
    (queries.folder() / "tmp-left").mkdir()
    (queries.folder() / "tmp-left" / "package.zip").write_bytes(b"half")
    jobs.resume()
    run_queued()
    assert again(export).state is ExportState.DONE
    assert again(export).attempts == 2
    assert packages() == {f"{export.id}.zip"}


def test_one_that_kills_its_process_is_given_up(course: LiveSession) -> None:
    export = services.request_export(course, Form.WEB, Options(), by=course.owner)
    with unit_of_work():
        export.state, export.attempts = ExportState.RUNNING, workshop.MOST_ATTEMPTS
    jobs.make_waiting.now()
    assert (again(export).state, again(export).problem) == (ExportState.FAILED, "failed")


def test_packages_are_swept_after_a_week(sign_in: SignIn, course: LiveSession) -> None:
    old, young = exported(course, Form.SCORM12), exported(course, Form.WEB)
    with unit_of_work():
        old.changed_ms = clock.now_ms() - queries.kept_ms() - 1
    jobs.resume()
    assert [export.id for export in queries.exports_of(course.id)] == [young.id]
    assert packages() == {f"{young.id}.zip"}
    assert sign_in(course.owner).get(f"/live/{course.id}/courseware/{old.id}/file").status_code == 404


def test_a_package_that_was_not_restored_is_not_offered(sign_in: SignIn, course: LiveSession) -> None:
    export = courseware.export(course)
    assert export.id not in sign_in(course.owner).get(f"/live/{course.id}/replay").text


def test_the_command_line_makes_and_puts_it_down(app: Flask, course: LiveSession, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    made = run.invoke(args=["courseware", "export", course.id, "--format", "scorm2004", "-o", str(tmp_path), "--json"])
    told = json.loads(made.output)
    assert made.exit_code == 0
    assert Path(told["file"]).stat().st_size == told["bytes"]
    assert told["format"] == "scorm2004"
    assert "There is no session" in run.invoke(args=["courseware", "export", "nowhere"]).output
