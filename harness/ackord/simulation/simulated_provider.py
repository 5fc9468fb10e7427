"""Runs the reference provider's own code in virtual time: its service, its bank channel, its refunds, its statements.

Only what is around them is another: the store is in memory, and the API is bytes in, bytes out, as
``contracts/reference.yaml`` has them. A flaw of the provider's logic is a variant of the service
(``ackord.providers.variants``), so it is the same here and live; one that is made of more than logic, or that no
program brings to light, says so (``only_live``).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from ..contract.codec.codec import HttpRequest, HttpResponse
from ..contract.emulate.domain_responses import (
    ProviderMovement,
    ProviderOrder,
    ReceivedOrder,
    Refusal,
    RefusalKind,
)
from ..core.clock import SECOND, VirtualClock, WallClock
from ..core.seed import Seed
from ..errors import UsageError
from ..providers.flaws import FLAWS
from ..providers.reference.response_encoder import ReferenceResponseEncoder, problem_response, statement_response
from ..providers.service.bank_channel import BankChannel, ChannelSettings
from ..providers.service.behavior import ProviderBehavior
from ..providers.service.node_identity import NodeIdentity
from ..providers.service.payment_service import PaymentService
from ..providers.service.provider_store import StatedWindow
from ..providers.variants import VARIANTS, variant_named
from .simulated_standby import SimulatedStandby
from .simulated_store import READ_NS, SIMULATED_UNIX_S, SimulatedStore
from .virtual_loop import Pause, VirtualLoop

__all__ = ["SIMULATED_FLAWS", "SIMULATED_VARIANTS", "SimulatedProvider", "simulated_provider"]

SIMULATED_VARIANTS = {name: VARIANTS.get(name) for name in VARIANTS.names() if not VARIANTS.get(name).only_live}
"""By name, correct ones among them."""
SIMULATED_FLAWS = [name for name in SIMULATED_VARIANTS if not FLAWS.get(name).correct]

ACCOUNTS = {"Bearer sk_main": "main", "Bearer sk_other": "other"}
"""Credential to account."""
BANK = ChannelSettings(
    latency_ms=4.0, jitter_ms=20.0, timeout_share=3 / 16, decline_share=2 / 16, return_share=2 / 16,
    return_after_ms=25.0, busy_share=1 / 16, duplicate_callback_share=2 / 16,
)  # fmt: skip
FATES = {"returns": (0, 1), "duplicate-callback": (0, 1), "declines": (11, 12), "time-out": (13, 14, 15)}
FATES["pays"] = (13, 14)
"""What happens to which of 16 orders: 9 are paid and no more, and one that times out is not executed."""
PAGE_LINES = 3
"""Lines of a statement's page: programs are short."""

Respond = Callable[[HttpResponse], None]
_render = lru_cache(maxsize=4096)(ReferenceResponseEncoder().render)
_render_page = lru_cache(maxsize=1024)(statement_response)
"""The same object for the same answer."""
_UNAUTHORIZED = _render(Refusal(RefusalKind.UNAUTHORIZED, "Send one of the provider's keys as a bearer token."))
_INVALID = _render(Refusal(RefusalKind.INVALID_REQUEST, "This is not what is described."))
_NO_PATH = problem_response(404, "NOT_FOUND", "Not Found")
_DECODE = json.JSONDecoder().decode


class SimulatedBank(BankChannel):
    """What becomes of an order goes by its amount, as with the magic amounts of sandboxes: amounts shrink, numbers do
    not. It is four times as quick as the bank of live runs: programs are short.
    """

    patience_ms = 6.0
    pays_late_ms = 70.0
    callback_ms, reconcile_ms = 30.0, 50.0

    def __init__(self, store: SimulatedStore, seed: Seed, settings: ChannelSettings) -> None:
        super().__init__(store, seed, settings)
        self._fates: dict[int, int] = {}

    def pause(self, duration_s: float) -> Awaitable[None]:
        return Pause((round(duration_s * SECOND),))

    def subject(self, order: ProviderOrder | ReceivedOrder) -> int:
        return order.amount

    def _hits(self, share: float, what: str, order: ProviderOrder) -> bool:
        """One draw decides all: the orders that time out are others than those that come back."""
        fate = self._fates.get(order.amount)
        if fate is None:
            fate = self._fates[order.amount] = self._seed.pick(16, "fate", order.amount)
        return fate in FATES[what]


