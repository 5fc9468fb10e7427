from __future__ import annotations

import re

from ackord.core.event import Complete
from ackord.core.history import History
from ackord.report.html.order_items import BROKE, OrderItem, PageAllowance, item_list, order_items

from ..build import ONCE
from .pages import HOSTILE, broke, drill, run
from .test_order_record import record


def items(of: History | None = None, allowance: PageAllowance | None = None, **more: object) -> list[OrderItem]:
    of = of or run()
    return order_items(record(of, **more), of.header.options, allowance or PageAllowance())


def test_all_that_happened_stands_in_the_order_of_time() -> None:
    assert [(i.number, i.label) for i in items()] == [
        (1, "submit 1: acknowledged"),
        (2, "query 2: NOT_FOUND"),
        (3, "fault node-crash struck: node B"),
        (4, "query 3: PROCESSING"),
        (5, "callback: SUCCEEDED"),
        (6, "payout of 19.99 EUR"),
        (7, "payout of 19.99 EUR"),
    ]


def test_lanes_are_by_actor_node_and_vantage() -> None:
    lanes = {(place.lane.name, place.lane.seen) for item in items() for place in item.places}
    assert lanes == {
        ("merchant alpha to node A", "seen at the merchant"),
        ("merchant alpha to node B", "seen at the merchant"),
        ("provider, node A", "seen at the provider"),
        ("provider, node B", "seen at the provider"),
        ("callbacks", "provider to merchant"),
        ("faults that strike", "as they were injected"),
        ("money", "as the ledger shows it"),
    }


def test_both_vantages_tell_when() -> None:
    assert items()[1].times == "at the merchant: +1.00 ms → +4.00 ms; at the provider: +2.00 ms → +3.00 ms"


def test_what_is_special_is_marked() -> None:
    assert [i.marks for i in items()[:2]] == [("acknowledged the order",), (BROKE,)]
    (first, *_) = broke(ONCE).findings
    of = run()
    told = order_items(record(of, first), of.header.options, PageAllowance())
    assert [i.marks for i in told if "payout" in i.label] == [(BROKE,), (BROKE,)]


def test_the_raw_exchange_is_one_click_away() -> None:
    more = items()[1].more
    assert '<details class="raw"><summary>Raw exchange</summary>' in more
    for said in ("GET /v1/orders/${order_no}", "order number: A-1", "node: B", "HTTP 404", "content-type: application/json",
                 "{&quot;status&quot;:&quot;PROCESSING&quot;}", "the same at both"):  # fmt: skip
        assert said in more
    assert "Faults that fired on it: lost-answer (mode reset)." in more


def test_answers_that_differ_are_both_shown() -> None:
    of = run()
    events = [
        e._replace(answer={"status": 502, "headers": {}, "body": "gateway"})
        if isinstance(e, Complete) and e.op == 2 and e.vantage == "merchant" else e
        for e in of.events
    ]  # fmt: skip
    more = items(History(of.header, events))[1].more
    assert "Answer, at the merchant" in more
    assert "HTTP 502" in more
    assert "Answer, at the provider" in more


def test_a_page_holds_only_so_many_raw_answers_and_counts_the_others() -> None:
    allowance = PageAllowance(left=400)
    told = items(allowance=allowance)
    assert allowance.left_out == 2
    assert sum("Raw exchange" in i.more for i in told) == 1
    assert sum("this page holds no more of them" in i.more for i in told) == 2


def test_a_body_of_fifty_megabytes_is_cut() -> None:
    of = run()
    events = [
        e._replace(answer={"status": 200, "headers": {"h": "x" * 10_000_000}, "body": "y" * 50_000_000, "truncated": True})
        if isinstance(e, Complete) and e.op == 2 else e
        for e in of.events
    ]  # fmt: skip
    more = items(History(of.header, events))[1].more
    assert len(more) < 6_000
    assert "more characters are in the journal" in more
    assert "the journal holds no more of it" in more


def test_a_drill_shows_what_the_merchant_was_told_and_what_it_says() -> None:
    told = items(drill().profiles[0].history)
    words = [i.words for i in told]
    assert "callback order-event, forged (signature: wrong): says FAILED; the merchant answered 200" in words
    assert "the merchant says: failed, 2 payments in its books" in words


def test_the_list_leads_to_each_item() -> None:
    text = item_list(items(), "f1-o1", "Not shown: 2 more exchanges.")
    assert re.findall(r'<li id="(f1-o1-\d)"', text) == [f"f1-o1-{n}" for n in range(1, 8)]
    assert text.count('class="item missing broke"') == 1
    assert text.endswith('<p class="soft">Not shown: 2 more exchanges.</p>')


def test_hostile_text_stays_text() -> None:
    of = run(2, text=HOSTILE)
    text = item_list(items(of, order=HOSTILE), "x", "")
    assert not set(re.findall(r"<(\w+)", text)) - set("ol li span div p strong details summary h5 pre".split())
