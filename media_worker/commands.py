"""ffmpeg's command lines as data. The builders are pure and start no process."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path

from media_worker.contract import CUT_S, FORCED_KEYFRAMES, VOICE_RATE, Processing

Options = dict[str, str | list[str] | None]

PROBED_US, PROBED_BYTES = 500_000, 5_000_000
"""Maximum media (µs) and bytes that ffmpeg reads to find the tracks. The bytes are its default."""
VOICE_KBPS = 48
REENCODED_AUDIO_KBPS = 128
MOST_WIDTH = 1920

_EVEN_YUV = f"scale=w='trunc(min(iw,{MOST_WIDTH})/2)*2':h=-2,format=yuv420p"

_EVEN_SOUND = "aformat=sample_rates=48000:channel_layouts=stereo"
_MIXED = (
    f"[0:a:0]aresample=48000:async=1000:first_pts=0,{_EVEN_SOUND}[own];"
    f"[1:a:0]aresample=48000:first_pts=0,{_EVEN_SOUND}[stage];"
    "[own][stage]amix=duration=first:normalize=0,asplit[whole][voice]"
)
"""Two inputs that begin at the same time: amix itself knows no times."""

INIT_NAME = "init.mp4"
VOICES_NAME = "voices"
"""Named pipe in a take's folder, for ffmpeg's second input."""
LIST_NAME = "list.m3u8"


def segment_name(number: int) -> str:
    """Return the file name of ffmpeg's segment with this number. Numbers start at 0."""
    return f"{number:06d}.m4s"


class Container(enum.StrEnum):
    """Container of the media on their way into ffmpeg."""

    FLV = "flv"
    MATROSKA = "matroska"


@dataclass(frozen=True)
class Plan:
    """The work of one ffmpeg process on a stream."""

    video: Processing
    audio: Processing
    voice: bool
    """Encode a third track of 48 kbit/s. Otherwise the audio track is slim enough to be the voice rendition itself."""
    skip_ms: int = 0
    """Media at the beginning that are decoded but not shown. Only for video that is re-encoded."""
    container: Container = Container.FLV
    sparse: bool = False
    """Pictures are rare, so the encoder puts each out at once. Only for video that is re-encoded."""
    mixes: bool = False
    """Add the voices of the stage, a second input, to the sound. The sound is then encoded in any case."""


@dataclass(frozen=True)
class Command:
    """One ffmpeg call, split as python-ffmpeg wants it."""

    program: str
    options: Options
    source: str
    source_options: Options
    target: str
    target_options: Options
    second: str = ""
    """Another input."""
    second_options: Options = field(default_factory=dict)

    def argv(self) -> list[str]:
        """The whole command line."""
        return [
            self.program,
            *_flat(self.options),
            *_flat(self.source_options),
            *("-i", self.source),
            *([*_flat(self.second_options), "-i", self.second] if self.second else []),
            *_flat(self.target_options),
            self.target,
        ]


def _flat(options: Options) -> list[str]:
    argv: list[str] = []
    for name, given in options.items():
        for value in given if isinstance(given, list) else [given]:
            argv += [f"-{name}"] if value is None else [f"-{name}", value]
    return argv


