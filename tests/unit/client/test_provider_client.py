"""The client over a transport that answers from a list: prerequisites, identifiers that are not known yet, hosts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ackord.client.operation_request import OperationRequest
from ackord.client.provider_client import ProviderClient
from ackord.client.transport import NoResponse
from ackord.contract.codec.codec import (
    Codec,
    HttpRequest,
    HttpResponse,
    Payment,
    RequestRenderError,
    compile_contract,
)
from ackord.contract.loading.yaml_document import parse_yaml
from ackord.contract.spec.model import Contract
from ackord.core.clock import RealClock
from ackord.core.event import Begin, Complete, LedgerRead, Movement
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.record.recorder import Recorder

SMALL = """\
provider: small
version: 1
environment: sandbox
accounts: {main: {}, other: {}}
submit:
  request: {method: POST, path: /orders, json: {no: "${order_no}"}}
  answers: [{when: {status: 200, $.status: {exists: true}}, observation: ACK}]
  extract: {provider_id: $.id, state: $.status}
query:
  request: {method: GET, path: "/orders/${order_no}"}
  answers: [{when: {status: 200, $.status: {exists: true}}, observation: STATUS}, {when: {status: 404}, observation: NOT_FOUND}]
  extract: {state: $.status}
states: {PAID: SUCCEEDED}
"""
PREREQUISITES = """\
prerequisites:
  - name: token
    request: {method: POST, path: /token}
    succeeded: {status: 200}
    capture: {token: $.t}
  - name: quote
    per: order
    request: {method: POST, path: "/quote/${captured.token}/${order_no}"}
    succeeded: {status: 200}
    capture: {quote: $.q}
"""
LEDGER = """\
ledger:
  request: {method: GET, path: /moved, headers: {X-Page: "${cursor}"}}
  rows: $.d
  next: $.next
  extract: {movement_id: $.id, order_no: $.no, amount_minor: $.amount}
