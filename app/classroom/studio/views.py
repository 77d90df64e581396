"""View models of the player, the studio and its panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, url_for

from app.accounts.models import User
from app.classroom.engine import door
from app.classroom.engine.seats import Person
from app.classroom.slides import queries as slides
from app.classroom.studio import alarms
from app.kernel import clock
from app.live import kinds as live_kinds
from app.live.lifecycle import LiveState
from app.live.models import LiveSession, RecordingPolicy
from app.live.views import LiveNow, now_of
from app.live.window import GRACE_MS, OPENS_BEFORE_MS, ends_soon, window_of
from app.media.addresses import Scope, addresses_of, published
from app.media.models import Stream
from app.timeline import queries as timeline
from media_worker.contract import Alarm, AudioHealth, Health, LineHealth, VideoHealth

UNCUT = "uncut"
"""Argument of an address by which a presenter gets the whole recording."""


@dataclass(frozen=True)
class PlayerConfig:
    """Addresses and facts for the player."""

    mode: str
    """live, preview or replay."""
    live_url: str
    full_url: str
    audio_url: str
    full_audio_url: str
    preview_url: str | None
    source_url: str
    """Address that returns fresh addresses as JSON when these have expired."""
    socket_url: str
    last_event: int
    lesson_started_ms: int | None
    layout: str
    """First arrangement of slides and picture, so that nothing moves afterwards. Empty while there are no slides."""
    rests: Sequence[tuple[int, int | None]] = ()
    """Stretches of the lesson that were not recorded, by capture time (epoch ms); the last may still last."""
    cuts: Sequence[tuple[int, int]] = ()
    """Stretches that presenters have cut out of the recording, by capture time (epoch ms)."""


def player_for(
    live: LiveSession, mode: str, person: Person, *, as_learner: bool = False, uncut: bool = False
) -> PlayerConfig:
    """Sign the addresses that the mode needs, for a person.

    Args:
        live: the lesson.
        mode: live, preview or replay.
        person: the viewer.
        as_learner: she is a presenter on the learner's page.
        uncut: she is a presenter who needs the whole recording, cuts and all.
    """
    looking: dict[str, Any] = {door.AS_LEARNER: 1} if as_learner else {UNCUT: 1} if uncut else {}
    on_air = addresses_of(live.stream_id, Scope.LIVE, person.key)
    full = addresses_of(live.stream_id, Scope.FULL if uncut else published(live.stream_id), person.key)
    config = PlayerConfig(
        mode=mode,
        live_url=on_air.source,
        full_url=full.source,
        audio_url=on_air.audio,
        full_audio_url=full.audio,
        preview_url=None,
        source_url=url_for("classroom.source", live_id=live.id, **looking),
        socket_url=url_for("engine.socket", live_id=live.id, **looking),
        last_event=timeline.last_id(live.id),
        lesson_started_ms=live.started_at_ms,
        layout=slides.layout_now(live.id) if mode == "live" and live.is_running else "",
    )
    if mode == "live" and live.started_at_ms is not None:
        return replace(config, rests=_rests(live.id))
    if mode == "preview":
        return replace(config, preview_url=addresses_of(live.stream_id, Scope.PREVIEW, person.key).source)
    return config


def _rests(live_id: str) -> list[tuple[int, int | None]]:
    """Return the stretches after the start in which a lesson was not on air, or not recorded."""
    found: list[tuple[int, int | None]] = []
    since: int | None = None
    began = False
    for event in timeline.after(live_id, 0, kinds={live_kinds.STATE}):
        kept = event.payload["state"] == LiveState.ON_AIR and bool(event.payload.get("recording"))
        began = began or kept
        if kept and since is not None:
            found.append((since, event.at_ms))
        since = None if kept else since or (event.at_ms if began else None)
    return [*found, (since, None)] if since is not None else found


FIRST_PICTURE_MS = 8000
"""A browser or an encoder that was started with the lecture is seen by then."""


@dataclass(frozen=True)
class StudioView(LiveNow):
    """The lesson in the studio, where it is begun, recorded and ended."""

    recordable: bool
    window: str
    """early, open, over or overdue; see app/live/window.py."""
    opens_at_ms: int
    """Moment from which it may be begun."""
    ends_soon: bool
    """The lesson runs, and its end is less than ten minutes away or past."""
    ends_by_itself_ms: int
    """Moment at which a lesson that runs past its end is ended."""
    waits_long: bool
    """The lesson has been in its state for longer than the first picture takes."""


def studio_of(live: LiveSession, user: User | None) -> StudioView:
    """Show a presenter her lesson."""
    now_ms = clock.now_ms()
    return StudioView(
        **vars(now_of(live, user)),
        recordable=live.recording_policy is not RecordingPolicy.NEVER,
        window=str(window_of(live, now_ms)),
        opens_at_ms=live.starts_at_ms - OPENS_BEFORE_MS,
        ends_soon=ends_soon(live, now_ms),
        ends_by_itself_ms=live.ends_at_ms + GRACE_MS,
        waits_long=now_ms - live.state_since_ms > FIRST_PICTURE_MS,
    )


@dataclass(frozen=True)
class StreamView:
    """Facts for an encoder that publishes."""

    rtmp_url: str
    key: str
    publishing: bool
    way: str
    """rtmp or browser: how the present picture comes, or the last one came."""
    has_picture: bool
    sound: bool
    """A sound track arrives. It may be silent: nobody here listens."""
    picture: bool
    kept_seconds: int
    """Length of the recording, s."""
    disk_low: bool
    """Recording is suspended: the disk is almost full."""
    run: int


def stream_view(stream: Stream) -> StreamView:
    """Show how to publish; the host is the one that the presenter's browser used, unless set."""
    host = current_app.config["PUBLIC_HOST"] or urlsplit(f"//{request.host}").hostname or "localhost"
    address = f"rtmp://[{host}]" if ":" in host else f"rtmp://{host}"
    health = stream.health_report()
    return StreamView(
        rtmp_url=f"{address}:{current_app.config['RTMP_PORT']}/live",
        key=stream.key,
        publishing=stream.publishing,
        way=stream.way,
        has_picture=stream.has_picture,
        sound=health is not None and health.audio is not None,
        picture=health is not None and health.video is not None,
        kept_seconds=stream.kept_ms // 1000,
        disk_low=health is not None and Alarm.DISK_LOW in health.alarms,
        run=stream.run,
    )


