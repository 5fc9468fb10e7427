"""Access tokens: fetched once for all who wait, renewed before they are too old, and without one nothing is sent."""

from __future__ import annotations

import asyncio
import json

import pytest

from ackord.client.operation_request import OperationRequest
from ackord.client.provider_client import ProviderClient
from ackord.client.transport import NoResponse
from ackord.contract.codec.codec import Codec, HttpRequest, HttpResponse, Payment, compile_contract
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import VirtualClock
from ackord.core.event import Begin
from ackord.core.history import RunHeader
from ackord.core.operation import OperationKind, Vantage
from ackord.core.promises import Promises
from ackord.record.recorder import Recorder

PAYMENT = Payment("N-0000000000000001", "main", 1999, "USD", "payee-1")


class Bank:
    """Gives tokens that count up, and takes whatever else it is sent."""

    def __init__(self, *, expires_in_s: int = 100, refuses: int = 0) -> None:
        self.asked: list[HttpRequest] = []
        self.tokens = 0
        self._expires_in_s = expires_in_s
        self._refuses = refuses

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        await asyncio.sleep(0)
        if "token" not in request.target:
            self.asked.append(request)
            raise NoResponse("nobody is at home")
        if self._refuses:
            self._refuses -= 1
            return HttpResponse(503, {}, b"")
        self.tokens += 1
        given = {"access_token": f"t{self.tokens}", "token_type": "Bearer", "expires_in": self._expires_in_s}
        return HttpResponse(200, {"content-type": "application/json"}, json.dumps(given).encode())

    async def close(self) -> None: ...


class Till:
    """A merchant's client over that bank, at a civil time that tests set."""

    def __init__(self, bank: Bank) -> None:
        self.unix_s = 1_000
        codec: Codec = compile_contract(load_contract("paypal-payouts", env=PlaceholderEnv()).contract)
        header = RunHeader("x", "none", "provider", Vantage.PROVIDER, 7, Promises())
        self.recorder = Recorder(header, codec.read)
        self.client = ProviderClient(
            codec, bank, self.recorder, VirtualClock(), 10**9, behind_gateway=False, unix_s=lambda: self.unix_s
        )

    async def submit(self, times: int = 1) -> None:
        calls = [OperationRequest(OperationKind.SUBMIT, PAYMENT, n, 1) for n in range(times)]
        await asyncio.gather(*(self.client.perform(call) for call in calls))


def tokens_sent(bank: Bank) -> list[str]:
    return [dict(request.headers)["authorization"] for request in bank.asked]


def test_one_token_serves_all_who_wait_for_it() -> None:
    bank = Bank()
    asyncio.run(Till(bank).submit(times=5))
    assert bank.tokens == 1
    assert tokens_sent(bank) == ["Bearer t1"] * 5


@pytest.mark.parametrize(("later_s", "tokens"), [(89, 1), (90, 2)])
def test_a_token_is_renewed_when_a_tenth_of_its_time_is_left(later_s: int, tokens: int) -> None:
    async def story() -> Bank:
        bank = Bank(expires_in_s=100)
        till = Till(bank)
        await till.submit()
        till.unix_s += later_s
        await till.submit()
        return bank

    bank = asyncio.run(story())
    assert bank.tokens == tokens
    assert tokens_sent(bank)[-1] == f"Bearer t{tokens}"


def test_a_bank_that_is_busy_for_a_while_is_asked_again() -> None:
    bank = Bank(refuses=3)
    asyncio.run(Till(bank).submit())
    assert tokens_sent(bank) == ["Bearer t1"]


def test_without_a_token_nothing_is_sent_and_nothing_recorded() -> None:
    bank = Bank(refuses=1_000)
    till = Till(bank)
    asyncio.run(till.submit())
    assert bank.asked == []
    assert not [e for e in till.recorder.events if isinstance(e, Begin)]