class VirtualWall(WallClock):
    """The wall clock of the only node."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def unix_ns(self) -> int:
        return SIMULATED_UNIX_S * SECOND + self._clock.now_ns() + self.stepped_ns


class Asked(NamedTuple):
    """What a request asks for."""

    account: str
    action: str
    """``submit``, ``query``, ``cancel`` or ``refunds``."""
    order_no: str
    order: ReceivedOrder | None = None
    refund: tuple[str, int] = ("", 0)
    """Number and amount."""


class SimulatedProvider:
    """One provider of one program, with one node."""

    def __init__(
        self,
        clock: VirtualClock,
        seed: Seed,
        variant: type[PaymentService] = PaymentService,
        behavior: ProviderBehavior = ProviderBehavior(),
    ) -> None:
        self._clock, self._loop = clock, VirtualLoop(clock)  # type: ignore[abstract]
        self.store = SimulatedStore(clock, scoped=behavior.scoped_by_account, unique_refunds=variant.unique_refunds)
        bank = SimulatedBank(self.store, seed.derive("channel"), BANK)
        self.service = variant(NodeIdentity("A", 0, seed, clock, VirtualWall(clock), self.store, bank, behavior))
        self.service.statements.page_lines = PAGE_LINES
        self._loop.at_once(self.service.start())

    def close(self) -> None:
        """Part the service from its parts, which know it: a program's world is freed without the garbage collector."""
        vars(self.service).clear()

    @property
    def standby(self) -> SimulatedStandby:
        return self.store.standby

    @property
    def ledger(self) -> list[ProviderMovement]:
        return self.store.ledger

    def receive(self, request: HttpRequest, respond: Respond) -> None:
        """Take a request; ``respond`` is called once, later in virtual time, with the answer."""
        asked = _read(request)
        if isinstance(asked, Asked):
            self._loop.start(self._answer(asked, request.body, respond))
        else:
            self._clock.call_later(READ_NS, partial(respond, asked))

    async def _answer(self, asked: Asked, body: bytes, respond: Respond) -> None:
        service = self.service
        account, action, order_no, order, refund = asked
        if action == "query":
            reply = await service.query(account, service.key_of(order_no))
        elif order is not None:
            key = service.key_of(order_no)
            reply = await service.submit(account, order if key == order_no else order._replace(order_no=key), body)
        elif action == "cancel":
            reply = await service.cancel(account, order_no)
        else:
            reply = await service.refund(account, *refund, order_no)
        respond(_render(reply))

    def statement(self, account: str, target: str) -> HttpResponse:
        """Return the page of a statement that a request's target asks for, which takes no time."""
        page = self._loop.at_once(self.service.statements.page(*_read_statement(account, target)))
        return _render(page) if isinstance(page, Refusal) else _render_page(page)


@lru_cache(maxsize=4096)
def _read(request: HttpRequest) -> Asked | HttpResponse:
    """Return what is asked for; the answer where that is nothing."""
    account = ACCOUNTS.get(dict(request.headers).get("authorization", ""))
    if account is None:
        return _UNAUTHORIZED
    _, _, path = request.target.partition("/v1/orders")
    order_no, _, action = path[1:].partition("/")
    if request.method == "GET" and order_no and not action:
        return Asked(account, "query", order_no)
    if (
        request.method != "POST"
        or not request.target.startswith("/v1/orders")
        or action not in ("", "cancel", "refunds")
    ):
        return _NO_PATH
    if action == "cancel":
        return Asked(account, action, order_no)
    try:
        sent = _DECODE(request.body.decode())
        if action:
            return Asked(account, action, order_no, None, (str(sent["refund_no"]), int(sent["amount"])))
        order = ReceivedOrder(sent["order_no"], sent["amount"], sent["currency"], sent["payee"])
    except (ValueError, TypeError, KeyError):
        return _INVALID
    return (
        Asked(account, "submit", order.order_no, order) if tuple(map(type, order)) == (str, int, str, str) else _INVALID
    )


@lru_cache(maxsize=4096)
def _read_statement(account: str, target: str) -> tuple[StatedWindow, str]:
    """Return what is asked for, and the cursor."""
    query = parse_qs(urlsplit(target).query)
    return StatedWindow(account, int(query["from"][0]), int(query["to"][0])), query.get("cursor", [""])[0]


def simulated_provider(
    clock: VirtualClock, seed: Seed, variant: str = "", behavior: ProviderBehavior = ProviderBehavior()
) -> SimulatedProvider:
    """Return the correct provider, or a variant. Raises ``UnknownNameError``, and ``UsageError`` for one that is only
    live.
    """
    service = variant_named(variant) if variant else PaymentService
    if service.only_live:
        raise UsageError(f"the variant {variant} cannot be simulated: {service.only_live}.")
    return SimulatedProvider(clock, seed, service, behavior)
