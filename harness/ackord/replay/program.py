"""Turn a scenario into a program: which call is made, begun and completed when. The player carries it out, and the
pytest writer writes it down, so that both do the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ..chaos.faults.edge import EdgeFault
from ..core.clock import MS
from .order_scenario import OrderScenario, ScenarioStep, fault_data

__all__ = ["Call", "Instruction", "compile_program", "faults_to_mark"]


@dataclass(slots=True)
class Call:
    """One operation of the program."""

    index: int
    """Of the step, from 0."""
    step: ScenarioStep
    kind: Literal["submit", "resubmit", "query"]
    attempt: int
    """Counts the writes, or the queries, of its account from 1, as the order does."""
    barrier: int = 0
    """How many submits are let go together with it; 0: it waits for no other."""
    group: int = 0
    """Tells the barriers of a scenario apart."""
    waits_for: Call | None = None
    """The submit whose acknowledgement it is held for."""


class Instruction(NamedTuple):
    """``arm`` and ``heal`` a fault, ``wait``, ``make`` a call, ``begin`` it, ``complete`` it."""

    do: Literal["arm", "heal", "wait", "make", "begin", "complete"]
    call: Call | None = None
    fault: str = ""
    """Empty, of ``arm``: every fault of single operations."""
    wait_ns: int = 0


def compile_program(scenario: OrderScenario) -> list[Instruction]:
    """Return the program of a scenario."""
    return list(_compile(scenario, _calls(scenario)))


def faults_to_mark(scenario: OrderScenario) -> list[dict[str, Any]]:
    """Return all faults as a mark or a profile has them: those of single operations match these alone."""
    found = [fault_data(fault) for fault in scenario.faults]
    for call in _calls(scenario).values():
        match = {"operation": [call.kind], "attempt": [call.attempt]}
        found += [fault_data(fault) | {"match": match} for fault in call.step.faults]
    return found


def edge_fault_names(scenario: OrderScenario) -> list[str]:
    """Return the faults of single operations, by name: they are armed before the first operation."""
    return list(dict.fromkeys(f.fault for s in scenario.steps for f in s.faults if isinstance(f, EdgeFault)))


def _calls(scenario: OrderScenario) -> dict[int, Call]:
    """Return the calls by step. Kinds and attempts are counted as ``WorkloadOrder`` counts them: another account goes
    on from where the owner was when it first came into play.
    """
    found: dict[int, Call] = {}
    writes, reads = {"owner": 0}, {"owner": 0}
    for index, step in enumerate(scenario.steps):
        if not step.operates:
            continue
        counted = writes if step.writes else reads
        for each in (writes, reads):
            each.setdefault(step.account, each["owner"])
        counted[step.account] += 1
        first = step.writes and counted[step.account] == 1
        kind: Literal["submit", "resubmit", "query"] = "query" if not step.writes else "submit" if first else "resubmit"
        found[index] = Call(index, step, kind, counted[step.account])
    _hold(scenario.steps, found)
    return found


def _hold(steps: Sequence[ScenarioStep], calls: dict[int, Call]) -> None:
    """Find what each held call waits for. One that has nothing to wait for is not held."""
    submit: Call | None = None
    group: list[Call] = []
    groups = 0
    for index, step in enumerate(steps):
        call = calls.get(index)
        if call is not None and step.held == "until-all-sent":
            group.append(call)
        else:
            groups += _close(group, groups + 1)
            group = []
        if call is None or (not step.writes and not step.held):
            submit = None
        elif step.writes:
            submit = call
        elif submit is not None:
            call.waits_for = submit
    _close(group, groups + 1)


def _close(group: Sequence[Call], number: int) -> int:
    if len(group) < 2:
        return 0
    for call in group:
        call.barrier, call.group = len(group), number
    return 1


def _compile(scenario: OrderScenario, calls: dict[int, Call]) -> Iterator[Instruction]:
    begun: list[Call] = []
    for name in edge_fault_names(scenario):
        yield Instruction("arm", fault=name)
    for index, step in enumerate(scenario.steps):
        call = calls.get(index)
        joins = call is not None and _joins(call, calls.get(index - 1))
        if call is not None and call.waits_for is not None:
            continue  # it was begun before its submit
        if not joins:
            if not step.overlaps:
                yield from (Instruction("complete", each) for each in begun)
                begun.clear()
            if step.wait_ms:
                yield Instruction("wait", wait_ns=round(step.wait_ms * MS))
        if call is None:
            yield Instruction("arm" if step.do == "arm" else "heal", fault=step.fault)
            continue
        held = [each for each in calls.values() if each.waits_for is call]
        for each in (call, *held):
            yield Instruction("make", each)
        for each in (*held, call):  # what is held must be there before what lets it go
            yield Instruction("begin", each)
        begun += [call, *held]
    yield from (Instruction("complete", each) for each in begun)


def _joins(call: Call, before: Call | None) -> bool:
    """Whether a call belongs to the barrier of the step before it."""
    return call.barrier > 0 and before is not None and before.group == call.group and before.barrier > 0
