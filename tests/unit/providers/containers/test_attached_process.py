"""The frames in which Docker carries a container's output."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ackord.providers.containers.attached_process import AttachFrameDecoder

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
