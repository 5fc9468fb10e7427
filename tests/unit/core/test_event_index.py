"""The one pass that sorts a run's events, and the collector that keeps out of its way."""

from __future__ import annotations

import gc

import pytest

from ackord.core.event import Complete, Phase
from ackord.core.event_index import EventIndex, gc_disabled
from ackord.core.operation import Observation, Outcome, Vantage
from ackord.core.payment_state import PaymentState


def test_the_collector_is_put_back() -> None:
    assert gc.isenabled()
    with pytest.raises(RuntimeError), gc_disabled():
        assert not gc.isenabled()
        raise RuntimeError("in the middle")
    assert gc.isenabled()


def test_the_collector_stays_off_if_it_was() -> None:
    with gc_disabled():
        with gc_disabled():
            pass
        assert not gc.isenabled()


def test_a_complete_without_its_begin_is_no_operation() -> None:
    lost = Complete(1, Vantage.MERCHANT, 9, 0, Outcome.OK, Observation.ACK, PaymentState.UNKNOWN, None, None, "", None)
    events = EventIndex([lost, Phase(2, "steady")], Vantage.MERCHANT)
    assert events.outcome_counts() == {}
    assert (events.begins, list(events.completes), len(events.phases)) == ({}, [9], 1)
