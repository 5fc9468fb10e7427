from __future__ import annotations

from xml.etree import ElementTree as ET

from ackord.core.history import History
from ackord.report.html.order_items import PageAllowance, order_items
from ackord.report.html.order_lanes import order_lanes

from ..build import ONCE, history, missing
from .pages import HOSTILE, broke, run
from .test_order_record import record


def drawn(of: History | None = None, **more: object) -> ET.Element:
    of = of or run()
    told = record(of, **more)
    return ET.fromstring(order_lanes(told, order_items(told, of.header.options, PageAllowance()), "f1-o1"))


def names(root: ET.Element) -> list[str]:
    return [name for svg in root.iter("svg") if (name := svg.get("aria-label"))]


def classed(root: ET.Element, tag: str, name: str) -> list[ET.Element]:
    return [e for e in root.iter(tag) if name in (e.get("class") or "").split()]


def test_every_lane_is_named_and_has_its_axis() -> None:
    root = drawn()
    assert names(root) == [
        "faults, as they were injected",
        "faults that strike, as they were injected",
        "merchant alpha to node A, seen at the merchant",
        "merchant alpha to node B, seen at the merchant",
        "provider, node A, seen at the provider",
        "provider, node B, seen at the provider",
        "callbacks, provider to merchant",
        "money, as the ledger shows it",
    ]
    for svg in root.iter("svg"):
        assert "ack 0" in [text.text for text in svg.iter("text")]


def test_faults_are_bands_behind_every_lane_but_their_own() -> None:
    root = drawn()
    behind = [len(classed(svg, "rect", "band")) for svg in root.iter("svg")]
    assert behind == [0, *[2] * 7]
    assert {t.text for t in classed(root, "text", "on-fault")} == {
        "replication-latency, in force",
        "lost-answer, in force",
    }


def test_acknowledgement_and_contradiction_run_through_all_lanes() -> None:
    root = drawn()
    for svg in root.iter("svg"):
        assert len(classed(svg, "line", "ack")) == 1
        assert len(classed(svg, "line", "alarm")) == 1


def test_a_mark_says_what_it_is_and_leads_to_it() -> None:
    marks = [(a.get("href"), a.get("aria-label")) for a in drawn().iter("a")]
    assert ("#f1-o1-2", "2: query 2: NOT_FOUND, broke the guarantee") in marks
    assert len([m for m in marks if m[0] == "#f1-o1-2"]) == 2, "at the merchant and at the provider"


def test_what_broke_it_is_marked_by_more_than_colour() -> None:
    root = drawn()
    assert [t.text for a in root.iter("a") if "broke" in (a.get("aria-label") or "") for t in a.iter("text")] == [
        "2✗"
    ] * 2
    (first, *_) = broke(ONCE).findings
    assert len(classed(drawn(found=first), "rect", "broke")) == 2


def test_an_order_that_was_never_acknowledged_has_no_such_line() -> None:
    root = drawn(history(missing(2, 50, 51)), evidence=((2, 0),))
    assert classed(root, "line", "ack") == []
    assert len(classed(root, "line", "alarm")) == len(names(root)) == 1


def test_nothing_to_draw_draws_nothing() -> None:
    told = record(history(), order="gone", evidence=())
    assert order_lanes(told, [], "x") == ""


def test_places_are_within_the_drawing() -> None:
    of = run(2, text=HOSTILE)
    root = drawn(of, order=HOSTILE)
    for shape in root.iter():
        for side in ("x", "width", "x1"):
            if (value := shape.get(side, "0")).endswith("%"):
                assert 0 <= float(value[:-1]) <= 100
    assert not [name for shape in root.iter() for name in shape.attrib if name == "style" or name.startswith("on")]
