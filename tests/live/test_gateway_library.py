"""The gateway as a library: what its addons see, the example of docs/PLUGINS.md, and what happens when one raises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ackord.core.event import Begin
from ackord.core.operation import Observation
from ackord.gateway import Gateway, TypedExchange

from ..waiting import PATIENCE_S
from .paying_provider import PayingProvider, contract_file

GUIDE = Path(__file__).parents[2] / "docs" / "PLUGINS.md"


@pytest.fixture
def provider() -> Iterator[PayingProvider]:
    with PayingProvider() as provider:
        yield provider


@pytest.fixture
def contract(tmp_path: Path) -> str:
    return contract_file(tmp_path)


def ask(url: str, method: str, path: str, body: object = None) -> int:
    parts = urlsplit(url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE_S)
    headers = {"authorization": "Bearer sk_main", "content-type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def pay(url: str) -> None:
    assert ask(url, "POST", "/payouts", {"reference": "a-1", "amount": 100, "to": "p"}) == 201
    assert ask(url, "GET", "/payouts/a-1") == 200
    assert ask(url, "POST", "/payouts", {"reference": "a-1", "amount": 100, "to": "p"}) == 201


def test_addons_see_typed_exchanges_by_order(contract: str, provider: PayingProvider) -> None:
    seen: list[TypedExchange] = []
    second: list[str] = []
    addons = [seen.append, lambda exchange: second.append(exchange.operation)]
    with Gateway(contract, target=provider.url, addons=addons) as gateway:
        pay(gateway.url)
        assert ask(gateway.url, "GET", "/health") == 404
        history = gateway.history()
        assert len(seen) == 4, "all that happened so far was seen"
    assert [(x.operation, x.account, x.order_no) for x in seen] == [
        ("submit", "main", "a-1"), ("query", "main", "a-1"), ("resubmit", "main", "a-1"), ("", "", ""),
    ]  # fmt: skip
    assert second == [x.operation for x in seen]
    first, query, _, health = seen
    assert json.loads(first.request.body)["amount"] == 100
    assert first.response is not None and first.response.status == 201
    assert first.reading is not None and first.reading.provider_id == "po-main-a-1"
    assert query.reading is not None and query.reading.observation is Observation.STATUS
    assert health.reading is None and health.response is not None and health.response.status == 404
    assert all(x.complete_ns is not None and x.begin_ns < x.complete_ns and x.end == "complete" for x in seen)
    assert {e.order for e in history.events if isinstance(e, Begin)} == {"a-1"}


def test_a_profile_s_faults_are_in_force_and_told(contract: str, provider: PayingProvider, tmp_path: Path) -> None:
    (tmp_path / "late.yaml").write_text(
        "name: late\nincident: Answers are late.\nfaults: [{fault: latency, ms: 5}]\n"
        "subject: integration\ndefault: false\nexposes: [merchant-pays-once]\n"
    )
    seen: list[TypedExchange] = []
    with Gateway(contract, target=provider.url, profile=tmp_path / "late.yaml", addons=[seen.append]) as gateway:
        pay(gateway.url)
    assert [x.faults for x in seen] == [("latency",)] * 3


def test_what_an_addon_raises_is_raised_and_exchanges_go_on(contract: str, provider: PayingProvider) -> None:
    def wrong(exchange: TypedExchange) -> None:
        raise LookupError(exchange.order_no)

    with pytest.raises(LookupError, match="a-1"), Gateway(contract, target=provider.url, addons=[wrong]) as gateway:
        pay(gateway.url)
    assert len(provider.movements) == 1


def test_the_block_s_own_error_is_the_one_that_is_raised(contract: str, provider: PayingProvider) -> None:
    def wrong(exchange: TypedExchange) -> None:
        raise LookupError

    with pytest.raises(ZeroDivisionError), Gateway(contract, target=provider.url, addons=[wrong]) as gateway:
        pay(gateway.url)
        raise ZeroDivisionError


def test_the_example_of_the_guide_runs(
    contract: str, provider: PayingProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    code = GUIDE.read_text().partition("<!-- gateway -->\n```python\n")[2].partition("```")[0]
    exec(code, {"contract": contract, "provider": provider.url, "pay": pay})
    assert capsys.readouterr().out.splitlines() == [
        "a-1",
        "  submit: 201 paid",
        "  query: 200 paid",
        "  resubmit: 201 paid",
    ]
