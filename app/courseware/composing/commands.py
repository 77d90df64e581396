"""ffmpeg's command line for a composed MP4, and the chapters in it. Pure builders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ffmpeg import FFmpeg

from app.courseware.composing.layouts import Layout
from app.courseware.course import Chapter
from app.kernel.children.family import Rules, View, launched

FPS = 25
RATES = {720: 1500, 1080: 2600}
"""Maximum kbit/s by height; slides that stand take a tenth of it."""
MEMORY_BYTES = 2_000_000_000
"""x264 at 1080p takes 400 MB, with the decoder of the film and two scalers 700 MB."""


class Limited(FFmpeg):  # type: ignore[misc] # python-ffmpeg has no types
    """An ffmpeg with limits, behind everything else, that ends with the process that runs it."""

    def __init__(self, executable: str, rules: Rules, view: View) -> None:
        super().__init__(executable)
        self._rules, self._view = rules, view

    @property
    def arguments(self) -> list[str]:
        """The whole command line."""
        return launched(super().arguments, self._rules, self._view)

    def execute(self, stream: bytes | None = None, timeout: float | None = None) -> bytes:
        """Run it to its end. A stopped one leaves no pipe open."""
        try:
            return bytes(super().execute(stream, timeout))
        finally:
            for pipe in (self._process.stdout, self._process.stderr):
                pipe.close()


def compose_command(
    ffmpeg: Limited, film: Path, folder: Path, target: Path, layout: Layout, ratio: float,
    bare: Sequence[Sequence[float]], length_s: float,
) -> FFmpeg:  # fmt: skip
    """Lay the film over its slides, with its sound as it is, into a faststart MP4.

    Args:
        ffmpeg: what runs it.
        film: the MP4 of the lesson.
        folder: with `slides.ffconcat` and `chapters.txt`.
        target: the MP4.
        layout: of the picture.
        ratio: height of the film's picture by its width.
        bare: from, to (s) of the stretches without a page: the film alone fills the picture.
        length_s: of the film.
    """
    options: dict[str, object] = {
        "filter_complex": _graph(layout, ratio, bare),
        "map": ["[picture]", "0:a:0"],
        "map_metadata": "2",
        "map_chapters": "2",
        "c:a": "copy",
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": "23",
        "maxrate": f"{RATES[layout.height]}k",
        "bufsize": f"{2 * RATES[layout.height]}k",
        "g": str(2 * FPS),
        "pix_fmt": "yuv420p",
        "colorspace": "bt709",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "color_range": "tv",
        "t": f"{length_s:.3f}",
        "movflags": "+faststart",
        "f": "mp4",
    }
    return (
        ffmpeg.option("y")
        .input(str(film))
        .input(str(folder / "slides.ffconcat"), f="concat", safe="0")
        .input(str(folder / "chapters.txt"), f="ffmetadata")
        .output(str(target), options)
    )


def cut_command(ffmpeg: Limited, film: Path, target: Path, begin_s: float, end_s: float) -> FFmpeg:
    """Copy a stretch of an MP4 into one of its own; an edit list hides what its first pictures need from before."""
    options = {
        "t": f"{end_s - begin_s:.3f}",
        "c": "copy",
        "map": ["0:v:0", "0:a:0"],
        "movflags": "+faststart",
        "f": "mp4",
    }
    return ffmpeg.option("y").input(str(film), ss=f"{begin_s:.3f}").output(str(target), options)


def _graph(layout: Layout, ratio: float, bare: Sequence[Sequence[float]]) -> str:
    box = layout.video.fit(ratio)
    # each drawn picture is converted once, then repeated; the lesson's picture is laid on at the frames of the slides
    slides = f"[1:v]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,fps={FPS}[slides]"
    # the picture nearest in time: the one before would be a frame late after some roundings
    small = f"setpts=PTS-{0.5 / FPS}/TB,scale={box.width}:{box.height}:flags=bilinear"
    small += ":out_color_matrix=bt709:out_range=tv,setsar=1"
    over = f"overlay={box.x}:{box.y}:eof_action=repeat"
    if not bare:
        return f"{slides};[0:v]{small}[small];[slides][small]{over}[picture]"
    when = "+".join(f"between(t,{begin:.3f},{end - 0.001:.3f})" for begin, end in bare)
    size = f"{layout.width}:{layout.height}"
    large = f"scale={size}:force_original_aspect_ratio=decrease:out_color_matrix=bt709:out_range=tv"
    large += f",pad={size}:-1:-1,setsar=1"
    return (
        f"{slides};[0:v]split[a][b];[a]{small}[small];[b]{large}[large];"
        f"[slides][small]{over}[both];[both][large]overlay=eof_action=repeat:enable='{when}'[picture]"
    )


def chapters_text(title: str, chapters: Sequence[Chapter], length_s: float) -> str:
    """Write the title and the chapters in ffmpeg's form of metadata (ffmpeg-formats, Metadata)."""
    lines = [";FFMETADATA1", f"title={_escaped(title)}"]
    ends = [chapter.at_s for chapter in chapters[1:]] + [length_s]
    for chapter, end_s in zip(chapters, ends, strict=True):
        lines += [
            "[CHAPTER]",
            "TIMEBASE=1/1000",
            f"START={round(chapter.at_s * 1000)}",
            f"END={max(round(chapter.at_s * 1000), round(end_s * 1000))}",
            f"title={_escaped(chapter.title)}",
        ]
    return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "=;#\\" else letter for letter in " ".join(text.split()))
