"""Carriers of wake-ups between processes: the database that they share, or Redis."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import closing

import psycopg
import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.engine import make_url

from app.kernel.bus import Carrier, bus

CHANNEL = "jiangtang"

LOOK_EVERY_S = 0.1
"""Interval at which SQLite is asked for commits."""

LIFE_S = 5
"""Silence after which a connection is checked."""

LOOK_UP_S = 1
"""Interval at which a listener checks whether to go on."""


def register(app: Flask) -> None:
    """Connect the bus of this process to the carrier that the settings name."""
    bus.carry_by(carrier_for(app.config["BUS_URL"] or app.config["DATABASE_URL"]))


def carrier_for(url: str) -> Carrier | None:
    """Return the carrier for the address of a database or of Redis. A database within this process needs none."""
    if is_redis(url):
        return RedisCarrier(url)
    database = make_url(url)
    if database.get_backend_name() == "postgresql":
        return PostgresCarrier(database.set(drivername="postgresql").render_as_string(hide_password=False))
    return SqliteCarrier(database.database) if database.database else None


def is_redis(url: str) -> bool:
    """Return whether an address is that of a Redis."""
    return url.startswith(("redis://", "rediss://"))


class SqliteCarrier:
    """Watches the file for commits. Every commit wakes everything, and nothing needs to be sent.

    SQLite counts commits of other connections (`PRAGMA data_version`). The question costs some microseconds.
    """

    lost = (sqlite3.OperationalError,)

    def __init__(self, path: str) -> None:
        """Watch the database file at `path`."""
        self._path = path
        self._is_closed = threading.Event()

    def send(self, topics: Collection[str]) -> None:
        """Do nothing: the commit was the message."""

    def listen(self) -> Iterator[str | None]:
        """Yield None after each commit."""
        with closing(sqlite3.connect(self._path)) as connection:
            seen = None
            while True:
                [version] = connection.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    seen = version
                    yield None
                if self._is_closed.wait(LOOK_EVERY_S):
                    return

    def close(self) -> None:
        """Stop watching."""
        self._is_closed.set()


class PostgresCarrier:
    """LISTEN and NOTIFY, each on a connection of its own.

    NOTIFY follows the commit instead of being part of it, because PostgreSQL commits notifying transactions one at a
    time.
    """

    lost = (psycopg.Error, OSError)

    def __init__(self, url: str) -> None:
        """Use the database at this address."""
        self._url = url
        self._own = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._sending: psycopg.Connection[tuple[object, ...]] | None = None
        self._is_closed = False

    def send(self, topics: Collection[str]) -> None:
        """Wake topics in the other processes."""
        payloads = [_pack(self._own, topic) for topic in topics]
        with self._lock:
            if self._sending is None or self._sending.closed:
                self._sending = self._connect()
            try:
                self._sending.execute("SELECT pg_notify(%s, one) FROM unnest(%s::text[]) AS one", (CHANNEL, payloads))
            except self.lost:
                self._sending.close()
                raise

    def listen(self) -> Iterator[str | None]:
        """Yield the topics that other processes woke."""
        with self._connect() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            yield None
            while not self._is_closed:
                for notify in connection.notifies(timeout=LOOK_UP_S):
                    sender, topic = _unpack(notify.payload)
                    if sender != self._own:
                        yield topic

    def close(self) -> None:
        """Stop listening, within a second."""
        self._is_closed = True
        with self._lock:
            if self._sending:
                self._sending.close()

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        # TCP keepalive notices a server that vanished without a word; we do not
        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=LIFE_S,
            keepalives_idle=LIFE_S,
            keepalives_interval=LIFE_S,
            keepalives_count=3,
        )


class RedisCarrier:
    """Publish and subscribe on one channel."""

    lost = (redis.RedisError, OSError)

    def __init__(self, url: str) -> None:
        """Use the server at this address."""
        # with retries it would connect anew by itself, and we would not learn of the gap
        at_once = Retry(NoBackoff(), 0)
        self._redis = redis.Redis.from_url(
            url, retry=at_once, socket_connect_timeout=LIFE_S, socket_keepalive=True, health_check_interval=LIFE_S
        )
        self._own = secrets.token_hex(8)
        self._is_closed = False

    def send(self, topics: Collection[str]) -> None:
        """Wake topics in the other processes."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for topic in topics:
                pipeline.publish(CHANNEL, _pack(self._own, topic))
            pipeline.execute()

    def listen(self) -> Iterator[str | None]:
        """Yield the topics that other processes woke."""
        with self._redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
            subscription.subscribe(CHANNEL)
            while not self._is_closed:
                message = subscription.get_message(timeout=LOOK_UP_S)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    yield None
                elif message["type"] == "message":
                    sender, topic = _unpack(message["data"].decode())
                    if sender != self._own:
                        yield topic

    def close(self) -> None:
        """Stop listening, within a second."""
        self._is_closed = True


def _pack(sender: str, topic: str) -> str:
    return f"{sender} {topic}"


def _unpack(text: str) -> tuple[str, str]:
    sender, _, topic = text.partition(" ")
    return sender, topic
