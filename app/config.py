"""Every setting once: name, type, default, help. `docs/settings.md` lists them, and a test holds it to this file."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import imageio_ffmpeg


class BadSetting(ValueError):
    """A setting has a value that makes no sense. The message names it, and a good value."""


def as_bool(text: str) -> bool:
    """Return a boolean from 1/0, true/false, yes/no, on/off."""
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("use 1 or 0")


def as_security(text: str) -> str:
    """Return the protection of the way to a mail server."""
    if text not in {"none", "starttls", "tls"}:
        raise ValueError("use none, starttls or tls")
    return text


def as_amount(text: str) -> int:
    """Return a number that is not negative."""
    amount = int(text)
    if amount < 0:
        raise ValueError("use a number that is not negative")
    return amount


def as_percent(text: str) -> int:
    """Return a share from 1 to 100."""
    percent = int(text)
    if not 1 <= percent <= 100:
        raise ValueError("use a number from 1 to 100")
    return percent


def as_seats(text: str) -> int:
    """Return the number of people who may speak at once. With more, browsers cannot send to each of the others."""
    seats = int(text)
    if not 1 <= seats <= 5:
        raise ValueError("use a number from 1 to 5")
    return seats


def as_address(text: str) -> str:
    """Return an address of the web without a slash at its end, or nothing. Secrets do not belong into it."""
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.fragment):
        raise ValueError("use an address such as https://lrs.example.cn/xAPI, without user name and password")
    return text.rstrip("/")


def as_list(text: str) -> tuple[str, ...]:
    """Return words separated by commas."""
    return tuple(word for part in text.split(",") if (word := part.strip()))


ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:[0-9]{1,5})?")


def as_push_key(text: str) -> str:
    """Return a private key of P-256, 32 bytes as base64url, or nothing."""
    try:
        number = int.from_bytes(base64.b64decode(f"{text}=", altchars=b"-_", validate=True)) if len(text) == 43 else 0
    except binascii.Error:
        number = 0
    if text and not 0 < number < ORDER_OF_P256:
        raise ValueError("use a key that `flask push-key` has made")
    return text


ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Private keys are below it (FIPS 186-5; SEC 2, 2.4.2)."""


def as_origins(text: str) -> tuple[str, ...]:
    """Return addresses of sites, scheme and host, perhaps with a port; `*.` stands for all hosts below."""
    found = tuple(text.split())
    if not all(ORIGIN.fullmatch(origin) for origin in found):
        raise ValueError("use addresses such as https://portal.example.org, without a path, separated by spaces")
    return found


def as_path(text: str) -> Path:
    """Return an absolute path, which means the same in every process."""
    return Path(text).expanduser().absolute()


@dataclass(frozen=True)
class Setting:
    """One setting, read from the environment variable of its name, or from the file that NAME_FILE names."""

    name: str
    read: Callable[[str], Any]
    default: str | Callable[[dict[str, Any]], str]
    help: str


def _secret_file(name: str) -> Callable[[dict[str, Any]], str]:
    def read(so_far: dict[str, Any]) -> str:
        path: Path = so_far["DATA_DIR"] / "secrets" / name
        return path.read_text().strip() if path.exists() else ""

    return read


