"""What counts as acknowledged: the judge, the merchant's order book, the gateway and the simulation say the same of the
same answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord.chaos.gateway.acknowledgement import AcknowledgementRules
from ackord.client.operation_request import OperationRequest
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.codec.codec import Codec, compile_contract
from ackord.contract.extractors.wechatpay_resource import sealed
from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.contract.loading.yaml_document import parse_yaml
from ackord.contract.spec.model import Contract
from ackord.core.clock import SECOND, VirtualClock
from ackord.core.event import Begin
from ackord.core.history import RunHeader
from ackord.core.operation import OperationKind, Vantage, acknowledges
from ackord.core.seed import Seed
from ackord.record.recorder import Recorder
from ackord.simulation.simulated_gateway import SimulatedExchange, SimulatedGateway, SimulatedPorts
from ackord.workload.order import WorkloadOrder
from ackord.workload.order_factory import OrderFactory

from .test_conversations import Stage, on_stage

SMALL = """\
provider: small
version: 1
environment: sandbox
accounts: {main: {}}
submit:
  request: {method: POST, path: /orders, json: {no: "${order_no}"}}
  answers:
    - {when: {status: 200, $.code: REFUSED}, observation: REJECTED}
    - {when: {status: [200, 202], header.x-kind: order}, observation: ACK}
    - {when: {status: 409, $.code: KNOWN}, observation: ACK}
    - {when: {status: 409}, observation: CONFLICT}
  extract: {state: $.status}
query:
  request: {method: GET, path: "/orders/${order_no}"}
  answers: [{when: {status: 200}, observation: STATUS}, {when: {status: 404}, observation: NOT_FOUND}]
  extract: {state: $.status}
