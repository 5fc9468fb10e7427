"""Keep a provider, a gateway and a recorder open while a user's own test acts: the synchronous interface of a session.

::

    with InteractiveRun(plan, profile, environment) as run:
        order = run.submit(amount_minor=1999)
        run.query(order)
        run.assert_held("acknowledged-order-visible")
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import uvloop

from ..chaos.faults import Fault, Seam
from ..chaos.faults.edge import edge_faults
from ..chaos.profile import Profile
from ..client.operation_request import OperationRequest
from ..contract.base.http_messages import HttpRequest
from ..contract.codec.codec import Interpretation, Payment, RequestRenderError
from ..core.clock import MS, RealClock
from ..core.event import Event, FaultChange, Phase
from ..core.history import History
from ..core.landing import estimate
from ..core.operation import OperationKind
from ..core.result import ProfileResult
from ..core.verdict import Verdict
from ..errors import UnknownNameError, UsageError
from ..guarantees import GUARANTEES
from ..workload.live_system import LiveSystem
from ..workload.load_generator import LoadGenerator
from ..workload.order import WorkloadOrder, check_order
from .armed_fault import ArmedFault, check_injectable, fired, what_it_can_hit, why_not_fired
from .callback_edges import open_callback_edge
from .context import RunContext
from .environments.base import Environment
from .environments.callback_edge import CallbackEdge
from .environments.unknown_order import unsayable
from .foreign_calls import ForeignCalls
from .held import require_held
from .judging import judge_run
from .options.plan import RunPlan
from .suite_evidence import shown

__all__ = ["InteractiveRun"]

T = TypeVar("T")

_USUAL_AMOUNT_MINOR = 1000
_USUAL_TIME_NS = 2000 * MS
"""How long orders may take to land, and to settle, where the contract promises nothing."""


class InteractiveRun:
    """A context manager over an environment that was entered by somebody else. All methods block."""

    def __init__(
        self,
        plan: RunPlan,
        profile: Profile,
        environment: Environment,
        *,
        name: str = "",
        intent_of: Callable[[HttpRequest], str] = lambda request: "",
    ) -> None:
        """``name`` keeps runs of one provider apart: their orders have different numbers. ``intent_of``: the payable
        thing that a submit of another client says it is for. Raises ``FileError``.
        """
        self.plan = plan
        self.profile = profile
        self.environment = environment
        # A test does what it likes, not what the profile's own workload exposes.
        exposes = GUARANTEES.names() if plan.drill is None else plan.drill.exposes(profile)
        profile = profile.model_copy(update={"exposes": exposes})
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ackord-interactive", daemon=True)
        self._rig = context = RunContext(plan, profile, environment, RealClock(), name=name)
        self._storm = LoadGenerator(context.careful_client, context.book)
        self._armed: dict[str, ArmedFault] = {}
        self._settled_at = -1
        self.foreign_calls = ForeignCalls(
            plan.contract,
            context.recorder,
            context.careful_client.client_state,
            self._adopt,
            since_ns=context.clock.now_ns(),
            intent_of=intent_of,
        )
        """What was made of the calls of other clients through ``environment.edge_url``."""
        context.recorder.on_foreign = self.foreign_calls.take

    def __repr__(self) -> str:
        return f"<{self.plan.contract.contract.provider} under {self.profile.name}>"

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

    def _adopt(self, payment: Payment) -> WorkloadOrder:
        order = self._rig.book.adopt(payment)
        self._storm.orders.append(order)
        return order

    # -- the merchant --------------------------------------------------------------------------------------------------

    def submit(self, *, amount_minor: int | None = None, payee: str | None = None, inject: str = "") -> WorkloadOrder:
        """Submit a new order and return it; ``order.acknowledged`` says whether the merchant was told so.

        ``amount_minor``: by default 1000, or what the contract's limits allow instead. ``inject``: a fault of the edge
        that hits this call. Raises ``OrderLimitReached`` beyond the contract's limits, ``UnknownNameError``, and
        ``UsageError`` for a fault that needs parameters or hits other calls.
        """
        check_injectable(inject, OperationKind.SUBMIT)
        if amount_minor is None:
            amount_minor = self._rig.book.amounts.fit(_USUAL_AMOUNT_MINOR)
        order = self._rig.book.create_order(amount_minor=amount_minor, payee=payee)
        self._storm.orders.append(order)
        self.perform(order, order.submit(inject=inject))
        return order

    def resubmit(self, order: WorkloadOrder, *, inject: str = "") -> Interpretation | None:
        """Send the same order again; ``None`` if there was no answer. Raises ``UsageError`` for what is no order."""
        check_order(order)
        check_injectable(inject, OperationKind.RESUBMIT)
        return self.perform(order, order.submit(inject=inject))

    def query(self, order: WorkloadOrder, *, inject: str = "") -> Interpretation | None:
        """Ask for the order; ``None`` if there was no answer. Raises ``UsageError`` for what is no order."""
        check_order(order)
        check_injectable(inject, OperationKind.QUERY)
        return self.perform(order, order.query()._replace(inject=inject))

    def perform(self, order: WorkloadOrder, call: OperationRequest) -> Interpretation | None:
        return self._run(self._storm.perform(order, call))

    def settle(self) -> None:
        """Take all faults back, ask for every open order until it is terminal, and read the ledger."""
        self._run(self._settle())

    async def _settle(self) -> None:
        context = self._rig
        await self._drain()
        await context.fault_controller.prove()
        await context.fault_controller.heal_all()
        context.recorder.add(Phase(context.clock.now_ns(), "settle"))
        promises = context.promises
        await self._storm.settle(
            within_ms=(promises.settles_within_ns or _USUAL_TIME_NS) / MS,
            lands_ms=(promises.lands_within_ns or _USUAL_TIME_NS) / MS,
        )
        await context.read_ledger()
        self._settled_at = context.recorder.operations

    # -- the chaos -----------------------------------------------------------------------------------------------------

    def arm(self, fault: str = "") -> ArmedFault | tuple[ArmedFault, ...]:
        """Put a fault of the profile in force, and wait until a lag shows; without a name, all of them.

        Return what it can hit. Raises ``UnknownNameError``.
        """
        found = self._named(fault)
        since_ns, next_order = self._rig.clock.now_ns(), self._rig.book.dealt + 1
        self._run(self._arm(found))
        armed = tuple(
            what_it_can_hit(each, seed=self.plan.seed, next_order=next_order, since_ns=since_ns) for each in found
        )
        self._armed |= {each.fault: each for each in armed}
        return armed[0] if fault and len(armed) == 1 else armed

    async def _arm(self, faults: list[Fault]) -> None:
        for fault in faults:
            await self._rig.fault_controller.arm(fault)
        await self._rig.sample(25)
        await self._rig.fault_controller.wait_effective()

    def heal(self, fault: str = "") -> None:
        """Take a fault of the profile back; without a name, all of them. Raises ``UnknownNameError``."""
        for each in self._named(fault):
            self._run(self._rig.fault_controller.heal(each))

    def assert_fired(self, fault: str = "") -> None:
        """Check that a fault had an effect since it was armed, or on the call that it was put on.

        Without a name: every fault that was armed, and at least one. Raises ``AssertionError``, ``UnknownNameError``.
        """
        __tracebackhide__ = True
        if fault and fault not in edge_faults():
            self._named(fault)
        names = [fault] if fault else list(self._armed)
        self._run(self._prove())
        events = self._rig.recorder.events
        if not names:
            assert any(isinstance(e, FaultChange) and e.change == "fired" for e in events), (
                "no fault was armed, so none could have an effect.\n  mend: chaos.arm(), or merchant.submit(inject=...)"
            )
        for name in names:
            armed = self._armed.get(name)
            if not fired(events, name, armed.since_ns if armed else 0):
                raise AssertionError(why_not_fired(events, armed, name))

    async def _drain(self) -> None:
        """Wait until everything that reached the provider so far has been recorded."""
        await self._rig.drain()
        self.foreign_calls.flush()

    async def _prove(self) -> None:
        await self._drain()
        await self._rig.fault_controller.prove()

    def _named(self, name: str) -> list[Fault]:
        faults = self._rig.faults
        if not name and not faults:
            raise UsageError(
                f"the profile {self.profile.name} has no faults.\n"
                "  mend: --profile NAME_OR_FILE, or @pytest.mark.ackord(profile=..., faults=[...])"
            )
        found = [fault for fault in faults if name in ("", fault.fault)]
        if not found:
            raise UnknownNameError(
                f'fault of the profile "{self.profile.name}"',
                name,
                {f.fault for f in faults},
                mend="add it by @pytest.mark.ackord(faults=[...]), or choose a profile that has it, by --profile",
            )
        return found

    # -- events of others ----------------------------------------------------------------------------------------------

    def enter(self, phase: str) -> None:
        """Record that the run entered a phase."""
        self.record(Phase(self._rig.clock.now_ns(), phase))

    def record(self, event: Event) -> None:
        """Append an event to the history. Safe from any thread."""
        self._rig.recorder.add(event)

    @property
    def caution(self) -> str:
        """What the profile cannot make up in this provider's name; empty if it can make up everything."""
        return unsayable(self.profile, self.plan.contract)

    @property
    def wire_url(self) -> str:
        """Where another client is to send to: the gateway, or the link in front of it where the profile has one.

        Over TLS the client goes to the gateway itself: the bytes of a link are then not disturbed.
        """
        over_tls = self.plan.options.tls or Seam.WIRE not in self.profile.needs()
        return self.environment.access.url if over_tls else self.environment.wire_url()

    def callback_edge(self, to: str) -> CallbackEdge:
        """Return what passes callbacks on to ``to``, the address of a merchant under drill."""
        return open_callback_edge(self._rig, to)

    # -- the history ---------------------------------------------------------------------------------------------------

    def history(self) -> History:
        """What happened so far."""
        self._run(self._drain())
        return self._rig.recorder.history()

    def verdict(self) -> Verdict:
        """Judge what happened so far. The notes say how many calls of other clients were judged."""
        return self._judged(self.history())

    def _judged(self, history: History) -> Verdict:
        verdict = judge_run(history, self.plan.openapi)
        calls = self.foreign_calls
        return replace(verdict, notes=(*verdict.notes, str(calls))) if calls.judged or calls.unread else verdict

    def assert_held(self, *guarantees: str) -> None:
        """Settle, unless nothing happened since that was done, and judge.

        Each of ``guarantees`` must be HELD. Without names, none may be broken and one at least be HELD. Raises
        ``NotHeld``, an ``AssertionError`` with the explanation, and ``UnknownNameError``.
        """
        __tracebackhide__ = True
        self._run(self._drain())
        if self._rig.recorder.operations != self._settled_at:
            self.settle()
        verdict = self.verdict()
        require_held(verdict, guarantees, self.history(), repeat=self._rig.header.command)

    def notes(self) -> list[str]:
        """Say what a reader of a failed test needs: what was armed, what other clients did, and how to repeat it."""
        lines = [f"armed: {armed}" for armed in self._armed.values()]
        if self.foreign_calls.judged or self.foreign_calls.unread:
            lines.append(str(self.foreign_calls))
        return [*lines, f"evidence: {shown(self.folder)}", f"repeat with {self._rig.header.command}"]

    @property
    def folder(self) -> Path:
        """The folder of its evidence."""
        return self._rig.journal.path.parent

    def result(self, *, complete: bool = True) -> ProfileResult:
        """Return the result so far, as reports take it. ``complete``: whether the run came to its end."""
        history = self.history() if complete else self._rig.recorder.history(complete=False)
        at_ns = [e.at_ns for e in history.events]
        return ProfileResult(
            profile=self.profile.name,
            verdict=self._judged(history),
            history=history,
            landing=estimate(history) if self.plan.drill is None else None,
            journal=str(self._rig.journal.path),
            operations=self._rig.recorder.operations,
            elapsed_ns=max(at_ns) - min(at_ns) if at_ns else 0,
            repeat=self._rig.header.command,
        )

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
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except RequestRenderError as why:
            raise self.plan.contract.error(why) from None
        except BaseException:
            future.cancel()  # the test's own time-out, or Ctrl-C: what it waited for must not go on
            raise
