"""Faults of the callback seam reach the edge, and nothing is silently without one."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ackord.chaos.faults import ActiveFault, CallbackFault, Seam, load_faults
from ackord.core.clock import RealClock
from ackord.core.seed import Seed
from ackord.errors import UsageError
from ackord.run.environments.callback_gate import CallbackGate
from ackord.run.injectors.base import InjectorContext
from ackord.run.injectors.callbacks import CallbackInjector


def injector(edge: Any, gate: Any = None) -> CallbackInjector:
    environment = cast("Any", SimpleNamespace(callback_edge=edge, callback_gate=gate))
    return CallbackInjector(InjectorContext(environment, cast("Any", None), RealClock(), 1), Seam.CALLBACK)


def active() -> list[ActiveFault[CallbackFault]]:
    fault = load_faults().get("callback-lost").model_validate({"fault": "callback-lost"})
    assert isinstance(fault, CallbackFault)
    return [ActiveFault(fault, 0)]


def test_the_edge_gets_what_is_in_force_and_nothing_else() -> None:
    given: list[list[str]] = []
    edge = SimpleNamespace(set_faults=lambda faults: given.append([fault.fault for fault in faults]))
    asyncio.run(injector(edge).apply(active()))
    asyncio.run(injector(edge).apply([]))
    assert given == [["callback-lost"], []]


def test_without_an_edge_the_gate_refuses_a_fault_that_needs_a_merchant_and_healing_is_possible() -> None:
    gate = CallbackGate(Seed(1), RealClock(), lambda change: None)
    with pytest.raises(UsageError, match="--callback-to"):
        asyncio.run(injector(None, gate).apply(active()))
    asyncio.run(injector(None, gate).apply([]))
