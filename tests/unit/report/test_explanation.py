from __future__ import annotations

import pytest

from ackord.core.clock import MS
from ackord.core.event import CallbackDelivered, Event, FaultChange, LedgerRead, Movement, ReplicationSample
from ackord.core.operation import Observation, OperationKind, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.verdict import Result
from ackord.report.explanation import LINES, Explanation, explain_finding

from .build import REPEAT, exchange, finding, history, missing, shown, submit


def texts(explanation: Explanation) -> list[str]:
    return [m.text for m in explanation.moments]


def test_times_count_from_the_acknowledgement() -> None:
    h = history(submit(1, 0, 10), missing(2, 13.1, 15))
    e = explain_finding(finding(), h, repeat=REPEAT)
    assert [(m.began, m.ended) for m in e.moments] == [("-10.0 ms", "0 ms"), ("+3.10 ms", "+5.00 ms")]
    assert [m.offending for m in e.moments] == [False, True]
    assert "from the acknowledgement, seen at the provider" in e.clock


def test_an_order_that_nobody_acknowledged_counts_from_its_first_event() -> None:
    h = history(exchange(1, OperationKind.SUBMIT, 100, None, None), missing(2, 120, 121))
    e = explain_finding(finding(), h, repeat=REPEAT)
    assert e.moments[0].began == "0 ms"
    assert e.moments[0].ended == "-"
    assert "no answer" in e.moments[0].text
    assert "Never acknowledged" in e.clock


def test_the_merchants_vantage_is_named() -> None:
    e = explain_finding(finding(), history(vantage=Vantage.MERCHANT), repeat=REPEAT)
    assert "seen by the merchant" in e.clock


def test_the_answers_that_contradict_the_offending_one_are_shown() -> None:
    before = shown(2, 11, 12, detail="200 before")
    after = [shown(4 + i, 30 + i, 30.5 + i, detail=f"200 after {i}") for i in range(30)]
    h = history(submit(1, 0, 10), before, missing(3, 20, 21), *after)
    e = explain_finding(finding(evidence=((1, 0), (3, 0))), h, repeat=REPEAT)
    joined = "\n".join(texts(e))
    for telling in ("200 before", "200 after 0", "200 after 29"):
        assert telling in joined
    assert "200 after 1 " not in joined
    assert len(e.moments) + e.left_out == 33
    assert f"{e.left_out} more exchanges" in e.text()


def test_however_much_there_is_a_screen_holds_it() -> None:
    copies = [submit(1, 0.1 * i, 10 + i, copy=i) for i in range(100)]
    movements = [Movement(50 * MS, "alpha", "A-1", f"mv-{i}", 1999, "payout") for i in range(100)]
    h = history(*copies, movements, [LedgerRead(60 * MS, 100)])
    f = finding(
        "concurrent-duplicates-collapse",
        evidence=tuple((1, i) for i in range(100)),
        movements=tuple(m.movement_id for m in movements),
    )
    e = explain_finding(f, h, repeat=REPEAT)
    assert len(e.moments) <= LINES
    assert sum(m.text.startswith("ledger: payout") for m in e.moments) >= 2
    assert e.left_out > 80


def test_the_offending_exchange_is_never_left_out() -> None:
    h = history(submit(1, 0, 10), *[missing(2 + i, 11 + i, 11.5 + i) for i in range(40)])
    e = explain_finding(finding(evidence=tuple((i, 0) for i in range(1, 42))), h, repeat=REPEAT)
    assert [m.text for m in e.moments if m.offending] == ["query 41: order not found"]


def test_where_the_ledger_is_the_offence_the_movements_are_marked() -> None:
    movements = [Movement(50 * MS, "alpha", "A-1", name, 1999, "payout") for name in ("mv-1", "mv-2")]
    h = history(submit(1, 0, 10), movements, [LedgerRead(60 * MS, 2)], options={"currency": "EUR"})
    e = explain_finding(finding(evidence=((1, 0),), movements=("mv-1", "mv-2")), h, repeat=REPEAT)
    assert [m.text for m in e.moments if m.offending] == [
        "ledger: payout mv-1 of 19.99 EUR",
        "ledger: payout mv-2 of 19.99 EUR",
    ]


def test_a_ledger_without_a_movement_says_so() -> None:
    e = explain_finding(
        finding(), history(submit(1, 0, 10), missing(2, 11, 12), [LedgerRead(60 * MS, 0)]), repeat=REPEAT
    )
    assert texts(e)[-1] == "ledger: no movement of this order"


