"""A Moodle, as its SCORM module (mod/scorm, 4.5 and 5) treats a package: how it reads the manifest, what it keeps, what
it gives back. Moodle itself cannot be installed from the package registries that this project uses; moodle.js is its
side in the browser.
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

PLAYER = """<!doctype html><meta charset="utf-8"><title>{title}</title><script src="/moodle.js"></script>
<script>moodle({version}, {defaults}, "/moodle/{name}/datamodel")</script>
<iframe id="scorm_object" width="1200" height="700" allowfullscreen src="/moodle/{name}/loadSCO"></iframe>"""
LOADER = """<!doctype html><meta charset="utf-8"><title>LoadSCO</title><script>
const look = setInterval(() => {{
  if (!parent.API && !parent.API_1484_11) return;
  clearInterval(look);
  location = "{launch}";
}}, 20);
</script>"""
FINISHED = {"completed", "passed", "failed"}


@dataclass(frozen=True)
class Sco:
    """What Moodle keeps of a manifest."""

    version: str
    identifier: str
    title: str
    launch: str
    kind: str


def read(package: Path) -> Sco:
    """Read a package: its manifest at the root, names with their literal prefixes and in capitals.

    Raises:
        KeyError: there is no manifest at the root, or it leads nowhere.
    """
    with zipfile.ZipFile(package) as zipped:
        text = zipped.read("imsmanifest.xml")
    path: list[str] = []
    values: dict[str, str] = {}
    resources: dict[str, dict[str, str]] = {}
    item: dict[str, str] = {}

    def begun(name: str, given: dict[str, str]) -> None:
        path.append(name.upper())
        attributes = {key.upper(): value for key, value in given.items()}
        if path[-1] == "RESOURCE":
            resources[attributes["IDENTIFIER"]] = attributes
        elif path[-1] == "ITEM":
            item.update(attributes)

    def said(words: str) -> None:
        place = "/".join(path)
        values[place] = values.get(place, "") + words

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler = begun, said
    parser.EndElementHandler = lambda _name: path.pop()
    parser.Parse(text, True)
    resource = resources[item["IDENTIFIERREF"]]
    told = values["MANIFEST/METADATA/SCHEMAVERSION"]
    is_late = re.fullmatch(r"(CAM )?1\.3|2004 (3rd|4th) Edition", told)
    return Sco(
        "SCORM_1.3" if is_late else "SCORM_1.2",
        item["IDENTIFIER"],
        values["MANIFEST/ORGANIZATIONS/ORGANIZATION/ITEM/TITLE"],
        resource["HREF"],
        resource.get("ADLCP:SCORMTYPE", "asset"),
    )


@dataclass
class Activity:
    """A package in a course of a Moodle, with what it knows of its one learner.

    "Force completed" is on, with which a score that comes too early completes what is not.
    """

    name: str
    sco: Sco
    tracks: dict[str, str] = field(default_factory=dict)
    refused: list[Any] = field(default_factory=list)
    ended: int = 0

    @property
    def is_late(self) -> bool:
        """Return whether it is of SCORM 2004."""
        return self.sco.version == "SCORM_1.3"

    @property
    def status(self) -> str:
        return self.tracks.get("cmi.completion_status" if self.is_late else "cmi.core.lesson_status", "")

    @property
    def mode(self) -> str:
        """Return how it is opened next: what is finished is only looked at."""
        return "review" if self.status in FINISHED else "normal"

    def page(self) -> str:
        """Return the page with the API and the frame of the package."""
        version, defaults = json.dumps(self.sco.version), json.dumps(self._defaults())
        return PLAYER.format(title=self.sco.title, version=version, defaults=defaults, name=self.name)

    def loader(self) -> str:
        """Return what its frame shows first: a page that goes on to the package as soon as there is an API."""
        return LOADER.format(launch=f"/pluginfile.php/{self.name}/mod_scorm/content/1/{self.sco.launch}")

    def keep(self, fields: dict[str, str], *, is_end: bool) -> None:
        """Store what the browser sent."""
        for name, value in fields.items():
            kept = value
            if name == "cmi.core.lesson_status" and value == "incomplete" and "cmi.core.score.raw" in self.tracks:
                kept = "completed"
            if name == "cmi.core.score.raw" and self.status == "incomplete":
                self.tracks["cmi.core.lesson_status"] = "completed"
            self.tracks[name] = kept
        self.ended += is_end

    def _defaults(self) -> dict[str, str]:
        learner = {"cmi.learner_id" if self.is_late else "cmi.core.student_id": "learner-7"}
        mode = {"cmi.mode" if self.is_late else "cmi.core.lesson_mode": self.mode}
        if not self.is_late:
            back = self._timed("cmi.core.total_time", "{}:{}:{}")
            return {"cmi.core.total_time": "00:00:00", **back, **learner, **mode}
        fresh = {"cmi.completion_status": "unknown", "cmi.success_status": "unknown", "cmi.total_time": "PT0H0M0S"}
        # what was there is given back only if the last session was suspended
        back = self._timed("cmi.total_time", "PT{}H{}M{}S") if self.tracks.get("cmi.exit") == "suspend" else {}
        return {**fresh, **back, **learner, **mode}

    def _timed(self, name: str, form: str) -> dict[str, str]:
        if name not in self.tracks:
            return dict(self.tracks)
        whole = round(float(self.tracks[name]))
        hours, minutes, seconds = (f"{part:02}" for part in (whole // 3600, whole // 60 % 60, whole % 60))
        return {**self.tracks, name: form.format(hours, minutes, seconds)}
