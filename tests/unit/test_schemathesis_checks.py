"""The checks between Schemathesis and the watcher: what is judged, once, and what never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis

from ackord import schemathesis_checks as checks
from ackord.errors import UsageError
from ackord.providers.reference.api import ServiceHolder, build_app

NUMBER = "M-20240601-000001"
ORDER = {"order_no": NUMBER, "amount": 100, "currency": "EUR", "payee": "p"}
SHOWN = {**ORDER, "status": "ACCEPTED", "provider_id": "po_1"}


@pytest.fixture(scope="module")
def schema() -> Any:
    return schemathesis.openapi.from_dict(build_app(ServiceHolder()).openapi(), config=schemathesis.Config())


@pytest.fixture(autouse=True)
def contract() -> Iterator[None]:
    checks.use_contract("reference")
    yield
    checks.use_contract("")


def answered(schema: Any, method: str, path: str, status: int, body: Any, *, sent: bool = True) -> tuple[Any, Any]:
    """A case and its response, as if Schemathesis had called."""
    operation = schema["/v1/orders" if method == "POST" else "/v1/orders/{order_no}"][method]
    case = operation.Case()
    if sent:
        checks.before_call(schemathesis.HookContext(operation=operation), case, {})
    request = requests.Request(
        method,
        f"http://127.0.0.1{path}",
        headers={"Authorization": "Bearer sk_main"},
        json=ORDER if method == "POST" else None,
    ).prepare()
    headers = {"content-type": ["application/json"]}
    response = schemathesis.Response(status, headers, json.dumps(body).encode(), request, elapsed=0.0, verify=False)
    return case, response


def run(case: Any, response: Any) -> None:
    for check in (
        checks.ackord_acknowledged_order_visible,
        checks.ackord_acknowledged_order_not_failed,
        checks.ackord_resubmission_same_order,
    ):
        check(None, response, case)  # type: ignore[arg-type]


def submit(schema: Any, **shown: Any) -> tuple[Any, Any]:
    return answered(schema, "POST", "/v1/orders", 202, SHOWN | shown)


def not_found(schema: Any, **how: Any) -> tuple[Any, Any]:
    return answered(schema, "GET", f"/v1/orders/{NUMBER}", 404, {"code": "ORDER_NOT_FOUND", "message": "-"}, **how)


def test_an_acknowledged_order_that_is_not_found_fails_the_check(schema: Any) -> None:
    run(*submit(schema))
    with pytest.raises(AssertionError, match=rf"order {NUMBER}: query 2 .* 404 ORDER_NOT_FOUND"):
        run(*not_found(schema))


def test_a_response_is_noted_once_however_many_checks_ask(schema: Any) -> None:
    run(*submit(schema))
    with pytest.raises(AssertionError, match=r"resubmission 2 .* po_2 instead of po_1"):
        run(*submit(schema, provider_id="po_2"))


def test_what_schemathesis_did_not_send_itself_is_not_judged(schema: Any) -> None:
    run(*submit(schema))
    run(*not_found(schema, sent=False))


def test_another_contract_forgets_what_was_seen(schema: Any) -> None:
    run(*submit(schema))
    checks.use_contract("reference")
    run(*not_found(schema))


def test_without_a_contract_it_says_how_to_name_one(schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(checks.CONTRACT_VARIABLE, raising=False)
    checks.use_contract("")
    with pytest.raises(UsageError, match="mend: set ACKORD_CONTRACT"):
        run(*submit(schema))
