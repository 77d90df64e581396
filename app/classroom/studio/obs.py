"""A profile for OBS Studio with everything that it needs to send into one lesson.

The files are those that OBS 28 and newer writes into a profile's folder: `basic.ini` (settings), `service.json` (where
to), `streamEncoder.json` (of the advanced output mode).
"""

from __future__ import annotations

import io
import json
import zipfile

from app.classroom.studio.views import StreamView

FOLDER = "Jiangtang"

VIDEO_KBPS, AUDIO_KBPS = 2500, 128
KEYFRAME_S = 1
"""A segment begins at a keyframe and lasts a second: so nothing is encoded anew, and the delay is least."""

BASIC = f"""[General]
Name={{name}}

[Output]
Mode=Advanced
Reconnect=true
RetryDelay=2
MaxRetries=10000

[AdvOut]
TrackIndex=1
Encoder=obs_x264
AudioEncoder=ffmpeg_aac
ApplyServiceSettings=false
UseRescale=false
Track1Bitrate={AUDIO_KBPS}

[Video]
BaseCX=1920
BaseCY=1080
OutputCX=1280
OutputCY=720
FPSType=0
FPSCommon=30

[Audio]
SampleRate=48000
ChannelSetup=Stereo
"""


def profile(stream: StreamView, name: str) -> bytes:
    """Make the profile as a zip file with one folder.

    Args:
        stream: where to send, with the key.
        name: how OBS lists it.
    """
    service = {"type": "rtmp_custom", "settings": {"server": stream.rtmp_url, "key": stream.key, "use_auth": False}}
    encoder = {
        "rate_control": "CBR",
        "bitrate": VIDEO_KBPS,
        "keyint_sec": KEYFRAME_S,
        "preset": "veryfast",
        "profile": "high",
        "tune": "zerolatency",
        "x264opts": "scenecut=0",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr(f"{FOLDER}/basic.ini", BASIC.format(name=" ".join(name.split())))
        folder.writestr(f"{FOLDER}/service.json", json.dumps(service, ensure_ascii=False))
        folder.writestr(f"{FOLDER}/streamEncoder.json", json.dumps(encoder))
    return file.getvalue()
