"""A simulated program reads its statement while orders arrive, and twice at its end."""

from __future__ import annotations

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import SECOND
from ackord.simulation.simulated_statement_reader import page_reader_of
from tests.simulated.worlds import codec, do, world


def test_a_program_reads_now_and_then_and_twice_at_its_end() -> None:
    w = world()
    for amount in (100, 200, 300, 400, 500):
        order = w.create_order(amount)
        do(w, order, order.submit())
        w.wait(SECOND)
    w.end_program()
    readings = list(w.history().statements)
    assert all(reading.proves for reading in readings)
    assert [reading.whole for reading in readings[-2:]] == [True, True]
    assert not any(reading.whole for reading in readings[:-2])
    assert len(readings[-1].windows) == 2
    assert sum(len(order.lines) for order in w.history().orders) > 5
    [invented] = w.history().statements.invented
    assert invented.problem == "status 422"


def test_a_program_without_movements_has_no_statement_at_its_end() -> None:
    w = world()
    w.end_program()
    assert not w.history().statements.invented


def test_a_contract_without_a_statement_has_no_reader() -> None:
    assert page_reader_of(codec())
    with pytest.raises(LookupError, match="has no statement"):
        page_reader_of(load_contract("stripe-payouts", env=PlaceholderEnv()).codec)
