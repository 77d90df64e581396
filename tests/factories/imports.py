"""Imports of people for tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextvars import Context

from openpyxl import Workbook
from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.extensions import db
from app.kernel.queue import queue
from app.people.imports import services
from app.people.models import PeopleImport
from app.units.models import Unit

HEADER = ("姓名", "用户名", "工号", "邮箱", "机构")


def as_csv(*rows: Sequence[object], header: Sequence[str] = HEADER, delimiter: str = ",") -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows([header, *rows])
    return text.getvalue()


def as_xlsx(*rows: Sequence[object], header: Sequence[object] = HEADER) -> bytes:
    """Return rows as a workbook."""
    book = Workbook()
    for row in (header, *rows):
        book.worksheets[0].append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """Return a workbook's bytes."""
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def upload(content: bytes | str, name: str = "人员.csv") -> FileStorage:
    """Return a file as a browser sends it."""
    return FileStorage(io.BytesIO(content.encode() if isinstance(content, str) else content), name)


def run_jobs() -> None:
    """Run the queued jobs, as the jobs process does."""
    db.session.commit()
    while task := queue().dequeue():
        Context().run(queue().execute, task)
    db.session.expire_all()


def brought(by: User, unit: Unit, content: bytes | str) -> PeopleImport:
    """Return the import of a file, after it was read."""
    found = services.bring(upload(content), unit, by=by)
    run_jobs()
    return found


def ready(by: User, unit: Unit) -> PeopleImport:
    """Return a new import of one person that waits for its confirmation."""
    return brought(by, unit, as_csv(("赵六", "zhaoliu", "", "", "")))
