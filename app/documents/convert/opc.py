"""Office packages (ECMA-376 part 2): parts, their relations, and the files of partial copies."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from app.documents.convert.markup import PACKAGE_RELS, TYPES, Element, parse, written

CONTENT_TYPES = "[Content_Types].xml"


@dataclass(frozen=True)
class Relation:
    """A reference of a part."""

    id: str
    type: str
    target: str
    """Name of a part. An external reference has its text as written."""
    external: bool

    @property
    def kind(self) -> str:
        """Last word of the type: slide, image, hyperlink."""
        return self.type.rpartition("/")[2]


class Package:
    """A package to read from."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}  # names of parts ignore case
        types = parse(archive.read(CONTENT_TYPES))
        self.defaults = {
            one.get("Extension", "").lower(): one.get("ContentType", "") for one in types.iter(f"{TYPES}Default")
        }
        self.overrides = {
            one.get("PartName", "").lstrip("/").lower(): one.get("ContentType", "")
            for one in types.iter(f"{TYPES}Override")
        }

    def has(self, part: str) -> bool:
        """Return whether there is such a part."""
        return part.lower() in self._names

    def read(self, part: str) -> bytes:
        """Return a part's bytes.

        Raises:
            KeyError: there is no such part.
        """
        return self._archive.read(self._names[part.lower()])

    def relations(self, part: str) -> list[Relation]:
        """Return the references of a part. "" is the package itself."""
        name = relations_name(part)
        if not self.has(name):
            return []
        return list(_relations(parse(self.read(name)), part))

    def main_part(self) -> str:
        """Return the name of the part with which a reader begins.

        Raises:
            KeyError: the package has none.
        """
        for relation in self.relations(""):
            if relation.kind == "officeDocument":
                return relation.target
        raise KeyError("officeDocument")


def relations_name(part: str) -> str:
    """Return the name of the file with a part's references."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def relations_file(relations: Iterable[Relation]) -> bytes:
    """Return references as a file, with targets from the package's root."""
    root = etree.Element(f"{PACKAGE_RELS}Relationships", nsmap=_plain(PACKAGE_RELS))
    for one in relations:
        entry = etree.SubElement(root, f"{PACKAGE_RELS}Relationship", Id=one.id, Type=one.type)
        entry.set("Target", one.target if one.external else f"/{one.target}")
        if one.external:
            entry.set("TargetMode", "External")
    return written(root)


def types_file(defaults: dict[str, str], overrides: dict[str, str]) -> bytes:
    """Return the content types of the parts as a file."""
    root = etree.Element(f"{TYPES}Types", nsmap=_plain(TYPES))
    for ending, kind in defaults.items():
        etree.SubElement(root, f"{TYPES}Default", Extension=ending, ContentType=kind)
    for part, kind in overrides.items():
        etree.SubElement(root, f"{TYPES}Override", PartName=f"/{part}", ContentType=kind)
    return written(root)


def _plain(namespace: str) -> Any:
    """Return a namespace without a prefix, which lxml's stubs do not know."""
    return {None: namespace[1:-1]}


def _relations(root: Element, part: str) -> Iterable[Relation]:
    folder = posixpath.dirname(part)
    for one in root.iter(f"{PACKAGE_RELS}Relationship"):
        target, external = one.get("Target", ""), one.get("TargetMode") == "External"
        if not external:
            target = posixpath.normpath(posixpath.join("/", folder, unquote(target.partition("#")[0]))).lstrip("/")
        yield Relation(one.get("Id", ""), one.get("Type", ""), target, external)
