from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ackord.core.clock import MS
from ackord.core.event import Event, FaultChange, Movement, Phase, ReplicationSample
from ackord.core.operation import Observation, OperationKind
from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.errors import FileError
from ackord.report import timeline

from .build import ONCE, VISIBLE, campaign, exchange, history, judged, missing, profile, shown, submit

HOSTILE = "</title></svg></style><script>alert(1)</script><img src=x onerror='y'>&amp;\"'\x00\x1b[31m\u202e\ud800\n"
KNOWN_TAGS = set(
    "html head meta title style body header main nav section h1 h2 p strong span code ul li a div svg g "
    "path rect text tspan".split()
)


class Page(HTMLParser):
    """Which tags and attributes a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def events(order: str = "A-1", detail: str = "404 ORDER_NOT_FOUND") -> list[Event]:
    return [
        Phase(0, "steady"),
        Phase(10 * MS, "disturb"),
        FaultChange(10 * MS, "lost-answer", "armed", "edge", 0, {"share": 0.5, "note": detail}),
        FaultChange(11 * MS, "lost-answer", "fired", "edge", 1, {"note": detail}),
        ReplicationSample(12 * MS, 100, 50, MS),
        *submit(1, 11, 20, order=order, detail=detail),
        *missing(2, 21, 22, order=order, detail=detail),
        *shown(3, 300, 301, order=order, detail=detail, node=detail),
        *exchange(
            4, OperationKind.RESUBMIT, 310, 311, Observation.ACK, order=order, account=detail, provider_id=detail
        ),
        Movement(400 * MS, "alpha", order, detail, 1999, detail if detail == HOSTILE else "payout"),
        Phase(500 * MS, "done"),
    ]


def page(*parts: Any, **more: Any) -> str:
    return timeline.to_html(campaign(*(parts or (profile("a", judged(), history=history(events())),)), **more))


def drawings(text: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]


def hostile() -> CampaignResult:
    told = [
        Phase(0, HOSTILE),
        FaultChange(0, HOSTILE, "armed", HOSTILE, 0, {HOSTILE: HOSTILE, "schedule": {HOSTILE: HOSTILE}}),
        FaultChange(MS, HOSTILE, "fired", HOSTILE, 0, {HOSTILE: {HOSTILE: [HOSTILE]}}),
        FaultChange(MS, HOSTILE, "effective", HOSTILE, 0, {HOSTILE: 1}),
        *events(HOSTILE, HOSTILE),
    ]
    more = {"order": HOSTILE, "account": HOSTILE, "summary": HOSTILE, "movements": (HOSTILE,)}
    broke = judged(HOSTILE, Result.VIOLATED, **more)
    return campaign(
        profile(HOSTILE, broke, history=history(told, options={"currency": HOSTILE}), repeat=HOSTILE),
        profile("b", broke, history=history(told)),
        contract=HOSTILE,
        provider=HOSTILE,
        flaw=HOSTILE + "x",
        repeat=HOSTILE,
        started=HOSTILE,
    )


def test_the_page_needs_nothing_else() -> None:
    text = page()
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!#)|url\(|@import|<script|https?:", text)
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_hostile_text_is_only_text() -> None:
    text = timeline.to_html(hostile())
    seen = Page(text)
    assert seen.open == []
    assert {tag for tag, _ in seen.tags} <= KNOWN_TAGS
    assert not [a for _, attrs in seen.tags for a in attrs if a.startswith("on") or a in ("src", "style")]
    assert all((attrs["href"] or "").startswith("#p") for _, attrs in seen.tags if "href" in attrs)
    for forbidden in ("\x00", "\x1b", "\u202e", "\ud800"):
        assert forbidden not in text


def test_every_drawing_is_well_formed() -> None:
    for text in (page(), timeline.to_html(hostile())):
        assert len(drawings(text)) > 2


def test_classes_are_this_report_s_own() -> None:
    """Not made of what a journal says: a phase called ``alarm`` does not look like one."""
    known = set(re.findall(r"\.([a-z]+)", Path(timeline.__file__).with_suffix(".html").read_text(encoding="utf-8")))
    used = [name for _, attrs in Page(timeline.to_html(hostile())).tags for name in (attrs.get("class") or "").split()]
    assert "strange" in used
    assert set(used) <= known


def idle(*names: str, **options: Any) -> str:
    armed = [FaultChange(0, name, "armed", "edge", 0, {}) for name in names]
    return page(profile("a", judged(), history=history(armed, submit(1, 0, 10), options=options)))


def test_faults_without_effect_are_told_above_the_drawing() -> None:
    assert "No effect shown: reset. Armed, and nothing in the record shows that it did anything." in idle("reset")
    assert "No effect shown: reset, cut. Armed, and nothing in the record shows that they did anything." in idle(
        "reset", "cut"
    )
    assert "No effect shown:" not in page()


def test_a_run_without_injection_says_so() -> None:
    assert "Nothing was injected." in idle("reset", inject=False)
    assert "Nothing was injected." not in idle("reset", inject=True)


def test_profiles_are_listed_and_led_to() -> None:
    broke = judged(VISIBLE, Result.VIOLATED)
    text = page(profile("a", judged(), history=history(events())), profile("b", broke, history=history(events())))
    assert (
        '<li><a href="#p1">a</a> <span>HELD</span></li><li><a href="#p2">b</a> <span class="alarm">VIOLATED</span></li>'
        in text
    )
    assert 'id="p1"' in text
    assert 'id="p2-order-1"' in text


def test_the_orders_that_are_not_drawn_are_counted() -> None:
    broke = judged(VISIBLE, Result.VIOLATED)  # three orders broke it, one is told
    text = page(profile("a", broke, judged(ONCE), history=history(events())))
    assert (
        "At least 3 orders broke a guarantee. Drawn are 1, the worst of each guarantee; 2 more are in the journal."
        in text
    )


def test_a_record_that_was_cut_off_is_said_to_be() -> None:
    from ackord.core.history import History

    whole = history(events())
    text = page(profile("a", judged(), history=History(whole.header, whole.events, complete=False), complete=False))
    assert "The record was cut off." in text


def test_an_empty_run_and_an_empty_campaign_have_a_page() -> None:
    assert "0 exchanges" in page(profile("a", history=history()))
    assert Page(timeline.to_html(campaign())).open == []


def test_the_size_is_bounded_by_the_drawing_not_by_the_run() -> None:
    def run(n: int) -> str:
        many: list[Event] = []
        for i in range(n):
            many += submit(2 * i + 1, i * 0.5, i * 0.5 + 1, order=f"order-{i:06d}")
            many += missing(2 * i + 2, i * 0.5 + 2, i * 0.5 + 3, order=f"order-{i:06d}")
            many.append(FaultChange(round(i * 0.5 * MS), "lost-answer", "fired", "edge", 2 * i + 1, {}))
            many.append(ReplicationSample(round(i * 0.5 * MS), i % 1000, 0, i * 1000))
        return page(profile("a", judged(VISIBLE, Result.VIOLATED, order="order-000001"), history=history(many)))

    assert len(run(3000)) < 1.2 * len(run(1000))


def test_the_file_is_written_and_named(tmp_path: Path) -> None:
    path = timeline.write(hostile(), tmp_path)
    assert path == tmp_path / "timeline.html"
    assert path.read_bytes().startswith(b"<!doctype html>")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"timeline\.html"):
        timeline.write(campaign(), tmp_path / "file")
