"""Records the movements of money that were read, from whatever source, as the events that the judge counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..contract.codec.codec import LedgerRow
from ..core.event import LedgerRead, Movement
from ..record.recorder import Recorder

__all__ = ["record_movements"]


def record_movements(
    recorder: Recorder,
    rows: Iterable[LedgerRow],
    concerns: Callable[[str], bool],
    *,
    began_ns: int,
    at_ns: int,
    order_no: str = "",
    problem: str = "",
) -> int:
    """Record the movements of the order numbers that ``concerns`` accepts, and the reading; return how many they are.

    ``order_no``: the order that was asked for, where it is read by order; a row need not repeat it. ``problem``: why
    what is missing among the rows proves nothing.
    """
    count = 0
    for row in rows:
        number = row.order_no or order_no
        if concerns(number):
            count += 1
            moved = (row.movement_id, row.amount_minor, row.kind, row.currency, row.refund_no)
            recorder.add(Movement(at_ns, row.account, number, *moved))
    recorder.add(LedgerRead(at_ns, 0 if problem else count, problem, began_ns=began_ns, order=order_no))
    return count
