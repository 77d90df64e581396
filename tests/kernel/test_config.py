"""Settings: once, loud, documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import config


def test_defaults_stand_when_nothing_is_set(tmp_path: Path) -> None:
    values = config.load({"DATA_DIR": str(tmp_path)})
    assert (values["PORT"], values["RTMP_PORT"], values["INGEST_PORT"], values["DEMO"]) == (8000, 1935, 8001, True)
    assert values["DATABASE_URL"] == f"sqlite:///{tmp_path}/jiangtang.sqlite3"
    assert values["MEDIA_ROOT"] == tmp_path / "media"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "http"),
        ("DEMO", "perhaps"),
        ("AWAY_MINUTES", ""),
        ("UPLOAD_RESERVE_MB", "-1"),
        ("COURSEWARE_SHARE", "0"),
        ("EMBED_ORIGINS", "https://portal.example.org/path"),
        ("STAGE_SEATS", "6"),
    ],
)
def test_nonsense_stops_the_start_and_names_the_setting(name: str, text: str) -> None:
    with pytest.raises(config.BadSetting, match=name):
        config.load({name: text})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    assert config.load({"SECRET_KEY_FILE": str(tmp_path / "key")})["SECRET_KEY"] == "from a file"
    with pytest.raises(config.BadSetting, match="both set"):
        config.load({"SECRET_KEY_FILE": str(tmp_path / "key"), "SECRET_KEY": "x"})
    with pytest.raises(config.BadSetting, match="No such file"):
        config.load({"SECRET_KEY_FILE": str(tmp_path / "nothing")})


def test_mail_goes_out_only_where_the_address_of_the_site_is_known() -> None:
    with pytest.raises(config.BadSetting, match="PUBLIC_URL"):
        config.load({"SMTP_HOST": "mail.example.cn"})
    values = config.load({"SMTP_HOST": "mail.example.cn", "PUBLIC_URL": "https://live.example.cn"})
    assert values["SMTP_HOST"] == "mail.example.cn"


def test_an_inbox_has_an_address() -> None:
    with pytest.raises(config.BadSetting, match="IMAP_ADDRESS"):
        config.load({"IMAP_HOST": "mail.example.cn"})