SETTINGS: tuple[Setting, ...] = (
    Setting("DATA_DIR", as_path, "var", "Folder of everything that must outlast a restart."),
    Setting("PORT", int, "8000", "Port of the web pages."),
    Setting("WEB_HOST", str, "0.0.0.0", "Address on which web listens; 127.0.0.1 behind a proxy on the same machine."),  # noqa: S104
    Setting("RTMP_PORT", int, "1935", "Port to which encoders publish by RTMP."),
    Setting("INGEST_PORT", int, "8001", "Port of media_worker for browsers that publish, and for its health."),
    Setting(
        "INGEST_URL",
        str,
        "",
        "Address to which browsers publish, such as `wss://live.example.cn/send`. Empty means "
        "INGEST_PORT of the host that they use.",
    ),
    Setting(
        "STAGE_SEATS",
        as_seats,
        "3",
        "Learners who may speak at the same time, 1 to 5. Each of their computers sends to each other one.",
    ),
    Setting(
        "STUN_URLS",
        as_list,
        "",
        "STUN servers for those who speak, with commas between, such as `stun:turn.example.cn:3478`. Empty means none.",
    ),
    Setting(
        "TURN_URLS",
        as_list,
        "",
        "TURN servers for those who speak, with commas between, such as `turns:turn.example.cn:443?transport=tcp`.",
    ),
    Setting(
        "TURN_SECRET",
        str,
        "",
        "Secret that coturn knows as `static-auth-secret`; speakers get credentials made of it that last an hour.",
    ),
    Setting(
        "DEMO",
        as_bool,
        "1",
        "1 means an example academy with a lesson on air. 0 means an empty one, whose administrator "
        "opens the printed one-time link.",
    ),
    Setting(
        "DATABASE_URL",
        str,
        lambda so_far: f"sqlite:///{so_far['DATA_DIR'] / 'jiangtang.sqlite3'}",
        "Address of the database: SQLite or `postgresql+psycopg://…`.",
    ),
    Setting(
        "BUS_URL",
        str,
        "",
        "Address of the bus by which web processes wake each other: `redis://…`. Empty means the database itself.",
    ),
    Setting(
        "WEB_PROCESSES",
        int,
        "1",
        "Number of web processes that share the port. One is enough for some thousand learners, more use more cores.",
    ),
    Setting(
        "MEDIA_ROOT",
        as_path,
        lambda so_far: str(so_far["DATA_DIR"] / "media"),
        "Folder of segments and recordings, shared with media_worker.",
    ),
    Setting(
        "PUBLIC_HOST",
        str,
        "",
        "Host name that encoders are told to publish to. Empty means the host that the presenter's browser used.",
    ),
    Setting(
        "SECRET_KEY",
        str,
        _secret_file("secret_key"),
        "Signs cookies and one-time links. `flask secrets` makes one in DATA_DIR/secrets.",
    ),
    Setting(
        "WORKER_SECRET",
        str,
        _secret_file("worker_secret"),
        "Shared by the app and media_worker; opens `/internal/media`.",
    ),
    Setting(
        "MEDIA_SECRET",
        str,
        _secret_file("media_secret"),
        "Signs the addresses of segments; nginx needs the same one to check them alone.",
    ),
    Setting(
        "MEDIA_ADDRESS_HOURS",
        int,
        "12",
        "Life of a signed media address in hours. Pages fetch a fresh one by themselves.",
    ),
    Setting(
        "DISK_RESERVE_MB",
        int,
        "500",
        "With less free space (MiB) than this nothing new is recorded and no download is made; live sessions go on.",
    ),
    Setting(
        "UPLOAD_RESERVE_MB",
        as_amount,
        "2000",
        "Documents and pictures are refused while less space (MiB) than this is free beyond DISK_RESERVE_MB.",
    ),
    Setting("DOCUMENT_MOST_MB", int, "200", "Maximum size of a document, in MB."),
    Setting(
        "RECORDING_MOST_MB",
        as_amount,
        "10000",
        "Maximum size of a recording made elsewhere, in MB. Three times its size must be free.",
    ),
    Setting(
        "UNIT_RECORDINGS_MB",
        as_amount,
        "200000",
        "Maximum size of all imported recordings of one unit, with those on their way, in MB.",
    ),
    Setting(
        "SESSION_DOCUMENTS_MB",
        as_amount,
        "2000",
        "Maximum size of all documents of one session, with the pictures of their pages, in MB.",
    ),
    Setting(
        "UNIT_DOCUMENTS_MB",
        as_amount,
        "50000",
        "Maximum size of all documents of all sessions of one unit, in MB.",
    ),
    Setting(
        "EMBED_ORIGINS",
        as_origins,
        "",
        "Sites whose pages may show replays and live columns in a frame, such as https://portal.example.org, separated "
        "by spaces.",
    ),
    Setting("COURSEWARE_KEEP_DAYS", as_amount, "7", "Days for which a finished course package is kept."),
    Setting(
        "COURSEWARE_SHARE",
        as_percent,
        "75",
        "Percentage of an exported course that completes it when watched, unless a rule of learning "
        "hours names another.",
    ),
    Setting(
        "ENCODER_DELAY_MS",
        int,
        "0",
        "Delay of an RTMP encoder from camera to network, in ms. The arrival time less this is the capture time.",
    ),
    Setting(
        "RECORDER_DELAY_MS",
        int,
        "60",
        "Delay of a browser from camera to its recorder's output, in ms, taken off like ENCODER_DELAY_MS.",
    ),
    Setting(
        "AWAY_MINUTES",
        int,
        "5",
        "A lesson that its presenter left for a moment ends after this many minutes without a presenter.",
    ),
    Setting("SECURE_COOKIES", as_bool, "0", "1 when the site is served by HTTPS: cookies travel by HTTPS only."),
    Setting(
        "TRUSTED_PROXIES",
        int,
        "0",
        "Number of reverse proxies before the web process. Their X-Forwarded headers are believed.",
    ),
    Setting(
        "PUBLIC_URL",
        str,
        "",
        "Address of the site in mails, such as https://live.example.cn; needed with SMTP_HOST. "
        "Empty means the one that the browser used.",
    ),
    Setting(
        "ALLOWED_HOSTS",
        str,
        "",
        "Further names under which the site may be opened, separated by spaces. The name of PUBLIC_URL, the machine's "
        "own name and addresses and localhost are allowed anyway.",
    ),
    Setting(
        "SMTP_HOST", str, "", "Mail server. Empty means that mail waits in the outbox, where administrators read it."
    ),
    Setting("SMTP_PORT", int, "25", "Port of the mail server; usually 587 with starttls, 465 with tls."),
    Setting("SMTP_SECURITY", as_security, "none", "none, starttls or tls."),
    Setting("SMTP_CA_FILE", str, "", "Certificates that the mail server is checked against. Empty means the system's."),
    Setting("SMTP_USER", str, "", "User name at the mail server. Empty means that none is asked for."),
    Setting("SMTP_PASSWORD", str, "", "Password at the mail server."),
    Setting(
        "IMAP_HOST",
        str,
        "",
        "Inbox for answers to mails about tickets. Empty means that people answer on the page alone.",
    ),
    Setting("IMAP_PORT", int, "993", "Port of the inbox; usually 993 with tls, 143 with starttls."),
    Setting("IMAP_SECURITY", as_security, "tls", "none, starttls or tls."),
    Setting("IMAP_CA_FILE", str, "", "Certificates that the inbox is checked against. Empty means the system's."),
    Setting("IMAP_USER", str, "", "User name at the inbox."),
    Setting("IMAP_PASSWORD", str, "", "Password at the inbox."),
    Setting("IMAP_ADDRESS", str, "", "Address whose mail lies in the inbox, such as support@live.example.cn."),
    Setting("MAIL_FROM", str, "讲堂 <jiangtang@localhost>", "Sender of mail."),
    Setting("MAIL_PER_MINUTE", int, "120", "Maximum number of mails that go out in a minute."),
    Setting(
        "VAPID_PRIVATE_KEY",
        as_push_key,
        _secret_file("vapid_private_key"),
        "Signs messages to devices that remind of lessons; `flask push-key` makes it. Without it there are none.",
    ),
    Setting(
        "PUSH_SERVICES",
        as_list,
        "fcm.googleapis.com, updates.push.services.mozilla.com, web.push.apple.com, *.notify.windows.com",
        "Push services of browsers that may be called, with commas between; `*.` stands for all hosts below.",
    ),
    Setting(
        "OIDC_ISSUER",
        str,
        "",
        "Address of the academy's identity provider (OpenID Connect). Empty means that people sign in "
        "with passwords only.",
    ),
    Setting("OIDC_CLIENT_ID", str, "", "Name under which the provider knows this service."),
    Setting("OIDC_CLIENT_SECRET", str, "", "Secret that the provider shares with this service."),
    Setting("OIDC_NAME", str, "", "Words of the button, such as 科技云通行证登录. Empty means a general sentence."),
    Setting("OIDC_SCOPES", str, "openid profile email", "Scopes that the provider is asked for."),
    Setting("OIDC_NAME_CLAIM", str, "name", "Claim with the real name; dots lead into nested claims."),
    Setting("OIDC_UNIT_CLAIM", str, "organization", "Claim with a unit's code, name or whole path (研究所/部门)."),
    Setting(
        "OIDC_STAFF_CLAIM",
        str,
        "",
        "Claim with the staff number; where it is set, an account with the same number is taken for the same person.",
    ),
    Setting(
        "OIDC_CREATE_ACCOUNTS",
        as_bool,
        "1",
        "1 means that everybody whom the provider knows gets an account, 0 that only people with an "
        "account may sign in.",
    ),
    Setting(
        "CREDITS_CLOSE_AFTER_S",
        int,
        "60",
        "Seconds from a lesson's end until its learning hours go into the ledger, so that late reports are in.",
    ),
    Setting(
        "CREDITS_STRETCHES_DAYS",
        int,
        "365",
        "Days for which the stretches behind learning hours are kept, for appeals. 0 means for good. The "
        "hours always stay.",
    ),
    Setting(
        "LRS_URL",
        as_address,
        "",
        "xAPI address of a learning record store that gets what people watch, such as `https://lrs.example.cn/xAPI`; "
        "needs PUBLIC_URL. Empty means none.",
    ),
    Setting("LRS_USER", str, "", "User name at the learning record store."),
    Setting("LRS_PASSWORD", str, "", "Password at the learning record store."),
    Setting(
        "CREDITS_WEBHOOK_URL",
        as_address,
        "",
        "Address that gets each entry of the ledger of learning hours, signed (docs/credits.md). Empty means none.",
    ),
    Setting(
        "CREDITS_WEBHOOK_SECRET",
        str,
        _secret_file("credits_webhook_secret"),
        "Signs messages to CREDITS_WEBHOOK_URL. Their receiver needs the same secret to check them.",
    ),
    Setting("ACADEMY", str, "科学院", "Name of the academy when it is founded; afterwards its page changes it."),
    Setting("TIMEZONE", str, "Asia/Shanghai", "The academy's time zone: every time is typed and shown in it."),
    Setting(
        "RATE_LIMITS", as_bool, "1", "0 switches off the limits on sign-in, tokens and new guests. Only for load tests."
    ),
    Setting(
        "FFMPEG",
        str,
        lambda _: imageio_ffmpeg.get_ffmpeg_exe(),
        "The ffmpeg binary. Empty means the one that comes with the packages.",
    ),
)


