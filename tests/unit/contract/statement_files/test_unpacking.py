"""Packed files are read as streams; what is cut, damaged, foreign or a bomb is told."""

from __future__ import annotations

import gzip
import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.codec.compression import compress_file
from ackord.contract.statement_files.unpacking import unpacked

TEXT = random.Random(1).randbytes(50_000)


def read(packed: bytes, how: str, **more: str) -> bytes:
    with unpacked(io.BytesIO(packed), how, **more) as content:
        return content.read()


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return packed.getvalue()


def test_what_was_packed_comes_out() -> None:
    assert read(TEXT, "") == TEXT
    assert read(gzip.compress(TEXT), "gzip") == TEXT
    assert read(gzip.compress(TEXT) + gzip.compress(b"more") + b"\0" * 20, "gzip") == TEXT + b"more"
    assert read(zipped("a.csv", "b.txt"), "zip", entry=".csv") == TEXT
    assert read(gzip.compress(b""), "gzip") == b""


@pytest.mark.parametrize(
    ("packed", "how", "says"),
    [
        (gzip.compress(TEXT)[:-1], "gzip", "cut off after"),
        (gzip.compress(TEXT)[:500], "gzip", "cut off after"),
        (b"", "gzip", "cut off after 0 bytes"),
        (TEXT, "gzip", "no gzip, or damaged"),
        (gzip.compress(b"x") + b"tail", "gzip", "no gzip follows the gzip"),
        (zipped("a")[:-30], "zip", "no zip, or damaged or cut off"),
        (zipped("a", "b"), "zip", "there are 2 files in the zip, expected one"),
        (zipped("../a"), "zip", "a path that leaves its folder: '../a'"),
        (zipped("/etc/a"), "zip", "leaves its folder"),
        (zipped("C:\\a"), "zip", "leaves its folder"),
        (zipped("a.csv", "..\\b"), "zip", "leaves its folder"),
    ],
    ids=range(11),
)
def test_what_is_wrong_is_told(packed: bytes, how: str, says: str) -> None:
    with pytest.raises(UnreadableBody, match=says):
        read(packed, how)


def test_a_byte_that_changed_is_found_by_the_checksum() -> None:
    packed = bytearray(zipped("a"))
    packed[2000] ^= 1
    with pytest.raises(UnreadableBody, match="damaged or cut off after"):
        read(bytes(packed), "zip")


@given(st.binary(min_size=1, max_size=400), st.integers(0, 400), st.integers(0, 255), st.sampled_from(["gzip", "zip"]))
def test_a_damaged_file_is_whole_all_the_same_or_unreadable(content: bytes, at: int, byte: int, packing: str) -> None:
    packed = bytearray(compress_file(content, packing, "a.csv"))
    packed[at % len(packed)] = byte
    try:
        found = read(bytes(packed), packing)
    except UnreadableBody:
        return
    assert found == content


def test_a_zip_whose_file_has_no_name_is_damaged() -> None:
    packed = bytearray(compress_file(b"x", "zip", "a.csv"))
    packed[packed.rindex(b"a.csv")] = 0  # a name ends there
    with pytest.raises(UnreadableBody, match="the file is no zip, or damaged"):
        read(bytes(packed), "zip")


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_a_bomb_does_not_go_off(packing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ackord.contract.statement_files.unpacking._UNSUSPECTED", 1 << 20)
    bomb = compress_file(bytes(1 << 25), packing, "a.csv")
    assert len(bomb) < 1 << 16
    with pytest.raises(UnreadableBody, match="taken for a zip bomb"):
        read(bomb, packing)
