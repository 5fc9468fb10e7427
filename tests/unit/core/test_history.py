"""A history is cut by order number, at the judged vantage."""

from __future__ import annotations

from dataclasses import replace

from ackord.core.event import (
    Begin,
    CallbackReceived,
    Complete,
    Event,
    FaultChange,
    LedgerRead,
    MerchantReport,
    Movement,
    OrderIntent,
    Phase,
    ReplicationSample,
    ReportedOutcome,
)
from ackord.core.history import UNNAMED, History, RunHeader
from ackord.core.operation import Observation as Seen
from ackord.core.operation import OperationKind as Kind
from ackord.core.operation import Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises

HEADER = RunHeader("contract", "profile", "provider", Vantage.PROVIDER, 1, Promises())


def begin(
    at: int,
    op: int,
    kind: Kind,
    *,
    vantage: Vantage = Vantage.PROVIDER,
    order: str = "A",
    account: str = "ours",
    copy: int = 0,
    payload: str = "p",
) -> Begin:
    return Begin(at, vantage, op, copy, kind, account, order, 1, payload, 100 if kind is not Kind.QUERY else None, "")


def complete(
    at: int, op: int, observation: Seen | None, *, vantage: Vantage = Vantage.PROVIDER, copy: int = 0
) -> Complete:
    outcome = Outcome.INFO if observation in (None, Seen.UNREADABLE) else Outcome.OK
    return Complete(at, vantage, op, copy, outcome, observation, PaymentState.UNKNOWN, "id", 100, "detail", None)


def cut(*events: Event, header: RunHeader = HEADER) -> History:
    return History(header, events)


def test_an_exchange_is_a_begin_and_its_complete() -> None:
    [one] = cut(begin(1, 1, Kind.SUBMIT), complete(5, 1, Seen.ACK)).orders
    [x] = one.exchanges
    assert (x.op, x.kind, x.begin_ns, x.complete_ns, x.observation, x.provider_id) == (
        1,
        Kind.SUBMIT,
        1,
        5,
        Seen.ACK,
        "id",
    )
    assert (x.sent_amount_minor, x.amount_minor, x.detail) == (100, 100, "detail")
    assert (one.number, one.account, one.fingerprint, one.acknowledged_ns) == ("A", "ours", "p", 5)


def test_without_a_complete_or_without_an_answer_it_is_indeterminate() -> None:
    [one] = cut(begin(1, 1, Kind.SUBMIT), begin(2, 2, Kind.QUERY), complete(9, 2, None)).orders
    assert [(x.complete_ns, x.observation, x.delivered) for x in one.exchanges] == [(None, None, False)] * 2
    assert [x.detail for x in one.exchanges] == ["no answer", "detail"]
    assert one.acknowledged_ns is None


def test_orders_come_in_the_order_of_their_first_event_and_exchanges_by_begin() -> None:
    history = cut(begin(4, 1, Kind.QUERY, order="B"), begin(3, 2, Kind.SUBMIT), begin(1, 3, Kind.QUERY, order="B"))
    assert [o.number for o in history.orders] == ["B", "A"]
    assert [x.begin_ns for x in history.orders[0].exchanges] == [1, 4]


def test_only_the_judged_vantage_is_seen() -> None:
    events: list[Event] = [
        begin(1, 1, Kind.SUBMIT, vantage=Vantage.MERCHANT), begin(2, 1, Kind.SUBMIT), complete(3, 1, Seen.ACK), complete(4, 1, None, vantage=Vantage.MERCHANT),
    ]  # fmt: skip
    [seen] = cut(*events).orders[0].exchanges
    assert (seen.begin_ns, seen.complete_ns) == (2, 3)
    [seen] = cut(*events, header=replace(HEADER, vantage=Vantage.MERCHANT)).orders[0].exchanges
    assert (seen.begin_ns, seen.complete_ns) == (1, None)


def test_an_answer_is_delivered_if_the_merchant_could_read_it() -> None:
    def delivered(observation: Seen | None) -> bool:
        events: list[Event] = [
            begin(1, 1, Kind.SUBMIT),
            complete(2, 1, Seen.ACK),
            complete(3, 1, observation, vantage=Vantage.MERCHANT),
        ]
        return cut(*events).orders[0].exchanges[0].delivered

    assert delivered(Seen.ACK)
    assert not delivered(None)
    assert not delivered(Seen.UNREADABLE)


