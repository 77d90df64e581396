"""The profile for OBS that a presenter downloads."""

from __future__ import annotations

import configparser
import io
import json
import zipfile

from app.accounts.models import User
from app.extensions import db
from tests.conftest import SignIn
from tests.factories import live


def test_it_holds_server_key_and_a_keyframe_each_second(sign_in: SignIn, teacher: User) -> None:
    lesson = live.lesson(teacher)
    lesson.subject = "100% 好课\n[Video]\nName=坏"
    db.session.commit()
    reply = sign_in(teacher).get(f"/live/{lesson.id}/obs-profile.zip")
    with zipfile.ZipFile(io.BytesIO(reply.data)) as folder:
        files = {name.rpartition("/")[2]: folder.read(name).decode() for name in folder.namelist()}
    service = json.loads(files["service.json"])["settings"]
    assert service["key"] == lesson.stream.key
    assert service["server"].startswith("rtmp://")
    assert json.loads(files["streamEncoder.json"])["keyint_sec"] == 1
    basic = configparser.RawConfigParser()
    basic.read_string(files["basic.ini"])  # the subject, whatever is in it, begins no section
    assert basic["General"]["Name"] == " ".join(lesson.subject.split())
