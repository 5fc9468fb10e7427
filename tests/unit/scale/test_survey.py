"""What judging a part needs of the run is read without the rows of its orders."""

from __future__ import annotations

from pathlib import Path

from ackord.core.event import CallbackReceived, Complete
from ackord.core.history import History
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState
from ackord.scale.event_folder import open_folder
from ackord.scale.survey import survey

from ..guarantees.build import history, order
from .folders import written


def test_facts_of_the_run(tmp_path: Path) -> None:
    told = history(*(order(f"o{i}").submit(i, i + 1) for i in range(400)), healed=500)
    plan = survey(open_folder(written(told, tmp_path / "events", buckets=4)))
    assert plan.end_ns == told.events[-1].at_ns and plan.history().healed_ns() == told.healed_ns()
    assert not plan.varied and not plan.called and plan.complete


def test_a_variation_is_seen_in_the_statistics(tmp_path: Path) -> None:
    told = history(order("A").submit(0, 1), order("B").submit(0, 1, variation="key-empty"))
    assert survey(open_folder(written(told, tmp_path / "events"))).varied


def test_a_callback_that_names_an_identifier_has_the_order_that_was_given_it_last(tmp_path: Path) -> None:
    told = history(order("A").submit(0, 1, id="p1"), order("B").submit(2, 3, id="p1"), order("C").submit(0, 1, id="p2"))
    calls = [
        CallbackReceived(
            9_000_000 + i, "", "status", Observation.STATUS, PaymentState.FAILED, "", "", name, problem=bad
        )
        for i, (name, bad) in enumerate([("p1", ""), ("p2", "forged"), ("nobody", "")])
    ]
    both = History(told.header, [*told.events, *calls])
    plan = survey(open_folder(written(both, tmp_path / "events", buckets=2)))
    assert {name: [call for _, call in found] for name, found in plan.called.items()} == {"B": calls[:1]}
    assert any(isinstance(e, Complete) for e in told.events)
