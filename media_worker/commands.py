"""ffmpeg's command lines as data: pure builders, no process is run here."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from media_worker.contract import Processing

Options = dict[str, str | list[str] | None]

CUT_S = 0.9
"""ffmpeg cuts at the first keyframe this long after the start of a segment: a little less than the wanted second, so
that keyframes rounded to 0.999 s do not make segments of two seconds."""

KEYFRAME_EVERY_S = 0.99
PROBED_US, PROBED_BYTES = 500_000, 5_000_000
"""ffmpeg looks so far for what there is; the bytes are its default."""
VOICE_KBPS = 48
REENCODED_AUDIO_KBPS = 128
MOST_WIDTH = 1920

_EVEN_YUV = f"scale=w='trunc(min(iw,{MOST_WIDTH})/2)*2':h=-2,format=yuv420p"

INIT_NAME = "init.mp4"
LIST_NAME = "list.m3u8"


def segment_name(number: int) -> str:
    """File name of ffmpeg's segment with this number, from 0."""
    return f"{number:06d}.m4s"


class Container(enum.StrEnum):
    """What the media are wrapped in on their way into ffmpeg."""

    FLV = "flv"
    MATROSKA = "matroska"


@dataclass(frozen=True)
class Plan:
    """What one ffmpeg does with a stream."""

    video: Processing
    audio: Processing
    voice: bool
    """Encode a third track of 48 kbit/s; otherwise the audio track is slim enough to be the voice rendition itself."""
    skip_ms: int = 0
    """Decode this much of the beginning without showing it (only when video is re-encoded)."""
    container: Container = Container.FLV
    sparse: bool = False
    """Pictures are rare: the encoder gives each at once (only when video is re-encoded)."""


@dataclass(frozen=True)
class Command:
    """One ffmpeg call in the parts that python-ffmpeg wants."""

    program: str
    options: Options
    source: str
    source_options: Options
    target: str
    target_options: Options

    def argv(self) -> list[str]:
        """The whole command line."""
        return [
            self.program,
            *_flat(self.options),
            *_flat(self.source_options),
            *("-i", self.source),
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
    """Media from stdin to one row of fMP4 segments in `folder`: picture, sound and perhaps a slim voice track."""
    return Command(
        program=program,
        # copyts: a segment's times are the encoder's own, so that the capture clock can be laid on them
        # info: ffmpeg says when it opens its playlist, and that is when a segment is whole
        options={"hide_banner": None, "nostats": None, "loglevel": "level+info", "copyts": None, "filter_threads": "1"},
        source="pipe:0",
        # never `-fflags nobuffer`: it drops the first seconds; never a small probesize: it drops the picture
        source_options={
            "threads": _decoder_threads(plan),
            # of what is skipped there are pictures only: some sound is known by its first frame alone
            "analyzeduration": str(PROBED_US + 1000 * plan.skip_ms),
            **({"probesize": str(PROBED_BYTES + PROBED_BYTES * plan.skip_ms // 1000)} if plan.skip_ms else {}),
            "fpsprobesize": "2",
            "f": str(plan.container),
        },
        target=str(folder / LIST_NAME),
        target_options={
            "map": ["0:v:0", "0:a:0", *(["0:a:0"] if plan.voice else [])],
            **({"ss": f"{plan.skip_ms / 1000:.3f}"} if plan.skip_ms else {}),
            **_video(plan),
            **_audio(plan),
            **(_voice() if plan.voice else {}),
            **_muxer(folder),
        },
    )


def pictures_command(program: str, container: Container, from_ms: int) -> Command:
    """Media from stdin, pictures only, to FLV on stdout in which each picture stands alone, at its time of showing.

    Args:
        program: ffmpeg.
        container: what stdin is.
        from_ms: pictures from before are decoded and not given.
    """
    return Command(
        program=program,
        options={"hide_banner": None, "nostats": None, "loglevel": "error", "copyts": None, "filter_threads": "1"},
        source="pipe:0",
        # one track whose container says what it is: nothing has to be probed, and nothing may be waited for
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
    return "0" if plan.video is Processing.REENCODE else "1"


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
        # five rare pictures would be seconds, and the sound would run ahead of them
        **({"tune": "zerolatency"} if plan.sparse else {"rc-lookahead": "5"}),
        "sc_threshold": "0",
        "g": "600",
        "force_key_frames": f"expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{KEYFRAME_EVERY_S}))",
        "vf": _EVEN_YUV,
        "fps_mode": "vfr",
        # the encoder's own milliseconds; else times are rounded to the rate that ffmpeg guesses, seconds of a slow one
        "enc_time_base:v": "1/1000",
        # the muxer believes what a picture says of its length: a guess too long would put all that follow later
        "bsf:v": r"setts=duration=if(gt(NEXT_DTS\,DTS)\,NEXT_DTS-DTS\,40)",
    }


def _audio(plan: Plan) -> Options:
    if plan.audio is not Processing.REENCODE:
        return {"c:a:0": "copy"}
    return {
        "c:a:0": "aac",
        "b:a:0": f"{REENCODED_AUDIO_KBPS}k",
        "ar:a:0": "48000",
        "ac:a:0": "2",
        "aac_coder:a:0": "fast",
        "aac_ms:a:0": "0",  # a steady tone, the same on both sides, costs four times as much with it
        "filter:a:0": "aresample=async=1000",
    }


def _voice() -> Options:
    return {
        "c:a:1": "aac",
        "b:a:1": f"{VOICE_KBPS}k",
        "ar:a:1": "48000",  # a segment waits for two frames of the voice: 43 ms, at 24 kHz they would be 85 ms
        "ac:a:1": "1",
        "aac_coder:a:1": "fast",
        "filter:a:1": "aresample=async=1000",
    }


def _muxer(folder: Path) -> Options:
    return {
        # a track that falls silent must not hold the other back for long; less would let the sound run ahead of a
        # picture that is being encoded, and the two would be cut at different times
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
