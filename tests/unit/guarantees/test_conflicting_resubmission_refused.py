"""Conflicting resubmission refused: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.core.promises import OtherPayloadAnswer, Promises
from ackord.guarantees.conflicting_resubmission_refused import ID

from .cases import Case, check, table

REPLAYS = Promises(on_other_payload=OtherPayloadAnswer.REPLAY_ORIGINAL)
BY_PAYLOAD = Promises(on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT)


@table(
    Case("refused", "held", lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900)),
    Case(
        "refused as a duplicate", "held", lambda o: o.submit(0, 5).resubmit(6, 7, "DUPLICATE", payload="p2", sent=900)
    ),
    Case("accepted", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7, payload="p2", sent=900)),
    Case(
        "answered with the order's status", "VIOLATED", lambda o: o.submit(0, 5).resubmit(6, 7, "STATUS", payload="p2")
    ),
    Case("the same payload is judged elsewhere", "none", lambda o: o.submit(0, 5).resubmit(6, 7)),
    Case("both accepted in flight", "VIOLATED", lambda o: o.submit(0, 5).resubmit(5, 7, payload="p2")),
    Case("refused in flight", "held", lambda o: o.submit(0, 5).resubmit(1, 4, "CONFLICT", payload="p2")),
    Case("the first is in progress", "none", lambda o: o.submit(0, 5).resubmit(1, 4, "IN_PROGRESS", payload="p2")),
    Case("the other one won", "none", lambda o: o.submit(0, 5, "CONFLICT").resubmit(1, 4, payload="p2").query(6, 7)),
    Case(
        "nothing was decided",
        "none",
        lambda o: o.submit(0, 5).resubmit(6, 7, "RETRYABLE", payload="p2").resubmit(8, payload="p2"),
    ),
    Case(
        "the refusal names the original's amount",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900, amount=100),
    ),
    Case(
        "the refusal names what was sent",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900, amount=900),
    ),
    Case(
        "only the payee was altered",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", amount=100),
    ),
    Case(
        "the original was changed",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900).query(8, 9, amount=900),
    ),
    Case(
        "changed by a request without an answer",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, payload="p2", sent=900).query(8, 9, amount=900),
    ),
    Case(
        "an amount that no payload had is not of its doing",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900).query(8, 9, amount=10),
    ),
    Case(
        "the original is as it was",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900).query(8, 9, amount=100),
    ),
    Case(
        "a fee that was shown before",
        "held",
        lambda o: o.submit(0, 5, amount=98).resubmit(6, 7, "CONFLICT", payload="p2", sent=900).query(8, 9, amount=98),
    ),
    Case(
        "answered with the original, as declared",
        "UNSAFE",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, payload="p2", id="a"),
        REPLAYS,
    ),
    Case(
        "answered with a new order, though the original was declared",
        "VIOLATED",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, payload="p2", id="b"),
        REPLAYS,
    ),
    Case(
        "another order, as declared",
        "UNSAFE",
        lambda o: o.submit(0, 5, id="a").resubmit(6, 7, payload="p2", id="b", sent=900).query(8, 9, amount=900),
        BY_PAYLOAD,
    ),
    Case(
        "the number was forgotten",
        "none",
        lambda o: o.submit(0, 5).resubmit(60, 61, payload="p2"),
        Promises(key_retention_ns=50 * MS),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)
