"""WeChat Pay, API v3 and v2: answers as the official pages and the operator's answers in the forum show them."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from ackord.contract.base.http_messages import HttpRequest
from ackord.contract.extractors.wechatpay_resource import sealed
from ackord.contract.spec.auth import provider_side
from ackord.core.operation import Observation, OperationKind
from ackord.core.promises import NotFound

from .support import MOMENT, body_of, codec, headers_of, loaded, order, request_context, seen

V3, V2 = "wechatpay-v3-transfer-bills", "wechatpay-v2-transfers"
NO = "plfk2020042013"
BILL = {"out_bill_no": NO, "transfer_bill_no": "1330000071100999991182020050700019480001", "state": "ACCEPTED"}
ONE = "1330000071100999991182020050700019480001"
NOTHING = ("UNKNOWN", None, None)


def code(code: str, message: str = "") -> dict[str, str]:
    return {"code": code, "message": message}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, BILL, ("ACK", "RECEIVED", ONE, None)),
        (200, {**BILL, "state": "SUCCESS"}, ("ACK", "SUCCEEDED", ONE, None)),
        (200, {**BILL, "out_bill_no": "another"}, ("UNREADABLE", *NOTHING)),
        (400, code("INVALID_REQUEST", "单号已存在但信息不一致，请检查"), ("CONFLICT", *NOTHING)),
        (400, code("INVALID_REQUEST", "对应单号已超出重试期，请查单确认"), ("DUPLICATE", *NOTHING)),
        (400, code("PARAM_ERROR", "参数错误"), ("REJECTED", *NOTHING)),
        (403, code("NOT_ENOUGH", "资金不足"), ("RETRYABLE", *NOTHING)),
        (429, code("FREQUENCY_LIMITED"), ("RETRYABLE", *NOTHING)),
        (500, code("SYSTEM_ERROR"), ("RETRYABLE", *NOTHING)),
        (400, code("NEW_CODE_OF_TOMORROW"), ("RETRYABLE", *NOTHING)),
    ],
)
def test_v3_submit(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(V3, OperationKind.SUBMIT, status, body, order_no=NO) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {**BILL, "state": "WAIT_USER_CONFIRM", "transfer_amount": 400000}, ("STATUS", "PROCESSING", ONE, 400000)),
        (200, {**BILL, "state": "FAIL", "transfer_amount": 400000}, ("STATUS", "FAILED", ONE, 400000)),
        (200, {**BILL, "state": "CANCELLED"}, ("STATUS", "CANCELLED", ONE, None)),
        (404, code("NOT_FOUND", "记录不存在"), ("NOT_FOUND", "NOT_FOUND", None, None)),
        (404, code("RESOURCE_NOT_EXISTS"), ("UNREADABLE", *NOTHING)),
        (429, code("FREQUENCY_LIMITED"), ("RETRYABLE", *NOTHING)),
    ],
)
def test_v3_query(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    assert seen(V3, OperationKind.QUERY, status, body, order_no=NO) == expected


def test_v3_requests_are_those_of_the_documentation() -> None:
    payment = order(V3, NO, 400000, payee="o-MYE42l80oelYMDE34nYD456Xoy")
    submit = codec(V3).submit(payment, request_context())
    assert (submit.method, submit.target) == ("POST", "/v3/fund-app/mch-transfer/transfer-bills")
    assert headers_of(submit)["authorization"].startswith("WECHATPAY2-SHA256-RSA2048 mchid=")
    body = body_of(submit)
    assert {k: body[k] for k in ("out_bill_no", "transfer_scene_id", "openid", "transfer_amount", "notify_url")} == {
        "out_bill_no": NO,
        "transfer_scene_id": "1000",
        "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
        "transfer_amount": 400000,
        "notify_url": "https://merchant.example/callbacks/wechatpay",
    }
    base = f"/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{NO}"
    assert codec(V3).query(payment, None, request_context()).target == base
    assert codec(V3).request(OperationKind.CANCEL, payment, None, request_context()).target == f"{base}/cancel"


def xml(**elements: str) -> str:
    return f"<xml>{''.join(f'<{k}><![CDATA[{v}]]></{k}>' for k, v in elements.items())}</xml>"


def failed(err_code: str) -> str:
    return xml(return_code="SUCCESS", return_msg="支付失败", result_code="FAIL", err_code=err_code)


PAID = xml(return_code="SUCCESS", result_code="SUCCESS", partner_trade_no=NO, payment_no="1000018301201505190181489473")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (PAID, ("ACK", "UNKNOWN", "1000018301201505190181489473", None)),
        (failed("FATAL_ERROR"), ("CONFLICT", *NOTHING)),
        (failed("SYSTEMERROR"), ("RETRYABLE", *NOTHING)),
        (failed("SEND_FAILED"), ("RETRYABLE", *NOTHING)),
        (failed("OPENID_ERROR"), ("REJECTED", *NOTHING)),
        (failed("NEW_CODE_OF_TOMORROW"), ("RETRYABLE", *NOTHING)),
        (xml(return_code="FAIL", return_msg="签名错误"), ("UNREADABLE", *NOTHING)),
        ("<html><body>502</body></html>", ("UNREADABLE", *NOTHING)),
    ],
)
def test_v2_submit(body: str, expected: tuple[Any, ...]) -> None:
    assert seen(V2, OperationKind.SUBMIT, 200, body, order_no=NO) == expected


def shown(status: str) -> str:
    return xml(
        return_code="SUCCESS",
        result_code="SUCCESS",
        partner_trade_no=NO,
        detail_id="1000000000201503283103439304",
        status=status,
        payment_amount="10099",
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (shown("PROCESSING"), ("STATUS", "PROCESSING", "1000000000201503283103439304", 10099)),
        (shown("SUCCESS"), ("STATUS", "SUCCEEDED", "1000000000201503283103439304", 10099)),
        (shown("FAILED"), ("STATUS", "FAILED", "1000000000201503283103439304", 10099)),
        (failed("NOT_FOUND"), ("NOT_FOUND", "NOT_FOUND", None, None)),
        (failed("SYSTEMERROR"), ("RETRYABLE", *NOTHING)),
    ],
)
def test_v2_query(body: str, expected: tuple[Any, ...]) -> None:
    assert seen(V2, OperationKind.QUERY, 200, body, order_no=NO) == expected


def test_v2_requests_are_those_of_the_documentation() -> None:
    payment = order(V2, NO, 10099, payee="oxTWIuGaIt6gTKsQRLau2M0yL16E")
    submit = codec(V2).submit(payment, request_context())
    assert (submit.method, submit.target) == ("POST", "/mmpaymkttransfers/promotion/transfers")
    sent = {element.tag: element.text for element in fromstring(submit.body)}
    assert sent.pop("sign") and sent.pop("nonce_str") == MOMENT.nonce
    assert sent == {
        "mch_appid": "emulated-wechatpay_appid",
        "mchid": "emulated-wechatpay_mchid",
        "partner_trade_no": NO,
        "openid": "oxTWIuGaIt6gTKsQRLau2M0yL16E",
        "check_name": "NO_CHECK",
        "amount": "10099",
        "desc": "理赔",
        "spbill_create_ip": "192.168.0.1",
    }
    asked = {
        element.tag: element.text for element in fromstring(codec(V2).query(payment, None, request_context()).body)
    }
    assert {"partner_trade_no": NO, "mch_id": "emulated-wechatpay_mchid"}.items() <= asked.items()


@pytest.mark.parametrize("name", [V3, V2])
def test_not_found_proves_nothing_and_no_refusal_does(name: str) -> None:
    assert codec(name).promises.not_found is NotFound.INCONCLUSIVE
    rejected = [rule for rule in loaded(name).contract.submit.answers if rule.observation.value == "REJECTED"]
    assert rejected and all(rule.definite is False for rule in rejected)


def notified(state: str, **more: Any) -> Any:
    """The page's example, encrypted with the key of either account, as a call that is signed."""
    inside = {"mchid": "1900001109", **BILL, "transfer_amount": 400000, "openid": "o-MYE42l80oelYMDE34nYD456Xoy"}
    plain = json.dumps({**inside, "state": state, **more}).encode()
    key = hashlib.sha256(b"emulated-wechatpay_other_api_v3_key").digest()
    event = {"id": "EV-2018022511223320873", "event_type": "MCHTRANSFER.BILL.FINISHED"}
    body = json.dumps({**event, "resource": sealed(key, plain, "mch_payment")}).encode()
    call = HttpRequest("POST", "/wechatpay", (("content-type", "application/json"),), body)
    auth = loaded(V3).contract.accounts["main"].auth
    return codec(V3).callbacks.read(provider_side(auth).sign_callback(call, MOMENT), {}, MOMENT)


@pytest.mark.parametrize(
    ("state", "shows"), [("SUCCESS", "SUCCEEDED"), ("FAIL", "FAILED"), ("CANCELLED", "CANCELLED"), ("ACCEPTED", None)]
)
def test_v3_is_told_in_secret_how_a_transfer_ended(state: str, shows: str | None) -> None:
    called = notified(state)
    assert called.reply.status == 200
    if shows is None:
        assert called.reading.observation is Observation.UNREADABLE, "only what has ended is told"
        return
    assert (called.order_no, called.account) == (NO, "main")
    assert (called.reading.state.name, called.reading.provider_id, called.reading.amount_minor) == (shows, ONE, 400000)


def test_no_key_stands_in_the_file() -> None:
    found = loaded(V3)
    assert ("callbacks", 0, "format", "wechatpay_resource", "key") in found.document.secret
    assert ("callbacks", 0, "format", "wechatpay_resource", "other_keys", 0) in found.document.secret
