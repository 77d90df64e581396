"""CPU of the RTMP server alone beside nginx-rtmp with its HLS, both fed the same stream at the same time.

    python tests/bench/bench_rtmp_cpu.py [--seconds 30] [--kbps 2520] [--chunk-128]

Prints CPU seconds spent while the stream ran; start-up is not counted. With --chunk-128 the stream comes from
librtmp (GStreamer), which cuts every message into chunks of 128 bytes whatever the server announces.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from media_worker.ingest import Tag  # noqa: E402
from media_worker.rtmp import RtmpServer  # noqa: E402

NGINX_CONF = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{ worker_connections 64; }}
rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{
    live on; hls on; hls_path {folder}/hls; hls_fragment 2s; hls_playlist_length 12s; }} }} }}
"""


class Bin:
    """A publication that throws everything away."""

    def offer(self, tag: Tag) -> None:
        pass

    async def drain(self) -> None:
        pass

    def close(self, reason: str) -> None:
        pass


class OpenGate:
    """Lets everybody in."""

    async def admit(self, key: str, **_: object) -> Bin:
        return Bin()


async def serve(port: int) -> None:
    await RtmpServer(OpenGate(), host="127.0.0.1", port=port).start()
    await asyncio.Event().wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


def cpu_seconds(pids: list[int]) -> float:
    """CPU time of processes with all their threads, from the scheduler's nanoseconds."""
    tasks = (task for pid in pids for task in Path(f"/proc/{pid}/task").iterdir())
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def with_children(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


def ffmpeg() -> str:
    if path := os.environ.get("FFMPEG"):
        return path
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def make_stream(path: Path, seconds: int, kbps: int) -> float:
    """Write an FLV of the wanted bitrate; give what it came to in Mbit/s."""
    video = f"testsrc2=size=1280x720:rate=30:duration={seconds},noise=alls=20:allf=t"
    rate = ["-b:v", f"{kbps}k", "-minrate", f"{kbps}k", "-maxrate", f"{kbps}k", "-bufsize", f"{kbps}k"]
    command = [ffmpeg(), "-y", "-loglevel", "error", "-f", "lavfi", "-i", video, "-f", "lavfi", "-i"]
    command += [f"sine=frequency=440:sample_rate=48000:duration={seconds}", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", "-g", "60", *rate, "-c:a", "aac", "-b:a", "128k", str(path)]
    subprocess.run(command, check=True)
    return path.stat().st_size * 8 / seconds / 1e6


def publisher(stream: Path, url: str, *, chunk_128: bool) -> list[str]:
    if not chunk_128:
        return [ffmpeg(), "-loglevel", "error", "-re", "-i", str(stream), "-c", "copy", "-f", "flv", url]
    chain = (
        f"filesrc location={stream} ! flvdemux name=d flvmux name=m streamable=true ! rtmpsink sync=true location={url}"
    )
    chain += " d.video ! queue ! h264parse ! m. d.audio ! queue ! aacparse ! m."
    return ["gst-launch-1.0", "-q", *chain.split()]


def measure(folder: Path, options: argparse.Namespace) -> None:
    stream = folder / "in.flv"
    mbps = make_stream(stream, options.seconds, options.kbps)
    ports = (free_port(), free_port())
    conf = folder / "nginx.conf"
    conf.write_text(NGINX_CONF.format(folder=folder, port=ports[1]))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    servers = [
        subprocess.Popen([sys.executable, __file__, "--serve", str(ports[0])]),
        subprocess.Popen([nginx, "-c", str(conf), "-p", str(folder)], stderr=subprocess.DEVNULL),
    ]
    try:
        for port in ports:
            wait_for(port)
        groups = [with_children(server.pid) for server in servers]
        before = [cpu_seconds(group) for group in groups]
        urls = [f"rtmp://127.0.0.1:{port}/live/key" for port in ports]
        senders = [subprocess.Popen(publisher(stream, url, chunk_128=options.chunk_128)) for url in urls]
        codes = [sender.wait(timeout=options.seconds + 30) for sender in senders]
        spent = [cpu_seconds(group) - start for group, start in zip(groups, before, strict=True)]
    finally:
        for server in servers:
            server.terminate()
            server.wait(timeout=10)
    if any(codes):
        raise SystemExit(f"a publisher failed: {codes}")
    chunks = "128-byte chunks" if options.chunk_128 else "ffmpeg -re -c copy"
    print(f"{options.seconds} s at {mbps:.2f} Mbit/s, {chunks}: CPU seconds")
    print(f"  ours        {spent[0]:.3f}")
    print(f"  nginx-rtmp  {spent[1]:.3f}   (with HLS)")
    print(f"  ratio       {spent[0] / spent[1]:.2f}   (goal <= 2)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--kbps", type=int, default=2520, help="video bitrate")
    parser.add_argument("--chunk-128", action="store_true", help="publish by librtmp through GStreamer")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve))
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)


if __name__ == "__main__":
    main()
