"""`flask ledger`: verify the chain, write its newest hash down, close lessons."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from app.credits.ledger import chain, closing, verifying
from app.credits.ledger.models import Closing
from app.extensions import db
from app.kernel import clock
from app.mail import services as mail

MOST_SAID = 20
HEAD = re.compile(r"^(\d+) ([0-9a-f]{64})", re.MULTILINE)

ledger = AppGroup("ledger", help="The ledger of learning hours (学时台账).")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(ledger)


@ledger.command("verify")
@click.option("--head", "kept", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="what `head` wrote")
@with_appcontext
def verify(kept: Path | None) -> None:
    """Recompute the chain, and every entry from its stretches and its rule; name the first difference.

    With --head the entry whose hash was kept must be there as well: so a chain that was rewritten as a whole is found.
    """
    heads = HEAD.findall(kept.read_text(encoding="utf-8")) if kept else []
    if kept and not heads:
        raise click.ClickException(f"{kept} holds no head")
    head = (int(heads[-1][0]), heads[-1][1]) if heads else None
    report = verifying.Report()
    faults = list(islice(verifying.verify(report, head=head), MOST_SAID))
    for number, fault in enumerate(faults):
        click.echo(f"{'DIFFERS' if number == 0 else '   also'}  {fault}")
    if faults:
        raise SystemExit(1)
    click.echo(f"fine: {report.entries} entries, newest {report.newest}")
    if report.thinned:
        click.echo(f"{report.thinned} of them are older than the time for appeals: their stretches are thinned")


@ledger.command("head")
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="append it to this file")
@click.option("--mail", "address", help="mail it to this address")
@with_appcontext
def head(file: Path | None, address: str | None) -> None:
    """Write number and hash of the newest entry: kept outside, it proves later that the chain was not rewritten."""
    number, newest = chain.head()
    line = f"{number} {newest} {clock.to_datetime(clock.now_ms()):%Y-%m-%dT%H:%M:%SZ}"
    click.echo(line)
    if file:
        with file.open("a", encoding="utf-8") as kept:
            kept.write(f"{line}\n")
    if address:
        mail.send(address, "ledger_head", number=number, hash=newest)


@ledger.command("close")
@click.argument("live_id", required=False)
@with_appcontext
def close(live_id: str | None) -> None:
    """Close all lessons that are due; or one, with what was watched of its replay until this moment."""
    closing.open_forgotten()
    now = clock.now_ms()
    named = [live_id] if live_id else [*closing.due(now), *closing.replayed(now)]
    if live_id and db.session.scalar(select(Closing.live_id).where(Closing.live_id == live_id)) is None:
        raise click.ClickException(f"{live_id} is no lesson that is over")
    for one in named:
        click.echo(f"{one}: {closing.close(one, quiet_ms=0 if live_id else closing.QUIET_MS)} entries")