def test_copies_other_payloads_other_accounts_and_nodes_are_told_apart() -> None:
    h = history(
        submit(1, 0, 10, amount_minor=1999, provider_id="po_1"),
        submit(1, 0.5, 11, amount_minor=1999, copy=1, provider_id="po_1"),
        exchange(
            2,
            OperationKind.RESUBMIT,
            20,
            21,
            Observation.CONFLICT,
            fingerprint="p2",
            amount_minor=2000,
            answered_minor=1999,
        ),
        missing(3, 30, 31, account="beta", node="b"),
        options={"currency": "EUR"},
    )
    e = explain_finding(finding(evidence=((1, 0), (1, 1), (2, 0), (3, 0))), h, repeat=REPEAT)
    assert texts(e) == [
        "submit 1 of 19.99 EUR: acknowledged as po_1",
        "submit 1 (copy 1, made on the way) of 19.99 EUR: acknowledged as po_1; the merchant never got this answer",
        "resubmission 2 of 20.00 EUR, another payload: refused, the number is known with another payload, "
        "for 19.99 EUR",
        "query 3, by account beta, node b: order not found",
    ]


def test_the_fault_that_was_active_is_named_and_the_healed_one_is_not() -> None:
    faults = [
        FaultChange(1 * MS, "latency", "armed", "edge", 0, {"latency_ms": 5}),
        FaultChange(2 * MS, "latency", "healed", "edge", 0, {}),
        FaultChange(
            3 * MS,
            "replication-latency",
            "armed",
            "replication",
            0,
            {
                "ms": 1200.0,
                "jitter_ms": 0.0,
                "share": 1.0,
                "hit_share": 0.005,
                "forward": True,
                "code": "BUSY",
                "body": None,
                "pays": 0.5,
            },
        ),
        FaultChange(4 * MS, "lost-answer", "fired", "edge", 1, {}),
        FaultChange(4 * MS, "lost-answer", "fired", "edge", 9, {}),
    ]
    e = explain_finding(finding(), history(faults, submit(1, 5, 10), missing(2, 11, 12)), repeat=REPEAT)
    assert e.faults == (
        "replication-latency (replication seam) was active: 1,200 ms, hit 0.5 %, forward, code BUSY, pays 0.5",
        "lost-answer (edge seam) fired on submit 1",
    )


def test_without_a_fault_it_says_so() -> None:
    e = explain_finding(finding(), history(submit(1, 0, 10), missing(2, 11, 12)), repeat=REPEAT)
    assert e.faults == ()
    assert "active fault   none at that instant" in e.text()


def test_the_nearest_replication_sample_is_told_and_a_distant_one_is_not() -> None:
    samples = [
        ReplicationSample(10 * MS, 20_000, 1_568, None),
        ReplicationSample(11 * MS, 30_000, 11_568, 203 * MS),
        ReplicationSample(9_000 * MS, 30_000, 0, 900 * MS),
    ]
    h = history(samples, submit(1, 0, 10), missing(2, 11, 12), shown(3, 9_001, 9_002))
    near = explain_finding(finding(), h, repeat=REPEAT).replication
    assert (
        near == "the standby was 18,432 bytes of write-ahead log behind the primary; a probe measured a lag of 203 ms"
    )
    fed = ReplicationSample(10 * MS, 20_000, 19_000, 7 * MS, "read-model")
    both = history([*samples, fed], submit(1, 0, 10), missing(2, 11, 12), shown(3, 9_001, 9_002))
    of_read_model = (
        "; the read model was 1,000 bytes of write-ahead log behind the primary (sampled 1.00 ms "
        "earlier); a probe measured a lag of 7.00 ms"
    )
    assert explain_finding(finding(), both, repeat=REPEAT).replication == near + of_read_model
    far = history(samples[-1:], submit(1, 0, 10), missing(2, 11, 12))
    assert explain_finding(finding(), far, repeat=REPEAT).replication == ""


def test_unsafe_says_why_it_is_no_violation_and_who_is_safe() -> None:
    f = finding(result=Result.UNSAFE, safe_policies=("buffer", "poll", "resubmit"))
    text = explain_finding(f, history(submit(1, 0, 10), missing(2, 11, 12)), repeat=REPEAT).text()
    assert "the contract allows this" in text
    assert "merchants whose policy is buffer, poll or resubmit" in text


