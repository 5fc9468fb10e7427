"""What a run would have tried and did not is told."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.event import ClockAdvance
from ackord.core.history import History
from ackord.core.key_promises import EquivalentBytes, KeyAnswer, KeyPromises
from ackord.core.promises import Promises
from ackord.core.sandbox_trigger import TriggerPromise
from ackord.core.usable_answers import FaultSilence
from ackord.guarantees.declared_notes import declared_notes
from ackord.guarantees.joint_facts import JointFacts

from .build import history, order


def notes_of(told: History) -> list[str]:
    facts = JointFacts(varied=True)
    facts.add(told.orders, [(0, i) for i in range(len(told.orders))], FaultSilence.of(told))
    return declared_notes(told, facts)


KEYS = ("key-form-respected",)
SOME = Promises(keys=KeyPromises(EquivalentBytes.REPLAY, missing=KeyAnswer.REJECT))


def test_undeclared_and_unsent_promises_are_told() -> None:
    one = order("A").submit(0, 5).resubmit(6, 7, variation="escapes")
    undeclared, unsent = notes_of(history(one, promises=SOME, exposes=KEYS))
    assert "empty, overlong, case_sensitive" in undeclared and "none is judged" in undeclared
    assert "declares missing" in unsent


def test_a_run_that_tries_nothing_of_it_says_nothing() -> None:
    assert notes_of(history(order("A").submit(0, 5), promises=SOME)) == []


def test_triggers_that_no_order_pulled_are_told() -> None:
    promises = Promises(triggers=(TriggerPromise("big", 10**9), TriggerPromise("t", 100)))
    one = order("A").submit(0, 5, variation="trigger:t")
    (note,) = notes_of(history(one, promises=promises, exposes=("trigger-leads-as-declared",)))
    assert "triggers big:" in note


def test_how_far_a_clock_was_moved_is_told_with_what_shows_it() -> None:
    promises = Promises(key_retention_ns=50 * MS)
    moved = [ClockAdvance(21 * MS, 60 * MS, 20 * MS)]

    def note(answer: str) -> str:
        one = order("A").submit(0, 5, id="a").resubmit(30, 35, id=answer)
        (told,) = notes_of(history(one, promises=promises, events=moved))
        return told

    assert "1 of 1 numbers were new orders" in note("b")
    assert "or the clock did not move" in note("a")
    (for_ever,) = notes_of(history(order("A").submit(0, 5), events=moved))
    assert "nothing but its answer shows" in for_ever
