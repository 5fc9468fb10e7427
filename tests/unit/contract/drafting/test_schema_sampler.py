"""Values that a schema allows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ackord.contract.drafting.openapi_document import OpenApiDocument
from ackord.contract.drafting.schema_sampler import CLEAR, NUMBER, NumberFields, SchemaSampler

BODY = {
    "type": "object",
    "required": ["transfer_id", "amount", "payee"],
    "properties": {
        "transfer_id": {"type": "string", "maxLength": 20},
        "amount": {"type": "number"},
        "currency": {"type": "string", "enum": ["INR", "USD"]},
        "other_currency": {"type": "string"},
        "payee": {"type": "object", "properties": {"bank": {"type": "string"}, "name": {"type": "string"}}},
        "note": {"type": "string"},
    },
}


def sampled(folder: Path, fields: NumberFields, shown: Any = None) -> Any:
    path = folder / "document.json"
    path.write_text(json.dumps({"paths": {}}))
    return SchemaSampler(OpenApiDocument(path), fields, NUMBER, "", sent=True).value("", BODY, frozenset(), shown)


def test_the_field_that_a_query_asks_by_holds_the_number(tmp_path: Path) -> None:
    fields = NumberFields("transferId", CLEAR)
    assert sampled(tmp_path, fields)["transfer_id"] == NUMBER
    assert fields.order_no() == '{alphabet: "0-9A-Za-z", length: [16, 20]}'


def test_what_must_be_there_is_filled_and_the_currency_is_a_documented_one(tmp_path: Path) -> None:
    body = sampled(tmp_path, NumberFields("transfer_id", CLEAR))
    assert body["payee"] == {"bank": "TODO", "name": "TODO"} and body["currency"] == "INR"
    assert "note" not in body and "other_currency" not in body


def test_the_document_s_own_example_comes_first(tmp_path: Path) -> None:
    shown = {"payee": {"bank": "B1", "name": "Ana"}, "currency": "USD", "transfer_id": "t-1", "amount": 5}
    body = sampled(tmp_path, NumberFields("transfer_id", CLEAR), shown)
    assert body["payee"] == {"bank": "B1", "name": "Ana"} and body["currency"] == "USD"
    assert body["transfer_id"] == NUMBER and body["amount"] == 19.99
