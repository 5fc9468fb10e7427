"""A Postman collection makes a draft: its variables are filled, and what they stand for is told by their names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.drafting.draft import draft
from ackord.contract.drafting.postman_examples import read_postman
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.errors import FileError

COLLECTION: dict[str, Any] = {
    "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{apiKey}}"}]},
    "variable": [{"key": "baseUrl", "value": "https://{{host}}/v2"}, {"key": "host", "value": "sandbox.post.example"}],
    "item": [
        {
            "name": "Payouts",
            "item": [
                {
                    "name": "Create a payout",
                    "request": {
                        "method": "POST",
                        "header": [{"key": "X-Call", "value": "{{$guid}}"}],
                        "url": {"raw": "{{baseUrl}}/payouts"},
                        "body": {
                            "mode": "raw",
                            "raw": '{"externalId": "{{externalId}}", "amount": {"value": "10.00", "currency": "EUR"}}',
                        },
                    },
                    "response": [{"code": 201, "body": '{"payoutId": "p-77", "state": "CREATED"}'}],
                },
                {
                    "name": "Get a payout",
                    "request": {
                        "method": "GET",
                        "url": {
                            "raw": "{{baseUrl}}/payouts/:payoutId?page=1",
                            "query": [{"key": "page", "disabled": True}],
                            "variable": [{"key": "payoutId", "value": "p-77"}],
                        },
                    },
                    "response": [{"code": 200, "body": '{"payoutId": "p-77", "state": "PAID"}'}],
                },
            ],
        },
        {"name": "Refund", "request": {"method": "POST", "url": "{{baseUrl}}/refunds", "body": {"mode": "raw", "raw": '{"amount": 1}'}}},
    ],
}  # fmt: skip


def collection(folder: Path, data: Any) -> Path:
    path = folder / "collection.json"
    path.write_text(json.dumps(data))
    return path


def test_a_collection_makes_a_contract(tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text(draft(read_postman(collection(tmp_path, COLLECTION))))
    contract = load_contract(file, env=PlaceholderEnv()).contract
    submit, query = contract.submit, contract.query
    assert contract.base_url == "https://sandbox.post.example"
    assert (submit.request.path, query.request.path) == ("/v2/payouts", "/v2/payouts/${provider_id}")
    assert submit.request.body == {
        "externalId": "${order_no}", "amount": {"value": "${amount.major}", "currency": "${currency}"},
    }  # fmt: skip
    assert submit.request.headers == {"X-Call": "${nonce.uuid}"}
    assert submit.extract.provider_id == "$.payoutId"
    assert contract.states == {"CREATED": "RECEIVED", "PAID": "SUCCEEDED"}
    assert contract.accounts["main"].auth is not None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "there are no requests in it"),
        ({"item": []}, "no POST or PUT in it"),
        ({"item": COLLECTION["item"][0]["item"][:1]}, "nothing in it looks like asking"),
    ],
)
def test_what_is_no_such_collection_is_told(tmp_path: Path, data: Any, says: str) -> None:
    with pytest.raises(FileError, match=says):
        read_postman(collection(tmp_path, data))


def test_what_is_no_json_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{")
    with pytest.raises(FileError, match="not JSON"):
        read_postman(path)