def test_a_copy_is_an_exchange_of_its_own_and_never_delivered() -> None:
    [one] = cut(
        begin(1, 1, Kind.SUBMIT), begin(2, 1, Kind.SUBMIT, copy=1), complete(4, 1, Seen.DUPLICATE, copy=1), complete(5, 1, Seen.ACK),
        complete(6, 1, Seen.ACK, vantage=Vantage.MERCHANT),
    ).orders  # fmt: skip
    assert [(x.copy, x.observation, x.delivered) for x in one.submits] == [
        (0, Seen.ACK, True),
        (1, Seen.DUPLICATE, False),
    ]


def test_the_first_submit_makes_the_owner() -> None:
    [one] = cut(
        begin(1, 1, Kind.QUERY, account="theirs"), begin(2, 2, Kind.CANCEL, account="theirs"), begin(3, 3, Kind.SUBMIT, account="ours"),
        begin(4, 4, Kind.SUBMIT, account="theirs"), begin(5, 5, Kind.QUERY), begin(6, 6, Kind.CANCEL),
    ).orders  # fmt: skip
    assert one.account == "ours"
    assert [x.op for x in one.exchanges] == [3, 5, 6]
    assert [x.op for x in one.foreign] == [1, 2, 4]
    assert [[x.op for x in xs] for xs in (one.submits, one.queries, one.cancels)] == [[3], [5], [6]]


def test_who_only_asks_owns_what_nobody_submitted() -> None:
    [one] = cut(begin(1, 1, Kind.QUERY, account="curious")).orders
    assert (one.account, one.fingerprint, one.submits) == ("curious", "", [])


def test_an_acknowledgement_is_of_the_original_payload() -> None:
    [one] = cut(
        begin(1, 1, Kind.SUBMIT), begin(2, 2, Kind.RESUBMIT, payload="other"), complete(3, 2, Seen.ACK), begin(4, 3, Kind.RESUBMIT),
        complete(5, 3, Seen.ACK), complete(9, 1, Seen.ACK), begin(6, 4, Kind.CANCEL), complete(7, 4, Seen.ACK),
    ).orders  # fmt: skip
    assert [x.op for x in one.acks] == [3, 1]
    assert one.acknowledged_ns == 5


def test_payouts_are_the_owners_each_once() -> None:
    [one] = cut(
        begin(1, 1, Kind.SUBMIT),
        Movement(2, "ours", "A", "m1", 100, "payout"),
        Movement(3, "ours", "A", "m1", 100, "payout"),
        Movement(3, "", "A", "m2", 100, "payout"),
        Movement(3, "ours", "A", "m3", 100, "return"),
        Movement(3, "theirs", "A", "m4", 100, "payout"),
        LedgerRead(4, 5),
    ).orders
    assert [m.movement_id for m in one.payouts] == ["m1", "m2"]
    assert len(one.movements) == 5
    assert one.ledger_read_ns == 4


def test_what_is_posted_is_what_the_last_reading_showed() -> None:
    [one] = cut(
        begin(1, 1, Kind.SUBMIT),
        Movement(3, "ours", "A", "m1", 100, "payout"),
        LedgerRead(3, 1, began_ns=2),
        Movement(6, "theirs", "A", "m2", 100, "return"),
        LedgerRead(6, 1, began_ns=5),
    ).orders
    assert [m.movement_id for m in one.posted] == ["m2"]
    assert (one.ledger_began_ns, one.ledger_read_ns) == (5, 6)
    [old] = cut(begin(1, 1, Kind.SUBMIT), Movement(3, "ours", "A", "m1", 100, "payout"), LedgerRead(4, 1)).orders
    assert (len(old.posted), old.ledger_began_ns) == (1, None)


def test_a_reading_by_order_counts_for_that_order() -> None:
    history = cut(
        begin(1, 1, Kind.SUBMIT, order="A"), begin(2, 2, Kind.SUBMIT, order="B"), begin(3, 3, Kind.SUBMIT, order="C"),
        LedgerRead(5, 0, began_ns=4, order="A"), LedgerRead(6, 0, "503", order="B"), LedgerRead(7, 0, "503", order="A"),
        LedgerRead(9, 0, began_ns=8, order="A"),
    )  # fmt: skip
    assert [(o.number, o.ledger_began_ns) for o in history.orders] == [("A", 8), ("B", None), ("C", None)]
    assert history.ledger_was_read
    assert history.ledger_unread == (1, "503")


def test_callbacks_belong_to_their_order() -> None:
    called = CallbackReceived(3, "A", "event", Seen.STATUS, PaymentState.SUCCEEDED, "paid", "ours", "p1")
    one, other = cut(begin(1, 1, Kind.SUBMIT, order="A"), begin(2, 2, Kind.SUBMIT, order="B"), called).orders
    assert (list(one.callbacks), list(other.callbacks)) == ([called], [])


