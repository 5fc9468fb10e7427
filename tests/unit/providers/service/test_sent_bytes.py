"""Bytes that count: those of a number's first submit, and, where others are other orders, of those."""

from __future__ import annotations

import pytest

from ackord.providers.service.sent_bytes import SentBytes


@pytest.mark.parametrize(("remember", "again"), [(False, True), (True, False)])
def test_other_bytes_differ(*, remember: bool, again: bool) -> None:
    sent = SentBytes(remember=remember)
    told = [sent.differ("main", "A", body) for body in (b"1", b"1", b"2", b"2", b"1")]
    assert told == [False, False, True, again, False]
    assert not sent.differ("other", "A", b"2")
