"""The way of callbacks to a merchant that listens on a socket of its own, and what faults do to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from ackord.chaos.faults import CallbackFault, load_faults
from ackord.client.callback_listener import listen
from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.emulate.domain_responses import ProviderOrder
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import RealClock
from ackord.core.event import CallbackDelivered, Event, FaultChange
from ackord.core.seed import Seed
from ackord.run.environments.callback_edge import CallbackEdge, CallbackEdgeHost
from ackord.run.environments.callback_forger import CallbackForger
from tests.waiting import until

LOADED = load_contract("gocardless-outbound-payments", env=PlaceholderEnv())
EMULATION = ContractEmulation(LOADED.codec)
OK = HttpResponse(200, {}, b"")
SIGNATURE = "webhook-signature"


def callback(status: str, number: str = "1", *, prefix: str = "/main") -> HttpRequest:
    order = ProviderOrder(f"po_{number}", "main", f"order-{number}", 100, LOADED.contract.currency, "p", status, "A")
    (call,) = EMULATION.announce(order)
    signed = call.signed(TimestampNonce(1))
    return signed._replace(target=prefix + signed.target, headers=(*signed.headers, ("host", "ours:1")))


def fault(name: str, **params: Any) -> CallbackFault:
    made = load_faults().get(name).model_validate({"fault": name, **params})
    assert isinstance(made, CallbackFault)
    return made


class Scene:
    """A merchant, the edge in front of it, and what both saw."""

    def __init__(self) -> None:
        self.got: list[HttpRequest] = []
        self.events: list[Event] = []
        self.answers: list[HttpResponse] = []
        """What the merchant answers first; then OK."""
        self.numbers = {"po_1": "order-1", "po_2": "order-2"}
        self.catch_up: Callable[[], None] = lambda: None
        self.edge: CallbackEdge

    def merchant(self, request: HttpRequest) -> HttpResponse:
        self.got.append(request)
        return self.answers.pop(0) if self.answers else OK

    def open(self, url: str, *faults: CallbackFault) -> None:
        def read(request: HttpRequest) -> Any:
            return LOADED.codec.callbacks.read(request, self.numbers)

        host = CallbackEdgeHost(
            read, read, self.events.append, lambda: self.catch_up(), LOADED.codec.callbacks.without_account
        )
        self.edge = CallbackEdge(
            url, host, CallbackForger(LOADED, lambda: 1), RealClock(), Seed(1), below=lambda name: False,
            called_at="http://ours:1",
        )  # fmt: skip
        self.edge.set_faults(faults)

    @property
    def deliveries(self) -> list[CallbackDelivered]:
        return [e for e in self.events if isinstance(e, CallbackDelivered)]

    @property
    def fired(self) -> list[str]:
        return [e.fault for e in self.events if isinstance(e, FaultChange)]

    @property
    def told(self) -> list[str]:
        return [d.state.name for d in self.deliveries]

    async def until(self, deliveries: int) -> None:
        await asyncio.to_thread(until, lambda: len(self.deliveries) >= deliveries, "callbacks reach the merchant")


@contextlib.asynccontextmanager
async def scene(*faults: CallbackFault) -> AsyncIterator[Scene]:
    one = Scene()
    with listen(one.merchant) as url:
        one.open(f"{url}/hooks", *faults)
        try:
            yield one
        finally:
            await one.edge._end()


def play(story: Callable[[Scene], Any], *faults: CallbackFault) -> Scene:
    async def run() -> Scene:
        async with scene(*faults) as one:
            await story(one)
            return one

    return asyncio.run(run())


def test_it_passes_at_the_merchant_s_own_address_with_its_bytes_and_its_answer() -> None:
    async def story(one: Scene) -> None:
        one.answers = [HttpResponse(500, {}, b"down")]
        sent = callback("PAID")
        answer = await one.edge.take(sent)
        assert (answer.status, answer.body) == (500, b"down"), "so the provider sends it again"
        (got,) = one.got
        assert (got.method, got.target, got.body) == ("POST", "/hooks", sent.body)
        headers = dict(got.headers)
        assert headers["host"] == "ours:1" and headers[SIGNATURE]

    (told,) = play(story).deliveries
    assert (told.order, told.state.name, told.status, told.forged) == ("order-1", "SUCCEEDED", 500, "")
    assert told.received_ns is not None and told.received_ns <= told.sent_ns <= told.at_ns


def test_a_merchant_that_is_not_there_and_a_call_of_nobody_s() -> None:
    async def story(one: Scene) -> None:
        stranger = HttpRequest("POST", "/elsewhere", (), b"{}")
        assert (await one.edge.take(stranger)).status == 200
        assert one.got[0].target == "/hooks/elsewhere"

    (told,) = play(story).deliveries
    assert (told.callback, told.order) == ("", "")

    async def alone() -> None:
        one = Scene()
        with listen(one.merchant) as url:
            gone = url
        one.open(gone)
        assert (await one.edge.take(callback("PAID"))).status == 502
        assert one.deliveries[0].status is None and "refused" in one.deliveries[0].detail

    asyncio.run(alone())


def test_an_order_that_the_gateway_knows_a_moment_later() -> None:
    async def story(one: Scene) -> None:
        one.numbers = {}
        one.catch_up = lambda: one.numbers.update(po_1="order-1")
        await one.edge.take(callback("PAID"))

    assert play(story).deliveries[0].order == "order-1"


def test_lost() -> None:
    async def story(one: Scene) -> None:
        assert (await one.edge.take(callback("PAID"))).status == LOADED.contract.callbacks[0].reply.status

    one = play(story, fault("callback-lost"))
    assert (one.got, one.deliveries, one.fired) == ([], [], ["callback-lost"])


def test_late_and_again_until_the_merchant_takes_it() -> None:
    async def story(one: Scene) -> None:
        one.answers = [HttpResponse(503, {}, b"")]
        assert (await one.edge.take(callback("PAID"))).status < 300
        await one.until(2)

    one = play(story, fault("callback-late", ms=80))
    first, second = one.deliveries
    assert first.received_ns is not None and first.sent_ns - first.received_ns >= 80_000_000
    assert (first.status, second.status, second.copy) == (503, 200, 0)


def test_what_is_late_is_let_go_when_the_fault_is_healed() -> None:
    async def story(one: Scene) -> None:
        await one.edge.take(callback("PAID"))
        one.edge.set_faults([])
        await one.until(1)

    assert play(story, fault("callback-late", ms=600_000)).told == ["SUCCEEDED"]


def test_doubled() -> None:
    async def story(one: Scene) -> None:
        await one.edge.take(callback("PAID"))
        await one.until(3)

    one = play(story, fault("callback-duplicate", copies=2, delay_ms=1))
    assert [d.copy for d in one.deliveries] == [0, 1, 2] and len({request.body for request in one.got}) == 1
    assert one.fired == ["callback-duplicate"]


def test_reordered_and_only_late_where_no_other_follows() -> None:
    async def story(one: Scene) -> None:
        await one.edge.take(callback("PROCESSING"))
        await one.edge.take(callback("PROCESSING", "2"))
        await one.edge.take(callback("PAID"))
        await one.until(2)

    one = play(story, fault("callback-reordered", most_ms=600_000))
    assert one.told == ["SUCCEEDED", "PROCESSING"] and {d.order for d in one.deliveries} == {"order-1"}
    assert one.fired == ["callback-reordered"]

    async def single(one: Scene) -> None:
        await one.edge.take(callback("PROCESSING"))
        await one.until(1)

    alone = play(single, fault("callback-reordered", most_ms=30))
    assert (alone.told, alone.fired) == (["PROCESSING"], [])


def test_forged_before_the_genuine_one() -> None:
    async def story(one: Scene) -> None:
        await one.edge.take(callback("PAID"))
        await one.edge.take(callback("PAID"))

    one = play(story, fault("callback-forged", signature="other-key"))
    assert one.told == ["FAILED", "SUCCEEDED", "SUCCEEDED"]
    forged, genuine, _ = one.deliveries
    assert (forged.forged, forged.received_ns, forged.order) == ("signature: other-key", None, "order-1")
    assert not genuine.forged and one.fired == ["callback-forged"]
    merchant = LOADED.codec.merchants["main"]
    assert merchant.problem_of_callback(one.got[0]) and not merchant.problem_of_callback(one.got[1])


def test_closing_from_another_thread_ends_what_is_held_back() -> None:
    async def story(one: Scene) -> None:
        await one.edge.take(callback("PAID"))
        await asyncio.to_thread(one.edge.close)
        assert not one.edge._tasks

    assert play(story, fault("callback-late", ms=600_000)).deliveries == []