def test_an_exchange_says_what_was_sent_and_what_was_shown() -> None:
    sent = begin(1, 1, Kind.SUBMIT)._replace(currency="EUR", payee="x")
    refused = complete(2, 1, Seen.REJECTED)._replace(outcome=Outcome.FAIL, currency="USD", payee="y")
    [one] = cut(sent, refused).orders
    [x] = one.submits
    assert (x.definite, x.sent_currency, x.sent_payee, x.currency, x.payee) == (True, "EUR", "x", "USD", "y")


def test_money_without_an_exchange_is_an_order_too() -> None:
    history = cut(Movement(2, "ours", "Z", "m1", 100, "payout"))
    assert [(o.number, o.exchanges, len(o.movements)) for o in history.orders] == [("Z", [], 1)]
    assert not history.ledger_was_read


def test_reading_the_ledger_is_not_an_order() -> None:
    history = cut(begin(1, 1, Kind.LEDGER, order=""), complete(2, 1, Seen.STATUS), LedgerRead(3, 0))
    assert history.orders == []
    assert history.ledger_was_read


def fault(at: int, name: str, change: str, op: int = 0) -> FaultChange:
    return FaultChange(at, name, change, "edge", op, {})


def test_faults_and_phases() -> None:
    history = cut(
        Phase(0, "disturb"), fault(1, "lag", "armed"), fault(2, "loss", "armed"), fault(3, "loss", "fired", 7), fault(4, "loss", "healed"),
        fault(5, "cut", "effective"), Phase(6, "settle"), ReplicationSample(7, 2, 1, None), ReplicationSample(8, 2, 0, 5, "read-model"),
    )  # fmt: skip
    assert history.effective_faults == {"loss", "cut"}
    assert history.healed_ns() == 6
    assert len(history.faults) == 5 and len(history.phases) == 2
    assert {replica: [s.at_ns for s in of] for replica, of in history.replication.items()} == {
        "": [7],
        "read-model": [8],
    }
    assert [f.fault for f in history.faults_active(3)] == ["lag", "loss"]
    assert [f.fault for f in history.faults_active(5)] == ["lag"]
    assert [(f.fault, f.change) for f in history.faults_active(5, op=7)] == [("lag", "armed"), ("loss", "fired")]
    assert cut().healed_ns() is None


def test_outcomes_are_counted_at_the_merchant() -> None:
    history = cut(
        begin(1, 1, Kind.QUERY, vantage=Vantage.MERCHANT), complete(2, 1, Seen.STATUS, vantage=Vantage.MERCHANT), complete(2, 1, Seen.STATUS),
        begin(3, 2, Kind.QUERY, vantage=Vantage.MERCHANT), complete(4, 2, None, vantage=Vantage.MERCHANT), begin(5, 3, Kind.SUBMIT, vantage=Vantage.MERCHANT),
    )  # fmt: skip
    assert history.outcome_counts() == {(Kind.QUERY, Outcome.OK): 1, (Kind.QUERY, Outcome.INFO): 1}


def test_intents_and_reports_of_a_merchant() -> None:
    report = MerchantReport(3, "output", ReportedOutcome.PAID, order="o")
    history = cut(OrderIntent(1, "o", "invoice-1"), OrderIntent(2, "o", "invoice-2"), report)
    assert history.intents == {"o": "invoice-1"}, "the first that it was submitted for"
    assert history.merchant_reports == [report]
    assert history.orders == [], "neither makes an order"


def test_a_callback_that_names_only_the_identifier_finds_its_order_whenever_the_answer_came() -> None:
    status = (Seen.STATUS, PaymentState.SUCCEEDED, "")
    early = CallbackReceived(2, "", "paid", *status, provider_id="id")
    strange = CallbackReceived(3, "", "paid", *status, provider_id="another")
    forged = CallbackReceived(4, "", "paid", *status, provider_id="id", problem="its signature is wrong")
    [one, unnamed] = cut(early, strange, forged, begin(1, 1, Kind.SUBMIT), complete(5, 1, Seen.ACK)).orders
    assert (one.number, list(one.callbacks)) == ("A", [early])
    assert (unnamed.number, list(unnamed.callbacks)) == (UNNAMED, [strange, forged])


def test_when_faults_of_a_seam_were_in_force() -> None:
    changes = [(1, "armed"), (2, "effective"), (5, "healed"), (7, "armed")]
    events = [FaultChange(at, "clock-step", change, "clock", 0, {}) for at, change in changes]
    other = FaultChange(3, "lost-answer", "armed", "edge", 0, {})
    assert cut(*events, other).spans_of("clock") == [(1, 5), (7, None)]
