"""Conversions within tests, and comparisons of their pictures."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageStat

from app.documents.convert import Finding, FindingKind, Limits, Outline, PageMade, Problem, Refused, convert
from app.documents.convert.sizes import cut, scale_for

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Converted:
    """The result of a conversion."""

    outline: Outline
    findings: tuple[Finding, ...]
    pages: tuple[PageMade, ...]
    folder: Path

    def picture(self, page: int, step: int = -1) -> Image.Image:
        """Return the large picture of a page (from 1), by default of its last step."""
        return self.file(self.pages[page - 1].steps[step])

    def file(self, key: str, size: str = "large") -> Image.Image:
        with Image.open(self.folder / f"{key}-{size}.webp") as picture:
            return picture.convert("RGB")

    def found(self, kind: FindingKind) -> tuple[int, ...] | None:
        """Return the pages of a finding. `None` means that there is no such finding."""
        return next((one.pages for one in self.findings if one.kind is kind), None)


def converted(source: Path, folder: Path, *, name: str = "", limits: Limits | None = None) -> Converted:
    """Return the whole result of a file."""
    results = list(convert(source, name or source.name, folder, limits=limits or Limits()))
    pages = tuple(one for one in results if isinstance(one, PageMade))
    (outline,) = [one for one in results if isinstance(one, Outline)]
    assert results[0] == outline
    assert [one.number for one in pages] == list(range(1, outline.pages + 1))
    assert not list(folder.glob("work-*"))
    return Converted(outline, tuple(one for one in results if isinstance(one, Finding)), pages, folder)


def problem(source: Path, folder: Path, *, name: str = "", limits: Limits | None = None) -> Problem:
    """Return the problem of a file, and check that nothing is left of it."""
    try:
        list(convert(source, name or source.name, folder, limits=limits or Limits()))
    except Refused as refused:
        assert not list(folder.glob("work-*"))
        return refused.problem
    raise AssertionError("the file was shown")


def office(source: Path, ending: str, folder: Path) -> Path:
    """Return a file converted by LibreOffice itself, as by hand."""
    program = shutil.which("soffice")
    assert program, "setup/system_packages.sh installs LibreOffice"
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                program,
                f"-env:UserInstallation={Path(profile).as_uri()}",
                "--headless",
                *("--convert-to", ending, "--outdir", folder, source),
            ],
            check=True,
            timeout=50,
            capture_output=True,
        )
    made = folder / f"{source.stem}.{ending.partition(':')[0]}"
    assert made.exists(), f"LibreOffice made no {ending}"
    return made


def drawn(pdf: Path) -> list[Image.Image]:
    """Return the pages of a PDF, drawn at the size of large pictures."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            cut(page.render(scale=scale_for(*page.get_size()), may_draw_forms=False).to_pil().convert("RGB"))
            for page in document
        ]
    finally:
        document.close()


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference over all pixels and channels, of 255."""
    assert one.size == other.size
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def worst_difference(one: Image.Image, other: Image.Image) -> int:
    """Return the largest difference of squares of 8 by 8 pixels, which shows a moved letter, but not WebP's noise."""
    assert one.size == other.size
    return max(high for _low, high in ImageChops.difference(one.reduce(8), other.reduce(8)).getextrema())


def changed(one: Image.Image, other: Image.Image) -> Box | None:
    """Return the box in which two pictures differ by more than WebP's noise, px."""
    difference = ImageChops.difference(one, other).convert("L").point(lambda value: 255 if value > 60 else 0)
    return difference.getbbox()


def colour_at(picture: Image.Image, inches: Sequence[float], width_inches: float) -> tuple[int, ...]:
    """Return the colour at a place of a slide, given in inches."""
    scale = picture.width / width_inches
    pixel = picture.getpixel((int(inches[0] * scale), int(inches[1] * scale)))
    assert isinstance(pixel, tuple)
    return pixel


def is_like(colour: tuple[int, ...], other: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(colour, other, strict=True))


def empty_pages(file: Path, pages: int, *, side_pt: float = 200) -> Path:
    """Write a PDF of empty pages by hand."""
    kids = " ".join(f"{3 + number} 0 R" for number in range(pages))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>"]
    objects += [f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {side_pt} {side_pt}] >>"] * pages
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    file.write_bytes(data + f"{end}startxref\n{len(data)}\n%%EOF\n".encode())
    return file
