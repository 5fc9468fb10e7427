"""Records: what is packed of them, and what is decoded of that."""

from __future__ import annotations

import asyncio
import gzip
import marshal
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.chaos.gateway.exchange_record import (
    DeliveryRecord,
    ExchangeRecord,
    decode_record,
    pack_records,
    request_members,
    unpack_records,
)
from ackord.chaos.gateway.exchange_recorder import ExchangeRecorder
from ackord.chaos.gateway.head_cache import HeadCache
from ackord.chaos.gateway.identity import RequestIdentity, read_identity
from ackord.chaos.gateway.ports import ForwardedRequest, Members
from ackord.chaos.gateway.rules import RequestFaults, RuleSet
from ackord.errors import EnvironmentFailed

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
    request_headers: bytes = b"",
    request_body: bytes = b'{"amount": 1}',
    heads: HeadCache | None = None,
) -> Members:
    heads = heads or HeadCache()
    head = heads.request(b"POST " + target + b" HTTP/1.1\r\nHost: x\r\n" + request_headers + b"\r\n")
    answer = heads.response(b"HTTP/1.1 201 Created\r\n" + headers + b"\r\n", to_head=False) if answered else None
    who = who or read_identity({"ackord-op": "3", "ackord-key": "submit/8/1"}, 1)
    request = ForwardedRequest(who, "A", plan, head, b"", request_body)
    end = "complete" if answered else "reset"
    return request, 0, 10, 20 if answered else None, answer, content, truncated, hold, end, ""


def block(item: Members, cap_bytes: int = 1000) -> bytes:
    async def run() -> bytes:
        sent: list[bytes] = []
        recorder = ExchangeRecorder('e"dge', cap_bytes, sent.append, asyncio.get_running_loop())
        recorder.add(item)
        recorder.flush()
        return sent[0]

    return asyncio.run(run())


def read(item: Members, cap_bytes: int = 1000) -> dict[str, Any]:
    (event,) = unpack_records(block(item, cap_bytes))
    return event


def decoded(item: Members) -> ExchangeRecord:
    record = decode_record(read(item))
    assert isinstance(record, ExchangeRecord)
    return record


def test_a_whole_record() -> None:
    item = record(
        content=b'{"id": "\xc3\xa9"}',
        headers=b"Content-Type: application/json\r\nSet-Cookie: secret\r\n",
        plan=RequestFaults(
            {rule.name: rule for rule in RuleSet(1, [{"fault": "reset"}, {"fault": "lost-answer"}]).rules}
        ),
        hold="released",
    )
    assert read(item) == {
        "event": "exchange",
        "version": 2,
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
        "request": {"method": "POST", "target": "/x", "headers": {}, "body": '{"amount": 1}'},
        "faults": ["reset", "lost-answer"],
        "hold": "released",
        "end": "complete",
    }


def test_a_record_without_an_answer() -> None:
    data = read(record(answered=False))
    assert (data["status"], data["complete_ns"], data["headers"], data["body"]) == (None, None, {}, "")
    assert (data["hold"], data["faults"], data["end"]) == (None, [], "reset")


@calm
@given(st.binary(max_size=60), st.text(max_size=20), st.binary(min_size=1, max_size=20))
def test_whatever_was_said_arrives(content: bytes, key: str, target: bytes) -> None:
    who = RequestIdentity(1, key, "", 0, 0, key, "", None)
    raw_target = b"/" + bytes(b for b in target if 0x20 < b != 0x7F and b != 0x23)
    item = record(content=content, target=raw_target, who=who)
    found = decoded(item)
    assert found.response is not None
    assert found.response.body == content
    assert found.key == key
    assert found.request.target == raw_target.decode("latin-1")


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


GBK = "付款成功".encode("gbk")


def test_bodies_arrive_as_the_bytes_that_they_were() -> None:
    item = record(content=GBK, request_body=GBK)
    assert read(item)["body"] == {"base64": "uLa/7rPJuaY="}
    found = decoded(item)
    assert found.response is not None
    assert (found.request.body, found.response.body) == (GBK, GBK)


