"""Documents of many manners make drafts that load, and that submit and query as the document says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ackord.contract.drafting.draft import draft
from ackord.contract.drafting.openapi_examples import read_openapi
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.contract.spec.model import Contract

HERE = Path(__file__).parent / "documents"
PUBLIC = Path(os.environ.get("ACKORD_OPENAPI_DOCUMENTS") or Path(__file__).parents[5] / "shared" / "openapi")
"""Providers' own documents, where they are at hand."""

OURS = {
    "swagger2.yaml": ("POST /api/v2/payouts", "GET /api/v2/payouts/${order_no}"),
    "form-fields.yaml": ("POST /charges", "GET /charges/status"),
    "payment-products.yaml": (
        "POST /v1/payments/sepa-credit-transfers",
        "GET /v1/payments/sepa-credit-transfers/${provider_id}/status",
    ),
    "put-by-number.yaml": ("PUT /v1/transfers/${order_no}", "GET /v1/transfers/${order_no}"),
    "asked-by-post.yaml": ("POST /v1/payments/pay", "POST /v1/payments/inquiryPayment"),
    "own-id.yaml": ("POST /switch/transfers", "GET /switch/transfers/${order_no}"),
    "nested-data.yaml": (
        "POST /open-banking/v3/domestic-payments",
        "GET /open-banking/v3/domestic-payments/${provider_id}",
    ),
    "other-identifiers.yaml": ("POST /payments", "GET /payments/${provider_id}"),
}
THEIRS = {
    "adyen-TransferService-v4.json": ("POST /btl/v4/transfers", "GET /btl/v4/transfers/${provider_id}"),
    "paypal-payments_payouts_batch_v1.json": ("POST /v1/payments/payouts", "GET /v1/payments/payouts/${provider_id}"),
    "paystack.yaml": ("POST /transfer", "GET /transfer/verify/${order_no}"),
    "square-payments-and-payouts.json": ("POST /v2/payments", "GET /v2/payments/${provider_id}"),
    "mojaloop-openapi2.yaml": ("POST /fsp/transfers", "GET /fsp/transfers/${order_no}"),
    "open-banking-connect-pis.json": (
        "POST /openbanking/sandbox/connect/api/payments/sepa-credit-transfers",
        "POST /openbanking/sandbox/connect/api/payments/sepa-credit-transfers/payment-status",
    ),
    "openbankingproject.ch.json": (
        "POST /v1/payments/domestic-swiss-credit-transfers-isr",
        "GET /v1/payments/domestic-swiss-credit-transfers-isr/${provider_id}",
    ),
    "payment-initiation-openapi.json": ("POST /domestic-payments", "GET /domestic-payments/${provider_id}"),
    "payments.json": ("POST /v1/payments", "GET /v1/payments/${provider_id}"),
    "plaid.com.json": ("POST /transfer/create", "POST /transfer/get"),
    "stripe.com.json": ("POST /v1/payouts", "GET /v1/payouts/${provider_id}"),
    "velopayments.com.json": ("POST /v3/payouts", "GET /v3/payouts/${provider_id}"),
}


def drafted(path: Path, folder: Path) -> Contract:
    if not path.is_file():
        pytest.skip("the document is not here: ACKORD_OPENAPI_DOCUMENTS says where")
    file = folder / "draft.yaml"
    file.write_text(draft(read_openapi(path)), encoding="utf-8")
    return load_contract(file, env=PlaceholderEnv()).contract


def _operations(contract: Contract) -> tuple[str, str]:
    submit, query = contract.submit.request, contract.query.request
    return f"{submit.method} {submit.path}", f"{query.method} {query.path}"


@pytest.mark.parametrize("name", OURS)
def test_a_document_gives_its_submit_and_its_query(name: str, tmp_path: Path) -> None:
    assert _operations(drafted(HERE / name, tmp_path)) == OURS[name]


