"""Needs of documents from the machine, for `flask doctor`."""

from __future__ import annotations

from app.documents.convert.office import examine
from app.kernel.cli import Finding

PACKAGES = "apt-get install --no-install-recommends libreoffice-impress libreoffice-writer libreoffice-math"


def findings() -> list[Finding]:
    """Return whether Office files can be converted, and look right. PDF and pictures need nothing."""
    found = examine()
    version = f" {found.office.version}" if found.office else ""
    return [
        Finding(
            f"LibreOffice{version} for PPTX, PPT, ODP and DOCX, with equations",
            found.office is not None and found.impress and found.writer and found.math,
            f"run: {PACKAGES}; until then people are told to upload PDF, and of equations that are missing",
        ),
        Finding(
            "Chinese fonts for pages of documents",
            found.fonts.chinese,
            "run: apt-get install --no-install-recommends fonts-noto-cjk; without them pages show empty boxes",
        ),
        Finding(
            "a font for emoji in pages of documents",
            found.fonts.emoji,
            "run: apt-get install --no-install-recommends fonts-symbola; without it pages show empty boxes",
        ),
        Finding(
            "files are read without a network and without our data",
            found.can_be_apart,
            "allow user namespaces (sysctl user.max_user_namespaces), so that a file calls nobody and reads no secrets",
        ),
    ]
