"""Answers with byte order marks and in other charsets are read, and a contract that declares one is emulated in it."""

from __future__ import annotations

import json

import pytest

from ackord.contract.base.http_messages import HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, Payment, compile_contract
from ackord.contract.emulate.domain_requests import QueryRequest
from ackord.contract.emulate.domain_responses import Refusal, RefusalKind
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from ackord.core.operation import Observation, OperationKind

from ..support import SMALL, document

SHOWN = json.dumps({"id": "订单-7", "status": "PAID", "amount": 5}, ensure_ascii=False)
XML = (
    SMALL.replace("$.status", "/r/status")
    .replace("$.id", "/r/id")
    .replace("$.amount", "/r/amount")
    .replace("$.code", "/r/code")
)
XML = XML[: XML.index("ledger:")].replace("  answers:", "  format: xml\n  answers:") + XML[XML.index("states:") :]


def made(text: str) -> Codec:
    return compile_contract(Contract.model_validate(document(text).data))


def shown(body: bytes, content_type: str, text: str = SMALL) -> tuple[Observation, str | None]:
    reading = made(text).read(OperationKind.QUERY, HttpResponse(200, {"content-type": content_type}, body))
    return reading.observation, reading.provider_id


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (SHOWN.encode(), "application/json", SMALL),
        (b"\xef\xbb\xbf" + SHOWN.encode(), "application/json", SMALL),
        (SHOWN.encode("gbk"), "application/json;charset=GBK", SMALL),
        (SHOWN.encode("gbk"), "application/json", SMALL + "charset: gbk\n"),
        (SHOWN.encode(), "application/json; charset=iso-8859-1", SMALL),
    ],
)
def test_json(body: bytes, content_type: str, text: str) -> None:
    assert shown(body, content_type, text) == (Observation.STATUS, "订单-7")


@pytest.mark.parametrize("declared", ["", "charset: gbk\n"])
@pytest.mark.parametrize(
    ("charset", "said", "content_type"),
    [("utf-8", "utf-8", "text/xml"), ("gbk", "GBK", "text/xml"), ("utf-8", "utf-16", "text/xml"), ("gbk", "utf-8", "text/xml; charset=gbk")],
)  # fmt: skip
def test_xml(declared: str, charset: str, said: str, content_type: str) -> None:
    if declared and charset != "gbk":
        return
    xml = f'<?xml version="1.0" encoding="{said}"?><r><status>PAID</status><id>订单-7</id><amount>5</amount></r>'
    assert shown(xml.encode(charset), content_type, XML + declared) == (Observation.STATUS, "订单-7")


def test_another_charset_than_declared_is_unreadable() -> None:
    assert shown(SHOWN.encode("gbk"), "application/json")[0] is Observation.UNREADABLE
    assert shown(SHOWN.encode(), "application/json", SMALL + "charset: ascii\n")[0] is Observation.UNREADABLE


def test_an_emulator_writes_in_the_declared_charset() -> None:
    text = SMALL.replace("$.code: NONE", "$.code: 不存在") + "charset: gbk\n"
    c = made(text)
    refusal = Refusal(RefusalKind.NOT_FOUND, "")
    request = c.query(Payment("n-1", "main", 5, "EUR", "p"))
    answer = ContractEmulation(c).answer(QueryRequest("main", "n-1"), refusal, request, TimestampNonce())
    assert "不存在".encode("gbk") in answer.body
    assert c.read(OperationKind.QUERY, answer).observation is Observation.NOT_FOUND
