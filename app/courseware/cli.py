"""`flask courseware export LIVE` and `flask courseware import FILE`."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.accounts import queries as accounts
from app.courseware import jobs, queries, services
from app.courseware.archive import importing
from app.courseware.composing.layouts import HEIGHTS, LAYOUTS
from app.courseware.course import Options
from app.courseware.models import Export, ExportState, Form
from app.courseware.splitting import LEAST_MB, MOST_MB
from app.extensions import db
from app.kernel.errors import AppError
from app.kernel.locks import alone
from app.kernel.web import as_bytes
from app.live.models import LiveSession


@click.group("courseware")
def courseware() -> None:
    """Lessons as packages that play anywhere."""


@courseware.command("export")
@click.argument("live_id", metavar="LIVE")
@click.option(
    "--format", "form", type=click.Choice([str(one) for one in Form]), default=str(Form.SCORM12), help="What to make."
)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder for the package."
)
@click.option("--chat/--no-chat", default=True, help="With messages, questions and polls.")
@click.option("--names/--no-names", default=True, help="With the names of learners.")
@click.option("--layout", type=click.Choice(LAYOUTS), default=LAYOUTS[0], help="Of a composed MP4.")
@click.option("--height", type=click.Choice([str(one) for one in HEIGHTS]), default="720", help="Of its picture, px.")
@click.option("--part-mb", type=click.IntRange(LEAST_MB, MOST_MB), help="Split into parts of so many MB at most.")
@click.option("--json", "as_json", is_flag=True, help="Say the result as JSON, and nothing else.")
@with_appcontext
def export(
    live_id: str,
    form: str,
    output: Path,
    chat: bool,
    names: bool,
    layout: str,
    height: str,
    part_mb: int | None,
    as_json: bool,
) -> None:
    """Make a package of the lesson LIVE, its id, and put it into a folder."""
    live = db.session.get(LiveSession, live_id)
    if live is None or live.deleted_ms is not None:
        raise click.ClickException(f"There is no session {live_id}.")
    try:
        options = Options(chat=chat, names=names, layout=layout, height=int(height), part_mb=part_mb or 0)
        asked = services.request_export(live, Form(form), options, by=None)
    except AppError as error:
        raise click.ClickException(f"{error.message} {error.mend}") from error
    made = _made(asked.id, quiet=as_json)
    if made.state is not ExportState.DONE:
        raise click.ClickException(str(queries.PROBLEMS.get(made.problem, made.state)))
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{live.id}-{form}.{made.ending}"
    shutil.copyfile(queries.file_of(made), target)
    told = {"file": str(target), "bytes": made.size_bytes, "format": form, "live": live.id, "export": made.id}
    click.echo(json.dumps(told) if as_json else f"{target}  {as_bytes(made.size_bytes)}")


@courseware.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--owner", required=True, help="User name of the person whose session it becomes; her unit may watch it.")
@click.option("--json", "as_json", is_flag=True, help="Say the result as JSON, and nothing else.")
@with_appcontext
def take_in(file: Path, owner: str, as_json: bool) -> None:
    """Make a session of an archive, with its replay."""
    user = accounts.user_by_name(owner)
    if user is None:
        raise click.ClickException(f"There is nobody called {owner}.")

    def tell(done: int) -> None:
        if not as_json:
            click.echo(f"\r{as_bytes(done)}", nl=False, err=True)

    try:
        live = importing.import_archive(file, owner=user, report=tell)
    except AppError as error:
        raise click.ClickException(f"{error.message} {error.mend}") from error
    told = {"live": live.id, "subject": live.subject, "address": f"/live/{live.id}/replay"}
    click.echo(json.dumps(told) if as_json else f"\r{live.subject}: /live/{live.id}/replay")


def _made(export_id: str, *, quiet: bool) -> Export:
    """Make the package here, or wait for the process that makes it."""
    with _told(export_id, quiet=quiet):
        while True:
            with alone(queries.folder() / "making.lock") as is_alone:
                if is_alone:
                    jobs.make_one(export_id)
            found = _again(export_id)
            if found.state not in {ExportState.QUEUED, ExportState.RUNNING}:
                return found
            threading.Event().wait(0.5)


@contextmanager
def _told(export_id: str, *, quiet: bool) -> Iterator[None]:
    """Print the progress meanwhile."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way to the app
    over = threading.Event()

    def tell() -> None:
        with app.app_context():
            while not over.wait(0.5):
                found = _again(export_id)
                if found.total_bytes:
                    percent = 100 * found.done_bytes // found.total_bytes
                    click.echo(f"\r{percent:3d} %  {as_bytes(found.done_bytes)}", nl=False, err=True)

    thread = threading.Thread(target=tell, daemon=True)
    if not quiet:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if not quiet:
            thread.join()
            click.echo("\r", nl=False, err=True)


def _again(export_id: str) -> Export:
    db.session.rollback()
    return db.session.get_one(Export, export_id, populate_existing=True)
