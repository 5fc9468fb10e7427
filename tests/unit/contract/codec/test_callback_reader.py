"""A call that carries several events is read event by event; one that carries one stays one."""

from __future__ import annotations

import json
from typing import Any

from ackord.contract.base.http_messages import HttpRequest, TimestampNonce
from ackord.contract.codec.callback_reader import ReceivedCallback
from ackord.contract.codec.codec import Codec, compile_contract
from ackord.contract.emulate.domain_responses import ProviderOrder
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.contract.signing.keys import Secret
from ackord.contract.spec.auth import Auth
from ackord.contract.spec.model import Contract
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState

from ..support import SMALL, document

ONE = (
    SMALL
    + """\
callbacks:
  - name: paid
    path: /paid
    answers: [{when: {$.status: {exists: true}}, observation: STATUS}]
    extract: {order_no: $.no, provider_id: $.id, state: $.status}
    reply: {status: 200, body: ok}
"""
)
SEVERAL = (
    SMALL
    + """\
callbacks:
  - name: events
    path: /events
    rows: $.items
    answers: [{when: {$row.event.status: {exists: true}}, observation: STATUS}]
    extract: {order_no: $row.event.no, provider_id: $row.event.id, state: $row.event.status}
"""
)


def made(text: str) -> Codec:
    return compile_contract(Contract.model_validate(document(text).data))


def called(text: str, path: str, body: Any) -> ReceivedCallback:
    found = made(text).callbacks.read(HttpRequest("POST", path, (), json.dumps(body).encode()), {"p-3": "n-3"})
    assert found is not None
    return found


def event(status: str, **more: str) -> dict[str, Any]:
    return {"event": {"status": status, **more}}


def facts(call: ReceivedCallback) -> list[tuple[str, PaymentState, Observation]]:
    return [(c.order_no, c.reading.state, c.reading.observation) for c in (call, *call.further)]


def test_every_event_is_read_with_its_own_order() -> None:
    items = [{"event": {"other": 1}}, event("OPEN", no="n-1"), event("PAID", no="n-2"), event("PAID", id="p-3")]
    assert facts(called(SEVERAL, "/events", {"items": items})) == [
        ("n-1", PaymentState.RECEIVED, Observation.STATUS),
        ("n-2", PaymentState.SUCCEEDED, Observation.STATUS),
        ("n-3", PaymentState.SUCCEEDED, Observation.STATUS),
        ("", PaymentState.UNKNOWN, Observation.UNREADABLE),
    ]


def test_a_call_without_events_says_nothing() -> None:
    for body, why in (({"items": []}, "is empty"), ({}, "is missing"), ({"items": {}}, "is missing")):
        call = called(SEVERAL, "/events", body)
        assert call.reading.observation is Observation.UNREADABLE
        assert why in call.reading.detail
        assert call.further == ()


def test_a_call_about_one_order_stays_one() -> None:
    call = called(ONE, "/paid", {"no": "n-1", "status": "PAID"})
    assert facts(call) == [("n-1", PaymentState.SUCCEEDED, Observation.STATUS)]
    assert call.reply.body == b"ok"


def test_an_emulator_calls_with_a_list() -> None:
    c = made(SEVERAL)
    order = ProviderOrder("p-9", "main", "n-9", 5, "EUR", "x", "PAID", "A")
    (call,) = ContractEmulation(c).announce(order)
    request = call.signed(TimestampNonce())
    assert json.loads(request.body) == {"items": [event("PAID", no="n-9", id="p-9")]}
    read = c.callbacks.read(request, {})
    assert read is not None
    assert facts(read) == [("n-9", PaymentState.SUCCEEDED, Observation.STATUS)]


def test_whether_callbacks_are_signed() -> None:
    assert made(SMALL).callbacks.are_signed is None
    assert made(ONE).callbacks.are_signed is False
    signed = load_contract("stripe-payouts", env=PlaceholderEnv()).codec
    assert signed.callbacks.are_signed is True
    assert signed.promises.signs_callbacks is True


def test_an_account_without_a_signature_vouches_for_nobody() -> None:
    """A call that names no account is genuine by the keys of those that are signed alone."""
    loaded = load_contract("paystack-transfers", env=PlaceholderEnv()).contract
    other = loaded.accounts["other"].model_copy(update={"auth": Auth(bearer=Secret("t"))})
    codec = compile_contract(loaded.model_copy(update={"accounts": {**loaded.accounts, "other": other}}))
    body = json.dumps(
        {"event": "transfer.success", "data": {"transfer_code": "T", "reference": "n", "status": "success"}}
    )
    forged = HttpRequest("POST", "/paystack", (("X-Paystack-Signature", "00"),), body.encode())
    called = codec.callbacks.read(forged, {})
    assert called is not None and called.problem == "its signature is wrong"
    assert (called.order_no, called.reply.status) == ("n", 401)