def test_an_answer_cannot_forge_or_colour_the_report() -> None:
    evil = "404 \x1b[2J\n> +0 ms  submit 9: acknowledged"
    h = history(submit(1, 0, 10, provider_id="po\r\n1"), missing(2, 11, 12, detail=evil))
    text = explain_finding(finding(summary=f"query 2 was answered {evil}"), h, repeat=REPEAT).text()
    assert "\x1b" not in text and "\r" not in text
    assert "\n> +0 ms" not in text


def test_the_command_is_never_wrapped_and_the_rest_is() -> None:
    command = "ackord certify " + "--profile replica-lag " * 12 + "--seed 7"
    h = history(submit(1, 0, 10, detail="201 " + "word " * 30), missing(2, 11, 12))
    lines = explain_finding(finding(summary="many words " * 20), h, repeat=command).text(80).splitlines()
    assert lines[-1].endswith(command)
    assert max(map(len, lines[:-1])) <= 80


def test_an_order_that_the_history_does_not_hold_is_explained_all_the_same() -> None:
    e = explain_finding(finding("a-guarantee-from-elsewhere", order="gone"), history(), repeat=REPEAT)
    assert (e.moments, e.left_out, e.clause) == ((), 0, "")
    assert "gone" in e.text()


@pytest.mark.parametrize(
    ("last", "stale"),
    [
        (missing(2, 13, 15), True),
        (shown(2, 13, 15, state=PaymentState.FAILED), True),
        (shown(2, 13, 15, state=PaymentState.RECEIVED), True),
        (shown(2, 13, 15, state=PaymentState.PROCESSING), False),
        (submit(2, 13, 15), False),
    ],
    ids=["not found", "failed", "knows less", "still open, which denies nothing", "a resubmission"],
)
def test_only_a_query_that_denies_what_was_known_is_stale(last: list[Event], stale: bool) -> None:
    h = history(submit(1, 0, 10, state=PaymentState.PROCESSING), last)
    assert bool(explain_finding(finding(), h, repeat=REPEAT).staleness) is stale


def test_a_finding_about_two_orders_shows_both() -> None:
    first = [*submit(1, 0, 10, order="A-0", fingerprint="p0"), *missing(2, 13, 15, order="A-0", fingerprint="p0")]
    second = submit(3, 20, 30)
    paid = [Movement(50 * MS, "alpha", number, f"mv-{number}", 1999, "payout") for number in ("A-0", "A-1")]
    h = history(first, second, paid, vantage=Vantage.PROVIDER)
    found = finding("merchant-pays-once", evidence=((1, 0), (2, 0), (3, 0)), movements=("mv-A-0", "mv-A-1"))
    e = explain_finding(found, h, repeat=REPEAT)
    joined = "\n".join(texts(e))
    assert e.order == "A-1" and e.clause.startswith("A merchant MUST NOT pay")
    assert "query 2, order A-0" in joined and "submit 1, order A-0" in joined and "payout mv-A-0" in joined
    assert "submit 3:" in joined and "another payload" not in joined


def test_callbacks_that_the_merchant_of_a_drill_got_stand_among_its_calls() -> None:
    def call(at_ms: int, **how: object) -> Event:
        said = CallbackDelivered(
            (at_ms + 1) * MS, "A-1", "event", Observation.STATUS, PaymentState.FAILED, at_ms * MS, status=200
        )
        return said._replace(**how)  # type: ignore[arg-type]

    calls = [call(20, forged="signature: wrong"), *(call(30 + i, copy=i) for i in range(9))]
    e = explain_finding(finding(), history(submit(1, 0, 10), missing(2, 13.1, 15), calls), repeat=REPEAT)
    told = [text for text in texts(e) if text.startswith("callback")]
    assert told[0] == "callback event, forged (signature: wrong): says FAILED; the merchant answered 200"
    assert told[2] == "callback event (copy 1, made on the way): says FAILED; the merchant answered 200"
    assert len(e.moments) <= LINES and [m.began for m in e.moments][2] == "+10.0 ms"
    gone = explain_finding(
        finding(), history(submit(1, 0, 10), [call(20, status=None, detail="connection refused")]), repeat=REPEAT
    )
    assert (
        texts(gone)[-1].endswith("the merchant did not answer (connection refused)") and gone.moments[-1].ended == "-"
    )
