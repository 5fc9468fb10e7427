"""The bank channel behind the provider: slow, sometimes silent, and the only one who moves money.

A payment instruction is answered after the channel's latency, or it times out. A time-out is not a failure: with
``pays_share`` the bank pays all the same, a little later, and sends a notification; otherwise it never got the
instruction, which an inquiry brings to light. With ``late_ms`` the bank pays in time and its answer comes after the
time-out; until it has answered, it says nothing about that payment to inquiries either. While it is ``down``, every
instruction is refused, which proves that it was not executed.

The bank's book is the table ``movements``; it is idempotent for each provider id *in itself*, so whoever makes two
provider ids for one order number pays twice. It is another institution's book: what a failover of the provider's
database loses of it is entered again from what the channel knows.

Everything is decided by a hash of the seed and the order number, so an order meets the same fate on any node and after
a restart.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, fields, replace
from enum import Enum, auto
from typing import Any, ClassVar

from ...contract.emulate.domain_responses import ProviderOrder, ProviderRefund, ReceivedOrder
from ...core.recent_dict import MOST_REMEMBERED
from ...core.seed import Seed
from .provider_store import ProviderStore

__all__ = ["BackgroundTasks", "BankChannel", "BankOutcome", "ChannelSettings"]

PATIENCE_MS = 60.0
"""How much longer than the channel's usual latency the provider waits for its answer."""
LATE_MS = 250.0
"""When a payment that timed out, but is paid all the same, is paid: counted from the instruction."""
CALLBACK_MS = 100.0
"""How long after such a late payment the callback comes; an inquiry may learn of it before."""
RECONCILE_MS = 100.0
"""Pause between two inquiries about an unknown outcome."""
DUPLICATE_CALLBACK_MS = (50.0, 350.0)
"""The second notification of a payment comes so long after its answer: before the end of some orders' story, and after
that of others.
"""
ATTEMPTS_THAT_TIME_OUT = 2
"""After so many time-outs an instruction of the same order passes, so that every order converges."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Describe how the channel behaves; shares are from 0 to 1 of all orders."""

    latency_ms: float = 15.0
    jitter_ms: float = 25.0
    timeout_share: float = 0.0
    pays_share: float = 1.0
    decline_share: float = 0.0
    return_share: float = 0.0
    return_after_ms: float = 50.0
    busy_share: float = 0.0
    down: bool = False
    late_ms: float = 0.0
    duplicate_callback_share: float = 0.0

    def changed(self, **values: Any) -> ChannelSettings:
        """Return settings with some changes. Raises ``ValueError`` for an unknown name or an impossible value."""
        known = [field.name for field in fields(self)]
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"the channel has no lever {name!r}; it has {', '.join(known)}")
            if name == "down":
                if value not in (False, True):
                    raise ValueError(f"the channel's down must be true or false, not {value!r}")
                continue
            limit = 1.0 if name.endswith("_share") else 60_000.0
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= limit:
                raise ValueError(f"the channel's {name} must be a number from 0 to {limit:g}, not {value!r}")
        return replace(self, **values)


class BankOutcome(Enum):
    PAID = auto()
    DECLINED = auto()
    UNKNOWN = auto()
    """A time-out, or an inquiry that knows nothing final yet."""
    NOT_EXECUTED = auto()
    """The bank refused the instruction, or never got it: it may be sent again."""