@pytest.mark.parametrize("name", THEIRS)
def test_a_public_document_gives_its_submit_and_its_query(name: str, tmp_path: Path) -> None:
    contract = drafted(PUBLIC / name, tmp_path)
    assert _operations(contract) == THEIRS[name]
    assert "${amount." in repr(contract.submit.request) or name == "open-banking-connect-pis.json"
    assert "${order_no" in repr(contract.submit.request) or name in ("stripe.com.json", "velopayments.com.json")


def test_version_2_gives_its_address_its_key_and_its_form_of_numbers(tmp_path: Path) -> None:
    contract = drafted(HERE / "swagger2.yaml", tmp_path)
    assert contract.base_url == "https://sandbox.payout-desk.example"
    auth = contract.accounts["main"].auth
    assert auth is not None
    assert auth.api_key.header == "X-Desk-Key"  # type: ignore[attr-defined]
    assert contract.order_no.length == (16, 20)
    assert contract.submit.request.body == {
        "reference": "${order_no}", "amount": "${amount.minor}", "currency": "${currency}",
    }  # fmt: skip
    assert contract.query.extract.places().keys() == {"order_no", "state", "amount_minor", "provider_id"}
    assert contract.states == {
        "queued": "PROCESSING",
        "paid": "SUCCEEDED",
        "failed": "FAILED",
        "under_review": "UNKNOWN",
    }


def test_form_fields_are_a_form(tmp_path: Path) -> None:
    contract = drafted(HERE / "form-fields.yaml", tmp_path)
    encoding = contract.submit.request.encoding
    assert encoding is not None
    assert encoding.name == "form"
    assert contract.submit.request.body["merchantTransactionId"] == "${order_no}"
    assert contract.query.request.query == {"merchantTransactionId": "${order_no}"}


def test_a_number_for_each_call_is_not_the_order_s(tmp_path: Path) -> None:
    contract = drafted(HERE / "payment-products.yaml", tmp_path)
    assert contract.submit.request.headers == {"X-Request-ID": "${nonce.uuid}"}
    assert contract.submit.request.body["endToEndIdentification"] == "${order_no}"
    assert contract.submit.extract.provider_id == "$.paymentId"
    assert contract.submit.extract.state == "$.transactionStatus"
    assert contract.states["ACSC"] == "SUCCEEDED"


def test_what_only_the_provider_writes_is_not_sent(tmp_path: Path) -> None:
    contract = drafted(HERE / "other-identifiers.yaml", tmp_path)
    assert contract.submit.request.body == {
        "idempotencyKey": "${order_no}", "merchantId": "TODO", "amount": "${amount.number}",
    }  # fmt: skip
    assert contract.order_no.form == "uuid"
    assert contract.submit.extract.places()["provider_id"].at == "$.payment-id"
    assert contract.submit.extract.places()["state"].at == "$.status"
    assert contract.submit.extract.places()["amount_major"].at == "$.amount"


def test_a_put_names_the_order_in_its_address(tmp_path: Path) -> None:
    contract = drafted(HERE / "put-by-number.yaml", tmp_path)
    assert contract.base_url == "https://sandbox.put.example"
    assert contract.order_no.form == "uuid"
    assert contract.submit.request.body == {"amountCents": "${amount.minor}", "currency": "${currency}"}


def test_a_query_by_post_sends_the_number(tmp_path: Path) -> None:
    contract = drafted(HERE / "asked-by-post.yaml", tmp_path)
    assert contract.query.request.body == {"paymentRequestId": "${order_no}"}
    assert contract.submit.request.body["paymentAmount"]["value"] == "${amount.minor}"


def test_an_invented_key_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(
        (HERE / "other-identifiers.yaml").read_text().replace("idempotencyKey: {type: string, format: uuid}", "a: {}")
        .replace("id, idempotencyKey, merchantId", "merchantId").replace("X-Request-ID", "X-Trace")
    )  # fmt: skip
    text = draft(read_openapi(path))
    assert "Idempotency-Key" not in text
    assert "put ${order_no} where it stands" in text
