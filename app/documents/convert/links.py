"""Writes copies of office files without references to the network, or to the disk of this machine.

LibreOffice is told not to follow links and has no network. A copy keeps the links from it, and tells whether there
were some.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from app.documents.convert.deck import KEPT_LINKS
from app.documents.convert.kinds import is_markup
from app.documents.convert.markup import PACKAGE_RELS, Element, drop, parse, written
from app.documents.convert.needs import EQUATIONS, FORMULA, needs_of

XLINK = "{http://www.w3.org/1999/xlink}href"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
LINKS_OF_PEOPLE = {
    "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}a",
    f"{DRAW}a",
    "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}event-listener",
    "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}event-listener",
    "{urn:oasis:names:tc:opendocument:xmlns:script:1.0}event-listener",
}
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|/|\\\\|\.\./)", re.IGNORECASE)
"""Targets outside the package: a scheme, a server, the root of the disk, or a way up."""
FIELDS = re.compile(r"\b(?:INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DDE|DDEAUTO|RD|DATABASE)\b", re.IGNORECASE)
"""Fields of Word that fetch other files (ECMA-376 part 1, 17.16.5)."""
VML = "{urn:schemas-microsoft-com:vml}"
VML_SOURCES = (
    "src",
    "href",
    "{urn:schemas-microsoft-com:office:office}href",
    "{urn:schemas-microsoft-com:office:office}src",
)
WORDS = {"word/document.xml", "content.xml"}
ODF_MANIFEST = "META-INF/manifest.xml"
MEDIA_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}media-type"
MACRO_FILE = "vbaproject.bin"
MACRO_FOLDERS = ("basic/", "scripts/")


@dataclass
class Cleaning:
    """Findings about the original."""

    external: bool = False
    macros: bool = False
    needs: set[str] = field(default_factory=set)
    """Needs of its text, see `needs.py`. Its styles do not count, because they name fonts that no text uses."""


def write_without_links(archive: ZipFile, file: Path) -> Cleaning:
    """Copy a container. In the copy, references to the outside refer to nothing."""
    found = Cleaning()
    with ZipFile(file, "w", ZIP_STORED) as copy:
        for entry in archive.infolist():
            name = entry.filename
            if entry.is_dir():
                continue
            if _is_macro(name):
                found.macros = True
            data = archive.read(entry)
            if is_markup(name) and data.strip():
                root = parse(data)
                if name in WORDS:
                    found.needs |= needs_of(root)
                elif name == ODF_MANIFEST and FORMULA in {entry.get(MEDIA_TYPE) for entry in root}:
                    found.needs.add(EQUATIONS)
                changed = clean_relations(root) if name.endswith(".rels") else clean_office_xml(root) + clean_odf(root)
                found.external |= bool(changed)
                data = written(root) if changed else data
            copy.writestr(name, data)
    return found


def clean_relations(root: Element) -> int:
    """Remove references of a part to the outside, except for links to click on. Return their number."""
    gone = [
        one
        for one in root.iter(f"{PACKAGE_RELS}Relationship")
        if one.get("TargetMode") == "External" and one.get("Type", "").rpartition("/")[2] not in KEPT_LINKS
    ]
    for one in gone:
        drop(one)
    return len(gone)


def clean_office_xml(root: Element) -> int:
    """Remove fields that fetch, and sources of older drawings. Return their number."""
    count = 0
    for text in root.iter("{*}instrText"):
        if FIELDS.search(text.text or ""):
            text.text = ""
            count += 1
    for element in root.iter("{*}fldSimple"):
        for name, value in element.attrib.items():
            if FIELDS.search(str(value)):
                element.set(name, "")
                count += 1
    for element in root.iter(f"{VML}*"):
        for name in VML_SOURCES:
            if ELSEWHERE.match(element.get(name, "").strip()):
                del element.attrib[name]
                count += 1
    return count


def clean_odf(root: Element) -> int:
    """Empty references of ODF to the outside, except for links to click on. Return their number."""
    count = 0
    for element in root.iter():
        href = element.get(XLINK)
        if href and element.tag not in LINKS_OF_PEOPLE and ELSEWHERE.match(href.strip()):
            element.set(XLINK, "")
            count += 1
    return count


def _is_macro(name: str) -> bool:
    low = name.lower()
    return low.endswith(MACRO_FILE) or low.startswith(MACRO_FOLDERS)
