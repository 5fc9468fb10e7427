"""A provider is asked once for an order that nobody submitted; whatever it does, nothing is raised."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from ackord.client.callback_listener import listen
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.signing import CertificateFiles
from ackord.run.environments.unknown_order import ask_for_unknown_order
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

JSON = {"content-type": "application/json"}


@dataclass
class Where:
    url: str
    certificate: CertificateFiles | None = None
    host: str = ""

    def url_of_host(self, host: str) -> str:
        return self.url


def asked(answer: HttpResponse, contract: str = "reference") -> tuple[dict[str, Any] | None, list[HttpRequest]]:
    seen: list[HttpRequest] = []

    def take(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return answer

    with listen(take) as url:
        plan = make_plan(RunOptions(contract, profiles=["none"], target="emulator"))
        return asyncio.run(ask_for_unknown_order(plan, Where(url))), seen


def test_its_answer_comes_with_the_number_that_was_asked_for() -> None:
    found, seen = asked(HttpResponse(404, JSON, b'{"code": "ORDER_NOT_FOUND", "more": 1}'))
    assert found is not None
    assert (found["status"], found["body"]) == (404, '{"code": "ORDER_NOT_FOUND", "more": 1}')
    (request,) = seen
    assert request.target == f"/v1/orders/{found['order_no']}"


@pytest.mark.parametrize(
    "answer", [HttpResponse(401, JSON, b'{"code": "X"}'), HttpResponse(404, {"content-type": "text/html"}, b"<p>")]
)
def test_what_the_contract_does_not_read_as_not_found_is_no_example(answer: HttpResponse) -> None:
    assert asked(answer)[0] is None


def test_nothing_is_made_in_the_merchant_s_name_to_ask() -> None:
    assert asked(HttpResponse(404, JSON, b"{}"), "wise-transfers") == (None, [])


def test_a_provider_that_is_not_there_is_no_error() -> None:
    plan = make_plan(RunOptions("reference", profiles=["none"]))
    assert asyncio.run(ask_for_unknown_order(plan, Where("http://127.0.0.1:1"))) is None
