"""Documents for tests."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.documents import files, jobs, queries, services
from app.documents.models import Document, DocumentKind, DocumentState, Page
from app.extensions import db
from app.kernel.ids import new_id
from app.live.models import LiveSession
from tests.jobs import run_queued

TUS = {"Tus-Resumable": "1.0.0", "Accept": "application/json"}


def ready(
    live: LiveSession,
    name: str = "超导.pptx",
    *,
    pages: int = 3,
    steps: int = 1,
    pictures: bool = False,
    by: User | None = None,
) -> Document:
    """Return a new document with finished pages, each with `steps` steps, with pictures on disk if they are needed."""
    document = Document(
        live_id=live.id,
        kind=DocumentKind.DECK,
        name=name,
        state=DocumentState.READY,
        page_count=pages,
        ready_count=pages,
        size_bytes=1000,
        received_bytes=1000,
        by_id=(by or live.owner).id,
        findings={},
        place=len(queries.documents_of(live.id)),
    )
    db.session.add(document)
    db.session.flush()
    for number in range(1, pages + 1):
        keys = [new_id(20) for _ in range(steps)]
        text, notes = f"第 {number} 页的文字", f"第 {number} 页的备注"
        page = Page(document_id=document.id, number=number, width=1920, height=1080, steps=keys, text=text, notes=notes)
        db.session.add(page)
        if pictures:
            for key in keys:
                draw(document.id, key, number)
    db.session.commit()
    return document


def draw(document_id: str, key: str, number: int = 1) -> None:
    """Put pictures of a page on disk, each number in a colour of its own."""
    files.folder_of(document_id).mkdir(parents=True, exist_ok=True)
    for size, width in (("large", 1920), ("medium", 960), ("thumb", 240)):
        colour = (40 * number % 256, 90, 160)
        Image.new("RGB", (width, width * 9 // 16), colour).save(
            files.folder_of(document_id) / f"{key}-{size}.webp", method=0
        )


def png(width: int = 640, height: int = 360) -> bytes:
    """Return a picture as a file."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, "PNG")
    return written.getvalue()


def pdf(pages: int = 2) -> bytes:
    """Return a PDF of plain pages."""
    written = io.BytesIO()
    sheets = [Image.new("RGB", (320, 180), (60 * number % 256, 120, 90)) for number in range(pages)]
    sheets[0].save(written, "PDF", save_all=True, append_images=sheets[1:])
    return written.getvalue()


def added(live: LiveSession, folder: Path, content: bytes, name: str = "讲义.pdf") -> Document:
    """Add a file to a lesson, up to the queue."""
    file = folder / "file"
    file.write_bytes(content)
    return services.add_file(live, file, name=name, by=live.owner)


def convert_all() -> None:
    """Run the queued jobs, as the jobs process does."""
    jobs.resume()
    run_queued()


def metadata(name: str) -> str:
    """Return a file's name as tus sends it."""
    return f"filename {base64.b64encode(name.encode()).decode()}"


def announce(
    browser: FlaskClient, live: LiveSession, size: int, name: str = "讲义.pdf", **headers: str
) -> TestResponse:
    """Announce an upload."""
    told = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata(name), **headers}
    return browser.post(f"/live/{live.id}/documents/uploads", headers=told)


def send(browser: FlaskClient, address: str, content: bytes, *, at: int, **headers: str) -> TestResponse:
    """Send bytes of an upload."""
    told = {**TUS, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream", **headers}
    return browser.patch(address, data=content, headers=told)
