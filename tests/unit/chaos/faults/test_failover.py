"""A primary that is lost: when it dies, and that nothing is proven where nobody was promised anything."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.chaos.faults import failover
from ackord.chaos.faults.failover import Failover
from ackord.core.event import Begin, Complete, Event
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState


def began(op: int, kind: OperationKind) -> Event:
    return Begin(0, Vantage.MERCHANT, op, 0, kind, "main", f"n-{op}", 1, "", None, "")


def acknowledged(op: int) -> Event:
    return Complete(
        1, Vantage.MERCHANT, op, 0, Outcome.OK, Observation.ACK, PaymentState.RECEIVED, None, None, "", None
    )


class Run:
    """A run whose history grows by one event each time that it is read."""

    def __init__(self, before: list[Event], later: list[Event]) -> None:
        self.history, self.later = before, later
        self.told: list[str] = []
        self.spent = False

    @property
    def events(self) -> list[Event]:
        seen = list(self.history)
        if self.later:
            self.history.append(self.later.pop(0))
        return seen

    def use_up(self) -> None:
        self.spent = True

    async def control(self, do: str) -> dict[str, Any]:
        self.told.append(do)
        return {"promoted": True}


def test_the_primary_dies_after_the_next_new_order_is_acknowledged() -> None:
    old = [began(1, OperationKind.SUBMIT), acknowledged(1), began(2, OperationKind.SUBMIT)]
    again = [began(3, OperationKind.RESUBMIT), acknowledged(3)]
    run: Any = Run(old, [*again, acknowledged(2)])
    done = asyncio.run(Failover(fault="failover").inject(run))
    assert done == {"promoted": True, "acknowledged_before": "n-2"}
    assert (run.told, run.spent, run.later) == (["failover"], True, [])


def test_nothing_is_done_or_proven_while_no_new_order_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failover, "_WAITS_S", 0.02)
    run: Any = Run(
        [began(1, OperationKind.SUBMIT), acknowledged(1)], [began(3, OperationKind.RESUBMIT), acknowledged(3)]
    )
    assert asyncio.run(Failover(fault="failover").inject(run)) is None
    assert (run.told, run.spent) == ([], False)
