"""Keep a provider, a gateway and a recorder open while a user's own test acts: the synchronous interface of a session.

::

    with InteractiveRun(plan, profile) as run:
        order = run.submit(amount_minor=1999)
        run.query(order)
        assert run.verdict().result is Result.HELD
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

import uvloop

from ..chaos.faults import Fault
from ..chaos.profile import Profile
from ..client.operation_request import OperationRequest
from ..contract.codec.codec import Interpretation, RequestRenderError
from ..core.clock import MS, RealClock
from ..core.event import Phase
from ..core.history import History
from ..core.verdict import Verdict
from ..errors import UnknownNameError
from ..workload.live_system import LiveSystem
from ..workload.load_generator import LoadGenerator
from ..workload.order import WorkloadOrder
from .context import RunContext
from .environments.base import Environment
from .judging import judge_run
from .options.plan import RunPlan

__all__ = ["InteractiveRun"]

T = TypeVar("T")

_USUAL_AMOUNT_MINOR = 1000


class InteractiveRun:
    """A context manager over an environment that was entered by somebody else. All methods block."""

    def __init__(self, plan: RunPlan, profile: Profile, environment: Environment) -> None:
        self.plan = plan
        self.profile = profile
        self.environment = environment
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ackord-interactive", daemon=True)
        self._rig = RunContext(plan, profile, environment, RealClock())
        self._storm = LoadGenerator(self._rig.careful_client, self._rig.book)

    def __enter__(self) -> InteractiveRun:
        self._thread.start()
        self._run(self._rig.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._run(self._rig.__aexit__(kind, error, trace))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    # -- the merchant --------------------------------------------------------------------------------------------------

    def submit(self, *, amount_minor: int | None = None, payee: str | None = None, inject: str = "") -> WorkloadOrder:
        """Submit a new order and return it; ``order.acknowledged`` says whether the merchant was told so.

        ``amount_minor``: by default 1000, or what the contract's limits allow instead. Raises ``OrderLimitReached``
        beyond the contract's limits.
        """
        if amount_minor is None:
            amount_minor = self._rig.book.amounts.fit(_USUAL_AMOUNT_MINOR)
        order = self._rig.book.create_order(amount_minor=amount_minor, payee=payee)
        self._storm.orders.append(order)
        self.perform(order, order.submit(inject=inject))
        return order

    def resubmit(self, order: WorkloadOrder) -> Interpretation | None:
        """Send the same order again; ``None`` if there was no answer."""
        return self.perform(order, order.submit())

    def query(self, order: WorkloadOrder) -> Interpretation | None:
        """Ask for the order; ``None`` if there was no answer."""
        return self.perform(order, order.query())

    def perform(self, order: WorkloadOrder, call: OperationRequest) -> Interpretation | None:
        return self._run(self._storm.perform(order, call))

    def settle(self) -> None:
        """Take all faults back, ask for every open order until it is terminal, and read the ledger."""
        self._run(self._settle())

    async def _settle(self) -> None:
        context = self._rig
        await context.fault_controller.prove()
        await context.fault_controller.heal_all()
        context.recorder.add(Phase(context.clock.now_ns(), "settle"))
        await self._storm.settle(within_ms=(context.promises.settles_within_ns or 2000 * MS) / MS)
        await context.read_ledger()

    # -- the chaos -----------------------------------------------------------------------------------------------------

    def arm(self, fault: str) -> None:
        """Put a fault of the profile in force, and wait until a lag shows. Raises ``UnknownNameError``."""
        self._run(self._arm(self._named(fault)))

    async def _arm(self, faults: list[Fault]) -> None:
        for fault in faults:
            await self._rig.fault_controller.arm(fault)
        await self._rig.sample(25)
        await self._rig.fault_controller.wait_effective()

    def heal(self, fault: str) -> None:
        """Take a fault of the profile back. Raises ``UnknownNameError``."""
        for each in self._named(fault):
            self._run(self._rig.fault_controller.heal(each))

    def _named(self, name: str) -> list[Fault]:
        faults = self._rig.faults
        if not (found := [fault for fault in faults if fault.fault == name]):
            raise UnknownNameError(
                f'fault of the profile "{self.profile.name}"',
                name,
                {f.fault for f in faults},
                mend="choose a profile that has it, by --chaos-profile (`ackord profile list`)",
            )
        return found

    # -- the history ---------------------------------------------------------------------------------------------------

    def history(self) -> History:
        """What happened so far."""
        self._run(self._rig.drain())
        return self._rig.recorder.history()

    def verdict(self) -> Verdict:
        """Judge what happened so far."""
        return judge_run(self.history(), self.plan.openapi)

    def world(self) -> LiveSystem:
        """The world for ``ackord.workload.order_machine.order_machine``; its orders settle with this run."""
        return LiveSystem(
            self._rig.careful_client,
            self._rig.book,
            self._loop,
            faults=tuple(dict.fromkeys(fault.fault for fault in self._rig.faults)),
            arm=self.arm,
            heal_fault=self.heal,
            orders=self._storm.orders,
        )

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
        except RequestRenderError as why:
            raise self.plan.contract.error(why) from None
