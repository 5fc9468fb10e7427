"""Mojaloop: 202 to everything, and callbacks that say what became of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest
from ackord.contract.codec.callback_reader import CallbackReader
from ackord.core.operation import OperationKind

from .support import body_of, codec, headers_of, loaded, order, request_context, seen

NAME = "mojaloop-fspiop"
NO = "11436b17-c690-4a30-8505-42a2c4eafb9d"


def error(code: str) -> dict[str, Any]:
    return {"errorInformation": {"errorCode": code, "errorDescription": "..."}}


@pytest.mark.parametrize(
    ("kind", "status", "body", "observation"),
    [
        (OperationKind.SUBMIT, 202, "", "ACK"),
        (OperationKind.SUBMIT, 400, error("3101"), "REJECTED"),
        (OperationKind.SUBMIT, 503, "", "RETRYABLE"),
        (OperationKind.QUERY, 202, "", "DEFERRED"),
        (OperationKind.QUERY, 500, error("2001"), "RETRYABLE"),
        (OperationKind.QUERY, 404, "", "UNREADABLE"),
    ],
)
def test_answers(kind: OperationKind, status: int, body: Any, observation: str) -> None:
    assert seen(NAME, kind, status, body, order_no=NO)[0] == observation


@pytest.mark.parametrize(
    ("path", "body", "observation", "state"),
    [
        (f"/transfers/{NO}", {"transferState": "COMMITTED", "fulfilment": "mhPU"}, "STATUS", "SUCCEEDED"),
        (f"/transfers/{NO}", {"transferState": "RESERVED"}, "STATUS", "PROCESSING"),
        (f"/transfers/{NO}", {"transferState": "ABORTED"}, "STATUS", "FAILED"),
        (f"/transfers/{NO}/error", error("3208"), "NOT_FOUND", "NOT_FOUND"),
        (f"/transfers/{NO}/error", error("5100"), "STATUS", "FAILED"),
        (f"/transfers/{NO}/error", error("3303"), "STATUS", "FAILED"),
        (f"/transfers/{NO}/error", error("3106"), "UNREADABLE", "UNKNOWN"),
        (f"/transfers/{NO}/error", error("2004"), "UNREADABLE", "UNKNOWN"),
    ],
)
def test_callbacks(path: str, body: Any, observation: str, state: str) -> None:
    called = CallbackReader(loaded(NAME).contract, {"main": Unsigned()}).read(
        HttpRequest("PUT", path, (), json.dumps(body).encode()), {}
    )
    assert called is not None and called.ends_query and called.order_no == NO
    assert (called.reading.observation.value, called.reading.state.name) == (observation, state)
    assert called.reply.status == 200


class Unsigned:
    """A merchant that takes every callback as genuine; signatures have tests of their own."""

    def sign(self, request: HttpRequest, timestamp_nonce: Any) -> HttpRequest:
        return request

    def problem_of(self, answer: Any, request: HttpRequest, at: Any = None) -> str:
        return ""

    def problem_of_callback(self, callback: HttpRequest, at: Any = None) -> str:
        return ""


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NO, 99)
    submit = codec(NAME).submit(payment, request_context())
    assert (submit.method, submit.target) == ("POST", "/transfers")
    headers = headers_of(submit)
    assert headers["content-type"] == "application/vnd.interoperability.transfers+json;version=1.0"
    assert headers["accept"] == "application/vnd.interoperability.transfers+json;version=1"
    assert headers["date"] == "Mon, 26 Oct 2026 07:33:20 GMT"
    assert headers["fspiop-source"] == "emulated-mojaloop_fsp" and "fspiop-signature" in headers
    body = body_of(submit)
    assert {key: body[key] for key in ("transferId", "payerFsp", "amount")} == {
        "transferId": NO,
        "payerFsp": "emulated-mojaloop_fsp",
        "amount": {"amount": "99", "currency": "UGX"},
    }
    assert submit.body == codec(NAME).submit(payment, request_context()).body
    query = codec(NAME).query(payment, None, request_context())
    assert (query.method, query.target) == ("GET", f"/transfers/{NO}")
