"""Records leave in batches and in their order."""

from __future__ import annotations

import asyncio

from ackord.chaos.gateway.exchange_record import FaultRecord, decode_record, unpack_records
from ackord.chaos.gateway.exchange_recorder import ExchangeRecorder
from ackord.chaos.gateway.head_cache import HeadCache
from ackord.chaos.gateway.identity import RequestIdentity
from ackord.chaos.gateway.ports import ForwardedRequest, Members


def exchange(op: int) -> Members:
    head = HeadCache().request(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    request = ForwardedRequest(RequestIdentity(op, "", "", 0, 0, "", "", None), "A", None, head, b"", b"")
    return request, 0, 10, None, None, b"", False, None, "reset", ""


def test_records_leave_in_batches_and_in_order() -> None:
    async def run() -> list[bytes]:
        batches: list[bytes] = []
        recorder = ExchangeRecorder("e", 100, batches.append, asyncio.get_running_loop())
        for i in range(33):
            if i % 2:
                recorder.fired("reset", i, 0, {})
            else:
                recorder.add(exchange(i))
        assert len(batches) == 1
        recorder.flush()
        recorder.flush()
        return batches

    batches = [unpack_records(batch) for batch in asyncio.run(run())]
    assert [len(batch) for batch in batches] == [32, 1]
    events = [event for batch in batches for event in batch]
    assert [event["op"] for event in events] == list(range(33))
    assert events[1] == {
        "event": "fired",
        "version": 2,
        "edge": "e",
        "fault": "reset",
        "op": 1,
        "at_ns": 0,
        "detail": {},
    }
    assert decode_record(events[1]) == FaultRecord("e", "reset", 1, 0, {})


def test_a_batch_that_does_not_fill_leaves_all_the_same() -> None:
    async def run() -> None:
        left = asyncio.get_running_loop().create_future()
        recorder = ExchangeRecorder("e", 100, left.set_result, asyncio.get_running_loop())
        recorder.fired("reset", 1, 0, {})
        assert not left.done()
        assert len(unpack_records(await asyncio.wait_for(left, 20))) == 1

    asyncio.run(run())
