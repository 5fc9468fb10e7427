"""Keep a gateway open in front of a provider, with a profile's faults in force, for merchants that come and go."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..chaos.faults import Seam
from ..contract.codec.codec import HttpRequest, Payment
from ..core.clock import RealClock
from ..core.event import Phase
from ..errors import EnvironmentFailed
from ..workload.order import WorkloadOrder
from .context import RunContext
from .environments import open_environment
from .environments.base import Environment, Observer
from .environments.merchant_access import MerchantAccess
from .environments.unknown_order import unsayable
from .foreign_calls import ForeignCalls
from .options.drill_terms import DrillTerms
from .options.plan import RunPlan
from .options.run_options import RunOptions
from .resolve import make_plan
from .session import refuse_unless_possible

__all__ = ["StandingGateway", "gateway_plan"]

_LOOKS_EVERY_S = 0.5


def gateway_plan(options: RunOptions) -> RunPlan:
    """Make the plan of a standing gateway. ``options.target`` is its upstream.

    The sandbox that the contract itself names may be reached without ``remote``; any other address of another machine
    needs it. Raises ``UsageError``.
    """
    plan = make_plan(options)
    contract = plan.contract.contract
    if contract.environment == "sandbox" and plan.target == contract.address:
        plan = replace(plan, options=replace(plan.options, remote=True))
    declared = contract.drill.intent if contract.drill is not None else ""
    return replace(plan, own_clients=True, drill=DrillTerms(intent=declared))


class StandingGateway:
    """A gateway with the only profile of a plan."""

    def __init__(
        self,
        plan: RunPlan,
        record: Path | None = None,
        intent_of: Callable[[HttpRequest], str] = lambda request: "",
    ) -> None:
        """``record``: the journal's file; ``None``: nothing is recorded. ``intent_of``: the payable thing that a submit
        says it is for.

        Raises ``UsageError`` for an address that is refused, and for a profile that needs what is not there.
        """
        self.plan = plan
        (self.profile,) = plan.profiles
        self._record = record
        self._intent_of = intent_of
        self._environment = open_environment(plan)
        refuse_unless_possible(self.profile, self._environment, subject="integration")

    @property
    def caution(self) -> str:
        """What cannot be made up in this provider's name; empty if everything can."""
        return unsayable(self.profile, self.plan.contract)

    def serve(
        self,
        on_event: Callable[[Mapping[str, Any]], None],
        announce: Callable[[MerchantAccess, str], None],
    ) -> None:
        """Serve until Ctrl-C (or SIGTERM), and then return, with every fault taken back and the journal complete.

        ``on_event`` takes the events of the chaos process, in another thread. ``announce`` is called with the address
        and a description of what is behind it when the gateway stands. Raises ``EnvironmentFailed``, ``FileError``.
        """
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):
            plan = replace(self.plan, out=Path(folder))
            with self._environment as environment, environment.observed_by(Observer(on_event)):
                asyncio.run(self._until_interrupted(plan, environment, announce))

    async def _until_interrupted(
        self, plan: RunPlan, environment: Environment, announce: Callable[[MerchantAccess, str], None]
    ) -> None:
        clock = RealClock()
        context = RunContext(
            plan, self.profile, environment, clock, journal=self._record, observes=self._record is not None
        )
        async with context:
            calls = self._record_calls(plan, context, clock)
            context.recorder.add(Phase(clock.now_ns(), "disturb"))
            for fault in context.faults:
                await context.fault_controller.arm(fault)
            access = environment.access
            if Seam.WIRE in self.profile.needs():
                access = access._replace(url=environment.wire_url())
            announce(access, environment.description)
            try:
                await _until_dead(environment)
            except asyncio.CancelledError:  # Ctrl-C: what was recorded is whole
                await context.drain()
                calls.flush()

    def _record_calls(self, plan: RunPlan, context: RunContext, clock: RealClock) -> ForeignCalls:
        """Have the calls of merchants recorded as operations."""

        def adopt(payment: Payment) -> WorkloadOrder:
            return context.book.adopt(payment)

        calls = ForeignCalls(
            plan.contract, context.recorder, context.careful_client.client_state, adopt,
            since_ns=clock.now_ns(), intent_of=self._intent_of,
        )  # fmt: skip
        context.recorder.on_foreign = calls.take
        return calls


async def _until_dead(environment: Environment) -> None:
    """Wait for ever. Raises ``EnvironmentFailed`` when a part of the surroundings ended by itself."""
    never = asyncio.Event()
    while not (said := environment.death()):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(never.wait(), _LOOKS_EVERY_S)
    raise EnvironmentFailed(said)
