"""Reads a list of learning hours that somebody brought. Runs as a child: `reading FILE` says its rows as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.credits.ledger.columns import HOURS_LIST
from app.people.imports import files
from app.people.imports.files import Unreadable


def main(arguments: list[str]) -> None:
    """Return the rows, or the problem that makes the whole file useless."""
    try:
        sheet = files.read(Path(arguments[0]), lambda _percent: None, HOURS_LIST)
    except Unreadable as error:
        said: dict[str, object] = {"problem": str(error.problem)}
    else:
        said = {
            "rows": [
                {"number": row.number, "cells": row.cells, "faulty": [str(column) for column, _fault in row.faults]}
                for row in sheet.rows
            ]
        }
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
