"""Office packages (ECMA-376 part 2): parts, what they refer to, and copies that hold a part of it all."""

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
    """What a part refers to."""

    id: str
    type: str
    target: str
    """A part's name, or for external ones whatever was written."""
    external: bool

    @property
    def kind(self) -> str:
        """Last word of its type: slide, image, hyperlink."""
        return self.type.rpartition("/")[2]


class Package:
    """A package that is read."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}  # names of parts know no case
        types = parse(archive.read(CONTENT_TYPES))
        self.defaults = {
            one.get("Extension", "").lower(): one.get("ContentType", "") for one in types.iter(f"{TYPES}Default")
        }
        self.overrides = {
            one.get("PartName", "").lstrip("/").lower(): one.get("ContentType", "")
            for one in types.iter(f"{TYPES}Override")
        }

    def has(self, part: str) -> bool:
        """Say whether there is such a part."""
        return part.lower() in self._names

    def read(self, part: str) -> bytes:
        """Give a part's bytes.

        Raises:
            KeyError: there is no such part.
        """
        return self._archive.read(self._names[part.lower()])

    def relations(self, part: str) -> list[Relation]:
        """Give what a part refers to; "" is the package itself."""
        name = relations_name(part)
        if not self.has(name):
            return []
        return list(_relations(parse(self.read(name)), part))

    def main_part(self) -> str:
        """Give the name of the part that a reader begins with.

        Raises:
            KeyError: there is none.
        """
        for relation in self.relations(""):
            if relation.kind == "officeDocument":
                return relation.target
        raise KeyError("officeDocument")


def relations_name(part: str) -> str:
    """Give the name under which a part's references lie."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def relations_file(relations: Iterable[Relation]) -> bytes:
    """Write references, with the targets from the package's root."""
    root = etree.Element(f"{PACKAGE_RELS}Relationships", nsmap=_plain(PACKAGE_RELS))
    for one in relations:
        entry = etree.SubElement(root, f"{PACKAGE_RELS}Relationship", Id=one.id, Type=one.type)
        entry.set("Target", one.target if one.external else f"/{one.target}")
        if one.external:
            entry.set("TargetMode", "External")
    return written(root)


def types_file(defaults: dict[str, str], overrides: dict[str, str]) -> bytes:
    """Write the content types of the parts."""
    root = etree.Element(f"{TYPES}Types", nsmap=_plain(TYPES))
    for ending, kind in defaults.items():
        etree.SubElement(root, f"{TYPES}Default", Extension=ending, ContentType=kind)
    for part, kind in overrides.items():
        etree.SubElement(root, f"{TYPES}Override", PartName=f"/{part}", ContentType=kind)
    return written(root)


def _plain(namespace: str) -> Any:
    """Give a namespace that needs no prefix; lxml's stubs know those with one only."""
    return {None: namespace[1:-1]}


def _relations(root: Element, part: str) -> Iterable[Relation]:
    folder = posixpath.dirname(part)
    for one in root.iter(f"{PACKAGE_RELS}Relationship"):
        target, external = one.get("Target", ""), one.get("TargetMode") == "External"
        if not external:
            target = posixpath.normpath(posixpath.join("/", folder, unquote(target.partition("#")[0]))).lstrip("/")
        yield Relation(one.get("Id", ""), one.get("Type", ""), target, external)
