"""Alarms of a stream in sentences, each with its mend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _

from media_worker.contract import Alarm, Health, Way

WORST_FIRST: Sequence[Alarm] = (
    Alarm.STALLED,
    Alarm.TRACKS_APART,
    Alarm.NO_AUDIO,
    Alarm.OVERLOADED,
    Alarm.DISK_LOW,
    Alarm.NO_VIDEO,
    Alarm.PICTURE_STANDS,
    Alarm.VIDEO_REENCODED_KEYFRAMES,
    Alarm.VIDEO_REENCODED_CODEC,
    Alarm.AUDIO_REENCODED,
    Alarm.ENCODER_RESTARTED,
)
"""In order of the harm to learners, the worst first."""

_NOTES = {Alarm.ENCODER_RESTARTED, Alarm.PICTURE_STANDS}
_CONVERTED = {Alarm.VIDEO_REENCODED_CODEC, Alarm.VIDEO_REENCODED_KEYFRAMES, Alarm.AUDIO_REENCODED}


def worst_first(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Put alarms in the order in which somebody has to heed them."""
    return sorted(alarms, key=WORST_FIRST.index)


def calls(alarm: Alarm, health: Health) -> bool:
    """Return whether somebody has to do something; nobody can choose what a browser sends."""
    return alarm not in _NOTES and not (health.way is Way.BROWSER and alarm in _CONVERTED)


def words_of(alarm: Alarm, health: Health) -> tuple[str, str]:
    """Return the sentence and the mend, for whoever has an encoder to set or a browser to teach with."""
    words = _words_for_browser(alarm) if health.way is Way.BROWSER else None
    return words or _words(alarm, health)


def _words(alarm: Alarm, health: Health) -> tuple[str, str]:
    return _words_for_times(alarm) or _words_for_all(alarm, health)


def _words_for_times(alarm: Alarm) -> tuple[str, str] | None:
    """Return the words for tracks that do not arrive together. `None` for other alarms."""
    match alarm:
        case Alarm.TRACKS_APART:
            return (
                _("Sound and picture arrive more than three seconds apart."),
                _("Set the delay of the sound in the encoder to 0, or choose another microphone or camera there."),
            )
        case Alarm.PICTURE_STANDS:
            return (
                _("No new picture arrives; learners see the last one."),
                _("Nothing to do if nothing moves. Otherwise look whether the camera or the screen is still sent."),
            )
        case _:
            return None


def _words_for_all(alarm: Alarm, health: Health) -> tuple[str, str]:
    match alarm:
        case Alarm.NO_AUDIO:
            return _("No sound arrives."), _("Add a microphone in the encoder's audio settings.")
        case Alarm.NO_VIDEO:
            return _("No picture arrives; learners see a still."), _("Add a camera or a screen as video source.")
        case Alarm.VIDEO_REENCODED_CODEC:
            codec = health.video.codec if health.video else "?"
            return (
                _("The picture comes as %(codec)s, which browsers cannot play; it is re-encoded here.", codec=codec),
                _("Choose H.264 (8 bit, 4:2:0) as video encoder."),
            )
        case Alarm.VIDEO_REENCODED_KEYFRAMES:
            seconds = f"{(health.video.keyframe_ms if health.video else 0) / 1000:.1f}"
            return (
                _("Keyframes are %(seconds)s s apart; the picture is re-encoded here.", seconds=seconds),
                _("Set the keyframe interval to 1 s."),
            )
        case Alarm.AUDIO_REENCODED:
            return _("The sound is re-encoded here."), _("Choose AAC with 48 kHz, stereo or mono.")
        case Alarm.STALLED:
            return _("The encoder is connected but sends nothing."), _(
                "Look whether the encoder is frozen or the network is down."
            )
        case Alarm.ENCODER_RESTARTED:
            return _("Processing had to start anew within the last minute."), _(
                "Learners may have seen a short jump. Nothing to do."
            )
        case Alarm.DISK_LOW:
            return _("The disk is almost full: recording is suspended, the live goes on."), _(
                "Tell the administrator to free some space."
            )
        case _:  # OVERLOADED
            return _("This server cannot keep up with the stream."), _(
                "Choose H.264 with a keyframe every second, or a smaller picture."
            )


def _words_for_browser(alarm: Alarm) -> tuple[str, str] | None:
    """Return the words for a teacher who has no encoder to set. `None` if the general words fit."""
    match alarm:
        case Alarm.NO_AUDIO:
            return _("No sound arrives."), _("Switch the microphone on.")
        case Alarm.NO_VIDEO:
            return _("No picture arrives; learners see a still."), _("Switch the camera on, or share the desktop.")
        case Alarm.VIDEO_REENCODED_CODEC:
            return (
                _("This browser's picture is converted on the server."),
                _("Nothing to do. Chrome or Edge would spare the server the work."),
            )
        case Alarm.VIDEO_REENCODED_KEYFRAMES:
            return (
                _("This browser's picture is converted on the server: its keyframes are too far apart."),
                _("Nothing to do. A newer Chrome or Edge would spare the server the work."),
            )
        case Alarm.STALLED:
            return _("This browser is connected but sends nothing."), _(
                "Look whether the network is down, and whether the tab still records."
            )
        case Alarm.OVERLOADED:
            return _("This server cannot keep up with the stream."), _("Choose a smaller picture, or Chrome or Edge.")
        case _:
            return None
