"""UnionPay: form fields, and codes of its table."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.codec.codec import Payment
from ackord.core.operation import OperationKind

from .support import body_of, codec, loaded, order, request_context, seen

NAME = "unionpay-dsf"
NO = "20261026153220001"
SENT = f"orderId={NO}&txnTime=20261026153220&txnAmt=1999&queryId=202610261532201234568"
ONE = ("202610261532201234568", 1999)
NOTHING = (None, None)


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (OperationKind.SUBMIT, f"{SENT}&respCode=00&respMsg=成功[0000000]", ("ACK", "RECEIVED", *ONE)),
        (OperationKind.SUBMIT, f"orderId={NO}&respCode=12&respMsg=重复交易", ("DUPLICATE", "UNKNOWN", *NOTHING)),
        (OperationKind.SUBMIT, f"orderId={NO}&respCode=03", ("RETRYABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.SUBMIT, f"orderId={NO}&respCode=33", ("REJECTED", "UNKNOWN", *NOTHING)),
        (OperationKind.SUBMIT, "orderId=another&respCode=00", ("UNREADABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.SUBMIT, "<html>", ("UNREADABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.QUERY, f"{SENT}&respCode=00&origRespCode=00", ("STATUS", "SUCCEEDED", *ONE)),
        (OperationKind.QUERY, f"{SENT}&respCode=00&origRespCode=A6", ("STATUS", "SUCCEEDED", *ONE)),
        (OperationKind.QUERY, f"{SENT}&respCode=00&origRespCode=05", ("STATUS", "PROCESSING", *ONE)),
        (OperationKind.QUERY, f"{SENT}&respCode=00&origRespCode=61", ("STATUS", "FAILED", *ONE)),
        (OperationKind.QUERY, f"{SENT}&respCode=00&origRespCode=99", ("UNREADABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.QUERY, f"orderId={NO}&respCode=34&respMsg=查无此交易", ("NOT_FOUND", "NOT_FOUND", *NOTHING)),
        (OperationKind.QUERY, f"orderId={NO}&respCode=37", ("RETRYABLE", "UNKNOWN", *NOTHING)),
    ],
)
def test_answers(kind: OperationKind, body: str, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, kind, 200, body, order_no=NO) == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NO, payee="6216261000000000018")
    submit = codec(NAME).submit(payment, request_context())
    assert (submit.method, submit.target) == ("POST", "/gateway/api/backTransReq.do")
    fields = body_of(submit)
    assert fields.pop("signature") and fields.pop("certId") and fields.pop("signMethod") == "01"
    assert fields == {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "txnType": "12",
        "txnSubType": "00",
        "bizType": "000401",
        "channelType": "07",
        "accessType": "0",
        "merId": "emulated-unionpay_mer_id",
        "orderId": NO,
        "txnTime": "20261026153220",
        "accType": "01",
        "accNo": "6216261000000000018",
        "txnAmt": "1999",
        "currencyCode": "156",
        "backUrl": "https://merchant.example/callbacks",
    }


def test_a_query_carries_the_time_of_the_order_and_not_its_own() -> None:
    def times(payment: Payment) -> set[str]:
        made = (codec(NAME).submit(payment, request_context()), codec(NAME).query(payment, None, request_context()))
        return {body_of(request)["txnTime"] for request in made}

    assert times(order(NAME, NO)) == {"20261026153220"}
    assert times(order(NAME, NO)._replace(created_s=0)) == {"19700101080000"}
    assert loaded(NAME).contract.identity == ["order_no", "time"]