def hls_command(program: str, plan: Plan, folder: Path) -> Command:
    """Return the command from stdin to fMP4 segments in `folder`: picture, sound and perhaps a slim voice track."""
    return Command(
        program=program,
        # copyts: a segment keeps the encoder's times, which the capture clock can translate
        # info: ffmpeg logs when it opens its playlist, and then a segment is whole
        options={"hide_banner": None, "nostats": None, "loglevel": "level+info", "copyts": None, "filter_threads": "1"},
        source="pipe:0",
        # never `-fflags nobuffer`: it drops the first seconds; never a small probesize: it drops the picture
        source_options={
            "threads": _decoder_threads(plan),
            # the skipped media hold only pictures, and some sound is known by its first frame alone
            "analyzeduration": str(PROBED_US + 1000 * plan.skip_ms),
            **({"probesize": str(PROBED_BYTES + PROBED_BYTES * plan.skip_ms // 1000)} if plan.skip_ms else {}),
            "fpsprobesize": "2",
            "f": str(plan.container),
        },
        target=str(folder / LIST_NAME),
        target_options={
            **_tracks(plan),
            **({"ss": f"{plan.skip_ms / 1000:.3f}"} if plan.skip_ms else {}),
            **_video(plan),
            **_audio(plan),
            **_voice(plan),
            **_muxer(folder),
        },
        second=str(folder / VOICES_NAME) if plan.mixes else "",
        second_options={"f": "mulaw", "ar": str(VOICE_RATE), "ac": "1", "probesize": "32", "analyzeduration": "0"},
    )


def pictures_command(program: str, container: Container, from_ms: int) -> Command:
    """Return the command from pictures on stdin to FLV on stdout, each a keyframe at its presentation time.

    Args:
        program: ffmpeg.
        container: format of stdin.
        from_ms: presentation time of the first picture in the output; earlier ones are only decoded.
    """
    return Command(
        program=program,
        options={"hide_banner": None, "nostats": None, "loglevel": "error", "copyts": None, "filter_threads": "1"},
        source="pipe:0",
        # the container describes its one track, so ffmpeg need not probe it, and must not wait for more
        source_options={
            "threads": "1",
            "probesize": "32",
            "analyzeduration": "0",
            "fpsprobesize": "0",
            "f": str(container),
        },
        target="pipe:1",
        target_options={
            "map": ["0:v:0"],
            "vf": f"select='gte(t,{(from_ms - 0.5) / 1000:.4f})',{_EVEN_YUV}",
            "fps_mode": "passthrough",
            "enc_time_base": "1/1000",
            "c:v": "libx264",
            "preset": "ultrafast",
            "tune": "zerolatency",
            "g": "1",
            "crf": "16",
            "threads": "1",
            "f": "flv",
            "flvflags": "no_duration_filesize",
            "flush_packets": "1",
        },
    )


def _decoder_threads(plan: Plan) -> str:
    # a decoder with several threads holds back a picture for each, which are seconds where pictures are rare
    return "0" if plan.video is Processing.REENCODE and not plan.sparse else "1"


def _video(plan: Plan) -> Options:
    if plan.video is not Processing.REENCODE:
        return {"c:v": "copy"}
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": "23",
        "maxrate": "4M",
        "bufsize": "4M",
        "bf": "0",
        # five rare pictures would take seconds, and the sound would run ahead of them
        **({"tune": "zerolatency"} if plan.sparse else {"rc-lookahead": "5"}),
        "sc_threshold": "0",
        "g": "600",
        "force_key_frames": FORCED_KEYFRAMES,
        "vf": _EVEN_YUV,
        "fps_mode": "vfr",
        # the encoder's own milliseconds: ffmpeg rounds times to the rate that it guesses, for a slow one to seconds
        "enc_time_base:v": "1/1000",
        # the muxer believes a picture's duration: too long a guess would delay all pictures after it
        "bsf:v": r"setts=duration=if(gt(NEXT_DTS\,DTS)\,NEXT_DTS-DTS\,40)",
    }


def _tracks(plan: Plan) -> Options:
    if plan.mixes:
        return {"filter_complex": _MIXED, "map": ["0:v:0", "[whole]", "[voice]"]}
    return {"map": ["0:v:0", "0:a:0", *(["0:a:0"] if plan.voice else [])]}


def _audio(plan: Plan) -> Options:
    if plan.audio is not Processing.REENCODE and not plan.mixes:
        return {"c:a:0": "copy"}
    return {
        "c:a:0": "aac",
        "b:a:0": f"{REENCODED_AUDIO_KBPS}k",
        "ar:a:0": "48000",
        "ac:a:0": "2",
        "aac_coder:a:0": "fast",
        "aac_ms:a:0": "0",  # mid/side coding makes a steady tone, the same on both sides, cost four times as much
        **({} if plan.mixes else {"filter:a:0": "aresample=async=1000"}),
    }


def _voice(plan: Plan) -> Options:
    if not plan.voice and not plan.mixes:
        return {}
    return {
        "c:a:1": "aac",
        "b:a:1": f"{VOICE_KBPS}k",
        "ar:a:1": "48000",  # a segment waits for two frames of the voice: 43 ms here, 85 ms at 24 kHz
        "ac:a:1": "1",
        "aac_coder:a:1": "fast",
        **({} if plan.mixes else {"filter:a:1": "aresample=async=1000"}),
    }


def _muxer(folder: Path) -> Options:
    return {
        # a silent track must not hold the other back for long; with less, the sound would run ahead of a picture
        # that is still being encoded, and ffmpeg would cut the two at different times
        "max_interleave_delta": "2000000",
        "avoid_negative_ts": "disabled",
        "f": "hls",
        "hls_time": str(CUT_S),
        "hls_list_size": "2",
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": INIT_NAME,
        "hls_flags": "temp_file",
        "hls_segment_filename": str(folder / "%06d.m4s"),
    }
