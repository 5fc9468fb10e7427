"""Bodies of answers: JSON, forms and XML, compressed or not, and the plain facts in them."""

from __future__ import annotations

import gzip
import zlib
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.body_parsing import MAX_INFLATED, UnreadableBody, digits, major_amount, parse_body
from ackord.contract.base.http_messages import HttpResponse


def answer(body: bytes, **headers: str) -> HttpResponse:
    return HttpResponse(200, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("form", "body", "document"),
    [
        ("json", b'{"a": [1]}', {"a": [1]}),
        ("json", b"", None),
        ("form", b"a=1&b%5Bc%5D=x+y&d=", {"a": "1", "b[c]": "x y", "d": ""}),
        ("form", b"", None),
        ("xml", b"", None),
    ],
)
def test_a_body_is_a_document(form: str, body: bytes, document: Any) -> None:
    assert parse_body(answer(body), form) == document


def test_namespaces_of_xml_are_left_out() -> None:
    root = parse_body(answer(b"<s:Env xmlns:s='urn:x'><s:Code>0</s:Code></s:Env>"), "xml")
    assert isinstance(root, Element)
    assert [element.tag for element in root.iter()] == ["Env", "Code"]


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("form", b"a=1&a=2"),
        ("form", b"a"),
        ("form", b"a=%ff"),
        ("form", b"a=\xff"),
        ("form", b"a=1&" * 1200),
        ("xml", b"<a>"),
        ("xml", b"<a></b>"),
        ("xml", b"<a/><b/>"),
        ("xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        ("xml", b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"),
        ("xml", b"<a>\x00</a>"),
        ("xml", b"<?xml version='1.0' encoding='klingon'?><a/>"),
        ("json", b"<a/>"),
    ],
)
def test_what_has_no_reading(form: str, body: bytes) -> None:
    with pytest.raises(UnreadableBody, match=r"not (a )?valid"):
        parse_body(answer(body), form)


RAW = b'{"a": 1}'


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(RAW, mtime=0)),
        ("x-gzip", gzip.compress(RAW, mtime=0)),
        ("deflate", zlib.compress(RAW)),
        ("gzip", RAW),
        ("deflate", RAW),
        ("identity", RAW),
    ],
)
def test_a_compressed_body(encoding: str, body: bytes) -> None:
    assert parse_body(answer(body, content_encoding=encoding), "json") == {"a": 1}


@pytest.mark.parametrize(
    ("encoding", "body", "why"),
    [
        ("br", b"x", "'br' is not known"),
        ("gzip", gzip.compress(RAW, mtime=0)[:-9], "cut off or over"),
        ("gzip", b"\x1f\x8b\x08garbage-garbage", "damaged"),
        ("gzip", gzip.compress(b" " * (MAX_INFLATED + 1), mtime=0), "cut off or over 16 MiB"),
    ],
)
def test_a_compressed_body_that_is_not_believed(encoding: str, body: bytes, why: str) -> None:
    with pytest.raises(UnreadableBody, match=why):
        parse_body(answer(body, content_encoding=encoding), "json")


@settings(deadline=None)
@given(
    st.sampled_from(["json", "form", "xml"]),
    st.binary(max_size=80) | st.text("<a/>&=%;{}[]\"'!?\x00", max_size=40).map(str.encode),
    st.sampled_from(["", "gzip", "deflate", "br"]),
)
def test_any_bytes_are_a_document_or_unreadable(form: str, body: bytes, encoding: str) -> None:
    try:
        parse_body(answer(body, content_encoding=encoding), form)
    except UnreadableBody as why:
        assert str(why).startswith("200")


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        (19.99, "EUR", 1999),
        (19, "EUR", 1900),
        ("19", "JPY", 19),
        ("1.234", "KWD", 1234),
        ("-0.01", "EUR", -1),
        ("", "EUR", None),
        (None, "EUR", None),
    ],
)
def test_an_amount_in_major_units(value: Any, currency: str, minor: int | None) -> None:
    assert major_amount(value, currency, "the amount") == minor


@pytest.mark.parametrize(
    "value", ["19.999", "1,5", "x", "٣", "1e400", "nan", "9" * 41, True, [1], {}, float("inf"), 1e40]
)
def test_what_is_no_amount(value: Any) -> None:
    with pytest.raises(UnreadableBody, match="the amount"):
        major_amount(value, "EUR", "the amount")


@pytest.mark.parametrize(("value", "number"), [("5", 5), ("-5", -5), ("", None), (None, None), (5, 5)])
def test_a_number_where_there_is_only_text(value: Any, number: int | None) -> None:
    assert digits(value, "it") == number


@pytest.mark.parametrize("value", ["1.5", "x", "٣", "--5", "9" * 30, True, []])
def test_text_that_is_no_number(value: Any) -> None:
    with pytest.raises(UnreadableBody, match="it "):
        digits(value, "it")
