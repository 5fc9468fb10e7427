"""Extract one order of a run as a scenario: its operations, the faults that touched it, and their relative times.

What the harness asked after the faults were healed is left out, because every replay ends so; what the order's merchant
did after the answer that broke the guarantee is left out, because it cannot have broken it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.clock import MS
from ..core.event import FaultChange
from ..core.history import History
from ..core.key_promises import KeyVariation
from ..core.operation import OperationKind
from ..core.verdict import Finding
from ..errors import UsageError
from ..guarantees import GUARANTEES
from .lasting_faults import LastingFault, fired_fault, lasting_faults
from .order_operations import OrderOperation, operations_of, order_groups, start_ns, submit_waited_for
from .order_scenario import OrderScenario, ScenarioStep

__all__ = ["extract"]

_LONGEST_WAIT_MS = 60_000
"""Longer pauses than this are no part of one order's story."""


class _Moment:
    """What begins at one instant, before it is written as a step."""

    def __init__(self, at_ns: int, ends_ns: int | None, fields: dict[str, Any], *, follows: bool = False) -> None:
        self.at_ns = at_ns
        self.ends_ns = ends_ns
        """``None``: it was never answered nor given up."""
        self.fields = fields
        self.follows = follows
        """Whether it begins together with the moment before it, whatever the time."""


def extract(history: History, number: str, finding: Finding, *, contract: str) -> OrderScenario:
    """Return the scenario of the order ``number`` up to ``finding``. Raises ``UsageError`` if it cannot be replayed."""
    header = history.header
    operations = [o for o in operations_of(history, number) if _counts(o, history, finding)]
    if not operations:
        raise UsageError(
            f"no operation of this run is about the order {number}: it is known from the ledger or a statement alone, "
            "so there is nothing to play again.\n  mend: replay the order that its finding names beside it, or repeat "
            "the run: "
            f"{header.command}"
        )
    if any(o.kind in (OperationKind.CANCEL, OperationKind.REFUND) for o in operations):
        raise UsageError(
            f"the order {number} was cancelled or refunded, and a scenario file has neither: it cannot be replayed.\n"
            f"  mend: repeat the run: {header.command}"
        )
    if any(o.variation in (KeyVariation.OVERLONG, KeyVariation.OTHER_CASE) for o in operations):
        raise UsageError(
            f"the order {number} is about its own number, which a scenario does not keep: it cannot be replayed.\n"
            f"  mend: repeat the run: {header.command}"
        )
    first = next((o for o in operations if o.writes), operations[0])
    changes = [c for c in history.faults if header.options.get("inject", True)]
    starts = {o.op: start_ns(o, operations) for o in operations}
    lasting = lasting_faults(changes, begin_ns=min(starts.values()), end_ns=max(starts.values()), number=number)
    moments = _moments(operations, starts, first, changes, lasting)
    target, flaw = str(header.options.get("target", "")), str(header.options.get("flaw", ""))
    return OrderScenario(
        version=1,
        contract=contract,
        target="" if target == "reference" else target,
        flaw=flaw,
        guarantee=finding.guarantee,
        amount_minor=first.amount_minor or 1000,
        payee=first.payee,
        connections="new" if header.options.get("connections") == "new" else "kept",
        faults=[fault for each in lasting for fault in each.faults],
        steps=_steps(moments),
    )


def _counts(operation: OrderOperation, history: History, finding: Finding) -> bool:
    """Whether an operation is the merchant's own, and could have led to the finding."""
    healed_ns = history.healed_ns()
    if healed_ns is not None and operation.sent_ns >= healed_ns:
        return False
    return GUARANTEES.get(finding.guarantee).needs_ledger or operation.sent_ns <= finding.at_ns


def _moments(
    operations: Sequence[OrderOperation],
    starts: dict[int, int],
    first: OrderOperation,
    changes: Sequence[FaultChange],
    lasting: Sequence[LastingFault],
) -> list[_Moment]:
    """Return everything that happens, in the order in which it begins."""
    together = {o.op: group for group in order_groups(operations) for o in group}
    held: dict[int, list[OrderOperation]] = {}
    for operation in operations:
        waited_for = submit_waited_for(operation, operations)
        if waited_for is not None:
            held.setdefault(waited_for.op, []).append(operation)
    waiting = {o.op for queries in held.values() for o in queries}
    moments = [
        _Moment(switch.at_ns, switch.at_ns, {"do": "arm" if switch.on else "heal", "fault": each.name})
        for each in lasting
        for switch in each.switches
    ]
    done: set[int] = set()
    for operation in sorted(operations, key=lambda o: starts[o.op]):
        if operation.op in done or operation.op in waiting:
            continue
        group = together.get(operation.op, [operation])
        for i, member in enumerate(group):
            done.add(member.op)
            fields = _fields(member, first, changes) | ({"held": "until-all-sent"} if len(group) > 1 else {})
            moments.append(_Moment(starts[operation.op], member.ended_ns, fields, follows=i > 0))
        for query in (q for member in group for q in held.get(member.op, ())):
            fields = _fields(query, first, changes) | {"held": "until-acknowledged"}
            moments.append(_Moment(starts[operation.op], query.ended_ns, fields, follows=True))
    # A fault that is in force when the order begins comes before its first operation; the sort is stable.
    return sorted(moments, key=lambda moment: moment.at_ns)


def _fields(operation: OrderOperation, first: OrderOperation, changes: Sequence[FaultChange]) -> dict[str, Any]:
    """Return a step as the file has it; what is the order's own is left out."""
    fields: dict[str, Any] = {"do": "submit" if operation.writes else "query"}
    if operation.account != first.account:
        fields["account"] = "other"
    if operation.writes:
        for name in ("amount_minor", "payee", "currency"):
            value = getattr(operation, name)
            if value and value != getattr(first, name):
                fields[name] = value
    if operation.variation:
        fields["variation"] = operation.variation
    if operation.node:
        fields["node"] = operation.node
    if operation.faults:
        fields["faults"] = [fired_fault(change, changes) for change in operation.faults]
    return fields


def _steps(moments: Sequence[_Moment]) -> list[ScenarioStep]:
    """Write moments as steps: each waits for what ended before it, or overlaps with what is still open."""
    steps: list[ScenarioStep] = []
    before: list[_Moment] = []
    for moment in moments:
        fields = dict(moment.fields)
        if before and not moment.follows:
            still_open = any(m.ends_ns is None or m.ends_ns > moment.at_ns for m in before)
            since_ns = before[-1].at_ns if still_open else max(m.ends_ns or m.at_ns for m in before)
            wait_ms = min(round(max(0, moment.at_ns - since_ns) / MS, 2), _LONGEST_WAIT_MS)
            fields |= ({"wait_ms": wait_ms} if wait_ms else {}) | ({"overlaps": True} if still_open else {})
        steps.append(ScenarioStep(**fields))
        before.append(moment)
    return steps
