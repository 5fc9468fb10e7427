"""Histories in which every guarantee is broken and kept: the hand-written cases of the guarantees' own tests, mixed with
random orders under one theme's promises, and with the rarer events of a run.
"""

from __future__ import annotations

import pkgutil
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from types import ModuleType

from ackord.core.clock import MS
from ackord.core.event import (
    Begin,
    CallbackReceived,
    ClockAdvance,
    Complete,
    Event,
    FaultChange,
    LedgerRead,
    Movement,
    Phase,
    ReplicationSample,
    UnknownMovements,
)
from ackord.core.history import History
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises

from .. import guarantees
from ..guarantees.build import Order, history, order
from ..guarantees.cases import Case
from ..guarantees.money_oracle import random_money_case
from ..guarantees.random_cases import random_case
from ..guarantees.statement_build import GROWS, WHOLE, invented, line, page, reading

__all__ = ["planted_cases", "planted_history"]


@cache
def planted_cases() -> tuple[tuple[str, Case], ...]:
    """Return every case of the guarantees' tables, with the id of its guarantee."""
    found: list[tuple[str, Case]] = []
    for info in pkgutil.iter_modules(guarantees.__path__, f"{guarantees.__name__}."):
        if info.name.rpartition(".")[2].startswith("test_"):
            module = import_module(info.name)
            found += [(_id_of(module), case) for case in _cases_in(module)]
    return tuple(found)


def _id_of(module: ModuleType) -> str:
    return module.__name__.rpartition(".test_")[2].replace("_", "-")


def _cases_in(module: ModuleType) -> list[Case]:
    marks = [mark for test in vars(module).values() for mark in getattr(test, "pytestmark", ())]
    return [c for mark in marks if mark.name == "parametrize" for c in mark.args[1] if isinstance(c, Case)]


def planted_history(seed: int, orders: int, theme: Case | None = None, *, rare: float = 0.7) -> History:
    """A history of so many orders and more. ``theme``: the case whose promises and healing it has, and that is in it;
    ``None``: any; ``rare``: how probably it has the rarer events of a run, which may put a planted fault right.
    """
    r = random.Random(seed)
    theme = theme or r.choice(planted_cases())[1]
    parts = [_numbered(theme.act(order("theme")), f"theme-{seed}", r)]
    parts += [_numbered(_random_order(r), f"{r.randrange(10**6):06d}-{i}", r) for i in range(orders)]
    events = list(_rare_events(r, parts)) if r.random() < rare else []
    promises = replace(theme.promises or Promises(), cancels=True)
    if r.random() < rare / 2:
        promises = replace(promises, statement=r.choice([WHOLE, GROWS]).statement)
        events += _stated_events(r, parts)
    return history(
        *parts,
        promises=promises,
        healed=theme.healed,
        complete=r.random() < 0.9,
        events=events,
        exposure_window_ns=None if theme.window is None else round(theme.window * MS),
        exposes=tuple(r.sample(["order-not-stuck", "key-form-respected", "trigger-leads-as-declared"], r.randrange(3))),
    )


def _random_order(r: random.Random) -> Order:
    draw = r.random()
    if draw < 0.4:
        return r.choice(planted_cases())[1].act(order("case"))
    if draw < 0.7:
        return random_case(r.randrange(10**6))[0]
    return random_money_case(r.randrange(10**6))[0]


def _numbered(one: Order, number: str, r: random.Random) -> Order:
    """Give an order's events a number of its own, and operations that no other order has."""
    base = r.randrange(10**9) * 1000
    ops = {op: base + i for i, op in enumerate(sorted({e.op for e in one.events if isinstance(e, Begin)}))}
    late = r.randrange(50) * MS if r.random() < 0.5 else 0
    renamed = Order(number)
    for event in one.events:
        moved: Event = event._replace(at_ns=event.at_ns + late)
        if isinstance(moved, Begin | Complete):
            moved = moved._replace(op=ops[moved.op])
        if getattr(moved, "order", ""):
            moved = moved._replace(order=number)  # type: ignore[call-arg]
        renamed.events.append(moved)
    return renamed


def _rare_events(r: random.Random, parts: Sequence[Order]) -> list[Event]:
    """Faults, readings of the ledger, callbacks that name no order, forged ones, movements that nobody ordered."""
    answered = [e for one in parts for e in one.events if isinstance(e, Complete)]
    events: list[Event] = [
        Phase(0, "steady"),
        ReplicationSample(3 * MS, 100, r.randrange(100), r.choice([None, 5 * MS])),
        FaultChange(1 * MS, "node-crash", "armed", "process", 0, {"node": "b"}),
        FaultChange(r.randrange(30) * MS, "node-crash", r.choice(["healed", "effective"]), "process", 0, {}),
    ]
    for e in r.sample(answered, min(len(answered), 6)):
        events.append(FaultChange(e.at_ns, "lost-answer", "fired", "edge", e.op, {"attempt": 1}))
        known = e.provider_id or "nobody"
        state = r.choice([PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.PROCESSING])
        problem = r.choice(["", "", "", "no signature"])
        events.append(
            CallbackReceived(e.at_ns + MS, "", "status", Observation.STATUS, state, "", "", known, problem=problem)
        )
    for one in r.sample(parts, min(len(parts), 4)):
        problem = r.choice(["", "503", "timed out"])
        began_ns = None if problem else r.randrange(40) * MS
        events.append(LedgerRead(60 * MS, 0, problem, began_ns, one.number))
        forged = CallbackReceived(
            50 * MS, f"x{one.number}", "status", Observation.STATUS, PaymentState.FAILED, "", problem="forged"
        )
        events.append(forged)
        events.append(Movement(55 * MS, "ours", f"y{one.number}", f"m-{one.number}", 7, "payout"))
    if r.random() < 0.5:
        events.append(LedgerRead(70 * MS, 0, began_ns=65 * MS))
    if r.random() < 0.2:
        events.append(ClockAdvance(30 * MS, 10**15, 29 * MS))
    if r.random() < 0.3:
        events.append(UnknownMovements(71 * MS, r.randrange(3)))
    return events


def _stated_events(r: random.Random, parts: Sequence[Order]) -> list[Event]:
    """Two or three readings of a statement that has, leaves out, alters or doubles the run's movements."""
    moved = [(one.number, e) for one in parts for e in one.events if isinstance(e, Movement)]
    moved += [(one.number, Movement(0, "ours", one.number, "", r.randrange(1, 300), "payout")) for one in parts[:2]]
    moved.append(("", Movement(0, "ours", "", "", 5, "payout")))
    moved.append((f"z{parts[0].number}", Movement(0, "ours", "", "", 6, "payout")))
    stated = [
        line(f"l{n}", e.amount_minor + r.choice([0, 0, 0, 99]), e.kind, of=number, currency=e.currency or "EUR")
        for n, (number, e) in enumerate(moved)
    ]
    events: list[Event] = []
    for number in range(1, r.randrange(3, 5)):
        shown = [one for one in stated for _ in range(r.choice([0, 1, 1, 1, 1, 1, 2]))]
        r.shuffle(shown)
        cut = r.randrange(len(shown) + 1)
        totals = (("rows", len(shown) + r.choice([0, 0, 0, 1])),) if r.random() < 0.5 else ()
        pages = [page(*shown[:cut]), page(*shown[cut:], totals=totals)]
        pages = [replace(one, whole=number > 1 or r.random() < 0.5) for one in pages]
        problem = r.choice(["", "", "", "", "the page was cut"])
        events += reading(number, 600 * number, pages, problem=problem)
    if r.random() < 0.4:
        events += invented(3_000, r.randrange(2))
    return events
