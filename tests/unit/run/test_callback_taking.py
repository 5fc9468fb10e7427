"""Callbacks are recorded as they came, with why one is not genuine; and the gateway hears of those that were taken."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ackord.chaos.faults import CallbackFault, load_faults
from ackord.contract.base.http_messages import HttpRequest, TimestampNonce
from ackord.contract.codec.callback_reader import ReceivedCallback
from ackord.contract.emulate.domain_responses import ProviderOrder
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import RealClock
from ackord.core.event import CallbackReceived
from ackord.core.history import RunHeader
from ackord.core.operation import Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.seed import Seed
from ackord.record.recorder import Recorder
from ackord.run.callback_taking import CallbackTaking
from ackord.run.environments.callback_gate import CallbackGate

CONTRACT = load_contract("stripe-payouts", env=PlaceholderEnv())
PROVIDER = ContractEmulation(CONTRACT.codec)
HEADER = RunHeader("c", "p", "provider", Vantage.PROVIDER, 1, Promises())


class Scene:
    def __init__(self) -> None:
        codec, clock = CONTRACT.codec, RealClock()
        self.recorder = Recorder(HEADER, codec.read)
        self.gate = CallbackGate(Seed(1), clock, self.recorder.add)
        self.came: list[str] = []
        self.learnt: dict[str, str] = {}
        self.taking = CallbackTaking(
            codec.callbacks, {}, self.recorder, clock, self.gate, catch_up=self._catch_up, came=self._came
        )

    def _catch_up(self) -> None:
        self.recorder.numbers |= self.learnt

    def _came(self, called: ReceivedCallback) -> None:
        self.came.append(called.order_no)

    def answer(self, request: HttpRequest) -> int:
        return asyncio.run(self.taking.answer(request)).status

    @property
    def notices(self) -> list[CallbackReceived]:
        return [e for e in self.recorder.events if isinstance(e, CallbackReceived)]


def event(number: str = "n-1", *, late_s: int = 0) -> HttpRequest:
    order = ProviderOrder(f"po_{number}", "main", number, 5, "EUR", "x", "PAID", "A")
    (call,) = PROVIDER.announce(order)
    request = call.signed(TimestampNonce(RealClock.unix_s() - late_s))
    return request._replace(target=f"/main{request.target}")


def without_number(request: HttpRequest) -> HttpRequest:
    """The event as it is where the provider does not say the merchant's number; signed over that."""
    document: Any = json.loads(request.body)
    del document["data"]["object"]["metadata"]
    (call,) = PROVIDER.announce(ProviderOrder("po_n-1", "main", "n-1", 5, "EUR", "x", "PAID", "A"))
    bare = call._replace(request=call.request._replace(body=json.dumps(document).encode()))
    signed = bare.signed(TimestampNonce(RealClock.unix_s()))
    return signed._replace(target=f"/main{signed.target}")


def test_what_is_genuine_is_taken_and_told() -> None:
    scene = Scene()
    assert scene.answer(event()) == 200
    (notice,) = scene.notices
    assert (notice.order, notice.state, notice.problem) == ("n-1", PaymentState.SUCCEEDED, "")
    assert scene.came == ["n-1"]


def test_what_is_not_genuine_is_refused_and_recorded_with_what_was_wrong() -> None:
    scene = Scene()
    good = event("n-1")
    altered = event("n-2")._replace(headers=good.headers)
    written_anew = event("n-3")
    written_anew = written_anew._replace(body=json.dumps(json.loads(written_anew.body), indent=4).encode())
    unsigned = event("n-4")._replace(headers=())
    old = event("n-5", late_s=900)
    assert [scene.answer(x) for x in (good, altered, written_anew, unsigned, old)] == [200, 401, 401, 401, 401]
    problems = {notice.order: notice.problem for notice in scene.notices}
    assert problems == {
        "n-1": "",
        "n-2": "its signature is wrong: it is that of an earlier callback",
        "n-3": "its signature is wrong: it was made over the same content in other bytes, which were written anew "
        "after signing",
        "n-4": "it is not signed: the header Stripe-Signature is missing",
        "n-5": "its timestamp is 900 s old, more than 300 s",
    }


def test_a_callback_that_is_quicker_than_the_answer_waits_for_what_passed_the_gateway() -> None:
    scene = Scene()
    scene.learnt = {"po_n-1": "n-1"}
    assert scene.answer(without_number(event())) == 200
    assert [notice.order for notice in scene.notices] == ["n-1"] == scene.came


def test_a_refused_callback_is_not_recorded_and_has_not_come() -> None:
    scene = Scene()
    fault = load_faults().get("callback-refused").model_validate({"fault": "callback-refused"})
    assert isinstance(fault, CallbackFault)
    scene.gate.set_faults([fault])
    assert [scene.answer(event()), scene.answer(event())] == [503, 200]
    assert len(scene.notices) == 1 == len(scene.came)


def test_what_is_none_of_the_contract_s_is_not_found() -> None:
    scene = Scene()
    assert scene.answer(HttpRequest("POST", "/elsewhere", (), b"{}")) == 404
    assert scene.notices == []
