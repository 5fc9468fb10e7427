"""The order machine: Hypothesis chooses what merchants do, in which order, overlapping how, under which faults.

Rules only act. They never assert and no answer steers a draw, so a program depends on Hypothesis alone and a live
provider's timing cannot make it flaky; what happened is in the history, and the history is judged afterwards. In
simulation, where a program has one execution, ``SimulatedMachine`` (see ``ackord.simulation.simulated_system``) judges
at the end of each program, so that Hypothesis shrinks.

``order_machine(world)`` makes a class to subclass with rules of one's own::

    Orders = order_machine(world)

    class Mine(Orders):
        @rule(order=Orders.orders)
        def query_three_times(self, order):
            for _ in range(3):
                self.do(order, order.query())
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Protocol

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ..client.operation_request import OperationRequest
from ..contract.codec.codec import Interpretation
from ..core.clock import MS
from ..core.operation import OperationKind
from .hypothesis_backend import BACKEND, forget_strategies
from .order import WorkloadOrder

__all__ = ["OrderMachine", "SystemUnderTest", "order_machine", "run_machine"]


class SystemUnderTest(Protocol):
    """Where a machine acts: a live provider behind the gateway, or a simulated one."""

    faults: tuple[str, ...]
    """Faults of the profile that can be switched on and off during a program."""

    def may_create_order(self) -> bool:
        """Whether the contract's limits allow one more order."""
        ...

    def create_order(self, amount_minor: int) -> WorkloadOrder:
        """Create an order of about this amount: the contract's limits come first."""
        ...

    def begin(self, order: WorkloadOrder, call: OperationRequest) -> Any:
        """Start an operation and return what ``complete`` takes; it goes on while other rules run."""
        ...

    def complete(self, pending: Any) -> Interpretation | None: ...

    def wait(self, duration_ns: int) -> None: ...

    def inject(self, fault: str) -> None: ...

    def heal(self, fault: str) -> None: ...

    def start_program(self) -> frozenset[str]:
        """Begin a new program; return the faults that are injected at its beginning."""
        ...

    def end_program(self) -> None:
        """End the program when nothing is pending. A simulated system heals, settles and judges here."""
        ...


_within_limits = precondition(lambda self: self.world.may_create_order())


class OrderMachine(RuleBasedStateMachine):
    """Rules over a ``world``. Use ``order_machine(world)``; this class has none."""

    world: ClassVar[SystemUnderTest]
    orders: Bundle[WorkloadOrder] = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.pending: list[tuple[WorkloadOrder, Any]] = []
        self.injected = set(self.world.start_program())

    def do(self, order: WorkloadOrder, call: OperationRequest) -> None:
        """Begin and complete an operation."""
        self.world.complete(self.world.begin(order, call))

    def start(self, order: WorkloadOrder, call: OperationRequest) -> None:
        """Begin an operation that may overlap with later ones."""
        self.pending.append((order, self.world.begin(order, call)))

    @_within_limits
    @rule(target=orders, amount_minor=st.integers(100, 4000))
    def submit(self, amount_minor: int) -> WorkloadOrder:
        order = self.world.create_order(amount_minor)
        self.do(order, order.submit())
        return order

    @_within_limits
    @rule(target=orders, amount_minor=st.integers(100, 4000))
    def submit_and_query_on_ack(self, amount_minor: int) -> WorkloadOrder:
        order = self.world.create_order(amount_minor)
        submit = order.submit()
        query = self.world.begin(order, order.query(hold=f"ack:{submit.token}"))
        self.do(order, submit)
        self.world.complete(query)
        return order

    @_within_limits
    @rule(target=orders, amount_minor=st.integers(100, 4000))
    def begin_submit(self, amount_minor: int) -> WorkloadOrder:
        order = self.world.create_order(amount_minor)
        self.start(order, order.submit())
        return order

    @_within_limits
    @rule(target=orders, amount_minor=st.integers(100, 4000), copies=st.integers(2, 4))
    def race(self, amount_minor: int, copies: int) -> WorkloadOrder:
        order = self.world.create_order(amount_minor)
        hold = f"barrier:{order.token}:{copies}"
        started = [self.world.begin(order, order.submit(hold=hold)) for _ in range(copies)]
        for pending in started:
            self.world.complete(pending)
        return order

    @_within_limits
    @rule(target=orders, amount_minor=st.integers(100, 4000))
    def overtake(self, amount_minor: int) -> WorkloadOrder:
        order = self.world.create_order(amount_minor)
        query = order.query()
        submit = self.world.begin(order, order.submit(hold=f"pass:{query.token}"))
        self.do(order, query)
        self.world.complete(submit)
        return order

    @rule(order=orders)
    def query(self, order: WorkloadOrder) -> None:
        self.do(order, order.query())

    @rule(order=orders)
    def begin_query(self, order: WorkloadOrder) -> None:
        self.start(order, order.query())

    @rule(order=orders)
    def resubmit(self, order: WorkloadOrder) -> None:
        self.do(order, order.submit())

    @rule(order=orders, by_minor=st.integers(1, 500))
    def resubmit_altered(self, order: WorkloadOrder, by_minor: int) -> None:
        self.do(order, order.altered(by_minor=by_minor))

    @rule(order=orders)
    def lose_an_answer(self, order: WorkloadOrder) -> None:
        self.do(order, order.submit(inject="lost-answer"))

    @rule(order=orders)
    def use_the_number_of_another(self, order: WorkloadOrder) -> None:
        if order.other_account:
            other = order.as_other_account()
            self.do(other, other.submit())
            self.do(other, other.query())

    @precondition(lambda self: self.pending)
    @rule()
    def complete_oldest(self) -> None:
        _, pending = self.pending.pop(0)
        self.world.complete(pending)

    @rule(ms=st.sampled_from([1, 5, 20, 60]))
    def wait(self, ms: int) -> None:
        self.world.wait(ms * MS)

    def teardown(self) -> None:
        for _, pending in self.pending:
            self.world.complete(pending)
        self.world.end_program()
        forget_strategies(self)