def load(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return all settings by name.

    Raises:
        BadSetting: a value cannot be read, or both NAME and NAME_FILE are given.
    """
    values: dict[str, Any] = {}
    values["SECRET_FILES"] = tuple(
        Path(environ[name]).absolute() for setting in SETTINGS if (name := f"{setting.name}_FILE") in environ
    )
    for setting in SETTINGS:
        text = _text(setting.name, environ)
        if text is None or (text == "" and callable(setting.default)):
            text = setting.default(values) if callable(setting.default) else setting.default
        try:
            values[setting.name] = setting.read(text)
        except ValueError as error:
            raise BadSetting(f"{setting.name}={text!r}: {error}. {setting.help}") from error
    if values["SMTP_HOST"] and not values["PUBLIC_URL"]:
        raise BadSetting(
            "SMTP_HOST is set and PUBLIC_URL is not: links in mails would lead wherever a stranger's browser says"
        )
    if values["IMAP_HOST"] and not values["IMAP_ADDRESS"]:
        raise BadSetting("IMAP_HOST is set and IMAP_ADDRESS is not: nobody would know where to answer")
    if values["LRS_URL"] and not values["PUBLIC_URL"]:
        raise BadSetting("LRS_URL is set and PUBLIC_URL is not: statements name lessons and people by its address")
    return values


def _text(name: str, environ: Mapping[str, str]) -> str | None:
    file = environ.get(f"{name}_FILE")
    if file is None:
        return environ.get(name)
    if name in environ:
        raise BadSetting(f"{name} and {name}_FILE are both set; keep one")
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE={file}: {error.strerror}") from error
