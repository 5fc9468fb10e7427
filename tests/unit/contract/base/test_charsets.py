"""Bodies in other charsets become UTF-8; what cannot be, is told."""

from __future__ import annotations

import pytest

from ackord.contract.base.body_parsing import UnreadableBody, UnwritableBody
from ackord.contract.base.charsets import as_utf8, charset_of, in_charset, known_charset

TEXT = "订单不存在"


@pytest.mark.parametrize(
    ("body", "content_type", "declared"),
    [
        (TEXT.encode(), "application/json", ""),
        (b"\xef\xbb\xbf" + TEXT.encode(), "application/json; charset=gbk", "latin-1"),
        (TEXT.encode("utf-16"), "", ""),
        (TEXT.encode("utf-16-be"), 'text/xml; charset="utf-16be"', ""),
        (TEXT.encode("gbk"), "application/json;charset=GBK", ""),
        (TEXT.encode("gb18030"), "application/json;charset=gb2312", ""),
        (TEXT.encode("gbk"), "application/json", "gbk"),
    ],
)
def test_a_text_is_the_same_in_every_charset(body: bytes, content_type: str, declared: str) -> None:
    assert as_utf8(body, content_type, declared).decode() == TEXT


def test_valid_utf_8_is_not_what_its_header_says_where_the_format_knows_better() -> None:
    said = "application/json; charset=iso-8859-1"
    assert as_utf8(TEXT.encode(), said, always_utf8=True).decode() == TEXT
    assert as_utf8("Zoë".encode("latin-1"), said, always_utf8=True).decode() == "Zoë"
    assert as_utf8("Zoë".encode(), said).decode() == "ZoÃ«"


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [(b"\xff\xff", "a/b; charset=gbk", "said to be in gbk"), (b"a", "a/b; charset=klingon", "'klingon' is not known")],
)
def test_what_cannot_be_read_is_told(body: bytes, content_type: str, why: str) -> None:
    with pytest.raises(UnreadableBody, match=why):
        as_utf8(body, content_type)


def test_names_of_charsets() -> None:
    assert charset_of("text/xml; Charset='GBK'") == "gbk"
    assert charset_of("text/xml") == ""
    assert known_charset("latin-1") == "iso8859-1"
    for unusable in ("klingon", "hex", "base64"):
        with pytest.raises(ValueError, match="not known"):
            known_charset(unusable)


def test_what_a_charset_cannot_hold_is_not_written() -> None:
    assert in_charset(TEXT.encode(), "gbk") == TEXT.encode("gbk")
    assert in_charset(TEXT.encode(), "") == TEXT.encode()
    with pytest.raises(UnwritableBody, match="latin-1"):
        in_charset(TEXT.encode(), "latin-1")
