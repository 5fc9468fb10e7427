"""Header lines are checked once for each table of checked lines."""

from __future__ import annotations

import pytest

from ackord.chaos.gateway.http1.chunked import ProtocolError
from ackord.chaos.gateway.http1.fields import CheckedLines, HeaderFields


def test_a_line_means_the_same_when_it_is_checked_and_when_it_is_known() -> None:
    lines = [b"Host: x", b"Content-Length: 3", b"X-A: 1", b"Keep-Alive: 5"]
    checked: CheckedLines = {}
    for _ in range(2):
        fields = HeaderFields(lines, checked)
        assert (fields.hosts, fields.length) == ([b"Host: x"], 3)
        assert fields.forward == lines[:3]
    assert set(checked) == set(lines)


def test_a_malformed_line_is_refused_and_not_kept() -> None:
    checked: CheckedLines = {}
    with pytest.raises(ProtocolError):
        HeaderFields([b"no colon"], checked)
    assert checked == {}
