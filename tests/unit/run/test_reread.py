"""Reading again: what was compared, and what could not be; forged readings are in tests/simulated."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.loading.loader import load_contract
from ackord.core.event import Begin, Complete, Event
from ackord.core.history import History, RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.record.redaction import redacted_answer
from ackord.run.reread import Reread, reread

M = Vantage.MERCHANT
HEADER = RunHeader("reference", "none", "provider", M, 1, Promises())


def asked(body: bytes, observation: Observation = Observation.NOT_FOUND, **answer: Any) -> Reread:
    """A query that was answered with 404 and ``body``, and read as ``observation``."""
    kept = redacted_answer(404, {"content-type": "application/json"}, body, truncated=False) | answer
    outcome = Outcome.INFO if observation is Observation.UNREADABLE else Outcome.OK
    state = PaymentState.UNKNOWN if outcome is Outcome.INFO else PaymentState.NOT_FOUND
    events: list[Event] = [
        Begin(1, M, 1, 0, OperationKind.QUERY, "main", "A", 1, "f", None, ""),
        Complete(2, M, 1, 0, outcome, observation, state, None, None, "404, not genuine", kept),
    ]
    return reread(History(HEADER, events), load_contract("reference"))


def test_a_reading_that_follows_from_its_bytes() -> None:
    assert asked(b'{"code": "ORDER_NOT_FOUND"}') == Reread(1, {}, None)


def test_bytes_that_are_not_utf_8_are_read_as_they_were() -> None:
    latin = b'{"code": "\xe9"}'
    assert redacted_answer(404, {}, latin, truncated=False)["body_base64"]
    found = asked(latin)
    assert found.problem is not None
    assert "the contract as UNREADABLE" in found.problem[1]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (asked(b" " * 20_000), "they are longer than the journal keeps"),
        (asked(b"{}", Observation.UNREADABLE, truncated=True), "they are longer than the journal keeps"),
        (asked(b"{}", Observation.UNREADABLE), "whether they are genuine needs the keys"),
    ],
)
def test_what_cannot_be_compared_is_counted(found: Reread, why: str) -> None:
    assert found == Reread(0, {why: 1}, None)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (asked(b"{}", truncated=True), "marked as cut off after 2 bytes, and was read all the same"),
        (
            asked(b"{}", Observation.UNREADABLE, truncated=True, headers={"content-length": "2"}),
            "has all the 2 bytes that it states",
        ),
    ],
)
def test_an_answer_is_not_spared_by_a_mark_that_it_was_cut(found: Reread, said: str) -> None:
    assert found.problem is not None
    assert said in found.problem[1]


def test_a_damaged_answer_is_a_problem() -> None:
    found = asked(b"{}", body_base64="!")
    assert found.problem == (1, "operation 1: its raw answer is damaged")
