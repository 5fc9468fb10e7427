"""Matching: patterns, headers, fields of a body, and that nothing is read before a rule asks for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from ackord.chaos.faults.edge_views import LARGEST_BODY_BYTES, RequestView
from ackord.chaos.gateway.identity import read_identity
from ackord.chaos.gateway.matching import RequestMatcher, pattern

FOREIGN = read_identity(None, 1)


def shown(body: bytes | None = None, *headers: tuple[str, str]) -> RequestView:
    return RequestView("POST", "/", lambda: headers, lambda: body)


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        ("ab", "ab", True),
        ("ab", "aB", False),
        ("a*", "a", True),
        ("a*", "abc\nd", True),
        ("*b", "ab", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[a]*", "[a]x", True),
        ("[a]*", "ax", False),
        ("a.c*", "abc", False),
        ("", "", True),
        ("", "x", False),
        ("*a" * 30, "a" * 29, False),
        ("*a" * 30 + "b", "a" * 5000, False),
    ],
)
def test_patterns(text: str, value: str, met: bool) -> None:
    assert pattern(text)(value) is met


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        ({"X-Shop": "s1"}, True),
        ({"x-shop": "s?"}, True),
        ({"x-shop": "S1"}, False),
        ({"x-shop": "t*"}, True),
        ({"x-other": "*"}, False),
        ({"x-shop": "s1", "x-other": "*"}, False),
    ],
)
def test_headers(wanted: dict[str, str], met: bool) -> None:
    matcher = RequestMatcher({"header": wanted}, "r")
    assert matcher(FOREIGN, "A", shown(None, ("x-shop", "s1"), ("x-shop", "t2"))) is met
    assert not matcher(FOREIGN, "A", shown(None))


@pytest.mark.parametrize(
    ("wanted", "body", "met"),
    [
        ({"$.a": 1}, {"a": 1}, True),
        ({"$.a": 1}, {"a": 1.0}, True),
        ({"$.a": 1}, {"a": True}, False),
        ({"$.a": True}, {"a": True}, True),
        ({"$.a": True}, {"a": 1}, False),
        ({"$.a": None}, {"a": None}, True),
        ({"$.a": None}, {}, False),
        ({"$.a": "1*"}, {"a": 10}, False),
        ({"$.a": "1*"}, {"a": "10"}, True),
        ({"$.a[1].b": "x"}, {"a": [0, {"b": "x"}]}, True),
        ({"$.a[1].b": "x"}, {"a": {"1": {"b": "x"}}}, False),
        ({"$.a": 1, "$.b": 2}, {"a": 1, "b": 3}, False),
        ({"$": "t"}, "t", True),
    ],
)
def test_bodies(wanted: dict[str, Any], body: Any, met: bool) -> None:
    assert RequestMatcher({"body": wanted}, "r")(FOREIGN, "A", shown(json.dumps(body).encode())) is met


@pytest.mark.parametrize(
    "body", [None, b"", b"{", b"\xff", b"[" * 200_000, b"9" * 5000, b'{"a":1' + b" " * LARGEST_BODY_BYTES + b"}"]
)
def test_a_body_that_is_no_json_or_not_held_whole_meets_nothing(body: bytes | None) -> None:
    assert not RequestMatcher({"body": {"$.a": 1}}, "r")(FOREIGN, "A", shown(body))
    assert not RequestMatcher({"body": {"$.a": None}}, "r")(FOREIGN, "A", shown(body))


def test_a_request_is_read_only_when_a_rule_asks_and_only_once() -> None:
    read: list[str] = []

    def headers() -> Sequence[tuple[str, str]]:
        read.append("headers")
        return [("a", "b")]

    def body() -> bytes:
        read.append("body")
        return b"{}"

    request = RequestView("POST", "/", headers, body)
    assert not RequestMatcher({"header": {"a": "c"}, "body": {"$.x": 1}}, "r")(FOREIGN, "A", request)
    assert read == ["headers"], "the header decided"
    for _ in range(2):
        assert not RequestMatcher({"header": {"a": "b"}, "body": {"$.x": 1}}, "r")(FOREIGN, "A", request)
    assert read == ["headers", "body"]
