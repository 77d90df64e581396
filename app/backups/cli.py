"""`flask backup DIR` and `flask restore DIR`."""

from __future__ import annotations

import fcntl
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.backups import copying, database, manifest
from app.backups.database import FILES, DatabaseTrouble
from app.backups.manifest import Entry, Manifest, NoBackup
from app.kernel import clock, storage
from app.kernel.cli import SECRETS

FOLDER = click.Path(file_okay=False, path_type=Path)
NAMED = 20
"""Maximum number of faulty files to name one by one."""


@click.command("backup")
@click.argument("folder", type=FOLDER)
@with_appcontext
def backup(folder: Path) -> None:
    """Copy everything that cannot be made again into FOLDER, while the service runs.

    Into the same folder again, only what has changed is copied. What people have taken back is removed there, too.
    """
    folder = folder.absolute()
    data_dir: Path = current_app.config["DATA_DIR"]
    if folder.is_relative_to(data_dir) or folder.is_relative_to(storage.place("media")):
        raise click.ClickException(f"{folder} lies within what is backed up. Choose a folder on another disk.")
    strange = storage.unknown(data_dir)
    try:
        made = _back_up(folder)
    except (OSError, DatabaseTrouble) as error:
        raise click.ClickException(f"The backup is not finished: {error}") from error
    size = sum(one.bytes for one in made.files.values())
    click.echo(f"{len(made.files)} files, {size / 1e9:.2f} GB, schema {made.schema}: {folder}")
    _say_what_stands_elsewhere()
    if strange:
        raise click.ClickException(f"Not in the backup, since nobody has said what it is: {', '.join(strange)}")


def _back_up(folder: Path) -> Manifest:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)  # it holds the secrets and everybody's names
    try:
        before = manifest.read(folder).files
    except NoBackup:
        if any(folder.iterdir()) and not (folder / "secrets").exists() and not list(folder.glob(".database*")):
            raise DatabaseTrouble(f"{folder} holds something else. Choose an empty folder.") from None
        before = {}
    # the database first: each of its rows finds its file, since files come before their rows
    file = database.dump(folder)
    made = Manifest(clock.now_ms(), database.kind(), database.schema())
    made.files[file.name] = Entry(file.stat().st_size, manifest.digest_of(file), file.stat().st_mtime_ns)
    places = storage.kept()
    for name, root in places.items():
        made.files |= copying.copy_in(name, root, folder, before)
    made.write(folder)
    copying.drop_others(folder, made.files, tuple(places))
    return made


def _say_what_stands_elsewhere() -> None:
    for name in SECRETS:
        if not (storage.place("secrets") / name).exists():
            click.echo(f"{name.upper()} comes from the environment and is not in the backup: keep it yourself.")


@click.command("restore")
@click.argument("folder", type=FOLDER)
@click.option("--incomplete", is_flag=True, help="Restore although files are missing or damaged.")
@with_appcontext
def restore(folder: Path, incomplete: bool) -> None:
    """Put a backup from FOLDER into an empty DATA_DIR and an empty database, while the service is stopped."""
    try:
        held = manifest.read(folder)
        _refuse_what_does_not_fit(held)
        with Alone():
            faults = list(held.faults(folder))
            for fault in faults[:NAMED]:
                click.echo(fault)
            if len(faults) > NAMED:
                click.echo(f"… and {len(faults) - NAMED} more")
            if any(fault.startswith(FILES[held.database]) for fault in faults):
                raise click.ClickException("The database of this backup is missing or damaged: nothing was restored.")
            if faults and not incomplete:
                raise click.ClickException("Nothing was restored. --incomplete restores what is there.")
            whole = {name: entry for name, entry in held.files.items() if not _is_faulty(name, faults)}
            copying.copy_out(folder, whole, storage.kept())
            database.load(folder / FILES[held.database])
            storage.shut(current_app.config["DATA_DIR"], storage.place("media"))
    except (NoBackup, DatabaseTrouble) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"The restore is not finished: {error}. Empty DATA_DIR and try again.") from error
    click.echo(
        f"{len(whole)} files are back, of {len(held.files)}. Start the service; downloads are made again on demand."
    )
    _say_what_stands_elsewhere()


def _is_faulty(name: str, faults: list[str]) -> bool:
    return any(fault.rpartition(": ")[0] == name for fault in faults)


def _refuse_what_does_not_fit(held: Manifest) -> None:
    if not database.knows(held.schema):
        raise NoBackup(f"The backup is of a newer version (schema {held.schema}). Install that version, then restore.")
    if held.database != database.kind():
        raise NoBackup(f"The backup is of {held.database}, and DATABASE_URL names {database.kind()}.")
    if not database.is_empty():
        raise NoBackup("The database is not empty. Give DATABASE_URL of an empty one, or an empty DATA_DIR.")
    full = [str(path) for path in storage.kept().values() if path.is_dir() and any(path.iterdir())]
    if full:
        raise NoBackup(f"Not empty: {', '.join(full)}. Restore into an empty DATA_DIR.")


class Alone:
    """Keeps the service from starting meanwhile, by holding the service's own lock."""

    def __enter__(self) -> None:
        run = storage.place("run")
        run.mkdir(mode=0o700, exist_ok=True)
        self._file = (run / "lock").open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise NoBackup("The service runs on this DATA_DIR. Stop it first.") from None

    def __exit__(self, *_: object) -> None:
        self._file.close()