states: {PAID: SUCCEEDED}
"""
FORM = SMALL.replace("  extract: {state: $.status}\nquery", "  format: form\n  extract: {state: $.status}\nquery")
TAKEN = b'{"status": "ACCEPTED"}'
SHOWN = HttpResponse(200, {"content-type": "application/json"}, TAKEN)


def codec(text: str) -> Codec:
    return compile_contract(Contract.model_validate(parse_yaml(Path("here.yaml"), text.encode(), env={}).data))


CODECS = {"reference": load_contract("reference").codec, "small": codec(SMALL), "form": codec(FORM)}


def answer(status: int, body: bytes = TAKEN, **headers: str) -> HttpResponse:
    return HttpResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


CASES = {
    "reference": [
        ("202 accepted", answer(202), True),
        ("200, repeated", answer(200), True),
        ("200 with a failure in the body", answer(200, b'{"code": "REFUSED"}'), False),
        ("201, which no rule has", answer(201), False),
        ("a duplicate", answer(409, b'{"code": "ORDER_CONFLICT"}'), False),
        ("a page", answer(200, b"<html>fine</html>"), False),
        ("an empty body", answer(202, b""), False),
        ("busy", answer(503, b'{"code": "BUSY"}'), False),
    ],
    "small": [
        ("202 accepted", answer(202, x_kind="order"), True),
        ("202, of another kind", answer(202, x_kind="page"), False),
        ("200 with a failure in the body", answer(200, b'{"code": "REFUSED"}', x_kind="order"), False),
        ("a duplicate that is as good", answer(409, b'{"code": "KNOWN"}'), True),
        ("a duplicate that is not", answer(409, b'{"code": "TAKEN"}'), False),
    ],
    "form": [
        ("a form", answer(200, b"status=PAID", x_kind="order"), True),
        ("a form with a failure", answer(200, b"code=REFUSED", x_kind="order"), False),
        ("no form", answer(200, TAKEN, x_kind="order"), False),
    ],
}


class OneAnswer:
    """A provider that answers every submit alike, and every query with an order."""

    def __init__(self, clock: VirtualClock, submitted: HttpResponse) -> None:
        self._clock = clock
        self._submitted = submitted

    def receive(self, request: HttpRequest, respond: Any) -> None:
        given = self._submitted if request.method == "POST" else SHOWN
        self._clock.call_later(1, lambda: respond(given))


class Simulated:
    """A simulated gateway in front of ``OneAnswer``, and what its recorder has."""

    def __init__(self, found: Codec, submitted: HttpResponse) -> None:
        self.codec, self.clock = found, VirtualClock()
        header = RunHeader("x", "none", "provider", Vantage.MERCHANT, 1, found.promises)
        self.recorder = Recorder(header, found.read)
        provider: Any = OneAnswer(self.clock, submitted)
        rules = AcknowledgementRules(found.acknowledgement())
        ports = SimulatedPorts(self.clock, provider, self.recorder, found.read, lambda: None)
        self.edge = SimulatedGateway(Seed(3), ports, rules)
        self.edge.set_rules([{"fault": "stale-answer", "params": {"not_found": True, "lag_ms": 600_000.0}}])

    def perform(self, order: WorkloadOrder, call: OperationRequest) -> None:
        op = self.recorder.next_op()
        request = self.codec.request(call.kind, call.payment)
        self.recorder.add(
            Begin(
                self.clock.now_ns(), Vantage.MERCHANT, op, 0, call.kind, call.payment.account, call.payment.order_no,
                call.attempt, self.codec.fingerprint(call.payment), 1, "",
            )
        )  # fmt: skip
        flight = SimulatedExchange(op, order, call, request)
        self.edge.send(flight)
        assert self.clock.run_until(flight.is_done, self.clock.now_ns() + 10 * SECOND)

    @property
    def hid_the_order(self) -> bool:
        """Whether ``stale-answer`` fired: it hides an order after its acknowledgement."""
        return any(getattr(event, "change", "") == "fired" for event in self.recorder.events)


def hidden_by_the_gateway(found: Codec, submitted: HttpResponse) -> bool:
    """Whether a gateway hides the order of a query that follows a submit with this answer."""

    def wire(given: HttpResponse) -> bytes:
        lines = [f"{name}: {value}\r\n" for name, value in given.headers.items()]
        head = f"HTTP/1.1 {given.status} X\r\n{''.join(lines)}content-length: {len(given.body)}\r\n\r\n"
        return head.encode() + given.body

    async def play(stage: Stage) -> None:
        # As it arrives in the process of the gateway.
        stage.state.acknowledgement = AcknowledgementRules(json.loads(json.dumps(found.acknowledgement())))
        stage.state.set_rules(
            1,
            [
                {
                    "fault": "stale-answer",
                    "match": {"operation": ["query"]},
                    "params": {"not_found": True, "lag_ms": 600_000},
                }
            ],
        )
        for op, method, given in ((1, "POST", submitted), (2, "GET", SHOWN)):
            key = "submit/1/1" if method == "POST" else "query/1/1"
            ours = f"Host: x\r\nackord-op: {op}\r\nackord-key: {key}\r\ncontent-length: 0"
            stage.merchant.receive(f"{method} /p HTTP/1.1\r\n{ours}\r\n\r\n".encode())
            await stage.settle()
            stage.provider.receive(wire(given))
            await stage.settle()

    return any(record["event"] == "fired" for record in on_stage(play).records)


@pytest.mark.parametrize(
    ("name", "submitted", "expected"),
    [
        pytest.param(name, given, is_ack, id=f"{name}-{what}")
        for name, all_ in CASES.items()
        for what, given, is_ack in all_
    ],
)
def test_all_four_agree(name: str, submitted: HttpResponse, expected: bool) -> None:
    found = CODECS[name]
    world = Simulated(found, submitted)
    order = OrderFactory(Seed(1), "r", form=found.contract.order_no.number_form(), account="main").create_order()
    world.perform(order, order.submit())
    world.perform(order, order.query())
    [judged] = world.recorder.history().orders
    told = {
        "judge": judged.acknowledged_ns is not None,
        "order book": order.acknowledged,
        "simulation": world.hid_the_order,
        "gateway": hidden_by_the_gateway(found, submitted),
    }
    assert told == dict.fromkeys(told, expected)


@pytest.mark.parametrize("kind", OperationKind)
@pytest.mark.parametrize("status", [200, 202, 302, 404])
def test_an_edge_without_a_contract_takes_every_2xx_to_a_submit(kind: OperationKind, status: int) -> None:
    submit = kind in (OperationKind.SUBMIT, OperationKind.RESUBMIT)
    assert AcknowledgementRules(None).hold(kind.value, answer(status, b"any")) is (submit and status < 300)
    assert not AcknowledgementRules(None).hold("of another merchant", answer(status))


@pytest.mark.parametrize("name", contract_names("contracts"))
@pytest.mark.parametrize("status", [200, 201, 202, 204, 409, 500])
def test_the_rules_of_every_contract_travel(name: str, status: int) -> None:
    found = load_contract(name, env=PlaceholderEnv()).codec
    rules = AcknowledgementRules(json.loads(json.dumps(found.acknowledgement())))
    given = answer(status, b"{}")
    expected = acknowledges(OperationKind.SUBMIT, found.reader(OperationKind.SUBMIT).read(given).observation)
    assert rules.hold("submit", given) is expected


def test_an_answer_that_an_extractor_reads_is_read_in_the_gateway_too() -> None:
    key = "0123456789abcdef0123456789abcdef"
    body = f"  format: {{wechatpay_resource: {{key: {key}}}}}\n"
    found = codec(SMALL.replace("  extract: {state: $.status}\nquery", f"{body}  extract: {{state: $.status}}\nquery"))
    rules = AcknowledgementRules(json.loads(json.dumps(found.acknowledgement())))
    for secret, expected in ((key, True), (key[::-1], False)):
        sent = json.dumps({"resource": sealed(secret.encode(), b"{}", "order")}).encode()
        assert rules.hold("submit", answer(202, sent, x_kind="order")) is expected
