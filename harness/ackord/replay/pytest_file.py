"""Write a scenario as a pytest file on the plug-in's public fixtures: it fails before the mend and passes after it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..report.files import write_file
from .confirmation import Confirmation
from .order_scenario import OrderScenario, contract_seen_from
from .player import PlayOutcome
from .program import Call, Instruction, compile_program, faults_to_mark

__all__ = ["orders_needed", "pytest_text", "write_pytest_file"]

_MISSED = 0.001
"""The probability at most with which the file passes although the flaw is there, as far as the plays tell it."""
_ABOUT_REFUSALS = frozenset({"refused-order-not-paid"})
"""Guarantees that a provider which refuses nothing gives no occasion to break."""
_LEAST_ORDERS, _MOST_ORDERS = 3, 200


def orders_needed(broken: int, times: int) -> int:
    """Return how many orders a test must play, if ``broken`` of ``times`` plays broke the guarantee.

    The share is taken for a little less than it was (one more play that held), so that five of five is no certainty.
    """
    share = broken / (times + 1)
    if not share:
        return _MOST_ORDERS
    return min(_MOST_ORDERS, max(_LEAST_ORDERS, math.ceil(math.log(_MISSED) / math.log(1 - share))))


def write_pytest_file(confirmed: Confirmation, path: Path) -> None:
    """Write the file. Raises ``FileError``, or ``EnvironmentFailed`` on a full disk."""
    write_file(path, pytest_text(confirmed, path.parent).encode())


def pytest_text(confirmed: Confirmation, folder: Path) -> str:
    """Return the text of a test file in ``folder``."""
    scenario = confirmed.scenario
    orders = orders_needed(sum(map(confirmed.counts, confirmed.plays)), confirmed.times)
    faults = faults_to_mark(scenario)
    mark = f'contract="{contract_seen_from(folder, scenario.contract)}"'
    lines = [
        f'"""One order that broke {scenario.guarantee}, written by `ackord replay`: {confirmed.broken} of '
        f'{confirmed.times} plays broke it."""',
        "",
        "import pytest",
        "",
        f"ORDERS = {orders}",
        '"""So many that at least one breaks the guarantee, as often as the plays did."""',
    ]
    if faults:
        lines += ["FAULTS = [", *(f"    {_literal(fault)}," for fault in faults), "]"]
        mark += ", faults=FAULTS"
    name = scenario.guarantee.replace("-", "_")
    arguments = "merchant, chaos" if any(i.do in ("arm", "heal") for i in compile_program(scenario)) else "merchant"
    lines += ["", "", f"@pytest.mark.ackord({mark})", f"def test_{name}({arguments}):"]
    body = [*_body(scenario), *([] if _always_tested(confirmed) else ["acknowledged += order.acknowledged"])]
    lines += ["    world = merchant.world()", *([] if _always_tested(confirmed) else ["    acknowledged = 0"])]
    lines += ["    for _ in range(ORDERS):", *(f"        {line}" for line in body)]
    lines += _end(scenario.guarantee, always_tested=_always_tested(confirmed))
    return "\n".join([*lines, ""])


def _always_tested(confirmed: Confirmation) -> bool:
    """Whether a provider without the flaw puts the guarantee to the test, too, and must be seen to keep it."""
    about_refusals = confirmed.scenario.guarantee in _ABOUT_REFUSALS
    return not about_refusals and all(play.outcome is not PlayOutcome.UNTESTED for play in confirmed.plays)


def _end(guarantee: str, *, always_tested: bool) -> list[str]:
    if always_tested:
        return [f'    merchant.assert_held("{guarantee}")']
    return [
        "    merchant.settle()",
        f'    verdict = merchant.verdict().of("{guarantee}")',
        "    assert not verdict.findings, verdict.findings[0].summary",
        "    # The provider's answers put this guarantee to the test: without the flaw there may be no occasion.",
        '    assert acknowledged, "no order was acknowledged, so nothing was tested"',
    ]


def _body(scenario: OrderScenario) -> Iterator[str]:
    """Return the lines that play one order."""
    payee = f", payee={_literal(scenario.payee)}" if scenario.payee else ""
    yield f"order = world.create_order({scenario.amount_minor}{payee})"
    program = compile_program(scenario)
    knows_other = False
    skip: set[int] = set()
    for position, instruction in enumerate(program):
        call = instruction.call
        if position in skip:
            continue
        if call is not None and call.step.account == "other" and not knows_other:
            yield "other = order.as_other_account()"
            knows_other = True
        if call is not None and instruction.do == "make" and _runs_through(program, position):
            yield f"world.complete(world.begin({_owner(call)}, {_request(call)}))"
            skip |= {position + 1, position + 2}
        else:
            yield _line(instruction)
    # What is armed stays so; only what strikes at an instant must be armed anew to strike the next order.
    for fault in scenario.faults:
        if fault.instant:
            yield f'chaos.heal("{fault.fault}")'


def _runs_through(program: list[Instruction], position: int) -> bool:
    """Whether a call is begun and completed at once, and nothing else refers to it."""
    call = program[position].call
    after = [(i.do, i.call) for i in program[position + 1 : position + 3]]
    return after == [("begin", call), ("complete", call)] and not any(
        i.call is not None and i.call.waits_for is call for i in program
    )


def _line(instruction: Instruction) -> str:
    call = instruction.call
    if call is None:
        if instruction.do == "wait":
            return f"world.wait({instruction.wait_ns:_})  # ns"
        return f'chaos.{instruction.do}("{instruction.fault}")'
    if instruction.do == "make":
        return f"{_name(call)} = {_request(call)}"
    if instruction.do == "begin":
        return f"{_name(call)}_open = world.begin({_owner(call)}, {_name(call)})"
    return f"world.complete({_name(call)}_open)"


def _literal(value: Any) -> str:
    """Return a value as Python code, with double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _name(call: Call) -> str:
    return f"{call.step.do}_{call.index + 1}"


def _owner(call: Call) -> str:
    return "other" if call.step.account == "other" else "order"


def _request(call: Call) -> str:
    owner, step = _owner(call), call.step
    hold = ""
    if call.barrier:
        hold = f'hold=f"barrier:{{order.token}}-{call.group}:{call.barrier}"'
    elif call.waits_for is not None:
        hold = f'hold=f"ack:{{{_name(call.waits_for)}.token}}"'
    changes = [f"node={_literal(step.node)}"] if step.node else []
    payload = [f"{n}={_literal(value)}" for n in ("amount_minor", "payee", "currency") if (value := getattr(step, n))]
    if payload:
        changes.append(f"payment={owner}.payment._replace({', '.join(payload)})")
    return f"{owner}.{step.do}({hold})" + (f"._replace({', '.join(changes)})" if changes else "")
