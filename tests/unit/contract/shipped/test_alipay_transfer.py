"""Alipay: answers as a merchant published them, codes as the official notes have them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.core.operation import OperationKind

from .support import body_of, codec, order, request_context, seen

NAME = "alipay-transfer"
NO = "db1873cf85984ac8a24ff1653343e786"
ONE = "20191115110070000006040050105202"
NOTHING = (None, None)


def response(method: str, code: str, **more: str) -> dict[str, Any]:
    return {f"alipay_fund_trans_{method}_response": {"code": code, "msg": "x", **more}, "sign": "mcUiIOUHQ5M2"}


def paid(status: str) -> dict[str, Any]:
    return response("uni_transfer", "10000", order_id=ONE, out_biz_no=NO, status=status)


def shown(status: str) -> dict[str, Any]:
    return response("common_query", "10000", order_id=ONE, out_biz_no=NO, status=status, trans_amount="32.00")


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (OperationKind.SUBMIT, paid("SUCCESS"), ("ACK", "SUCCEEDED", ONE, None)),
        (OperationKind.SUBMIT, paid("DEALING"), ("ACK", "PROCESSING", ONE, None)),
        (
            OperationKind.SUBMIT,
            response("uni_transfer", "20000", sub_code="isp.unknow-error"),
            ("RETRYABLE", "UNKNOWN", *NOTHING),
        ),
        (
            OperationKind.SUBMIT,
            response("uni_transfer", "40004", sub_code="SYSTEM_ERROR"),
            ("RETRYABLE", "UNKNOWN", *NOTHING),
        ),
        (
            OperationKind.SUBMIT,
            response("uni_transfer", "40004", sub_code="PAYEE_NOT_EXIST"),
            ("REJECTED", "UNKNOWN", *NOTHING),
        ),
        (OperationKind.SUBMIT, shown("SUCCESS"), ("UNREADABLE", "UNKNOWN", *NOTHING)),
        (OperationKind.QUERY, shown("SUCCESS"), ("STATUS", "SUCCEEDED", ONE, 3200)),
        (OperationKind.QUERY, shown("REFUND"), ("STATUS", "RETURNED", ONE, 3200)),
        (OperationKind.QUERY, shown("WAIT_PAY"), ("STATUS", "RECEIVED", ONE, 3200)),
        (
            OperationKind.QUERY,
            response("common_query", "40004", sub_code="ORDER_NOT_EXIST"),
            ("NOT_FOUND", "NOT_FOUND", *NOTHING),
        ),
        (
            OperationKind.QUERY,
            response("common_query", "40004", sub_code="SYSTEM_ERROR"),
            ("RETRYABLE", "UNKNOWN", *NOTHING),
        ),
    ],
)
def test_answers(kind: OperationKind, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(NAME, kind, 200, body, order_no=NO) == expected


def test_requests_are_those_of_the_documentation() -> None:
    payment = order(NAME, NO, 10, payee="2088612477411337")
    submit = codec(NAME).submit(payment, request_context())
    assert (submit.method, submit.target) == ("POST", "/gateway.do")
    fields = body_of(submit)
    assert fields["method"] == "alipay.fund.trans.uni.transfer"
    assert {"app_id", "charset", "sign", "timestamp", "version"} <= fields.keys() and fields["sign_type"] == "RSA2"
    assert json.loads(fields["biz_content"]) == {
        "out_biz_no": NO,
        "trans_amount": "0.10",
        "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER",
        "order_title": "payout",
        "payee_info": {"identity": "2088612477411337", "identity_type": "ALIPAY_USER_ID"},
    }
    asked = body_of(codec(NAME).query(payment, None, request_context()))
    assert asked["method"] == "alipay.fund.trans.common.query"
    assert json.loads(asked["biz_content"])["out_biz_no"] == NO
