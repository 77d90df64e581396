"""Commands of the example academy."""

from __future__ import annotations

import json
import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from app.demo import academy, known_accounts, presenter
from app.demo.lecture import publish_forever


@click.group("demo")
def demo() -> None:
    """The example academy."""


@demo.command("fill")
@with_appcontext
def fill() -> None:
    """Make the example accounts and lessons that are missing."""
    academy.fill()


@demo.command("close")
@with_appcontext
def close() -> None:
    """Close the example accounts whose passwords everybody knows, and end the example lecture."""
    closed = known_accounts.close()
    if closed:
        click.echo(f"This folder held the example academy. Its accounts are closed now: {', '.join(closed)}.")
        click.echo("Whoever has chosen a password of her own keeps her account. DEMO=1 opens the others again.")


@demo.command("lecture")
@with_appcontext
def lecture() -> None:
    """Publish a generated lecture into the example lesson, and turn its pages, until stopped."""
    key = academy.lecture().stream.key
    config = current_app.config
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way to the app
    stop = threading.Event()
    leading = threading.Thread(target=presenter.lead, args=(app, stop), name="presenter")
    leading.start()
    try:
        publish_forever(f"rtmp://127.0.0.1:{config['RTMP_PORT']}/live/{key}", config["FFMPEG"], config["TIMEZONE"])
    finally:
        stop.set()
        leading.join()


@click.command("demo-info")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@with_appcontext
def demo_info(as_json: bool) -> None:
    """Print addresses, accounts, the lesson on air, RTMP address and key."""
    try:
        info = academy.info()
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(info, ensure_ascii=False, indent=2))
        return
    click.echo(f"讲堂 Jiangtang   {info['url']}")
    click.echo("  an example academy: everybody knows these passwords. For real work: make run DEMO=0")
    click.echo(f"  on air         {info['live']['watch']}   {info['live']['subject']}")
    click.echo(f"  studio         {info['live']['studio']}")
    click.echo(f"  RTMP           {info['rtmp']['url']}   key {info['rtmp']['key']}")
    for role, account in info["accounts"].items():
        click.echo(f"  {role:<14} {account['username']} / {account['password']}   {account['real_name']}")
