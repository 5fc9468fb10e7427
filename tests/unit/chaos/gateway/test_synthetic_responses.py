"""Answers of a fault on the wire: each is one whole message."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge_actions import SyntheticResponse
from ackord.chaos.gateway.http1.framing import response_message_reader
from ackord.chaos.gateway.synthetic_responses import wire_bytes


@pytest.mark.parametrize("close", [True, False])
@pytest.mark.parametrize("head_only", [True, False])
@pytest.mark.parametrize("status", [200, 204, 304, 503, 599])
def test_on_the_wire_it_is_one_whole_message(status: int, head_only: bool, close: bool) -> None:
    answer = SyntheticResponse(status, (("content-type", "application/json"), ("retry-after", "1")), b'{"a":1}')
    raw = wire_bytes(answer, head_only=head_only, close=close)
    reader = response_message_reader(100, lambda: "HEAD" if head_only else "GET")
    reader.feed(raw)
    assert reader.complete
    assert reader.waiting_bytes == 0
    assert reader.head is not None
    assert (reader.head.status, reader.head.keep_alive) == (status, not close)
    assert reader.content == (b"" if head_only or status in (204, 304) else b'{"a":1}')
