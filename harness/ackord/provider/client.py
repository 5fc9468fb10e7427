"""The client that drives any contract: renders an operation, sends it, reads the answer, and records both ends.

It decides nothing: it never retries, and an answer that it cannot read is an observation, not an exception.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.codec import Codec, Reading
from ..core.clock import Clock
from ..core.event import Begin, LedgerRead, Movement
from ..core.operation import OperationKind, Vantage
from ..record.recorder import Recorder
from .call import Call
from .transport import NoAnswer, Transport

__all__ = ["ProviderClient"]


@dataclass
class ProviderClient:
    """Performs calls over one transport. ``behind_gateway`` adds the headers that only our gateway understands and strips."""

    codec: Codec
    transport: Transport
    recorder: Recorder
    clock: Clock
    timeout_ns: int
    behind_gateway: bool = True

    async def perform(self, call: Call) -> Reading | None:
        """Do it, record it, and return what the contract makes of the answer; ``None`` if there was no answer."""
        payment = call.payment
        write = call.kind is not OperationKind.QUERY
        request = self.codec.submit(payment) if write else self.codec.query(payment.order_no, payment.account)
        op = self.recorder.next_op()
        if self.behind_gateway:
            request = request._replace(headers=(*request.headers, *_identity(op, call)))
        fingerprint = self.codec.fingerprint(payment) if write else ""
        self.recorder.add(
            Begin(
                self.clock.now_ns(), Vantage.MERCHANT, op, 0, call.kind, payment.account, payment.order_no, call.attempt,
                fingerprint, payment.amount_minor if write else None, call.node,
            )
        )  # fmt: skip
        try:
            answer = await self.transport.send(request, timeout_ns=self.timeout_ns)
        except NoAnswer as error:
            self.recorder.gave_up(op, self.clock.now_ns(), str(error))
            return None
        at_ns = self.clock.now_ns()
        reading = self.codec.read(call.kind, answer)
        self.recorder.complete(op, at_ns, reading, answer)
        return reading

    async def read_ledger(self, transport: Transport, prefix: str) -> int:
        """Read the provider's movements to the end and record those of orders that start with ``prefix``; return how many.

        It goes past the gateway: the oracle is no merchant, and chaos must not blind it. Raises ``NoAnswer`` when the ledger cannot be read; no
        ``LedgerRead`` is recorded then, so the guarantees about money say INCONCLUSIVE.
        """
        cursor: str | None = None
        seen: set[str] = set()
        count = 0
        while True:
            answer = await transport.send(self.codec.ledger_page(cursor=cursor), timeout_ns=self.timeout_ns)
            page = self.codec.read_ledger_page(answer)
            if page.problem:
                raise NoAnswer(page.problem)
            at_ns = self.clock.now_ns()
            for row in page.rows:
                if row.movement_id not in seen and row.order_no.startswith(prefix):
                    count += 1
                    self.recorder.add(
                        Movement(at_ns, row.account, row.order_no, row.movement_id, row.amount_minor, row.kind)
                    )
                seen.add(row.movement_id)
            if page.next_cursor is None or page.next_cursor == cursor:
                break
            cursor = page.next_cursor
        self.recorder.add(LedgerRead(self.clock.now_ns(), count))
        return count


def _identity(op: int, call: Call) -> list[tuple[str, str]]:
    headers = [("ackord-op", str(op)), ("ackord-key", f"{call.kind}/{call.ordinal}/{call.attempt}")]
    headers += [
        (name, value)
        for name, value in (
            ("ackord-node", call.node),
            ("ackord-hold", call.hold),
            ("ackord-token", call.token),
            ("ackord-do", call.do),
        )
        if value
    ]
    return headers
