"""The request that moves a sandbox's clock on."""

from __future__ import annotations

import pytest

from ackord.contract.codec.request_parser import CLOCK, RequestParser

from ..support import codec

CLOCK_SECTION = """sandbox_clock:
  about: A test clock.
  advance: {method: POST, path: /clock, json: {by: "${clock.advance_s}", until: "${clock.unix}"}}
states:"""


def test_it_says_how_far_and_until_when() -> None:
    clock = codec("states:", CLOCK_SECTION).clock
    assert clock is not None
    request = clock.advance(3600, 1_790_003_600)
    assert (request.method, request.target, request.body) == ("POST", "/clock", b'{"by":3600,"until":1790003600}')


def test_it_is_understood() -> None:
    made = codec("states:", CLOCK_SECTION)
    assert made.clock is not None
    parsed = RequestParser(made.contract).read(made.clock.advance(60, 70))
    assert parsed is not None
    assert (parsed.operation, parsed.values["clock.advance_s"]) == (CLOCK, 60)


def test_a_contract_may_have_none() -> None:
    assert codec().clock is None


def test_a_call_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="how far"):
        codec("states:", CLOCK_SECTION.replace("${clock.advance_s}", "1").replace("${clock.unix}", "2"))
