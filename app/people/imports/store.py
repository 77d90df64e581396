"""Files of an import beside its row: the upload, its contents, and the preview."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from werkzeug.datastructures import FileStorage

from app.kernel import storage
from app.people.imports.cells import Column, Fault, Finding, Row
from app.people.imports.files import Sheet
from app.people.imports.judging import Change, Judgement

SAMPLES = 20
"""Maximum number of new people, and of changes, in the preview."""


class Counts(TypedDict, total=False):
    """Figures in the row of the import."""

    rows: int
    new: int
    changes: int
    same: int
    faulty: int
    findings: int
    ignored: list[str]
    """Headers that are not ours."""
    digest: str
    """Digest of the preview. Nothing else is written."""
    updated: int
    skipped: int
    asked: int
    """Number of new people who were considered for an invitation."""
    invited: int


class Choices(TypedDict):
    """Choices of the person who confirmed, with the site's root, her language and address: jobs have no request."""

    by_id: int
    update: bool
    invite: bool
    root: str
    language: str
    address: str


@dataclass(frozen=True)
class NewSample:
    """A new person in the preview."""

    row: int
    real_name: str
    username: str
    unit: str
    staff_number: str = ""


@dataclass(frozen=True)
class ChangeSample:
    """A change of a known person in the preview."""

    row: int
    real_name: str
    differs: list[tuple[Column, str, str]]
    """Column, old value, new value."""


@dataclass(frozen=True)
class Preview:
    """The effect of an import, as far as pages show it."""

    new: list[NewSample]
    changes: list[ChangeSample]
    findings: list[Finding]
    to_invite: list[str]
    """User names of new people with an e-mail address."""


def folder_of(import_id: str) -> Path:
    """Return the folder of an import's files."""
    return storage.place("imports") / import_id


def upload_of(import_id: str) -> Path:
    """Return the path of the uploaded file."""
    return folder_of(import_id) / "upload"


def keep_upload(import_id: str, file: FileStorage) -> int:
    """Store an upload, readable for nobody else. Return its size in bytes."""
    folder = folder_of(import_id)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    file.save(upload_of(import_id))
    return upload_of(import_id).stat().st_size


def remove(import_id: str) -> None:
    """Remove the files of an import."""
    shutil.rmtree(folder_of(import_id), ignore_errors=True)


def lonely(before_s: float) -> Iterator[str]:
    """Yield the ids of imports whose files are older than a moment (epoch seconds)."""
    every = folder_of("any").parent
    for folder in every.iterdir() if every.exists() else ():
        if folder.stat().st_mtime < before_s:
            yield folder.name


def keep_sheet(import_id: str, sheet: Sheet) -> None:
    """Store the contents of the file."""
    rows = [[row.number, row.cells, row.faults] for row in sheet.rows]
    _write(folder_of(import_id) / "rows.json", {"columns": sheet.columns, "ignored": sheet.ignored, "rows": rows})


def sheet_of(import_id: str) -> Sheet:
    """Return the contents of the file.

    Raises:
        FileNotFoundError: they have been removed.
    """
    kept = _read(folder_of(import_id) / "rows.json")
    rows = [
        Row(
            number,
            {Column(column): text for column, text in cells.items()},
            [(Column(column), Fault(fault)) for column, fault in faults],
        )
        for number, cells, faults in kept["rows"]
    ]
    return Sheet([Column(column) for column in kept["columns"]], kept["ignored"], rows)


def keep_preview(import_id: str, judgement: Judgement, unit_names: dict[int, str]) -> None:
    """Store the preview. Changed names come first, since such a row may mean another person."""
    changes = sorted(judgement.changes, key=lambda one: Column.REAL_NAME not in one.differs)
    _write(
        folder_of(import_id) / f"preview-{judgement.digest}.json",
        {
            "new": [
                [one.row, one.real_name, one.username, unit_names[one.unit_id], one.staff_number or ""]
                for one in judgement.new[:SAMPLES]
            ],
            "changes": [
                [one.row, _known_as(one), [[key, *pair] for key, pair in one.differs.items()]]
                for one in changes[:SAMPLES]
            ],
            "findings": [[one.row, one.column, one.value, one.fault, one.twin] for one in judgement.findings],
            "to_invite": [one.username for one in judgement.new if one.email],
        },
    )


def preview_of(import_id: str, counts: Mapping[str, Any]) -> Preview:
    """Return the preview.

    Raises:
        FileNotFoundError: it has been removed.
    """
    kept = _read(folder_of(import_id) / f"preview-{counts['digest']}.json")
    return Preview(
        new=[NewSample(*one) for one in kept["new"]],
        changes=[
            ChangeSample(row, name, [(Column(key), before, after) for key, before, after in differs])
            for row, name, differs in kept["changes"]
        ],
        findings=[
            Finding(row, Column(column), value, Fault(fault), twin)
            for row, column, value, fault, twin in kept["findings"]
        ],
        to_invite=kept["to_invite"],
    )


def _known_as(change: Change) -> str:
    """Return a person's name before the change."""
    return change.differs.get(Column.REAL_NAME, (change.values[Column.REAL_NAME], ""))[0]


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
