"""CPU for one stream that comes in: the RTMP server alone and the whole pipeline; nginx-rtmp at the same time."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from pathlib import Path

from media_worker.ingest import Tag
from media_worker.rtmp import RtmpServer
from tests.bench.nginx import Nginx, listens
from tests.bench.processes import cpu_seconds, family, own_cpu_seconds
from tests.bench.service import service
from tests.bench.streams import copy_command, make_file
from tests.bench.table import Row
from tests.conftest import ROOT
from tests.journeys.waiting import wait_for
from tests.ports import free_port


class Bin:
    """A publication that throws everything away."""

    def offer(self, tag: Tag) -> None:
        pass

    def rest_s(self) -> float:
        return 0.0

    async def drain(self) -> None:
        pass

    def close(self, reason: str) -> None:
        pass


class OpenGate:
    """Lets everybody in."""

    async def admit(self, key: str, **_: object) -> Bin:
        return Bin()


async def serve(port: int) -> None:
    """Run the RTMP server with nothing behind it."""
    logging.disable(logging.WARNING)  # whoever looks whether it listens says nothing more
    await RtmpServer(OpenGate(), host="127.0.0.1", port=port).start()
    await asyncio.Event().wait()


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Publish one file to all three at the same time."""
    seconds = 6 if quick else 30
    source = folder / "in.flv"
    mbps = make_file(source, seconds)
    port = free_port()
    alone = subprocess.Popen([sys.executable, "-m", "tests.bench.part_cpu", str(port)], cwd=ROOT)
    try:
        with Nginx(folder / "nginx") as nginx, service(folder / "service") as stack:
            wait_for(lambda: listens(port), "the RTMP server listens", 10)
            lesson = stack.on_air("CPU")
            worker = min(stack.pids("-m media_worker"))
            roots = [alone.pid, worker, nginx.pid]
            before = [cpu_seconds(one) for one in roots]
            before_alone = own_cpu_seconds(worker)
            urls = [f"rtmp://127.0.0.1:{port}/live/key", lesson.rtmp_url, nginx.rtmp_url]
            senders = [subprocess.Popen(copy_command(source, url)) for url in urls]
            codes = [sender.wait(seconds + 30) for sender in senders]
            wait_for(lambda: len(family(worker)) == 1, "the worker's ffmpeg has ended", 10)
            server, whole, theirs = (cpu_seconds(one) - start for one, start in zip(roots, before, strict=True))
            worker_alone = own_cpu_seconds(worker) - before_alone
    finally:
        alone.terminate()
        alone.wait(10)
    assert not any(codes), f"a publisher failed: {codes}"
    beside = f"nginx-rtmp with HLS {theirs:.2f} s"
    shares = f"of ours worker {worker_alone:.2f} s, ffmpeg {whole - worker_alone:.2f} s"
    said = f"{seconds} s at {mbps:.2f} Mbit/s, 720p30"
    return [
        _row(f"CPU for one stream, RTMP server alone ({said})", server, theirs, beside, 2),
        _row(f"CPU for one stream, whole pipeline with ffmpeg ({said})", whole, theirs, f"{beside}; {shares}", 4),
    ]


def _row(what: str, ours: float, theirs: float, beside: str, most: int) -> Row:
    ratio = ours / theirs
    return Row(what, f"{ours:.2f} s = {ratio:.1f} times", beside, f"≤ {most} times", ratio <= most)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
