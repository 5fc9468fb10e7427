"""Drives a provider by any contract: renders an operation, sends it, reads the answer, and records both ends.

It never retries. An unreadable answer is an observation, not an exception.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..contract.base.body_parsing import UnreadableBody
from ..contract.base.http_messages import TimestampNonce
from ..contract.codec.codec import (
    Codec,
    HttpRequest,
    HttpResponse,
    Interpretation,
    LedgerPage,
    Payment,
    PrerequisiteCodec,
    RequestContext,
    RequestRenderError,
    ResponseContext,
)
from ..contract.signing.oauth2 import OAuth2Merchant, read_token, token_request
from ..core.clock import SECOND, Clock
from ..core.event import Begin
from ..core.operation import WRITES, OperationKind, Vantage
from ..errors import dotted
from ..masking import hide
from ..record.recorder import Recorder
from .movement_record import record_movements
from .operation_request import OperationRequest
from .page_bounds import within_bounds
from .page_reader import read_all_pages
from .transport import NoResponse, Transport

__all__ = ["ClientState", "ProviderClient"]

_TOKEN_RETRY_S = 1
"""How long after all tries for an access token failed it is asked for again."""
_UNSAID_S = 600
"""Lifetime of an access token whose answer does not state one."""
_TRIES = 5
"""How often a prerequisite is sent before its order is given up; faults hit prerequisites too."""


@dataclass
class ClientState:
    """What a merchant's clients have learnt that later requests need; shared by all clients of a run."""

    provider_ids: dict[tuple[str, str], str] = field(default_factory=dict)
    """The provider's identifiers, by account and order number."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Order numbers by the provider's identifiers."""
    ordinals: dict[str, int] = field(default_factory=dict)
    """What the gateway knows orders by, by order number."""
    tokens: dict[str, tuple[int, asyncio.Task[None]]] = field(default_factory=dict)
    """By account: when its access token must be renewed (in seconds since 1970), and the task that fetches it."""
    captured: dict[tuple[str, str], asyncio.Task[dict[str, str]]] = field(default_factory=dict)
    """Values captured from prerequisites, by account and order number (empty: for the whole account)."""

    def note(self, payment: Payment, reading: Interpretation, kind: OperationKind) -> None:
        if reading.provider_id is not None and kind is not OperationKind.REFUND:  # a refund has one of its own
            self.provider_ids.setdefault((payment.account, payment.order_no), reading.provider_id)
            self.numbers.setdefault(reading.provider_id, payment.order_no)