def switch(self: OrderMachine, fault: str) -> None:
    """Inject the fault, or heal it if it is injected (a rule)."""
    if fault in self.injected:
        self.injected.discard(fault)
        self.world.heal(fault)
    else:
        self.injected.add(fault)
        self.world.inject(fault)


def _submit_and_cancel(self: OrderMachine, amount_minor: int) -> WorkloadOrder:
    order = self.world.create_order(amount_minor)
    submit = order.submit()
    cancel = self.world.begin(order, order.cancel(hold=f"ack:{submit.token}"))
    self.do(order, submit)
    self.world.complete(cancel)
    return order


def _cancel(self: OrderMachine, order: WorkloadOrder) -> None:
    self.do(order, order.cancel())


def _refund(self: OrderMachine, order: WorkloadOrder, percent: int) -> None:
    if order.may_refund():
        self.do(order, order.refund(order.part(percent / 100)))


def _refund_again(self: OrderMachine, order: WorkloadOrder) -> None:
    if order.refunds:
        self.do(order, order.refund_again())


def _refund_at_once(self: OrderMachine, order: WorkloadOrder, percent: int) -> None:
    """Send two refunds under numbers of their own at the same instant."""
    if order.may_refund(2):
        hold = f"barrier:{order.token}r{order.refund_requests}:2"
        started = [self.world.begin(order, order.refund(order.part(percent / 100), hold=hold)) for _ in range(2)]
        for pending in started:
            self.world.complete(pending)


def _taking_back(operations: Collection[OperationKind]) -> dict[str, Any]:
    """Return the rules that perform these operations, besides submits and queries."""
    orders, found = OrderMachine.orders, {}
    if OperationKind.CANCEL in operations:
        begun = rule(target=orders, amount_minor=st.integers(100, 4000))
        found = {"submit_and_cancel": _within_limits(begun(_submit_and_cancel)), "cancel": rule(order=orders)(_cancel)}
    if OperationKind.REFUND in operations:
        found |= {
            "refund": rule(order=orders, percent=st.sampled_from([30, 60, 100]))(_refund),
            "refund_again": rule(order=orders)(_refund_again),
            "refund_at_once": rule(order=orders, percent=st.sampled_from([40, 60]))(_refund_at_once),
        }
    return found


def order_machine(
    world: SystemUnderTest,
    name: str = "Orders",
    base: type[OrderMachine] = OrderMachine,
    operations: Collection[OperationKind] = (),
) -> type[OrderMachine]:
    """Return a machine class for ``world``, with the rule ``switch`` if it has faults.

    ``operations``: what is done to orders besides submits and queries: CANCEL, REFUND. Each world gets a class with its
    own name, because Hypothesis keys its example database by the class.
    """
    members: dict[str, Any] = {"world": world, **_taking_back(operations)}
    if world.faults:
        members["switch"] = rule(fault=st.sampled_from(world.faults))(switch)
    return type(f"{name}Machine", (base,), members)


def run_machine(
    machine: type[OrderMachine], *, examples: int, steps: int, seed_value: int, shrink: bool = False
) -> None:
    """Run ``examples`` programs of at most ``steps`` steps. With ``shrink``, a raising program is shrunk and raised
    again.
    """
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    configured = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        backend=BACKEND,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(seed_value)(machine), settings=configured)
