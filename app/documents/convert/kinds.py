"""Kind of a file, by its contents: its name may say anything."""

from __future__ import annotations

import lzma
import struct
import zlib
from enum import StrEnum
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import olefile

from app.documents.convert.markup import NotWellFormed, parse
from app.documents.convert.results import Limits, Problem, Refused


class Kind(StrEnum):
    """A kind of file that can be shown."""

    PPTX = "pptx"
    DOCX = "docx"
    ODP = "odp"
    ODT = "odt"
    PPT = "ppt"
    DOC = "doc"
    PDF = "pdf"
    PICTURE = "picture"


MAIN_PARTS = {
    "presentationml": Kind.PPTX,
    "ms-powerpoint": Kind.PPTX,
    "wordprocessingml": Kind.DOCX,
    "ms-word": Kind.DOCX,
}
"""Kinds by a word in the content type of the package's main part (ECMA-376 part 1; [MS-OFFMACRO2] with macros)."""
ODF = "application/vnd.oasis.opendocument."
MIMETYPES = {
    f"{ODF}presentation": Kind.ODP,
    f"{ODF}presentation-template": Kind.ODP,
    f"{ODF}text": Kind.ODT,
    f"{ODF}text-template": Kind.ODT,
}
STREAMS = {"PowerPoint Document": Kind.PPT, "WordDocument": Kind.DOC}

PICTURES = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*",
)  # fmt: skip
"""First bytes of JPEG, PNG, GIF, BMP and TIFF files."""
AVIF = (b"ftypavif", b"ftypavis", b"ftypmif1", b"ftypmsf1")
"""Bytes 4 to 12 of an AVIF file (ISO/IEC 23000-22, brands)."""

ENCRYPTED_PPT = b"\xdf\xc4\xd1\xf3"
"""headerToken of CurrentUserAtom ([MS-PPT] 2.3.2) of an encrypted document."""
ENCRYPTED_DOC = 0x01
"""Bit fEncrypted in byte 11 of the FIB ([MS-DOC] 2.5.2)."""

BROKEN_CONTAINER = (
    BadZipFile, OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError,
    zlib.error, lzma.LZMAError, struct.error,
)  # fmt: skip
"""Exceptions that zipfile raises for broken containers."""


def kind_of(source: Path, limits: Limits) -> Kind:
    """Return the kind of a file.

    Raises:
        Refused: the file is of another kind, is encrypted, broken, or unfolds to too much.
    """
    with source.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise Refused(Problem.EMPTY)
    if b"%PDF-" in head:
        return Kind.PDF
    if _is_picture(head):
        return Kind.PICTURE
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(source, limits)
    if head.startswith(olefile.MAGIC):
        return _of_compound_file(source)
    raise Refused(Problem.UNKNOWN_KIND)


def _is_picture(head: bytes) -> bool:
    """Return whether a file begins like one of `decoding.FORMATS`."""
    return head.startswith(PICTURES) or (head[:4], head[8:12]) == (b"RIFF", b"WEBP") or head[4:12] in AVIF


class Container(ZipFile):
    """A zip whose names have slashes, as they should. Some Windows programs write backslashes."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        for entry in self.infolist():
            entry.filename = entry.filename.replace("\\", "/")
            self.NameToInfo[entry.filename] = entry


def check_size(archive: ZipFile, limits: Limits) -> None:
    """Refuse a container that unfolds to too much. zipfile never unfolds more than the entries declare.

    Raises:
        Refused: it has too many files, or too many bytes.
    """
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise Refused(Problem.TOO_LARGE, f"{len(entries)} entries")
    if (unfolded := sum(entry.file_size for entry in entries)) > limits.unfolded_bytes:
        raise Refused(Problem.TOO_LARGE, f"{unfolded} bytes unfolded")
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused(Problem.ENCRYPTED)
        if is_markup(entry.filename) and entry.file_size > limits.markup_bytes:
            raise Refused(Problem.TOO_LARGE, f"{entry.filename} has {entry.file_size} bytes")


def is_markup(name: str) -> bool:
    """Return whether an entry of a container is XML."""
    return name.lower().endswith((".xml", ".rels", ".vml", ".rdf"))


def _of_zip(source: Path, limits: Limits) -> Kind:
    try:
        with Container(source) as archive:
            check_size(archive, limits)
            names = set(archive.namelist())
            if "mimetype" in names:
                return _of_odf(archive)
            if "[Content_Types].xml" in names:
                return _of_office_xml(archive)
    except (*BROKEN_CONTAINER, NotWellFormed) as error:
        raise Refused(Problem.BROKEN, repr(error)) from None
    raise Refused(Problem.UNKNOWN_KIND)


def _of_odf(archive: ZipFile) -> Kind:
    with archive.open("mimetype") as file:
        kind = MIMETYPES.get(file.read(200).decode("ascii", "replace").strip())
    if kind is None:
        raise Refused(Problem.UNKNOWN_KIND)
    if "META-INF/manifest.xml" in archive.namelist():
        manifest = parse(archive.read("META-INF/manifest.xml"))
        if next(manifest.iter("{*}encryption-data"), None) is not None:
            raise Refused(Problem.ENCRYPTED)
    return kind


def _of_office_xml(archive: ZipFile) -> Kind:
    types = parse(archive.read("[Content_Types].xml"))
    said = [str(one.get("ContentType", "")) for one in types.iter("{*}Override")]
    for word, kind in MAIN_PARTS.items():
        if any(word in one and one.endswith("main+xml") for one in said):
            return kind
    raise Refused(Problem.UNKNOWN_KIND)


def _of_compound_file(source: Path) -> Kind:
    """Return the kind of an older office file, by its container ([MS-CFB])."""
    try:
        with olefile.OleFileIO(source) as container:
            if container.exists("EncryptedPackage"):
                raise Refused(Problem.ENCRYPTED)
            for stream, kind in STREAMS.items():
                if container.exists(stream):
                    if _is_encrypted(container, kind):
                        raise Refused(Problem.ENCRYPTED)
                    return kind
    except (OSError, ValueError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(Problem.BROKEN, repr(error)) from None
    raise Refused(Problem.UNKNOWN_KIND)


def _is_encrypted(container: olefile.OleFileIO, kind: Kind) -> bool:
    if kind is Kind.DOC:
        fib = container.openstream("WordDocument").read(12)
        return len(fib) == 12 and bool(fib[11] & ENCRYPTED_DOC)
    if not container.exists("Current User"):
        return False
    return bool(container.openstream("Current User").read(16)[12:16] == ENCRYPTED_PPT)
