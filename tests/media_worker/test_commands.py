from pathlib import Path

from media_worker.commands import Plan, hls_command
from media_worker.contract import Processing

FOLDER = Path("/m/s/work/0001-0001")
COPIED = """
ffmpeg -hide_banner -nostats -loglevel level+info -copyts -filter_threads 1
-threads 1 -analyzeduration 500000 -fpsprobesize 2 -f flv -i pipe:0
-map 0:v:0 -map 0:a:0 -map 0:a:0 -c:v copy -c:a:0 copy
-c:a:1 aac -b:a:1 48k -ar:a:1 48000 -ac:a:1 1 -aac_coder:a:1 fast -filter:a:1 aresample=async=1000
-max_interleave_delta 2000000 -avoid_negative_ts disabled
-f hls -hls_time 0.9 -hls_list_size 2 -hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4
-hls_flags temp_file -hls_segment_filename /m/s/work/0001-0001/%06d.m4s /m/s/work/0001-0001/list.m3u8
"""


def argv(plan: Plan) -> list[str]:
    return hls_command("ffmpeg", plan, FOLDER).argv()


def test_a_stream_that_browsers_play_is_copied_and_gets_a_slim_voice():
    assert argv(Plan(Processing.COPY, Processing.COPY, voice=True)) == COPIED.split()


def test_slim_sound_is_its_own_voice():
    line = argv(Plan(Processing.COPY, Processing.SYNTHETIC, voice=False))
    assert "c:a:1" not in " ".join(line)
    assert line.count("-map") == 2


def test_a_reencoded_picture_has_a_keyframe_every_second_and_no_b_frames():
    line = argv(Plan(Processing.REENCODE, Processing.COPY, voice=False))
    at = line.index("-c:v")
    assert line[at : at + 2] == ["-c:v", "libx264"]
    assert line[line.index("-bf") + 1] == "0"
    assert "prev_forced_t+0.99" in line[line.index("-force_key_frames") + 1]
    assert "-ss" not in line


def test_what_was_shown_before_a_restart_is_skipped():
    line = argv(Plan(Processing.REENCODE, Processing.REENCODE, voice=True, skip_ms=3250))
    assert line[line.index("-ss") + 1] == "3.250"
    assert line.index("-ss") > line.index("-i")
    assert line[line.index("-ar:a:0") + 1] == "48000"


def test_rare_pictures_are_decoded_by_one_thread_as_each_thread_holds_one_back():
    rare = argv(Plan(Processing.REENCODE, Processing.COPY, voice=True, sparse=True))
    usual = argv(Plan(Processing.REENCODE, Processing.COPY, voice=True))
    assert (rare[rare.index("-threads") + 1], usual[usual.index("-threads") + 1]) == ("1", "0")


def test_voices_of_a_stage_are_a_second_input_and_the_picture_is_copied():
    line = argv(Plan(Processing.COPY, Processing.COPY, voice=False, mixes=True))
    inputs = [line[at + 1] for at, word in enumerate(line) if word == "-i"]
    assert inputs == ["pipe:0", "/m/s/work/0001-0001/voices"]
    assert line[line.index("-c:v") + 1] == "copy"
    assert (line[line.index("-c:a:0") + 1], line[line.index("-c:a:1") + 1]) == ("aac", "aac")
    assert "amix" in line[line.index("-filter_complex") + 1]
