"""Changes streams, on reports of media_worker below and on orders of the rooms above."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from app.extensions import db
from app.kernel import clock
from app.kernel.bus import bus
from app.kernel.unit_of_work import Effect, lock, unit_of_work
from app.media import events, queries, tickets
from app.media.errors import MediaRefusal
from app.media.models import Stream, Ticket, new_key
from media_worker.contract import (
    Beat,
    Ended,
    Health,
    OpenStream,
    PublishGranted,
    PublishRequest,
    RefusalCode,
    Started,
    Way,
    Welcome,
)

OUSTED_FOR_MS = 60_000
"""Time after its last try in which an ousted encoder may not take its place back."""


AfterCommit = Callable[[Effect], None]


def topic(stream_id: str) -> str:
    """Return the topic of a stream's rules on the bus."""
    return f"stream:{stream_id}"


def open_stream() -> Stream:
    """Return a new stream, for a new lesson."""
    stream = Stream()
    with unit_of_work():
        db.session.add(stream)
    return stream


def change_key(stream: Stream) -> None:
    """Replace the stream's key, and stop an encoder that publishes with the old one."""
    with unit_of_work() as after_commit:
        lock(stream)
        stream.key = new_key()
        if stream.publishing:
            stream.run += 1  # the worker's next beat reports a stale run, so it stops the encoder
            _lose(stream, after_commit)
        after_commit(lambda: bus.wake(topic(stream.id)))


def exchange_keys(one: Stream, other: Stream) -> None:
    """Exchange the keys of two streams. An encoder is stopped, and comes back to the other stream."""
    with unit_of_work() as after_commit:
        for stream in sorted((one, other), key=lambda stream: stream.id):
            lock(stream)
        keys = one.key, other.key
        one.key = new_key()  # no two streams have the same key, not even for a moment
        db.session.flush()
        other.key = keys[0]
        db.session.flush()
        one.key = keys[1]
        for stream in (one, other):
            if stream.publishing and stream.way == Way.RTMP:
                stream.run += 1  # the worker's next beat is about a stale run, and it stops the encoder
                _lose(stream, after_commit)
            after_commit(partial(bus.wake, topic(stream.id)))


def set_air(stream: Stream, on: bool, *, at_ms: int) -> None:
    """Show the stream to learners, or stop showing it, from the moment `at_ms` on the capture clock."""
    with unit_of_work() as after_commit:
        lock(stream)
        stream.set_air(on, at_ms)
        after_commit(lambda: bus.wake(topic(stream.id)))


def set_record(stream: Stream, on: bool, *, at_ms: int) -> None:
    """Record the stream while it is on air, or stop recording, from the moment `at_ms` on the capture clock."""
    with unit_of_work() as after_commit:
        lock(stream)
        stream.set_record(on, at_ms)
        after_commit(lambda: bus.wake(topic(stream.id)))


def end(stream: Stream, *, at_ms: int) -> None:
    """Close the stream for good. Encoders are refused, the playlists are closed."""
    with unit_of_work() as after_commit:
        lock(stream)
        stream.end(at_ms)
        if stream.run == 0:
            stream.finished = True  # no worker has ever seen it
        after_commit(lambda: bus.wake(topic(stream.id)))


def welcome(worker: str, started_ms: int = 0) -> Welcome:
    """Return the unfinished streams of a worker that has just started. Its encoders are gone.

    Encoders that asked after `started_ms` are not gone, because the hello was executed late.
    """
    with unit_of_work() as after_commit:
        streams = queries.unfinished(worker)
        for stream in streams:
            lock(stream)
            if stream.publishing and not 0 < started_ms < stream.asked_ms <= clock.now_ms():
                _lose(stream, after_commit)
        return _open(streams)


def orphans() -> Welcome:
    """Return the streams of dead workers, which the caller may take up."""
    return _open(queries.orphans())


def _open(streams: Iterable[Stream]) -> Welcome:
    return Welcome(tuple(OpenStream(stream.id, stream.run, stream.rules()) for stream in streams))


