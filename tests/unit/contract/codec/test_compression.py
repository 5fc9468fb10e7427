"""What is packed is unpacked, and twice the same to the byte."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.codec.compression import compress_file
from ackord.contract.statement_files.unpacking import unpacked


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "zip"]))
def test_what_is_packed_is_unpacked(content: bytes, packing: str) -> None:
    packed = compress_file(content, packing, "a.csv")
    assert packed == compress_file(content, packing, "a.csv")
    with unpacked(io.BytesIO(packed), packing) as file:
        assert file.read() == content