class BackgroundTasks:
    """Keep background tasks from garbage collection, and report their failures."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            print(f"background work failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)


class BankChannel:
    """Reach the bank from one node."""

    patience_ms: ClassVar[float] = PATIENCE_MS
    pays_late_ms: ClassVar[float] = LATE_MS
    callback_ms: ClassVar[float] = CALLBACK_MS
    reconcile_ms: ClassVar[float] = RECONCILE_MS
    MOST_BOOKED: ClassVar = MOST_REMEMBERED
    """Movements that can be entered again. A failover that loses older ones than these loses them for good."""

    def __init__(self, store: ProviderStore, seed: Seed, settings: ChannelSettings) -> None:
        self._store = store
        self._seed = seed
        self.settings = settings
        self._tasks = BackgroundTasks()
        self._late: set[str] = set()
        self._answers: dict[str, asyncio.Future[BankOutcome]] = {}
        """Answers that are still to come, for orders whose instruction has timed out, by provider id."""
        self._booked: deque[tuple[ProviderOrder, str]] = deque(maxlen=self.MOST_BOOKED)
        """The latest movements, oldest first: what a failover may have lost."""
        self.notify: Callable[[ProviderOrder], Awaitable[None]] | None = None
        """Who is told that an order was paid, outside the answer to its instruction."""
        self.counters = dict.fromkeys(
            (
                "payments",
                "declines",
                "timeouts",
                "returns",
                "refunds",
                "busy",
                "refused",
                "late_answers",
                "callbacks",
                "duplicate_callbacks",
            ),
            0,
        )
        """What happened here so far: the proof that a lever took effect."""

    async def pay(self, order: ProviderOrder, attempt: int = 1) -> BankOutcome:
        """Instruct the bank. The same provider id may be instructed again at any time."""
        settings = self.settings
        if settings.down:
            self.counters["refused"] += 1
            return BankOutcome.NOT_EXECUTED
        if self._hits(settings.timeout_share, "time-out", order) and attempt <= ATTEMPTS_THAT_TIME_OUT:
            self.counters["timeouts"] += 1
            if self._hits(settings.pays_share, "pays", order):
                self._late.add(order.provider_id)
                self._tasks.start(self._pay_late(order))
            await self.pause((settings.latency_ms + settings.jitter_ms + self.patience_ms) / 1000)
            return BankOutcome.UNKNOWN
        share = self._seed.unit("latency", order.account, self.subject(order), attempt)
        latency_s = (settings.latency_ms + settings.jitter_ms * share) / 1000
        await self.pause(latency_s * 0.6)
        outcome = BankOutcome.DECLINED if self._declines(order) else BankOutcome.PAID
        if outcome is BankOutcome.DECLINED:
            self.counters["declines"] += 1
        else:
            await self._pay_out(order)
            if self._hits(settings.duplicate_callback_share, "duplicate-callback", order):
                self._tasks.start(self._call_again(order))
        if settings.late_ms > 0:
            patience_s = (settings.latency_ms + settings.jitter_ms + self.patience_ms) / 1000 - latency_s * 0.6
            self._answer_in(patience_s + settings.late_ms / 1000, order, outcome)
            await self.pause(patience_s)
            return BankOutcome.UNKNOWN
        await self.pause(latency_s * 0.4)
        return outcome

    async def late_answer(self, order: ProviderOrder, patience_ms: float) -> BankOutcome:
        """Wait for the answer to an instruction that has timed out, at most ``patience_ms``; UNKNOWN otherwise."""
        coming = self._answers.get(order.provider_id)
        if coming is None:
            await self.pause(patience_ms / 1000)
            return BankOutcome.UNKNOWN
        done, _ = await asyncio.wait([coming], timeout=patience_ms / 1000)
        if not done:
            return BankOutcome.UNKNOWN
        self._answers.pop(order.provider_id, None)
        return coming.result()

    async def inquire(self, order: ProviderOrder) -> BankOutcome:
        """Ask what became of an instruction."""
        await self.pause(self.settings.latency_ms / 1000)
        if self.settings.down or order.provider_id in self._answers:
            return BankOutcome.UNKNOWN
        if await self._store.moved(order.provider_id, "payout"):
            return BankOutcome.PAID
        if order.provider_id in self._late:
            return BankOutcome.UNKNOWN
        return BankOutcome.DECLINED if self._declines(order) else BankOutcome.NOT_EXECUTED

    def returns(self, order: ProviderOrder) -> bool:
        """Whether the beneficiary's bank will send this payment back."""
        return self._hits(self.settings.return_share, "returns", order)

    async def send_back(self, order: ProviderOrder) -> None:
        """Send the money back after ``return_after_ms``."""
        await self.pause(self.settings.return_after_ms / 1000)
        await self._book(order, "return")
        self.counters["returns"] += 1

    async def give_back(self, refund: ProviderRefund) -> bool:
        """Move a refund's money, once for each refund; return False if the bank refused to."""
        if self.settings.down:
            self.counters["refused"] += 1
            return False
        share = self._seed.unit("refund-latency", refund.account, refund.refund_id)
        await self.pause((self.settings.latency_ms + self.settings.jitter_ms * share) / 1000)
        booked = ProviderOrder(
            refund.refund_id, refund.account, refund.order_no, refund.amount, refund.currency, "", "", refund.node
        )
        await self._book(booked, "refund")
        self.counters["refunds"] += 1
        return True

    def busy(self, account: str, submission: ReceivedOrder) -> bool:
        """Whether the provider's front door is too busy for this order's first delivery."""
        share = self.settings.busy_share
        return share > 0 and self._seed.hits(share, "busy", account, self.subject(submission))

    def subject(self, order: ProviderOrder | ReceivedOrder) -> str | int:
        """Return what about an order decides all that is decided by chance: its number."""
        return order.order_no

    def pause(self, duration_s: float) -> Awaitable[None]:
        """Wait, which costs a simulation less than asyncio's own way."""
        return asyncio.sleep(duration_s)

    async def book_again(self) -> int:
        """Enter what the database has lost of the bank's book; return how many movements that were."""
        return await self._store.move_again(self._booked) if self._booked else 0

    async def _pay_out(self, order: ProviderOrder) -> None:
        await self._book(order, "payout")
        self.counters["payments"] += 1

    async def _book(self, order: ProviderOrder, kind: str) -> None:
        await self._store.move(order, kind)
        self._booked.append((order, kind))

    async def _pay_late(self, order: ProviderOrder) -> None:
        try:
            await self.pause(self.pays_late_ms / 1000)
            if self._declines(order):
                return
            await self._pay_out(order)
        finally:
            self._late.discard(order.provider_id)
        await self.pause(self.callback_ms / 1000)
        await self._tell(order, "callbacks")

    async def _call_again(self, order: ProviderOrder) -> None:
        first_ms, last_ms = DUPLICATE_CALLBACK_MS
        share = self._seed.unit("duplicate-callback-delay", order.account, self.subject(order))
        await self.pause((first_ms + (last_ms - first_ms) * share) / 1000)
        await self._tell(order, "duplicate_callbacks")

    async def _tell(self, order: ProviderOrder, counted_as: str) -> None:
        self.counters[counted_as] += 1
        if self.notify is not None:
            await self.notify(order)

    def _answer_in(self, delay_s: float, order: ProviderOrder, outcome: BankOutcome) -> None:
        loop = asyncio.get_running_loop()
        self._answers[order.provider_id] = coming = loop.create_future()

        def answer() -> None:
            self.counters["late_answers"] += 1
            coming.set_result(outcome)

        loop.call_later(delay_s, answer)

    def _declines(self, order: ProviderOrder) -> bool:
        return order.payee.startswith("declined-") or self._hits(self.settings.decline_share, "declines", order)

    def _hits(self, share: float, what: str, order: ProviderOrder) -> bool:
        return share > 0 and self._seed.hits(share, what, order.account, self.subject(order))