def publish(request: PublishRequest) -> PublishGranted:
    """Let an encoder or a browser publish. A newer one takes the place of the one before.

    A second attempt of the same admission gets the run of the first.

    Raises:
        MediaRefusal: key or ticket are wrong, the lesson is over, an ousted encoder tries to come back, or a newer
            request has overtaken this one.
    """
    with unit_of_work() as after_commit:
        ticket: Ticket | None = None
        if request.way is Way.BROWSER:
            stream, ticket = tickets.burn(request)
        else:
            stream = _stream_of_key(request.key)
        if stream.ended:
            raise MediaRefusal(RefusalCode.SESSION_OVER, "This live session is over. Use the key of the next one.")
        repeated = not ticket and _is_repeated(stream, request)
        if not ticket and _is_late(stream, request):
            raise MediaRefusal(RefusalCode.TAKEN_OVER, "A newer encoder with this key was let in meanwhile.")
        refused_until = 0 if ticket or repeated else _ousted_until(stream, request.client)
        if refused_until:
            stream.ousted_until_ms = refused_until
        elif not repeated:
            if stream.publishing:
                after_commit(lambda: events.encoder_lost.send(stream.id))
            _seat(stream, request, ticket.name if ticket else "")
            after_commit(lambda: bus.wake(topic(stream.id)))
    if refused_until:
        raise MediaRefusal(
            RefusalCode.TAKEN_OVER,
            "A newer encoder is publishing with this key. Stop that one first, or leave it on air.",
        )
    return PublishGranted(stream.id, stream.run, stream.rules(), queries.encoder_delay_ms(request.way))


def started(stream_id: str, message: Started) -> None:
    """Note that a run's first segment is on disk.

    Raises:
        MediaRefusal: a newer run has taken over, or the lesson has ended.
    """
    with unit_of_work() as after_commit:
        stream = _stream_of_run(stream_id, message.run)
        stream.publishing = stream.has_picture = True
        stream.beat_ms = clock.now_ms()
        stream.health = message.health.to_json()
        stream.newest_end_ms = message.newest.start_ms + message.newest.duration_ms
        after_commit(lambda: events.encoder_ready.send(stream_id))


def hear_beat(stream_id: str, beat: Beat) -> Stream:
    """Note a stream's health. The first beat of a worker that takes up an orphan makes the stream its own.

    Raises:
        MediaRefusal: the run is stale, or another worker has the stream.
    """
    with unit_of_work() as after_commit:
        stream = _stream_of_run(stream_id, beat.run) if beat.publishing else _stream(stream_id)
        if stream.worker not in (None, beat.worker[:80]) and not queries.is_gone(stream.worker):
            raise MediaRefusal(RefusalCode.STALE_RUN, "Another media_worker has taken this stream up.", status=409)
        lost = stream.publishing and not beat.publishing and beat.run >= stream.run
        if lost:
            _lose(stream, after_commit)
        stream.worker = beat.worker[:80]
        stream.beat_ms = clock.now_ms()
        stream.health = (beat.health or Health()).to_json()
        stream.kept_ms, stream.kept_bytes = max(stream.kept_ms, beat.kept_ms), max(stream.kept_bytes, beat.kept_bytes)
        newest_end_ms = beat.newest.start_ms + beat.newest.duration_ms if beat.newest is not None else 0
        goes_on, stream.newest_end_ms = newest_end_ms > stream.newest_end_ms, newest_end_ms or stream.newest_end_ms
        if beat.stuck and stream.has_picture:
            _lose_picture(stream, after_commit)
        elif (
            beat.publishing
            and newest_end_ms
            and not stream.has_picture
            and not beat.stuck
            and (goes_on or not stream.publishing)
        ):
            _recover(stream, after_commit)
    return stream


def end_run(stream_id: str, message: Ended) -> None:
    """Note that a run is over, or that an ended stream's playlists are closed.

    Raises:
        MediaRefusal: the stream is unknown.
    """
    with unit_of_work() as after_commit:
        stream = _stream(stream_id)
        if stream.publishing and message.run >= stream.run:
            _lose(stream, after_commit)
        if message.finished:
            stream.kept_ms, stream.kept_bytes = message.kept_ms, message.kept_bytes
            stream.finished = True
            after_commit(lambda: events.finished.send(stream_id))


