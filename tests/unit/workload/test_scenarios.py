"""Every scenario: what it sends, whatever it is answered."""

from __future__ import annotations

import pytest

from ackord.core.operation import SUBMITS, OperationKind
from ackord.workload.all_scenarios import SCENARIOS

from .stage import ACK, BUSY, NOT_FOUND, OPEN, Answer, pays_at_once, played

ANSWERS: dict[str, Answer] = {
    "pays": pays_at_once,
    "open for ever": lambda call: OPEN if call.kind is OperationKind.QUERY else ACK,
    "not found": lambda call: NOT_FOUND if call.kind is OperationKind.QUERY else ACK,
    "busy": lambda call: BUSY,
    "silent": lambda call: None,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("name", SCENARIOS.names())
def test_a_plot_ends_whatever_it_is_answered(name: str, answer: Answer) -> None:
    calls = played(name, answer)
    assert 0 < len(calls) < 70
    assert {c.payment.order_no for c in calls} == {calls[0].payment.order_no}, "a scenario plays with its own order"
    writes = [c for c in calls if c.kind in SUBMITS and c.payment.account == "main"]
    assert [c.kind for c in writes] == [OperationKind.SUBMIT, *[OperationKind.RESUBMIT] * (len(writes) - 1)][
        : len(writes)
    ]


@pytest.mark.parametrize("name", SCENARIOS.names())
def test_holds_wait_for_what_the_plot_itself_sends(name: str) -> None:
    calls = played(name)
    tokens = {c.token for c in calls if c.token}
    for call in calls:
        kind, _, rest = call.hold.partition(":")
        if kind in ("ack", "pass"):
            assert rest in tokens
        elif kind == "barrier":
            group, _, members = rest.rpartition(":")
            assert sum(c.hold.startswith(f"barrier:{group}:") for c in calls) == int(members)


def test_the_control_never_submits() -> None:
    assert {c.kind for c in played("unknown")} == {OperationKind.QUERY}


def test_the_origin_story_is_told_with_a_query_held_for_the_acknowledgement() -> None:
    calls = played("plain")
    submit = next(c for c in calls if c.kind is OperationKind.SUBMIT)
    assert [c.hold for c in calls if c.kind is OperationKind.QUERY] == [f"ack:{submit.token}"]


def test_the_race_sends_copies_of_one_payload() -> None:
    held = [c for c in played("race") if c.hold]
    assert len(held) == 4
    assert len({c.payment for c in held}) == 1


def test_other_accounts_come_with_their_own_credentials() -> None:
    assert {c.payment.account for c in played("other-account")} == {"main", "other"}


def test_a_merchant_that_knows_does_not_send_again() -> None:
    assert sum(c.kind is not OperationKind.QUERY for c in played("lost-answer")) == 1
    assert sum(c.kind is not OperationKind.QUERY for c in played("lost-answer", lambda call: None)) == 4
