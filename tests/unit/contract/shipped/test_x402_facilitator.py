"""x402: a facilitator's requests and answers as in the specification, and the chain's own answer to a query."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.core.operation import OperationKind

from .support import body_of, codec, loaded, order, request_context, seen

NAME = "x402-facilitator"
NUMBER = "0x" + "f374" * 16
TRANSACTION = "0x" + "12" * 32
USED, CANCELED = (word for word in loaded(NAME).contract.states)
LOG = {"removed": False, "blockNumber": "0x1b4", "transactionHash": TRANSACTION, "topics": [USED, "0x0", NUMBER]}
SETTLED = {"success": True, "payer": "0xabc", "transaction": TRANSACTION, "network": "eip155:84532"}


def failed(reason: str) -> dict[str, Any]:
    return {"success": False, "errorReason": reason, "transaction": "", "network": "eip155:84532"}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, SETTLED, ("ACK", "UNKNOWN", TRANSACTION, None)),
        (200, SETTLED | {"amount": "10000"}, ("ACK", "UNKNOWN", TRANSACTION, 1)),
        (200, failed("insufficient_funds"), ("REJECTED", "UNKNOWN", "", None)),
        (402, failed("invalid_transaction_state"), ("REJECTED", "UNKNOWN", "", None)),
        (200, failed("unexpected_settle_error"), ("RETRYABLE", "UNKNOWN", "", None)),
        (409, {"error": "the id has another payload"}, ("CONFLICT", "UNKNOWN", None, None)),
        (500, {}, ("RETRYABLE", "UNKNOWN", None, None)),
    ],
)
def test_a_settlement(status: int, body: Any, expected: tuple[Any, ...]) -> None:
    found = seen(NAME, OperationKind.SUBMIT, status, body, order_no=NUMBER)
    assert (found[0], found[1], found[2] or "", found[3]) == (expected[0], expected[1], expected[2] or "", expected[3])


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ([LOG], ("STATUS", "SUCCEEDED", TRANSACTION)),
        ([LOG | {"topics": [CANCELED, "0x0", NUMBER]}], ("STATUS", "CANCELLED", TRANSACTION)),
        ([LOG | {"blockNumber": None}], ("STATUS", "PROCESSING", TRANSACTION)),
        ([LOG | {"removed": True}], ("STATUS", "PROCESSING", TRANSACTION)),
        ([], ("NOT_FOUND", "NOT_FOUND", None)),
    ],
)
def test_the_chain_says_whether_an_authorization_was_used(result: Any, expected: tuple[Any, ...]) -> None:
    found = seen(NAME, OperationKind.QUERY, 200, {"jsonrpc": "2.0", "id": 1, "result": result}, order_no=NUMBER)
    assert found[:3] == expected


def test_a_node_that_refuses_to_look_tells_nothing_of_the_order() -> None:
    body = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32005, "message": "limit exceeded"}}
    assert seen(NAME, OperationKind.QUERY, 200, body, order_no=NUMBER)[0] == "RETRYABLE"


def test_what_is_signed_verified_and_settled_is_one_authorization() -> None:
    payment = order(NAME, NUMBER, 1)
    _, signature, verify = codec(NAME).prerequisites
    typed = json.loads(body_of(signature.request(payment, request_context()))["params"][1])
    request_body = body_of(codec(NAME).submit(payment, request_context(signature="0xsigned")))
    payload = request_body["paymentPayload"]
    authorization = payload["payload"]["authorization"]
    assert typed["message"] == authorization
    assert (authorization["value"], authorization["nonce"]) == ("10000", NUMBER)  # USDC has six decimal places
    assert payload["payload"]["signature"] == "0xsigned"
    assert payload["extensions"]["payment-identifier"]["info"]["id"] == NUMBER
    assert payload["accepted"] == request_body["paymentRequirements"]
    assert body_of(verify.request(payment, request_context(signature="0xsigned"))) == request_body


def test_hosts_are_those_of_the_facilitator_the_wallet_and_the_chain() -> None:
    assert [one.host for one in codec(NAME).prerequisites] == ["", "wallet", ""]
    assert codec(NAME).host_of(OperationKind.QUERY) == "chain"
    query = body_of(codec(NAME).query(order(NAME, NUMBER), None))
    assert query["method"] == "eth_getLogs" and query["params"][0]["topics"][0] == [USED, CANCELED]
    assert query["params"][0]["topics"][2] == NUMBER
