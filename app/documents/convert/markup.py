"""XML from strangers' files, without entities, network and endless trees; and the names within office files."""

from __future__ import annotations

from typing import Any

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml has no other name for it

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"


class NotWellFormed(Exception):
    """The text is not XML, or is XML that means harm."""


def parse(data: bytes) -> Element:
    """Return the root of a document.

    Raises:
        NotWellFormed: the document is broken, or has a document type, which no office file needs.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotWellFormed(str(error)) from None
    about: Any = root.getroottree().docinfo  # lxml's stubs do not know all of it
    if about.doctype:
        raise NotWellFormed("a document type")
    return root


def written(root: Element) -> bytes:
    """Return a document as bytes for a package."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def drop(element: Element) -> None:
    """Remove an element from its tree, but keep the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