@dataclass
class ProviderClient:
    """Performs operations over one transport. ``behind_gateway`` adds the headers that only our gateway understands and
    strips.
    """

    codec: Codec
    transport: Transport
    recorder: Recorder
    clock: Clock
    timeout_ns: int
    behind_gateway: bool = True
    client_state: ClientState = field(default_factory=ClientState)
    unix_s: Callable[[], int] = lambda: 0
    """The civil time in seconds since 1970, for signatures and unique values."""
    callback_url: str | None = None
    """Base URL for callbacks; each account has a path of its own below it."""
    callback_timeout_ns: int = 5 * SECOND
    admits: Callable[[OperationRequest], bool] = lambda call: True
    """Whether the run's limits allow an operation."""

    async def perform(self, call: OperationRequest) -> Interpretation | None:
        """Send an operation about one order, record it, and return what the contract makes of the answer; ``None`` if
        there was no answer.

        An operation that cannot be sent is not recorded, and gives ``None``: the run's limits forbid it, its
        prerequisites failed, or the provider's identifier of the order is not known yet. Raises ``LookupError``, before
        anything is sent, for an operation that the contract does not have; ``RequestRenderError`` for a value that no
        header can hold, unless the provider gave the value: then the operation is recorded as one without an answer.
        """
        if not self.admits(call):
            return None
        if call.hold.startswith("pass:") and self.codec.asks_by_provider_id:
            call = call._replace(hold="")  # no query overtakes the answer that tells what it asks by
        host, payment = self.codec.host_of(call.kind), call.payment
        try:
            request = await self._request(call)
        except RequestRenderError as why:
            if not why.given:
                raise
            op = self.recorder.next_op()
            self._begin(call, op)
            self.recorder.gave_up(op, self.clock.now_ns(), f"not sent: {dotted(why.path)}: {why}")
            return None
        if request is None:
            return None
        op = self.recorder.next_op()  # not before: numbers of operations that are recorded have no gap
        if self.behind_gateway:
            identity = _identity(op, call if not host else call._replace(node=host))
            request = request._replace(headers=(*request.headers, *identity))
        self._begin(call, op)
        try:
            answer = await self.transport.send(request, timeout_ns=self.timeout_ns)
        except NoResponse as error:
            self.recorder.gave_up(op, self.clock.now_ns(), str(error))
            return None
        at_ns = self.clock.now_ns()
        reading = self._read(call.kind, payment, answer, request)
        result = self.recorder.complete(op, at_ns, reading, answer)
        if result is not None:
            await asyncio.wait({asyncio.wrap_future(result)}, timeout=self.callback_timeout_ns / SECOND)
            waited_ms = self.callback_timeout_ns // 1_000_000
            if not result.done() and self.recorder.gave_up(
                op, self.clock.now_ns(), f"no callback within {waited_ms} ms"
            ):
                return None
            reading = result.result()
        self.client_state.note(payment, reading, call.kind)
        return reading

    def _begin(self, call: OperationRequest, op: int) -> None:
        payment = call.payment
        write = call.kind in WRITES
        self.client_state.ordinals.setdefault(payment.order_no, call.ordinal)
        fingerprint = self.codec.fingerprint(payment, call.variation) if write else ""
        self.recorder.add(
            Begin(
                self.clock.now_ns(), Vantage.MERCHANT, op, 0, call.kind, payment.account, payment.order_no,
                call.attempt, fingerprint, call.sent_minor if write else None, call.node,
                payment.currency if write else "", payment.payee if write else "",
                call.refund.number if call.refund is not None else "", call.variation,
            )
        )  # fmt: skip

    def _read(
        self, kind: OperationKind, payment: Payment, answer: HttpResponse, request: HttpRequest
    ) -> Interpretation:
        provider_id = self.client_state.provider_ids.get((payment.account, payment.order_no))
        return self.codec.read(
            kind,
            answer,
            ResponseContext(payment.order_no, provider_id, payment.account, request, TimestampNonce(self.unix_s())),
        )

    def _asker(self, account: str, request: HttpRequest) -> ResponseContext:
        return ResponseContext(account=account, request=request, at=TimestampNonce(self.unix_s()))

    async def _request(self, call: OperationRequest) -> HttpRequest | None:
        payment = call.payment
        request_context = self._sending(self.recorder.next_aside(), payment.account)
        if not await self.authorized(payment.account):
            return None
        if self.codec.prerequisites:
            captured = await self._captured(payment)
            if captured is None:
                return None
            request_context = request_context._replace(captured=captured)
        provider_id = self.client_state.provider_ids.get((payment.account, payment.order_no))
        if provider_id is None and self.codec.needs_provider_id(call.kind):
            return None
        return self.codec.request(call.kind, payment, provider_id, request_context, call.refund, call.variation)

    async def authorized(self, account: str, transport: Transport | None = None) -> bool:
        """Return whether the account's requests can be signed. A needed access token is fetched first, once for all who
        wait.
        """
        holder = self.codec.token_holders.get(account)
        if holder is None:
            return True
        renew_s, task = self.client_state.tokens.get(account, (0, None))
        if task is None or (task.done() and renew_s <= self.unix_s()):
            task = asyncio.create_task(self._fetch_token(account, holder, transport or self.transport))
            self.client_state.tokens[account] = (0, task)
        await asyncio.shield(task)
        return holder.token is not None

    async def _fetch_token(self, account: str, holder: OAuth2Merchant, transport: Transport) -> None:
        for _ in range(_TRIES):
            try:
                answer = await transport.send(token_request(holder.settings), timeout_ns=self.timeout_ns)
                holder.token, expires_in_s = read_token(answer)
                hide(holder.token)
            except (NoResponse, ValueError):
                continue
            renew_s = self.unix_s() + (expires_in_s or _UNSAID_S) * 9 // 10
            _, task = self.client_state.tokens[account]
            self.client_state.tokens[account] = (renew_s, task)
            return
        # Whoever comes meanwhile is told so at once: each would wait for as many time-outs.
        _, task = self.client_state.tokens[account]
        self.client_state.tokens[account] = (self.unix_s() + _TOKEN_RETRY_S, task)

    def _sending(self, number: int, account: str = "") -> RequestContext:
        unix_s = self.unix_s()
        callback_url = self.callback_url and f"{self.callback_url}/{account}"
        return RequestContext(TimestampNonce(unix_s, f"{unix_s:x}{number:x}"), callback_url)

    async def _captured(self, payment: Payment) -> dict[str, str] | None:
        """Return the values captured from an order's prerequisites, each called once. ``None`` if one failed."""
        captured: dict[str, str] = {}
        for prerequisite in self.codec.prerequisites:
            key = (payment.account, f"{prerequisite.name}/{payment.order_no if prerequisite.per_order else ''}")
            task = self.client_state.captured.get(key)
            if task is None:
                coroutine = self._prepare(prerequisite, payment, dict(captured))
                task = self.client_state.captured[key] = asyncio.create_task(coroutine)
            try:
                captured |= await asyncio.shield(task)
            except NoResponse:
                return None
        return captured

    async def _prepare(
        self, prerequisite: PrerequisiteCodec, payment: Payment, captured: dict[str, str]
    ) -> dict[str, str]:
        """Send the prerequisites. Raises ``NoResponse`` with the last reason when no attempt succeeded."""
        why = ""
        for _ in range(_TRIES):
            request_context = self._sending(self.recorder.next_aside(), payment.account)._replace(captured=captured)
            request = prerequisite.request(payment, request_context)
            if self.behind_gateway and prerequisite.host:
                request = request._replace(headers=(*request.headers, ("ackord-node", prerequisite.host)))
            try:
                answer = await self.transport.send(request, timeout_ns=self.timeout_ns)
                return prerequisite.read(answer)
            except (NoResponse, UnreadableBody) as error:
                why = str(error)
        raise NoResponse(f"the prerequisite {prerequisite.name} failed {_TRIES} times, at last: {why}")

    async def read_ledger(
        self, transport: Transport, concerns: Callable[[str], bool], payment: Payment | None = None
    ) -> int:
        """Read the provider's movements to the end and record those of the numbers that ``concerns`` accepts; return
        how many. With ``payment``, a ledger by order is read for that order.

        The requests bypass the gateway, because faults must not affect the oracle. Raises ``NoResponse`` when the
        ledger cannot be read. No ``LedgerRead`` is recorded then, so the guarantees about money are INCONCLUSIVE.
        """
        began_ns = self.clock.now_ns()
        ledger, account = self.codec.ledger, self.codec.ledger_account
        if ledger is None:
            raise NoResponse("the contract has no ledger")
        if not await self.authorized(account, transport):
            raise NoResponse("there is no access token for the ledger")
        order_no = "" if payment is None else payment.order_no
        provider_id = None
        if payment is not None:
            provider_id = self.client_state.provider_ids.get((payment.account, order_no))
            if provider_id is None and ledger.by_provider_id:
                raise NoResponse("the provider's identifier of the order is not known")

        async def page_at(cursor: str | None) -> LedgerPage:
            with _readable():
                request = self.codec.ledger_page(
                    cursor=cursor, request_context=self._sending(0), payment=payment, provider_id=provider_id
                )
            answer = await transport.send(request, timeout_ns=self.timeout_ns)
            return self.codec.read_ledger_page(
                answer,
                numbers=self.client_state.numbers,
                response_context=self._asker(account, request),
                cursor=cursor,
            )

        rows = await read_all_pages(within_bounds(page_at, self.clock), unique=True)
        return record_movements(
            self.recorder, rows, concerns, began_ns=began_ns, at_ns=self.clock.now_ns(), order_no=order_no
        )


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Raise ``NoResponse`` if a page cannot be requested with the values that the provider gave."""
    try:
        yield
    except RequestRenderError as why:
        if not why.given:
            raise
        raise NoResponse(f"{dotted(why.path)}: {why}") from None


def _identity(op: int, call: OperationRequest) -> list[tuple[str, str]]:
    told = {"node": call.node, "hold": call.hold, "token": call.token, "inject": call.inject}
    headers = [("ackord-op", str(op)), ("ackord-key", f"{call.kind}/{call.ordinal}/{call.attempt}")]
    return headers + [(f"ackord-{name}", value) for name, value in told.items() if value]