"""
OK = b'{"status": "PAID", "id": "p1", "amount": 5, "t": "T", "q": "Q"}'

Answering = Callable[[HttpRequest, int], HttpResponse]
"""From a request and how often its target was asked for before."""


def always(request: HttpRequest, before: int) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, OK)


class FakeTransport:
    def __init__(self, answering: Answering = always) -> None:
        self.answering = answering
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        before = sum(one.target == request.target for one in self.sent)
        self.sent.append(request)
        await asyncio.sleep(0)
        return self.answering(request, before)

    async def close(self) -> None:
        pass

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.sent]


def client(text: str, transport: FakeTransport, *, behind_gateway: bool = False) -> ProviderClient:
    codec: Codec = compile_contract(Contract.model_validate(parse_yaml(Path("here.yaml"), text.encode(), env={}).data))
    header = RunHeader("small", "none", "provider", Vantage.MERCHANT, 1, codec.promises)
    recorder = Recorder(header, codec.read)
    return ProviderClient(codec, transport, recorder, RealClock(), 10**9, behind_gateway=behind_gateway)


def call(kind: OperationKind, number: str = "n-1", account: str = "main") -> OperationRequest:
    return OperationRequest(kind, Payment(number, account, 5, "EUR", "x"), 1, 1)


SUBMIT, RESUBMIT, QUERY = OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.QUERY
WITH_PREREQUISITES = SMALL.replace("path: /orders,", 'path: "/orders/${captured.quote}",') + PREREQUISITES


def test_a_prerequisite_is_called_once_for_its_account_or_order_whoever_needs_it() -> None:
    transport = FakeTransport()
    merchant = client(WITH_PREREQUISITES, transport)

    async def work() -> None:
        calls = [call(SUBMIT), call(RESUBMIT), call(SUBMIT, "n-2"), call(SUBMIT, "n-3", "other")]
        readings = await asyncio.gather(*(merchant.perform(one) for one in calls))
        assert [reading and reading.observation for reading in readings] == [Observation.ACK] * 4

    asyncio.run(work())
    prepared = [target for target in transport.targets if not target.startswith("/orders")]
    assert sorted(prepared) == ["/quote/T/n-1", "/quote/T/n-2", "/quote/T/n-3", "/token", "/token"]
    assert transport.targets.count("/orders/Q") == 4


def test_a_prerequisite_is_tried_again() -> None:
    def lost_at_first(request: HttpRequest, before: int) -> HttpResponse:
        if request.target == "/token" and before == 0:
            raise NoResponse("reset")
        if request.target == "/token" and before == 1:
            return HttpResponse(503, {}, b"")
        return always(request, before)

    transport = FakeTransport(lost_at_first)
    assert asyncio.run(client(WITH_PREREQUISITES, transport).perform(call(SUBMIT))) is not None
    assert transport.targets == ["/token"] * 3 + ["/quote/T/n-1", "/orders/Q"]


def test_an_order_whose_prerequisite_fails_is_never_sent_and_nothing_is_recorded_of_it() -> None:
    def without_quote(request: HttpRequest, before: int) -> HttpResponse:
        if request.target.startswith("/quote"):
            return HttpResponse(200, {"content-type": "application/json"}, b'{"q": ""}')
        return always(request, before)

    transport = FakeTransport(without_quote)
    merchant = client(WITH_PREREQUISITES, transport)

    async def work() -> None:
        assert await merchant.perform(call(SUBMIT)) is None
        assert await merchant.perform(call(QUERY)) is None

    asyncio.run(work())
    assert transport.targets == ["/token"] + ["/quote/T/n-1"] * 5
    assert merchant.recorder.events == []


BY_ID = SMALL.replace('"/orders/${order_no}"', '"/by-id/${provider_id}"')


def test_a_query_by_an_identifier_waits_until_that_is_known() -> None:
    transport = FakeTransport()
    merchant = client(BY_ID, transport)

    async def work() -> None:
        assert await merchant.perform(call(QUERY)) is None
        assert merchant.recorder.events == []
        await merchant.perform(call(SUBMIT))
        assert await merchant.perform(call(QUERY, "n-2")) is None
        reading = await merchant.perform(call(QUERY))
        assert reading is not None
        assert reading.observation is Observation.STATUS

    asyncio.run(work())
    assert transport.targets == ["/orders", "/by-id/p1"]
    assert merchant.client_state.numbers == {"p1": "n-1"}


def test_what_a_provider_gave_and_a_header_cannot_hold_is_not_sent() -> None:
    def odd(request: HttpRequest, before: int) -> HttpResponse:
        return HttpResponse(200, {"content-type": "application/json"}, b'{"status": "PAID", "id": "p\\r\\nx: 1"}')

    text = BY_ID.replace('"/by-id/${provider_id}"}', '/by-id, headers: {X-Id: "${provider_id}"}}')
    transport = FakeTransport(odd)
    merchant = client(text, transport)

    async def work() -> None:
        await merchant.perform(call(SUBMIT))
        assert await merchant.perform(call(QUERY)) is None

    asyncio.run(work())
    assert transport.targets == ["/orders"]
    *_, begin, end = merchant.recorder.events
    assert isinstance(begin, Begin)
    assert isinstance(end, Complete)
    assert (begin.kind, end.op, end.outcome) == (QUERY, begin.op, Outcome.INFO)
    assert end.detail == "not sent: query.request.headers.X-Id: ${provider_id} cannot stand in a header"


def test_what_a_contract_gives_and_a_header_cannot_hold_is_its_mistake() -> None:
    text = SMALL.replace("main: {}", "main: {id: Größe}")
    text = text.replace("path: /orders,", 'path: /orders, headers: {X-Id: "a ${account.id}"},')
    transport = FakeTransport()
    merchant = client(text, transport)
    with pytest.raises(RequestRenderError, match=r"\$\{account.id\} cannot stand in a header") as failure:
        asyncio.run(merchant.perform(call(SUBMIT)))
    assert failure.value.path == ("submit", "request", "headers", "X-Id")
    assert transport.sent == []


def test_a_ledger_that_is_not_genuine_cannot_be_read() -> None:
    def unsigned(request: HttpRequest, before: int) -> HttpResponse:
        return HttpResponse(200, {"content-type": "application/json"}, b'{"d": []}')

    auth = "{auth: {hmac: {secret: s, answer: {string: '${body}', headers: {X-Signature: '${signature}'}}}}}"
    transport = FakeTransport(unsigned)
    merchant = client(SMALL.replace("main: {}", f"main: {auth}") + LEDGER, transport)
    with pytest.raises(NoResponse, match="the ledger cannot be read: not genuine: it is not signed"):
        asyncio.run(merchant.read_ledger(transport, lambda number: True))
    assert merchant.recorder.events == []


def test_a_page_that_cannot_be_asked_for_is_a_ledger_that_cannot_be_read() -> None:
    def odd(request: HttpRequest, before: int) -> HttpResponse:
        return HttpResponse(200, {"content-type": "application/json"}, '{"d": [], "next": "ü"}'.encode())

    transport = FakeTransport(odd)
    merchant = client(SMALL + LEDGER, transport)
    with pytest.raises(NoResponse, match=r"\$\{cursor\} cannot stand in a header"):
        asyncio.run(merchant.read_ledger(transport, lambda number: True))
    assert merchant.recorder.events == []


COUNTED = (
    SMALL
    + """\
