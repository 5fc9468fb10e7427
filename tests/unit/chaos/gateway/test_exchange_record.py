"""Records: lines of JSON, in batches, in their order."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.chaos.gateway.exchange_record import ExchangeRecord, ExchangeRecorder, exchange_line
from ackord.chaos.gateway.forwarded_request import ForwardedRequest
from ackord.chaos.gateway.http1.head import RequestHead, ResponseHead
from ackord.chaos.gateway.identity import RequestIdentity, read_identity
from ackord.chaos.gateway.rules import RequestFaults, RuleSet

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def record(
    *,
    content: bytes = b"",
    truncated: bool = False,
    headers: bytes = b"",
    target: bytes = b"/x",
    who: RequestIdentity | None = None,
    answered: bool = True,
    plan: RequestFaults | None = None,
    hold: str | None = None,
) -> ExchangeRecord:
    head = RequestHead(b"POST " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = ResponseHead(b"HTTP/1.1 201 Created\r\n" + headers + b"\r\n", to_head=False) if answered else None
    who = who or read_identity({"ackord-op": "3", "ackord-key": "submit/8/1"}, 1)
    request = ForwardedRequest(who, "A", plan, head, b"", b'{"amount": 1}')
    end = "complete" if answered else "reset"
    return ExchangeRecord(request, 0, 10, 20 if answered else None, answer, content, truncated, hold, end)


def read(item: ExchangeRecord, cap_bytes: int = 1000) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(exchange_line(item, json.dumps('e"dge'), cap_bytes))
    return data


def test_a_whole_record() -> None:
    item = record(
        content=b'{"id": "\xc3\xa9"}',
        headers=b"Content-Type: application/json\r\nSet-Cookie: secret\r\n",
        plan=RequestFaults(
            {rule.fault: rule for rule in RuleSet(1, [{"fault": "latency"}, {"fault": "lost-answer"}]).rules}
        ),
        hold="released",
    )
    assert read(item) == {
        "event": "exchange",
        "edge": 'e"dge',
        "op": 3,
        "copy": 0,
        "key": "submit/8/1",
        "node": "A",
        "begin_ns": 10,
        "complete_ns": 20,
        "status": 201,
        "headers": {"content-type": "application/json"},
        "body": '{"id": "é"}',
        "truncated": False,
        "request": {"method": "POST", "target": "/x", "body": '{"amount": 1}'},
        "faults": ["latency", "lost-answer"],
        "hold": "released",
        "end": "complete",
    }


def test_a_record_without_an_answer() -> None:
    data = read(record(answered=False))
    assert (data["status"], data["complete_ns"], data["headers"], data["body"]) == (None, None, {}, "")
    assert (data["hold"], data["faults"], data["end"]) == (None, [], "reset")


@calm
@given(st.binary(max_size=60), st.text(max_size=20), st.binary(min_size=1, max_size=20))
def test_whatever_was_said_is_one_line_of_json(content: bytes, key: str, target: bytes) -> None:
    who = RequestIdentity(1, key, "", 0, 0, key, "", None)
    raw_target = b"/" + bytes(b for b in target if 0x20 < b != 0x7F and b != 0x23)
    item = record(content=content, target=raw_target, who=who)
    assert "\n" not in exchange_line(item, '"e"', 100)
    data = read(item)
    assert data["body"] == content.decode("utf-8", "replace")
    assert data["key"] == key
    assert data["request"]["target"] == raw_target.decode("latin-1")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [(b"gzip", gzip.compress(b"plain " * 10, mtime=0)), (b"deflate", zlib.compress(b"plain " * 10))],
    ids=["gzip", "deflate"],
)
def test_a_compressed_body_is_recorded_as_it_reads(encoding: bytes, packed: bytes) -> None:
    headers = b"Content-Encoding: " + encoding + b"\r\n"
    assert read(record(content=packed, headers=headers))["body"] == "plain " * 10
    cut = read(record(content=packed, headers=headers), cap_bytes=12)
    assert (cut["body"], cut["truncated"]) == ("plain plain ", True)


def test_a_body_that_only_claims_to_be_compressed_stays_as_it_is() -> None:
    assert read(record(content=b"not gzip", headers=b"Content-Encoding: gzip\r\n"))["body"] == "not gzip"
    assert read(record(content=b"zstd?", headers=b"Content-Encoding: zstd\r\n"))["body"] == "zstd?"


def test_records_leave_in_batches_and_in_order() -> None:
    async def run() -> list[bytes]:
        batches: list[bytes] = []
        recorder = ExchangeRecorder("e", 100, batches.append, asyncio.get_running_loop())
        for i in range(33):
            if i % 2:
                recorder.fired("reset", i, 0, {})
            else:
                recorder.add(record(who=RequestIdentity(i, "", "", 0, 0, "", "", None)))
        assert len(batches) == 1
        recorder.flush()
        recorder.flush()
        return batches

    batches = asyncio.run(run())
    assert [batch.count(b"\n") for batch in batches] == [32, 1]
    events = [json.loads(line) for line in b"".join(batches).splitlines()]
    assert [event["op"] for event in events] == list(range(33))
    assert events[1] == {"event": "fired", "edge": "e", "fault": "reset", "op": 1, "at_ns": 0, "detail": {}}


def test_a_batch_that_does_not_fill_leaves_all_the_same() -> None:
    async def run() -> None:
        left = asyncio.get_running_loop().create_future()
        recorder = ExchangeRecorder("e", 100, left.set_result, asyncio.get_running_loop())
        recorder.fired("reset", 1, 0, {})
        assert not left.done()
        assert (await asyncio.wait_for(left, 20)).count(b"\n") == 1

    asyncio.run(run())