def test_a_request_is_recorded_with_the_headers_of_the_allow_list_and_no_secret() -> None:
    headers = b"Content-Type: a/b\r\nAuthorization: Bearer secret\r\nX-Api-Key: secret\r\n"
    assert decoded(record(request_headers=headers)).request == (
        "POST", "/x", (("content-type", "a/b"),), b'{"amount": 1}',
    )  # fmt: skip
    assert b"secret" not in block(record(request_headers=headers, headers=b"Set-Cookie: secret\r\n"))


def test_what_a_contract_needs_is_recorded_beside_it_by_that_proxy_alone() -> None:
    headers = b"X-Sig: s\r\n"
    heads = HeadCache(["x-sig"], ["X-Sig"])
    needed, other = (decoded(record(request_headers=headers, headers=headers, heads=h)) for h in (heads, HeadCache()))
    assert needed.response is not None
    assert other.response is not None
    assert (needed.request.headers, needed.response.headers) == ((("x-sig", "s"),), {"x-sig": "s"})
    assert (other.request.headers, other.response.headers) == ((), {})


def test_header_lines_of_one_name_are_one_field() -> None:
    headers = b"X-A: 1\r\nX-B: b\r\nx-a:  2 \r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
    response = decoded(record(headers=headers, heads=HeadCache([], ["*"]))).response
    assert response is not None
    assert response.headers == {"x-a": "1, 2", "x-b": "b", "set-cookie": "a=1"}


def test_another_version_of_the_format_is_refused() -> None:
    with pytest.raises(EnvironmentFailed, match="of version 1"):
        decode_record({**read(record()), "version": 1})
    with pytest.raises(EnvironmentFailed, match="of version 1"):
        unpack_records(marshal.dumps((1, "edge", [])))


def test_events_of_one_batch_share_nothing_that_could_be_changed() -> None:
    faults, asked = ["reset"], request_members("GET", "/", {"accept": "a"})
    packed = (1, 0, "", "A", 1, 2, asked, b"", None, b"", False, faults, None, "reset", "")
    first, second = unpack_records(pack_records("edge", [packed, packed]))
    first["faults"].append("changed")
    first["headers"]["x"] = first["request"]["headers"]["x"] = first["request"]["target"] = "changed"
    assert (second["headers"], second["request"]["headers"], second["faults"]) == ({}, {"accept": "a"}, ["reset"])
    assert unpack_records(pack_records("edge", [packed])) == [second]


def test_events_of_others_are_no_records() -> None:
    assert decode_record({"event": "replication", "at_ns": 1}) is None


@pytest.mark.parametrize("packed", ["", "gzip"])
def test_what_a_merchant_was_given_survives_the_way(packed: str) -> None:
    request, *_ = record(who=read_identity(None, 7), target=b"/pay")
    body = gzip.compress(b"plain", mtime=0) if packed else b"plain"

    async def run() -> bytes:
        sent: list[bytes] = []
        recorder = ExchangeRecorder("edge", 1000, sent.append, asyncio.get_running_loop())
        recorder.delivered(request, 50, '"status":404,"headers":{"retry-after":"1"}', body, "", packed)
        recorder.delivered(request, 60, None, b"", "it was lost", "")
        recorder.flush()
        return b"".join(sent)

    given, lost = map(decode_record, unpack_records(asyncio.run(run())))
    assert isinstance(given, DeliveryRecord) and isinstance(lost, DeliveryRecord)
    assert (given.op, given.at_ns, given.request.target, given.request.body) == (-7, 50, "/pay", b'{"amount": 1}')
    assert given.response is not None
    assert (given.response.status, given.response.headers, given.response.body) == (404, {"retry-after": "1"}, b"plain")
    assert (lost.response, lost.detail) == (None, "it was lost")