@dataclass(frozen=True)
class AlarmView:
    """A fault and its mend."""

    code: str
    sentence: str
    mend: str
    calls: bool
    """A person has to do something."""


@dataclass(frozen=True)
class HealthView:
    """Health of the encoder's stream."""

    receiving: bool
    video: VideoHealth | None
    audio: AudioHealth | None
    line: LineHealth | None
    """The line to a browser that sends; none of an encoder."""
    last_frame_age_ms: int
    alarms: list[AlarmView]
    encoder: str
    client: str
    kept_seconds: int
    kept_bytes: int
    disk_low: bool

    @property
    def calls(self) -> bool:
        """Whether something is wrong that a person can mend."""
        return any(alarm.calls for alarm in self.alarms)


def health_view(stream: Stream) -> HealthView | None:
    """Show the newest health; none without an encoder."""
    health = stream.health_report()
    if health is None:
        return None
    return HealthView(
        receiving=stream.has_picture,
        video=health.video,
        audio=health.audio,
        line=health.line,
        last_frame_age_ms=health.last_frame_age_ms,
        alarms=[_alarm_view(alarm, health) for alarm in alarms.worst_first(health.alarms)],
        encoder=health.encoder or stream.encoder,
        client=health.client or stream.client,
        kept_seconds=stream.kept_ms // 1000,
        kept_bytes=stream.kept_bytes,
        disk_low=Alarm.DISK_LOW in health.alarms,
    )


PLAYED_BEHIND_S = 1.05
"""Distance from the newest segment at which pages play (engine-hls.js)."""


def delay_of(stream: Stream) -> float | None:
    """Return the estimated delay in s from capture to learners' screens. None means that nothing comes."""
    if not stream.has_picture or not stream.newest_end_ms:
        return None
    return max(0, clock.now_ms() - stream.newest_end_ms) / 1000 + PLAYED_BEHIND_S


def _alarm_view(alarm: Alarm, health: Health) -> AlarmView:
    sentence, mend = alarms.words_of(alarm, health)
    return AlarmView(str(alarm), sentence, mend, alarms.calls(alarm, health))
