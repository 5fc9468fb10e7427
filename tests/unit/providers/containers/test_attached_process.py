"""The frames in which Docker carries a container's output."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.errors import EnvironmentFailed
from ackord.providers.containers.attached_process import AttachedProcess, AttachFrameDecoder

FRAMES = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8)


def encoded(frames: list[tuple[int, bytes]]) -> bytes:
    return b"".join(bytes([stream, 0, 0, 0]) + len(said).to_bytes(4, "big") + said for stream, said in frames)


@given(FRAMES, st.data())
def test_any_split_of_the_bytes_gives_the_same_frames(frames: list[tuple[int, bytes]], data: st.DataObject) -> None:
    wire = encoded(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=10)))
    taken = AttachFrameDecoder()
    heard = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        heard += taken.feed(wire[start:end])
    assert heard == frames


def test_a_frame_that_is_cut_off_is_no_frame() -> None:
    assert AttachFrameDecoder().feed(encoded([(1, b"whole")])[:-1]) == []


def test_a_handler_that_raises_is_the_next_call_s_error_and_the_container_is_heard_on() -> None:
    def full(event: dict[str, Any]) -> None:
        raise OSError(28, "No space left on device")

    async def run() -> None:
        ours, theirs = socket.socketpair()
        process = AttachedProcess("A", None, full)
        await process.open(ours)
        reader, writer = await asyncio.open_connection(sock=theirs)

        async def reply(*before: dict[str, Any]) -> None:
            asked = json.loads(await reader.readline())
            lines = [json.dumps(m).encode() + b"\n" for m in (*before, {"id": asked["id"], "ok": {"x": 1}})]
            writer.write(encoded([(1, line) for line in lines]))

        with pytest.raises(EnvironmentFailed, match=r"an event of node A .*No space left on device"):
            await asyncio.gather(process.call("drain", timeout_s=5), reply({"event": "e"}))
        answer, _ = await asyncio.gather(process.call("drain", timeout_s=5), reply())
        assert answer == {"x": 1}
        await process.close()
        writer.close()

    asyncio.run(run())
