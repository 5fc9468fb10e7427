"""A draft from recorded traffic, and from answers at a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ackord.cli.prompts import ask
from ackord.contract.drafting.draft import DraftInput, draft
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.errors import FileError, UsageError
from ackord.run.draft_input import draft_input_of

TRAFFIC = Path(__file__).parents[2] / "golden" / "traffic"


def nobody() -> DraftInput:
    raise AssertionError("nobody is asked where there is something to read")


def test_recorded_traffic_makes_a_contract_without_its_secrets(tmp_path: Path) -> None:
    text = draft(draft_input_of(openapi=None, curl=None, har=TRAFFIC / "clean.har", ask=nobody))
    assert "sk_main" not in text
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    contract = load_contract(path, env=PlaceholderEnv()).contract
    assert contract.submit.request.path == "/v1/orders"
    assert contract.submit.request.body["order_no"] == "${order_no}"
    assert contract.query.request.path == "/v1/orders/${order_no}"
    assert contract.submit.extract.provider_id == "$.provider_id"


def test_traffic_without_a_submit_and_its_query_is_told(tmp_path: Path) -> None:
    data = json.loads((TRAFFIC / "clean.har").read_text())
    data["log"]["entries"] = [e for e in data["log"]["entries"] if e["request"]["method"] == "POST"]
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps(data))
    with pytest.raises(FileError, match="no submit in it that is followed by a query"):
        draft_input_of(openapi=None, curl=None, har=path, ask=nobody)


def test_answers_at_a_terminal_make_a_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["http://127.0.0.1:1", "/pay", "ref", "amount", "/pay/NUMBER"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda *a, **k: next(answers))
    monkeypatch.setattr("typer.confirm", lambda *a, **k: False)
    path = tmp_path / "mine.yaml"
    path.write_text(draft(draft_input_of(openapi=None, curl=None, har=None, ask=ask)))
    contract = load_contract(path, env=PlaceholderEnv()).contract
    assert contract.submit.request.body == {
        "ref": "${order_no}",
        "amount": "${amount.major}",
        "currency": "${currency}",
    }
    assert contract.query.request.path == "/pay/${order_no}"


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="nothing to make a draft from"):
        ask()


def har_entry(path: str, sent: dict[str, object], told: dict[str, object]) -> dict[str, object]:
    return {
        "startedDateTime": "2026-01-02T03:04:05.000Z",
        "time": 20,
        "request": {
            "method": "POST",
            "url": f"https://sandbox.post.example{path}",
            "headers": [],
            "postData": {"mimeType": "application/json", "text": json.dumps(sent)},
        },
        "response": {"status": 200, "headers": [], "content": {"text": json.dumps(told)}},
    }


def test_a_query_by_post_is_seen_in_traffic(tmp_path: Path) -> None:
    """A second payment that carries the same account's number is no query."""
    told = {"paymentId": "p-4711", "paymentStatus": "PAID"}
    entries = [
        har_entry("/pay", {"paymentRequestId": "REQ-0001", "amount": 5, "shop": "shop-1"}, told),
        har_entry("/pay", {"paymentRequestId": "REQ-0002", "amount": 5, "shop": "shop-1"}, told),
        har_entry("/inquiry", {"paymentRequestId": "REQ-0001", "shop": "shop-1"}, told),
    ]
    traffic = tmp_path / "traffic.har"
    traffic.write_text(json.dumps({"log": {"entries": entries}}))
    path = tmp_path / "mine.yaml"
    path.write_text(draft(draft_input_of(openapi=None, curl=None, har=traffic, ask=nobody)))
    contract = load_contract(path, env=PlaceholderEnv()).contract
    assert (contract.submit.request.path, contract.query.request.path) == ("/pay", "/inquiry")
    assert contract.query.request.body == {"paymentRequestId": "${order_no}", "shop": "shop-1"}
    assert contract.query.extract.provider_id == "$.paymentId"
    assert contract.query.extract.state == "$.paymentStatus"


def test_two_curl_commands_with_a_body_are_a_submit_and_a_query(tmp_path: Path) -> None:
    calls = tmp_path / "calls.txt"
    calls.write_text(
        'curl x.example/pay --json \'{"externalId": "E-000001", "amount": 5}\'\n\n'
        'curl x.example/inquiry --json \'{"externalId": "E-000001"}\'\n'
    )
    path = tmp_path / "mine.yaml"
    path.write_text(draft(draft_input_of(openapi=None, curl=calls, har=None, ask=nobody)))
    contract = load_contract(path, env=PlaceholderEnv()).contract
    assert contract.query.request.body == {"externalId": "${order_no}"}


def test_a_postman_collection_is_read(tmp_path: Path) -> None:
    path = tmp_path / "collection.json"
    path.write_text('{"item": []}')
    with pytest.raises(FileError, match="no POST or PUT"):
        draft_input_of(openapi=None, curl=None, har=None, postman=path, ask=nobody)