ledger:
  request: {method: GET, path: /moves, query: {skip: "${cursor}"}}
  rows: $.rows
  counted: {by: row}
  extract: {movement_id: $.id, order_no: $.no, amount_minor: $.amount}
"""
)


def moving(request: HttpRequest, before: int) -> HttpResponse:
    """A list whose newest row stands first, and comes when the first page was read once."""
    names = ["a", "b", "c"] if request.target.endswith("skip=0") and not before else ["new", "a", "b", "c"]
    start = int(request.target.rpartition("=")[2])
    rows = [{"id": name, "no": f"n-{name}", "amount": 5} for name in names[start : start + 2]]
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps({"rows": rows}).encode())


def test_a_ledger_whose_rows_move_is_read_again_and_holds_each_movement_once() -> None:
    transport = FakeTransport(moving)
    reader = client(COUNTED, transport)
    assert asyncio.run(reader.read_ledger(transport, lambda order: True)) == 4
    assert transport.targets == [f"/moves?skip={skip}" for skip in (0, 2, 0, 2, 4)]
    moved = [event.movement_id for event in reader.recorder.events if type(event) is Movement]
    assert sorted(moved) == ["a", "b", "c", "new"]


def test_the_gateway_is_told_which_host_a_query_goes_to() -> None:
    text = SMALL.replace("environment: sandbox", "environment: sandbox\nhosts: {asking: http://x.example}")
    text = text.replace('path: "/orders/${order_no}"}', 'path: "/orders/${order_no}", host: asking}')
    transport = FakeTransport()
    merchant = client(text, transport, behind_gateway=True)

    async def work() -> None:
        await merchant.perform(call(SUBMIT)._replace(node="a"))
        await merchant.perform(call(QUERY)._replace(node="a"))

    asyncio.run(work())
    assert [dict(request.headers).get("ackord-node") for request in transport.sent] == ["a", "asking"]


BY_PROVIDER_ID = ('path: "/orders/${order_no}"}', 'path: "/orders/${provider_id}"}')


@pytest.mark.parametrize(("change", "held"), [(("", ""), "pass:q1"), (BY_PROVIDER_ID, None)])
def test_a_submit_waits_for_a_query_only_where_one_can_come(change: tuple[str, str], held: str | None) -> None:
    """A query by the provider's identifier cannot overtake the answer that tells it."""
    transport = FakeTransport()
    merchant = client(SMALL.replace(*change), transport, behind_gateway=True)
    asyncio.run(merchant.perform(call(SUBMIT)._replace(hold="pass:q1")))
    assert [dict(request.headers).get("ackord-hold") for request in transport.sent] == [held]


PREPARED = """\
prerequisites:
  - {name: rate, request: {method: GET, path: /rate, host: asking}, succeeded: {status: 200}}
"""


def test_the_gateway_is_told_which_host_a_prerequisite_goes_to() -> None:
    text = SMALL.replace("environment: sandbox", "environment: sandbox\nhosts: {asking: http://x.example}") + PREPARED
    transport = FakeTransport()
    merchant = client(text, transport, behind_gateway=True)
    asyncio.run(merchant.perform(call(SUBMIT)._replace(node="a")))
    assert [dict(request.headers).get("ackord-node") for request in transport.sent] == ["asking", "a"]
    assert "ackord-op" not in dict(transport.sent[0].headers)


CANCEL = """\
cancel:
  request: {method: DELETE, path: "/orders/${provider_id}"}
  answers: [{when: {status: 200}, observation: ACK}]
"""


