"""A consistent copy of a database in use, and the way back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import URL, inspect, text

from app.extensions import db

FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
BUSY_S = 60.0


class DatabaseTrouble(Exception):
    """A copy cannot be made or put back. The sentence says why, and what to do."""


def kind() -> str:
    """Return `sqlite` or `postgresql`."""
    return db.engine.dialect.name


def schema() -> str:
    """Return the number of the database's newest migration, empty for an empty database."""
    if not inspect(db.engine).has_table("alembic_version"):
        return ""
    with db.engine.connect() as connection:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


def knows(revision: str) -> bool:
    """Return whether this version has a migration of that number."""
    folder = Path(current_app.root_path).parent / "migrations"
    return revision in {one.revision for one in ScriptDirectory(str(folder)).walk_revisions()}


def is_empty() -> bool:
    """Return whether the database holds no tables."""
    return not inspect(db.engine).get_table_names()


def dump(folder: Path) -> Path:
    """Write a copy of the database into a folder. Return its file.

    Raises:
        DatabaseTrouble: pg_dump is missing or fails, or the copy is not sound.
    """
    file = folder / FILES[kind()]
    draft = folder / f".{file.name}.part"
    draft.unlink(missing_ok=True)
    if kind() == "sqlite":
        _copy_sqlite(Path(db.engine.url.database or ""), draft)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
    draft.replace(file)
    return file


def load(file: Path) -> None:
    """Put a copy into the empty database of this service.

    Raises:
        DatabaseTrouble: pg_restore is missing or fails.
    """
    if kind() == "sqlite":
        path = Path(db.engine.url.database or "")
        db.session.remove()
        db.engine.dispose()
        for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            one.unlink(missing_ok=True)
        shutil.copyfile(file, path)
        path.chmod(0o600)
    else:
        whole = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
        _run("pg_restore", *whole, f"--dbname={db.engine.url.database}", str(file))


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy by SQLite's online backup: in one step, under a read lock, which keeps no writer waiting."""
    reader, writer = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=BUSY_S), sqlite3.connect(target)
    try:
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode = DELETE")
        (found,) = writer.execute("PRAGMA quick_check").fetchone()
    finally:
        reader.close()
        writer.close()
    if found != "ok":
        raise DatabaseTrouble(f"SQLite says of its copy: {found}. Check the disk, and keep the last backup.")


def _run(tool: str, *arguments: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise DatabaseTrouble(f"{tool} is missing: apt-get install postgresql-client (not older than the server).")
    environment = _environment(db.engine.url)
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DatabaseTrouble(f"{tool} failed: {done.stderr.strip() or done.returncode}")


def _environment(url: URL) -> dict[str, str]:
    """Return libpq's variables, because everybody on the machine could read a password on the command line."""
    given = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    given["PGDATABASE"] = url.database
    options = {f"PG{name.upper()}": value for name, value in url.query.items() if isinstance(value, str)}
    return os.environ | {name: str(value) for name, value in (given | options).items() if value}
