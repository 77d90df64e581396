"""The RTMP server's conversation with one peer: publishing, refusals, budgets, and strangers."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from media_worker import flv
from media_worker.contract import Refusal, RefusalCode
from media_worker.ingest import TagKind
from media_worker.rtmp import Limits, amf
from media_worker.rtmp.chunks import MessageType
from tests.media_worker.rtmp_support import (
    CONNECT,
    WRONG_KEY,
    FakeGate,
    Shelf,
    chunked,
    peer,
    publish_command,
    running,
    until,
)

PATIENT = Limits(tick_s=0.02)
META = amf.encode("onMetaData", amf.EcmaArray({"width": 640.0}))


def connect_to(app):
    return amf.encode("connect", 1, {"app": app, "flashVer": "test", "tcUrl": f"rtmp://x/{app}"})


async def test_a_publisher_is_admitted_and_its_tags_arrive():
    async with running() as house, peer(house) as client:
        assert (await client.publish("secret"))["code"] == "NetStream.Publish.Start"
        assert house.gate.asked == [("secret", "127.0.0.1", "FMLE/3.0")]
        await client.write(chunked(MessageType.DATA_AMF0, amf.encode("@setDataFrame") + META))
        await client.write(chunked(MessageType.DATA_AMF3, b"\x00" + META))
        await client.write(chunked(MessageType.DATA_AMF0, amf.encode("onTextData", {})))
        await client.write(chunked(MessageType.VIDEO, b"\x17\x00", timestamp_ms=40))
        await client.write(chunked(MessageType.AUDIO, b"", timestamp_ms=41))
        await client.write(chunked(MessageType.AUDIO, b"\xaf\x00", timestamp_ms=42))
        shelf = house.gate.shelves[0]
        await until(lambda: len(shelf.tags) == 4)
        assert [tag[:3] for tag in shelf.tags] == [
            (TagKind.SCRIPT, 0, META),
            (TagKind.SCRIPT, 0, META),
            (TagKind.VIDEO, 40, b"\x17\x00"),
            (TagKind.AUDIO, 42, b"\xaf\x00"),
        ]
        assert shelf.closed == []
        await client.command(amf.encode("deleteStream", 0, None, 1))
        assert (await client.answer())[1]["code"] == "NetStream.Unpublish.Success"
        client.writer.close()
        (line,) = await house.endings()
        assert "code=unpublished" in line
        assert shelf.closed == ["unpublished: deleteStream from the encoder"]


@pytest.mark.parametrize(
    ("app", "name", "key"),
    [
        ("live", "k1", "k1"),
        ("live/", "k1?user=a&b=c", "k1"),
        ("live?x=1", "k1", "k1"),
        ("live/k1", "", "k1"),
        ("live/k1/", "?token=2", "k1"),
        ("live/k1", "k1", "k1"),
    ],
)
async def test_the_key_stands_in_the_stream_name_or_at_the_end_of_the_application(app, name, key):
    async with running() as house, peer(house) as client:
        await client.shake_hands()
        await client.command(connect_to(app))
        await client.answer()
        await client.command(publish_command(name), stream=1)
        assert (await client.answer())[1]["code"] == "NetStream.Publish.Start"
        assert house.gate.asked[0][0] == key


async def test_a_command_may_come_in_the_amf3_envelope():
    async with running() as house, peer(house) as client:
        await client.shake_hands()
        await client.command(b"\x00" + CONNECT, kind=MessageType.COMMAND_AMF3)
        assert (await client.answer())[1]["code"] == "NetConnection.Connect.Success"


async def test_connect_says_that_enhanced_codecs_are_welcome():
    async with running() as house, peer(house) as client:
        await client.shake_hands()
        await client.command(CONNECT)
        _, info = await client.answer()
        assert {"*", "hvc1", "av01", "vp09", "avc1", "Opus"} <= set(info["fourCcList"])
        assert info["videoFourCcInfoMap"]["hvc1"] == 4


async def test_enhanced_payloads_pass_untouched():
    hevc, opus = b"\x90hvc1" + bytes(range(200)), b"\x90Opus" + bytes(range(100))
    async with running() as house, peer(house) as client:
        await client.publish()
        await client.write(chunked(MessageType.VIDEO, hevc) + chunked(MessageType.AUDIO, opus))
        await until(lambda: len(house.gate.shelves[0].tags) == 2)
        assert [tag.payload for tag in house.gate.shelves[0].tags] == [hevc, opus]


async def test_time_goes_on_past_32_bits_and_may_step_back_a_little():
    async with running() as house, peer(house) as client:
        await client.publish()
        times = [0xFFFFFF00 - 40, 0xFFFFFF00, 60, 20, 100]
        for clock in times:
            head = b"\x04\xff\xff\xff\x00\x00\x01\x09\x01\x00\x00\x00" + clock.to_bytes(4, "big")
            await client.write(head + b"x")
        await until(lambda: len(house.gate.shelves[0].tags) == len(times))
        wrap = 1 << 32
        expected = [0xFFFFFF00 - 40, 0xFFFFFF00, wrap + 60, wrap + 20, wrap + 100]
        assert [tag.timestamp_ms for tag in house.gate.shelves[0].tags] == expected


async def test_an_aggregate_message_is_taken_apart_on_its_own_clock():
    tags = (
        flv.write_tag(TagKind.VIDEO, 500, b"\x27one")
        + flv.write_tag(TagKind.SCRIPT, 500, META)
        + flv.write_tag(TagKind.AUDIO, 523, b"\xaftwo")
    )
    async with running() as house, peer(house) as client:
        await client.publish()
        await client.write(chunked(MessageType.AGGREGATE, tags, timestamp_ms=1000))
        await until(lambda: len(house.gate.shelves[0].tags) == 2)
        assert [tag[:3] for tag in house.gate.shelves[0].tags] == [(9, 1000, b"\x27one"), (8, 1023, b"\xaftwo")]


async def test_a_refused_publisher_reads_why():
    async with running(gate=FakeGate(refusals={"bad": WRONG_KEY})) as house, peer(house) as client:
        info = await client.publish("bad")
        assert info == {
            "level": "error",
            "code": "NetStream.Publish.BadName",
            "description": f"{WRONG_KEY.reason} [publish.wrong_key]",
        }
        await client.gone()
        client.writer.close()
        (line,) = await house.endings()
        assert "code=refused detail='publish.wrong_key'" in line


async def test_a_kicked_publisher_reads_why_in_the_middle_of_its_media():
    async with running() as house, peer(house) as client:
        await client.publish()
        await client.write(chunked(MessageType.VIDEO, b"v" * 1000))
        house.gate.kicks[0](Refusal(RefusalCode.TAKEN_OVER, "Somebody newer"))
        house.gate.kicks[0](Refusal(RefusalCode.TAKEN_OVER, "Twice does no harm"))
        await client.write(chunked(MessageType.VIDEO, b"v" * 100_000) * 5)
        name, info = await client.answer()
        assert (name, info["description"]) == ("onStatus", "Somebody newer [publish.taken_over]")
        await client.gone()
        client.writer.close()
        (line,) = await house.endings()
        assert "code=kicked detail='publish.taken_over'" in line
        assert house.gate.shelves[0].closed == ["kicked: publish.taken_over"]


async def test_a_kick_just_after_the_peer_has_reset_the_connection_troubles_nobody():
    async with running() as house, peer(house) as client:
        await client.publish()
        sock = client.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.writer.transport.abort()
        await asyncio.sleep(0)
        house.gate.kicks[0](Refusal(RefusalCode.TAKEN_OVER, "Nobody reads this"))
        assert len(await house.endings()) == 1


async def test_a_kick_while_the_key_is_checked_closes_what_the_gate_gives_later():
    gate = FakeGate(hold=asyncio.Event())
    async with running(gate=gate) as house, peer(house) as client:
        await client.shake_hands()
        await client.command(CONNECT)
        await client.command(publish_command("key"), stream=1)
        await until(lambda: bool(gate.kicks))
        gate.kicks[0](Refusal(RefusalCode.SESSION_OVER, "Over"))
        gate.hold.set()
        await until(lambda: bool(gate.shelves))
        await until(lambda: len(gate.shelves[0].closed) == 1)
        client.writer.close()
        assert len(await house.endings()) == 1


async def test_a_gate_that_fails_or_is_silent_does_not_leave_the_encoder_without_an_answer():
    class Broken(FakeGate):
        async def admit(self, key, **_):
            if key == "slow":
                await asyncio.Event().wait()
            raise RuntimeError("the app has gone")

    async with running(Limits(admission_s=0.05), Broken()) as house:
        for key in ("slow", "fast"):
            async with peer(house) as client:
                assert "[publish.unavailable]" in (await client.publish(key))["description"]
        assert len(await house.endings(2)) == 2


async def test_media_that_came_with_the_publish_command_is_not_lost():
    gate = FakeGate(hold=asyncio.Event())
    async with running(gate=gate) as house, peer(house) as client:
        await client.shake_hands()
        publish = chunked(MessageType.COMMAND_AMF0, publish_command("key"), stream=1, chunk_id=3)
        await client.command(CONNECT)
        await client.write(publish + chunked(MessageType.VIDEO, b"\x17early"))
        await until(lambda: bool(gate.asked))
        gate.hold.set()
        await until(lambda: bool(gate.shelves) and bool(gate.shelves[0].tags))
        assert gate.shelves[0].tags[0].payload == b"\x17early"
        assert house.journal.endings == []


async def test_a_full_pipeline_stops_the_reading():
    class Full(Shelf):
        def __init__(self):
            super().__init__()
            self.room.clear()

    gate = FakeGate(shelf=Full)
    async with running(Limits(drain_bytes=50_000), gate) as house, peer(house) as client:
        await client.publish()
        frame = chunked(MessageType.VIDEO, b"v" * 10_000)
        sending = asyncio.ensure_future(client.write(frame * 2000))
        shelf = gate.shelves[0]
        await until(lambda: shelf.drained == 1)
        (member,) = house.server._shared.members
        assert not member._transport.is_reading()
        taken = len(shelf.tags)
        assert taken < 60
        await asyncio.sleep(0)
        assert len(shelf.tags) == taken
        shelf.room.set()
        await until(lambda: len(shelf.tags) == 2000)
        await sending
        assert shelf.drained > 1


class Resting(Shelf):
    """A publication that nobody waits for."""

    def rest_s(self) -> float:
        return 0.2


async def test_frames_that_nobody_waits_for_are_fetched_several_at_a_time():
    async with running(gate=FakeGate(shelf=Resting)) as house, peer(house) as client:
        await client.publish()
        shelf = house.gate.shelves[0]
        for number in range(20):
            await client.write(chunked(MessageType.VIDEO, b"v%02d" % number))
            await asyncio.sleep(0.005)
        await until(lambda: len(shelf.tags) == 20)
        assert [tag.payload for tag in shelf.tags] == [b"v%02d" % number for number in range(20)]
        assert len({tag.arrived_ms for tag in shelf.tags}) < 5


async def test_a_socket_that_fills_quickly_is_read_on_at_once():
    async with running(gate=FakeGate(shelf=Resting)) as house, peer(house) as client:
        await client.publish()
        shelf = house.gate.shelves[0]
        began = asyncio.get_running_loop().time()
        await client.write(chunked(MessageType.VIDEO, b"v" * 60_000) * 100)
        await until(lambda: len(shelf.tags) == 100)
        assert asyncio.get_running_loop().time() - began < 2  # 6 MB: a rest after every read would take five times that


async def test_a_kick_is_heard_and_a_goodbye_understood_in_the_middle_of_a_rest():
    async with running(gate=FakeGate(shelf=Resting)) as house, peer(house) as client:
        await client.publish()
        await client.write(chunked(MessageType.VIDEO, b"v" * 1000))
        await until(lambda: len(house.gate.shelves[0].tags) == 1)
        house.gate.kicks[0](Refusal(RefusalCode.TAKEN_OVER, "Somebody newer"))
        name, info = await client.answer()
        assert (name, info["description"]) == ("onStatus", "Somebody newer [publish.taken_over]")
        await client.gone()
    async with running(gate=FakeGate(shelf=Resting)) as house, peer(house) as client:
        await client.publish()
        await client.write(chunked(MessageType.VIDEO, b"v" * 1000))
        client.writer.close()
        await until(lambda: house.gate.shelves[0].closed == ["lost: closed by the peer"])
        assert len(house.gate.shelves[0].tags) == 1


async def test_received_bytes_are_acknowledged_as_the_encoder_asked():
    async with running() as house, peer(house) as client:
        await client.publish()
        await client.write(chunked(MessageType.WINDOW_ACK_SIZE, (5000).to_bytes(4, "big"), stream=0, chunk_id=2))
        await client.write(chunked(MessageType.VIDEO, b"v" * 6000))
        first = await client.until_type(MessageType.ACKNOWLEDGEMENT)
        assert int.from_bytes(first.payload, "big") > 5000


async def test_a_ping_is_answered():
    async with running() as house, peer(house) as client:
        await client.shake_hands()
        await client.write(chunked(MessageType.USER_CONTROL, b"\x00\x06\x01\x02\x03\x04", stream=0, chunk_id=2))
        assert (await client.until_type(MessageType.USER_CONTROL)).payload == b"\x00\x07\x01\x02\x03\x04"


async def test_a_silent_publisher_is_pinged_and_a_dead_one_dropped():
    async with running(Limits(ping_s=0.05, idle_s=0.3, tick_s=0.02)) as house, peer(house) as client:
        await client.publish()
        asked = await client.until_type(MessageType.USER_CONTROL)
        assert asked.payload[:2] == b"\x00\x06"
        await client.write(chunked(MessageType.USER_CONTROL, b"\x00\x07" + asked.payload[2:], stream=0, chunk_id=2))
        assert (await client.until_type(MessageType.USER_CONTROL)).payload[:2] == b"\x00\x06"
        await client.gone()
        (line,) = await house.endings()
        assert "code=limit.idle" in line


async def test_unknown_wishes_of_a_publisher_are_declined_and_the_lesson_goes_on():
    async with running() as house, peer(house) as client:
        await client.publish()
        await client.command(amf.encode("getStreamLength", 9, None, "x"))
        assert (await client.answer())[1]["code"] == "NetConnection.Call.Failed"
        await client.write(chunked(MessageType.VIDEO, b"\x27"))
        await until(lambda: len(house.gate.shelves[0].tags) == 1)


@pytest.mark.parametrize(
    ("command", "code", "log"),
    [
        (amf.encode("play", 0, None, "key"), "NetStream.Play.Failed", "code=play"),
        (amf.encode("getStreamLength", 3, None, "key"), "NetConnection.Call.Failed", "code=command.unknown"),
        (publish_command(""), "NetStream.Publish.BadName", "code=publish.no_key"),
    ],
)
async def test_what_is_not_publishing_is_declined_politely(command, code, log):
    async with running() as house, peer(house) as client:
        await client.shake_hands()
        await client.command(CONNECT)
        await client.answer()
        await client.command(command)
        name, info = await client.answer()
        assert name in ("onStatus", "_error")
        assert info["code"] == code
        await client.gone()
        client.writer.close()
        (line,) = await house.endings()
        assert log in line


@pytest.mark.parametrize("app", ["", "vod", "live/a/b", "alive"])
async def test_a_wrong_application_is_named(app):
    async with running() as house, peer(house) as client:
        await client.shake_hands()
        await client.command(connect_to(app))
        name, info = await client.answer()
        assert (name, info["code"]) == ("_error", "NetConnection.Connect.Rejected")
        assert "[connect.wrong_app]" in info["description"]
        await client.gone()
        client.writer.close()
        (line,) = await house.endings()
        assert "code=connect.wrong_app" in line


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "handshake.none", id="port scanner"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "handshake.not_rtmp", id="HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00" + bytes(500), "handshake.not_rtmp", id="TLS"),
        pytest.param(b"\x06" + bytes(1536), "handshake.not_rtmp", id="RTMPE"),
        pytest.param(b"\x03" + bytes(700), "handshake.none", id="half a handshake"),
        pytest.param(b"\x03" + bytes(1536), "handshake.none", id="no C2"),
    ],
)
async def test_a_stranger_costs_one_line(data, code):
    async with running() as house:
        async with peer(house) as client:
            await client.write(data)
            client.writer.write_eof()
            await client.gone()
        (line,) = await house.endings()
        assert f"code={code}" in line
        assert "peer=127.0.0.1:" in line
        assert house.journal.lines[1:] == [line]


BOMB = b"\x02\x00\x07connect\x00\x3f\xf0\x00\x00\x00\x00\x00\x00" + b"\x03\x00\x01a" * 100


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(chunked(20, publish_command("k")), "connect.missing", id="publish before connect"),
        pytest.param(chunked(9, b"\x17"), "publish.missing", id="media before publish"),
        pytest.param(chunked(20, CONNECT) * 2, "connect.twice", id="connect twice"),
        pytest.param(chunked(20, BOMB), "amf.bad", id="AMF depth bomb"),
        pytest.param(chunked(20, b"\x05\x05"), "amf.no_command", id="no command"),
        pytest.param(chunked(20, b""), "amf.no_command", id="empty command"),
        pytest.param(chunked(17, b"\x0a\x01"), "amf.amf3", id="AMF3"),
        pytest.param(chunked(99, b"x"), "message.unknown", id="unknown type"),
        pytest.param(chunked(22, b"\x09\x00\xff\xff"), "message.bad_aggregate", id="aggregate cut off"),
        pytest.param(b"\x04\0\0\0\xff\xff\xff\x14\0\0\0\0", "limit.message", id="16 MB claim"),
        pytest.param(b"\x04\0\0\0\1\0\1\x14\0\0\0\0", "limit.message", id="64 kB claim"),
        pytest.param(chunked(3, bytes(4)) * 20_000, "limit.bytes", id="much ado before publish"),
    ],
)
async def test_a_broken_rule_before_publish_costs_one_line(data, code):
    async with running() as house, peer(house) as client:
        await client.shake_hands()
        await client.write(data)
        await client.gone()
        (line,) = await house.endings()
        assert f"code={code} " in line


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(chunked(20, publish_command("k")), "publish.twice", id="publish twice"),
        pytest.param(b"\x04\0\0\0\xff\xff\xff\x09\1\0\0\0", "limit.message", id="16 MB claim"),
    ],
)
async def test_a_broken_rule_after_publish_ends_the_publication_once(data, code):
    async with running() as house, peer(house) as client:
        await client.publish()
        await client.write(data)
        await client.gone()
        (line,) = await house.endings()
        assert f"code={code} " in line
        assert len(house.gate.shelves[0].closed) == 1


@pytest.mark.parametrize("start", [b"", b"\x03" + bytes(1536)], ids=["silent", "without C2"])
async def test_a_slow_handshake_runs_out_of_time_however_it_drips(start):
    async with running(Limits(handshake_s=0.1, tick_s=0.02)) as house, peer(house) as client:
        await client.write(start)
        dripping = asyncio.ensure_future(drip(client, b"\x03"))
        (line,) = await house.endings()
        dripping.cancel()
        assert "code=limit.handshake" in line


async def test_a_slow_conversation_runs_out_of_time_however_it_drips():
    async with running(Limits(publish_s=0.1, tick_s=0.02)) as house, peer(house) as client:
        await client.shake_hands()
        dripping = asyncio.ensure_future(drip(client, chunked(MessageType.COMMAND_AMF0, CONNECT, chunk_id=3)))
        (line,) = await house.endings()
        dripping.cancel()
        assert "code=limit.publish" in line


async def drip(client, data):
    for byte in data:
        await client.write(bytes((byte,)))
        await asyncio.sleep(0.01)


async def test_one_address_and_all_together_have_only_so_many_connections():
    for limits, code in (
        (Limits(connections_per_address=2), "limit.address"),
        (Limits(connections=2), "limit.connections"),
    ):
        async with running(limits) as house, peer(house) as first, peer(house) as second:
            await first.shake_hands()
            await second.shake_hands()
            async with peer(house) as third:
                await third.gone()
            assert f"code={code}" in house.journal.endings[0]
            first.writer.close()
            await until(lambda: house.server.connections == 1)
            async with peer(house) as fourth:
                await fourth.shake_hands()


async def test_a_peer_that_reads_no_answers_is_dropped():
    async with running(Limits(bytes_before_publish=1 << 30, publish_s=600)) as house, peer(house) as client:
        await client.shake_hands()
        client.reader._transport.pause_reading()
        ping = chunked(MessageType.USER_CONTROL, b"\x00\x06\x00\x00\x00\x00", stream=0, chunk_id=2) * 1000
        while not house.journal.endings:
            await client.write(ping)
        assert "code=limit.unread_reply" in house.journal.endings[0]


async def test_a_refused_peer_that_never_closes_is_closed():
    async with running(Limits(linger_s=0.05, tick_s=0.02)) as house, peer(house) as client:
        await client.shake_hands()
        await client.command(connect_to("vod"))
        assert len(await house.endings()) == 1


async def test_stopping_closes_each_publication_once():
    async with running() as house, peer(house) as client, peer(house) as stranger:
        await client.publish()
        await stranger.shake_hands()
        await house.server.stop()
        assert house.server.connections == 0
        assert house.gate.shelves[0].closed == ["stopped: the server stops"]
        assert len(house.journal.endings) == 2
        await client.gone()
