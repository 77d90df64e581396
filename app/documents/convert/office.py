"""LibreOffice: its place, and a command by which it neither asks, nor runs macros, nor follows links."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from app.kernel.children.family import bare_environment, can_be_apart

NAMES = ("soffice", "libreoffice")
USUAL = ("/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice/program")
START_AGAIN = 81
"""Exit code after the setup of a new profile: EXITHELPER_NORMAL_RESTART in LibreOffice's exithelper.h."""

SETTINGS: Sequence[tuple[str, str, str, str]] = (
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "boolean", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "int", "3"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "boolean", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "boolean", "true"),
    ("org.openoffice.Office.Common/Load", "UpdateDocMode", "short", "0"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "int", "0"),
    ("org.openoffice.Office.Calc/Content/Update", "Link", "short", "0"),
    ("org.openoffice.Office.Common/Save/Document", "AutoSave", "boolean", "false"),
    ("org.openoffice.Office.Recovery/RecoveryInfo", "Enabled", "boolean", "false"),
    ("org.openoffice.Office.Recovery/AutoSave", "Enabled", "boolean", "false"),
    ("org.openoffice.Office.Common/Misc", "FirstRun", "boolean", "false"),
    ("org.openoffice.Office.Common/Misc", "CrashReport", "boolean", "false"),
    ("org.openoffice.Office.Common/Misc", "UseOpenCL", "boolean", "false"),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", "int", "2"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "string", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "int", "9"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "string", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "int", "9"),
)
"""Path, name, type and value. LibreOffice ignores settings that its version does not know."""

COLOURS_SINCE = (7, 5)
FILTERS = {"impress": "impress_pdf_Export", "writer": "writer_pdf_Export"}
OPTIONS = '{"ExportBookmarks":{"type":"boolean","value":"false"},"UseTaggedPDF":{"type":"boolean","value":"false"}}'


@dataclass(frozen=True)
class Office:
    """A working LibreOffice."""

    program: Path
    version: str


@dataclass(frozen=True)
class Fonts:
    """The fonts of this machine, and the characters that they can draw."""

    families: set[str]
    """Their names, in small letters."""
    signs: set[int]
    """Code points of all fonts together."""

    @property
    def chinese(self) -> bool:
        """Return whether Chinese can be drawn."""
        return ord("讲") in self.signs

    @property
    def emoji(self) -> bool:
        """Return whether most emoji can be drawn."""
        return ord("💡") in self.signs


@dataclass(frozen=True)
class Examination:
    """Abilities of this machine with office files."""

    office: Office | None
    impress: bool
    writer: bool
    math: bool
    fonts: Fonts
    can_be_apart: bool
    """Whether LibreOffice gets a network with nothing in it. Otherwise settings and a dead proxy must do."""


@cache
def find_office() -> Office | None:
    """Return the LibreOffice of this machine, or None. The answer is cached."""
    for folder in _folders():
        program = folder / "soffice.bin"
        if program.is_file() and (version := _version(folder)):
            return Office(program, version)
    return None


def examine() -> Examination:
    """Examine this machine for `flask doctor`. Every call asks fontconfig anew."""
    office = find_office()
    folder = office.program.parent if office else Path()
    return Examination(
        office=office,
        impress=bool(office) and (folder / "libsdlo.so").exists(),
        writer=bool(office) and (folder / "libswlo.so").exists(),
        math=has_math(office),
        fonts=fonts_for(office),
        can_be_apart=can_be_apart(),
    )


def has_math(office: Office | None) -> bool:
    """Return whether equations can be drawn. Otherwise their place stays empty."""
    return office is not None and (office.program.parent / "libsmlo.so").exists()


def fonts_for(office: Office | None) -> Fonts:
    """Return the fonts that LibreOffice can use, by fontconfig. Before 7.5 it does not draw coloured fonts."""
    in_colour = office is not None and tuple(map(int, office.version.split(".")[:2])) >= COLOURS_SINCE
    try:
        done = subprocess.run(
            ["fc-list", "--format", "%{color}\t%{family}\t%{charset}\n"],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return Fonts(set(), set())
    families, signs = set[str](), set[int]()
    for charset, line in {line.rpartition("\t")[2]: line for line in done.stdout.splitlines()}.items():
        if in_colour or not line.startswith("True"):
            signs.update(_points(charset))
    for line in done.stdout.splitlines():
        families.update(name.strip().casefold() for name in line.split("\t")[1].split(","))
    return Fonts(families, signs)


def _points(charset: str) -> Iterator[int]:
    """Yield the code points that fontconfig writes as 20-7e a9."""
    for part in charset.split():
        first, _to, last = part.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def prepare_profile(folder: Path) -> None:
    """Write a profile with our settings. LibreOffice fills in the rest within 0.2 s."""
    user = folder / "user"
    user.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{escape(value)}</value></prop></item>'
        for path, name, _type, value in SETTINGS
    )
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>\n"
    )


def command(office: Office, profile: Path, out: Path, files: Sequence[Path], app: str) -> list[str]:
    """Return the command that turns each file into a PDF in `out`, in order. `app` is a key of FILTERS."""
    return [
        str(office.program),
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--nologo",
        "--norestore",
        "--nodefault",
        "--convert-to",
        f"pdf:{FILTERS[app]}:{OPTIONS}",
        "--outdir",
        str(out),
        *map(str, files),
    ]


ENVIRONMENT: Mapping[str, str] = {"SAL_USE_VCLPLUGIN": "svp", "SAL_DISABLE_OPENCL": "1"}
"""Variables for drawing in memory, without a screen."""


def _folders() -> list[Path]:
    found = [Path(path).resolve().parent for name in NAMES if (path := shutil.which(name))]
    return [*found, *map(Path, USUAL)]


def _version(folder: Path) -> str:
    """Return the version, which needs no profile. "" means that LibreOffice does not even start."""
    with tempfile.TemporaryDirectory() as home:
        try:
            done = subprocess.run(
                [folder / "soffice.bin", f"-env:UserInstallation={Path(home).as_uri()}", "--version"],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
                env=bare_environment(Path(home)) | dict(ENVIRONMENT),
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
    number = re.search(r"\d+(?:\.\d+)+", done.stdout)
    return number.group() if number else ""
