"""Every store of the provider has all that the service asks for, with the same parameters."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from ackord.providers.service.order_store import OrderStore
from ackord.providers.service.provider_store import BEFORE, ProviderStore, RefundRecords
from ackord.providers.service.refund_store import RefundStore
from ackord.simulation.simulated_store import SimulatedRefunds, SimulatedStore


@pytest.mark.parametrize(
    ("wanted", "store"),
    [
        (ProviderStore, OrderStore),
        (ProviderStore, SimulatedStore),
        (RefundRecords, RefundStore),
        (RefundRecords, SimulatedRefunds),
    ],
)
def test_a_store_has_what_is_asked_for(wanted: Any, store: Any) -> None:
    asked = {name: member for name, member in vars(wanted).items() if inspect.iscoroutinefunction(member)}
    assert len(asked) >= 4
    for name, member in asked.items():
        assert inspect.signature(getattr(store, name)) == inspect.signature(member), name


def test_every_status_has_a_place() -> None:
    assert {earlier for statuses in BEFORE.values() for earlier in statuses} <= {"ACCEPTED", *BEFORE}