def lose_silent_streams() -> None:
    """End the publications of workers that have gone silent."""
    for stream_id in queries.silent_since(clock.now_ms() - queries.SILENT_AFTER_MS):
        with unit_of_work() as after_commit:
            stream = _stream(stream_id)
            if stream.publishing and stream.beat_ms < clock.now_ms() - queries.SILENT_AFTER_MS:
                _lose(stream, after_commit)


def _stream_of_key(key: str) -> Stream:
    stream = queries.stream_by_key(key)
    if stream is None:
        raise MediaRefusal(RefusalCode.WRONG_KEY, "This stream key is not known. Copy it again from the studio page.")
    lock(stream)
    return stream


def _is_repeated(stream: Stream, request: PublishRequest) -> bool:
    """Return whether this very admission was granted before: the answer was late, and the worker asks again."""
    return 0 < request.asked_ms == stream.asked_ms and request.worker == stream.worker


def _is_late(stream: Stream, request: PublishRequest) -> bool:
    """Return whether a publisher that asked the same worker later is in already.

    A moment ahead of the clock was noted before the clock was set back. It proves nothing.
    """
    return 0 < request.asked_ms < stream.asked_ms <= clock.now_ms() and request.worker == stream.worker


def _ousted_until(stream: Stream, client: str) -> int:
    """Return the moment until which `client` is refused because a newer encoder has its place, else 0."""
    now = clock.now_ms()
    defends = stream.publishing and stream.has_picture and not queries.is_frozen(stream)
    if defends and client == stream.ousted_client and now < stream.ousted_until_ms:
        return now + OUSTED_FOR_MS
    return 0


def _seat(stream: Stream, request: PublishRequest, name: str) -> None:
    comes_back = bool(request.sender) and request.sender == stream.sender
    if not comes_back:
        stream.since_ms = clock.now_ms()
        if stream.publishing and stream.has_picture:  # else the answer may never have reached the worker
            stream.ousted_client = stream.client
            stream.ousted_until_ms = clock.now_ms() + OUSTED_FOR_MS
    stream.run += 1
    stream.way, stream.sender, stream.sender_name = str(request.way), request.sender[:40], name
    stream.worker, stream.client, stream.encoder = request.worker[:80], request.client[:80], request.encoder[:120]
    stream.publishing, stream.has_picture, stream.asked_ms = True, False, request.asked_ms
    stream.beat_ms = clock.now_ms()
    stream.health = Health().to_json()


def _lose(stream: Stream, after_commit: AfterCommit) -> None:
    stream.publishing = False
    _lose_picture(stream, after_commit)


def _lose_picture(stream: Stream, after_commit: AfterCommit) -> None:
    """Note that nobody sees the stream, though its encoder may still send. Learners are told 缓冲中."""
    stream.has_picture = False
    stream_id = stream.id
    after_commit(lambda: events.encoder_lost.send(stream_id))


def _recover(stream: Stream, after_commit: AfterCommit) -> None:
    """Note that a silent worker is back with the same run: the encoder was never gone."""
    stream.publishing = stream.has_picture = True
    stream_id = stream.id
    after_commit(lambda: events.encoder_ready.send(stream_id))


def _stream(stream_id: str) -> Stream:
    stream = db.session.get(Stream, stream_id)
    if stream is None:
        raise MediaRefusal(RefusalCode.STALE_RUN, "This stream is not known.", status=409)
    lock(stream)
    return stream


def _stream_of_run(stream_id: str, run: int) -> Stream:
    stream = _stream(stream_id)
    if stream.finished:
        raise MediaRefusal(RefusalCode.SESSION_OVER, "This lesson is over.", status=409)
    if run != stream.run:
        raise MediaRefusal(
            RefusalCode.TAKEN_OVER, "A newer encoder is publishing with this key, or the key was changed.", status=409
        )
    return stream
