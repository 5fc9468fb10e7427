"""Lines of any file are read in bounded memory, and a wrong byte is found in its line."""

from __future__ import annotations

import io
import tracemalloc
from itertools import islice

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.statement_files.rows import UnreadableLine
from ackord.contract.statement_files.text_lines import TextLines


class Endless(io.RawIOBase):
    """A stream of one byte, over and over."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = min(self.left, len(buffer))
        buffer[:count] = b"9" * count
        self.left -= count
        return count


def test_a_line_of_a_gigabyte_is_refused_in_bounded_memory() -> None:
    stream = Endless(1 << 30)
    tracemalloc.start()
    with pytest.raises(UnreadableLine, match="line 1: it is longer than 1,048,576 characters"):
        list(TextLines(io.BufferedReader(stream), "utf-8"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20
    assert stream.left > 1_000_000_000  # the rest was never read


def test_lines_keep_their_ends() -> None:
    assert list(TextLines(io.BytesIO(b"\xef\xbb\xbfa\r\nb\nc"), "utf-8")) == ["a\r\n", "b\n", "c"]


@pytest.mark.parametrize("before", [0, 3, 5000])
def test_a_wrong_byte_is_found_in_its_line(before: int) -> None:
    lines = TextLines(io.BytesIO(b"good line\n" * before + b"b\xffd\n"), "utf-8")
    with pytest.raises(UnreadableLine, match=f"line {before + 1}: it is no text in utf-8-sig: the bytes ff"):
        list(lines)


def test_utf_16_without_a_mark_is_no_text() -> None:
    assert list(islice(TextLines(io.BytesIO("a\nb".encode("utf-16")), "utf-16"), 2)) == ["a\n", "b"]
    with pytest.raises(UnreadableBody, match="it is no text in utf-16"):
        list(TextLines(io.BytesIO(b"\xff"), "utf-16"))
