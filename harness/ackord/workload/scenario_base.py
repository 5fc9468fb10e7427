"""Keep the registry of scenarios, and hold what all of them are made of: who performs them, and polling.

A scenario never judges and never acts on an answer's failure. It is a coroutine that takes a ``ScenarioRunner`` (which
performs operations and waits) and an order. Waits are in milliseconds and belong to the scenario (a merchant polls, a
retry comes late); they are no synchronisation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from ..client.operation_request import OperationRequest
from ..contract.codec.codec import Interpretation
from ..core.key_promises import KeyPromises
from ..core.operation import OperationKind
from ..core.registry import Registry
from ..core.sandbox_trigger import TriggerPromise
from .order import WorkloadOrder

__all__ = [
    "NEEDS",
    "SCENARIOS",
    "Scenario",
    "ScenarioRunner",
    "operations_needed",
    "poll_orders",
    "poll_to_the_end",
    "scenario",
]


class ScenarioRunner(Protocol):
    """Performs a scenario's operations and waits."""

    async def perform(self, order: WorkloadOrder, call: OperationRequest) -> Interpretation | None: ...

    async def pause(self, ms: float) -> None: ...

    @property
    def keys(self) -> KeyPromises:
        """What the contract promises about keys."""
        ...

    def variations(self, order: WorkloadOrder) -> frozenset[str]:
        """Return the variations of the order's submit about which the contract promises something."""
        ...

    def pull(self, order: WorkloadOrder) -> TriggerPromise | None:
        """Let the order, which was not sent yet, pull one of the sandbox's triggers; ``None`` where none can be."""
        ...

    def relative(self, order: WorkloadOrder, order_no: str, *, by_minor: int) -> WorkloadOrder | None:
        """Deal out an order whose number is made of another's; ``None`` where there cannot be one."""
        ...


Scenario = Callable[[ScenarioRunner, WorkloadOrder], Awaitable[None]]
SCENARIOS: Registry[Scenario] = Registry("scenario")

_POLL_EVERY_MS = 22
_POLLS = 14
_LONGEST_PAUSE_MS, _LONGEST_WAIT_MS = 400.0, 4000.0
"""How seldom, and how long, an order is asked for that has not ended after the first polls."""


NEEDS: dict[str, OperationKind] = {}
"""The operation, besides submits and queries, that a scenario performs: where a contract has it not, it is not played.
"""


def operations_needed(weights: Mapping[str, int]) -> list[OperationKind]:
    """Return the operations, besides submits and queries, that the scenarios of a workload perform."""
    return list(dict.fromkeys(NEEDS[name] for name, weight in weights.items() if weight and name in NEEDS))


def scenario(name: str, needs: OperationKind | None = None) -> Callable[[Scenario], Scenario]:
    """Register the decorated coroutine as the scenario ``name``."""
    if needs is not None:
        NEEDS[name] = needs
    return lambda f: SCENARIOS.add(name, f)


async def poll_orders(
    stage: ScenarioRunner, order: WorkloadOrder, polls: int = _POLLS, every_ms: float = _POLL_EVERY_MS
) -> None:
    for _ in range(polls):
        await stage.pause(every_ms)
        await stage.perform(order, order.query())
        if order.terminal:
            return


async def poll_to_the_end(stage: ScenarioRunner, order: WorkloadOrder) -> None:
    """Poll as ``poll_orders`` does, and then ever more seldom: orders of real providers end after seconds."""
    await poll_orders(stage, order, polls=40)
    every_ms, waited_ms = float(_POLL_EVERY_MS), 0.0
    while not order.terminal and waited_ms < _LONGEST_WAIT_MS:
        every_ms = min(every_ms * 1.5, _LONGEST_PAUSE_MS)
        await stage.pause(every_ms)
        await stage.perform(order, order.query())
        waited_ms += every_ms
