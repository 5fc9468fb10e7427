"""The operation that submits and the one that asks are chosen by words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.drafting.openapi_document import OpenApiDocument
from ackord.contract.drafting.operation_choice import chosen_query, chosen_submit, submit_likeness
from ackord.errors import FileError


def takes(*names: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}


SHOWS = {"responses": {"200": {"content": takes("status", "amount")["requestBody"]["content"]}}}


def document(folder: Path, paths: dict[str, Any]) -> OpenApiDocument:
    path = folder / "openapi.json"
    path.write_text(json.dumps({"paths": paths}))
    return OpenApiDocument(path)


@pytest.mark.parametrize(
    ("paths", "submit", "asked", "by_number"),
    [
        # The merchant's own number comes before the provider's identifier.
        ({"/transfer": {"post": takes("ref", "amount")}, "/transfer/{code}": {"get": SHOWS},
          "/transfer/verify/{reference}": {"get": SHOWS}}, "/transfer", "reference", True),
        ({"/pay": {"post": takes("reference", "amount")}, "/pay/{id}": {"get": SHOWS}}, "/pay", "id", False),
        # A refund, a quote and a consent are not the payment.
        ({"/refunds": {"post": takes("amount")}, "/payments": {"post": takes("amount", "orderId")},
          "/payments/{paymentId}": {"get": SHOWS}, "/quotes": {"post": takes("amount")}}, "/payments", "paymentId", False),
        # Elsewhere, by words.
        ({"/payouts/create": {"post": takes("amount", "externalId")}, "/payouts/{externalId}": {"get": SHOWS}},
         "/payouts/create", "externalId", True),
        ({"/transfer/create": {"post": takes("amount", "idempotency_key")}, "/transfer/get": {"post": takes("transfer_id")},
          "/transfer/metrics/get": {"post": takes("originator_client_id")}}, "/transfer/create", "transfer_id", False),
    ],
)  # fmt: skip
def test_the_right_operations_are_chosen(
    tmp_path: Path, paths: dict[str, Any], submit: str, asked: str, by_number: bool
) -> None:
    found = document(tmp_path, paths)
    chosen = chosen_submit(found)
    query = chosen_query(found, chosen)
    assert (chosen.path, query.asked, query.by_number) == (submit, asked, by_number)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [({"status": {"type": "string"}}, "transfer_id"), ({"data": {"type": "array", "items": {}}}, None)],
)
def test_one_of_several_parameters_may_name_the_order_where_one_order_is_shown(
    answer: dict[str, object], asked: str | None, tmp_path: Path
) -> None:
    body = {"type": "object", "properties": {"transfer_id": {"type": "string"}, "transfer_amount": {"type": "number"}}}
    shown = {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": answer}}}}}
    optional = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("our_id", "transfer_id")]
    paths = {
        "/transfers": {
            "post": {"requestBody": {"content": {"application/json": {"schema": body}}}},
            "get": {"parameters": optional, "responses": shown},
        }
    }
    (tmp_path / "document.json").write_text(json.dumps({"paths": paths}))
    document = OpenApiDocument(tmp_path / "document.json")
    submit = chosen_submit(document)
    if asked is None:
        with pytest.raises(FileError, match="nothing in it looks like asking"):
            chosen_query(document, submit)
    else:
        query = chosen_query(document, submit)
        assert (query.asked, query.by_number) == (asked, True)


def test_what_has_no_body_or_pays_nothing_is_unlike_a_submit() -> None:
    assert submit_likeness("POST", "/payments", "/payments", []) == 0
    assert submit_likeness("PUT", "/payments", "/payments", ["amount"]) == 0
    assert submit_likeness("POST", "/payments", "/payments", ["amount"]) > 0