@pytest.mark.parametrize("kind", [OperationKind.CANCEL, OperationKind.LEDGER, OperationKind.STATEMENT])
def test_an_operation_that_the_contract_does_not_have_is_refused_before_anything_is_sent(kind: OperationKind) -> None:
    transport = FakeTransport()
    merchant = client(SMALL + LEDGER, transport)
    with pytest.raises(LookupError, match=rf"small has no section {kind} .* one of submit, query, resubmit"):
        asyncio.run(merchant.perform(call(kind)))
    assert transport.sent == [] and merchant.recorder.events == []


def test_a_cancel_is_sent_as_the_contract_says_once_the_order_s_identifier_is_known() -> None:
    transport = FakeTransport()
    merchant = client(SMALL + CANCEL, transport)

    async def work() -> None:
        assert await merchant.perform(call(OperationKind.CANCEL)) is None
        await merchant.perform(call(SUBMIT))
        reading = await merchant.perform(call(OperationKind.CANCEL))
        assert reading is not None and reading.observation is Observation.ACK

    asyncio.run(work())
    assert [(sent.method, sent.target) for sent in transport.sent] == [("POST", "/orders"), ("DELETE", "/orders/p1")]
    [order] = merchant.recorder.history().orders
    assert [exchange.kind for exchange in order.exchanges] == [SUBMIT, OperationKind.CANCEL]
    assert len(order.cancels) == 1 and len(order.acks) == 1


def rows_of(*rows: dict[str, object]) -> FakeTransport:
    body = json.dumps({"d": rows}).encode()
    return FakeTransport(lambda request, before: HttpResponse(200, {"content-type": "application/json"}, body))


MOVED = {"id": "m1", "no": "n-1", "amount": 5}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([MOVED, MOVED], "two rows have one identifier, m1"),
        ([MOVED, {**MOVED, "no": "n-2"}], "two rows have one identifier, m1"),
        ([MOVED, {"no": "n-1", "amount": 5}], "a movement has no identifier"),
    ],
)
def test_rows_that_cannot_be_told_apart_make_the_ledger_unreadable(rows: list[dict[str, object]], says: str) -> None:
    """A second payout must not hide behind the identifier of the first."""
    transport = rows_of(*rows)
    merchant = client(SMALL + LEDGER, transport)
    with pytest.raises(NoResponse, match=f"the ledger cannot be read: {says}"):
        asyncio.run(merchant.read_ledger(transport, lambda number: True))
    assert merchant.recorder.events == []


def test_a_reading_says_when_it_began_and_what_currency_rows_show() -> None:
    transport = rows_of({**MOVED, "currency": "eur"})
    merchant = client(SMALL + LEDGER.replace("order_no: $.no", "order_no: $.no, currency: $.currency"), transport)
    assert asyncio.run(merchant.read_ledger(transport, lambda number: True)) == 1
    moved, read = merchant.recorder.events
    assert type(moved) is Movement and type(read) is LedgerRead
    assert (moved.currency, read.order) == ("EUR", "")
    assert read.began_ns is not None and read.began_ns <= moved.at_ns == read.at_ns


def test_a_ledger_by_order_is_asked_for_one_order_and_need_not_repeat_whose_it_is() -> None:
    text = LEDGER.replace("path: /moved", 'path: "/moved/${order_no}"').replace("order_no: $.no, ", "")
    transport = rows_of({"id": "m1", "amount": 5})
    merchant = client(SMALL + text, transport)
    assert (
        asyncio.run(merchant.read_ledger(transport, lambda number: number == "n-7", call(SUBMIT, "n-7").payment)) == 1
    )
    assert transport.targets == ["/moved/n-7"]
    moved, read = merchant.recorder.events
    assert type(moved) is Movement and type(read) is LedgerRead
    assert (moved.order, read.order) == ("n-7", "n-7")


def test_a_ledger_by_the_provider_s_identifier_waits_until_that_is_known() -> None:
    text = LEDGER.replace("path: /moved", 'path: "/moved/${provider_id}"')
    transport = rows_of(MOVED)
    merchant = client(SMALL + text, transport)
    payment = call(SUBMIT, "n-1").payment
    with pytest.raises(NoResponse, match="the provider's identifier of the order is not known"):
        asyncio.run(merchant.read_ledger(transport, lambda number: True, payment))
    merchant.client_state.provider_ids["main", "n-1"] = "p1"
    assert asyncio.run(merchant.read_ledger(transport, lambda number: True, payment)) == 1
    assert transport.targets == ["/moved/p1"]
