"""The worker's settings, read once from the environment. One table holds name, default and help."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

import imageio_ffmpeg


class ConfigError(ValueError):
    """A setting is missing or makes no sense. The message names it."""


@dataclass(frozen=True)
class Setting:
    """One environment variable. With `secret`, a file named by `NAME_FILE` may hold the value instead."""

    name: str
    help: str
    default: str | None = None
    secret: bool = False


EVERYWHERE = "0.0.0.0"  # noqa: S104 - encoders come from outside: the doors are there for them

SETTINGS = (
    Setting("RTMP_HOST", "Address on which the worker listens for encoders.", EVERYWHERE),
    Setting("RTMP_PORT", "TCP port for RTMP.", "1935"),
    Setting("INGEST_HOST", "Address of the worker's own HTTP door.", EVERYWHERE),
    Setting("INGEST_PORT", "TCP port of the worker's own HTTP door: browsers that publish, and GET /healthz.", "8001"),
    Setting(
        "INGEST_ORIGINS",
        "Sites (`https://live.example.cn`) whose pages may publish besides those under this door's own host name.",
    ),
    Setting("TRUSTED_PROXIES", "Number of reverse proxies before the door. Their X-Forwarded-For counts.", "0"),
    Setting("DATA_DIR", "Folder of everything that is written.", "var"),
    Setting("MEDIA_ROOT", "Folder of segments and playlists; default DATA_DIR/media."),
    Setting("PORT", "Port of the app on this machine, used when APP_URL is not set.", "8000"),
    Setting("APP_URL", "Address of the app."),
    Setting("WORKER_SECRET", "Secret shared with the app; default file DATA_DIR/secrets/worker_secret.", secret=True),
    Setting("WORKER_ID", "Name of this worker towards the app."),
    Setting("FFMPEG", "ffmpeg program; default the binary of the imageio-ffmpeg package."),
    Setting("DISK_RESERVE_MB", "With less free space (MiB) than this, nothing new is recorded.", "500"),
    Setting("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.", "INFO"),
)


@dataclass(frozen=True)
class Config:
    """The settings, checked."""

    rtmp_host: str
    rtmp_port: int
    ingest_host: str
    ingest_port: int
    ingest_origins: tuple[str, ...]
    trusted_proxies: int
    media_root: Path
    app_url: str
    worker_secret: str
    worker_id: str
    ffmpeg: str
    disk_reserve_bytes: int
    log_level: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """Read and check the environment.

        Raises:
            ConfigError: a setting is missing or makes no sense.
        """
        text = {one.name: environ.get(one.name, "").strip() or one.default or "" for one in SETTINGS}
        data = Path(text["DATA_DIR"])
        return cls(
            rtmp_host=text["RTMP_HOST"],
            rtmp_port=_number(text, "RTMP_PORT", 0, 65535),
            ingest_host=text["INGEST_HOST"],
            ingest_port=_number(text, "INGEST_PORT", 0, 65535),
            ingest_origins=tuple(text["INGEST_ORIGINS"].replace(",", " ").split()),
            trusted_proxies=_number(text, "TRUSTED_PROXIES", 0, 10),
            media_root=Path(text["MEDIA_ROOT"] or data / "media").absolute(),
            app_url=_address(text["APP_URL"] or f"http://127.0.0.1:{_number(text, 'PORT', 1, 65535)}"),
            worker_secret=_secret("WORKER_SECRET", environ, data / "secrets" / "worker_secret"),
            worker_id=text["WORKER_ID"] or socket.gethostname(),
            ffmpeg=_program(text["FFMPEG"] or imageio_ffmpeg.get_ffmpeg_exe()),
            disk_reserve_bytes=_number(text, "DISK_RESERVE_MB", 0, 1_000_000_000) * 1024 * 1024,
            log_level=_checked(
                text["LOG_LEVEL"].upper(), "LOG_LEVEL", lambda one: one in logging.getLevelNamesMapping()
            ),
        )


def _checked(value: str, name: str, good: Callable[[str], bool]) -> str:
    if not good(value):
        raise ConfigError(f"{name}: {value!r} makes no sense")
    return value


def _number(text: Mapping[str, str], name: str, least: int, most: int) -> int:
    value = _checked(text[name], name, lambda one: one.isascii() and one.isdigit() and least <= int(one) <= most)
    return int(value)


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"APP_URL: {value!r} is not an http address")
    return value.rstrip("/")


def _program(value: str) -> str:
    found = which(value)
    if found is None:
        raise ConfigError(f"FFMPEG: {value!r} is not a program that can be run")
    return found


def _secret(name: str, environ: Mapping[str, str], default_file: Path) -> str:
    direct, named_file = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
    if direct and named_file:
        raise ConfigError(f"{name} and {name}_FILE are both set; keep one")
    if direct:
        return direct
    path = Path(named_file) if named_file else default_file
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name} is not set and {path} cannot be read: {error.strerror}") from None
    return _checked(value, name, bool)
