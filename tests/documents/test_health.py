"""What the doctor says of documents."""

from __future__ import annotations

import pytest
from flask import Flask

from app.documents import health
from app.documents.convert.office import Examination, Fonts


def test_doctor_names_what_is_missing_and_its_packages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = Examination(
        office=None, impress=False, writer=False, math=False, fonts=Fonts(set(), set()), can_be_apart=True
    )
    monkeypatch.setattr(health, "examine", lambda: bare)
    told = app.test_cli_runner().invoke(args=["doctor"])
    assert told.exit_code == 1
    missing = [line for line in told.stdout.splitlines() if line.startswith("MISS")]
    assert any("libreoffice-impress" in line for line in missing)
    assert any("libreoffice-math" in line for line in missing)
    assert any("fonts-noto-cjk" in line for line in missing)
    assert any("fonts-symbola" in line for line in missing)
