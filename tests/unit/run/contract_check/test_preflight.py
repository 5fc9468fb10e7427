"""The preflight's steps on answers that are told in advance, without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.loading.loader import load_contract
from ackord.core.clock import RealClock
from ackord.run.contract_check.preflight import Preflight
from ackord.run.contract_check.probe_client import ProbeClient

REFERENCE = Path(__file__).parents[4] / "contracts" / "reference.yaml"
Told = Callable[[HttpRequest, int], tuple[int, dict[str, Any]]]


class Talk(ProbeClient):
    """Gives each request's answer, which ``told`` knows by the request and its number."""

    told: Told

    async def send(self, request: HttpRequest, host: str) -> HttpResponse:
        self.sent += 1
        status, body = self.told(request, self.sent)
        self.last = HttpResponse(status, {"content-type": "application/json"}, json.dumps(body).encode())
        return self.last


def tried(told: Told, folder: Path, *, orders: int = 100) -> tuple[Preflight, Talk]:
    path = folder / "reference.yaml"
    path.write_text(REFERENCE.read_text().replace("orders: 20000", f"orders: {orders}"))
    loaded = load_contract(path)
    assert loaded.contract.limits.orders == orders
    talk = Talk(loaded, {"": "http://127.0.0.1:9"}, RealClock())
    talk.told = told
    preflight = Preflight(loaded, talk, RealClock())
    asyncio.run(preflight.run())
    return preflight, talk


def accepted(request: HttpRequest, number: int) -> tuple[int, dict[str, Any]]:
    return 200, {"status": "ACCEPTED", "provider_id": "po_1", "amount": 1}


def test_one_submit_and_one_query_are_enough(tmp_path: Path) -> None:
    preflight, talk = tried(accepted, tmp_path)
    assert [step.findings for step in preflight.steps] == [[], []]
    assert (preflight.orders_sent, talk.sent) == (1, 2)


def test_three_orders_are_tried_before_the_contract_is_called_wrong(tmp_path: Path) -> None:
    preflight, talk = tried(lambda request, number: (422, {"code": "BAD_AMOUNT"}), tmp_path)
    assert preflight.steps[-1].findings
    assert (preflight.orders_sent, talk.sent) == (3, 3)


def test_one_order_that_is_accepted_clears_what_was_wrong_with_the_others(tmp_path: Path) -> None:
    def second(request: HttpRequest, number: int) -> tuple[int, dict[str, Any]]:
        return accepted(request, number) if number > 1 else (422, {"code": "BAD_AMOUNT"})

    preflight, talk = tried(second, tmp_path)
    assert [step.findings for step in preflight.steps] == [[], []]
    assert (preflight.orders_sent, talk.sent) == (2, 3)


@pytest.mark.parametrize(("orders", "submitted"), [(1, 0), (3, 0), (4, 1), (11, 2), (12, 3), (1000, 3)])
def test_no_more_than_a_quarter_of_the_orders_that_are_allowed(tmp_path: Path, orders: int, submitted: int) -> None:
    preflight, _ = tried(lambda request, number: (401, {"code": "BAD_KEY"}), tmp_path, orders=orders)
    assert preflight.orders_sent == submitted
    assert preflight.steps[-1].findings, "a query tells a wrong key too"
