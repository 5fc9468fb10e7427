"""The HTML report in a real Chromium: drawn, clicked, printed, looked at, with the keyboard, and under hostile answers.

``ACKORD_PICTURES=FOLDER`` keeps the pictures of every kind of report, at both widths, light and dark.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.report.html.page import render

from ..tiers import gate
from ..unit.report.html import pages
from .browser import Page, browser

PICTURED = ("pass", "violation", "unsafe", "inconclusive", "partial", "failed", "drill", "wide", "hostile")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    with browser() as page:
        yield page


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    for name in PICTURED:
        (folder / f"{name}.html").write_bytes(render(pages.ALL[name](), folder))
    return {name: folder / f"{name}.html" for name in PICTURED}


@pytest.mark.parametrize("name", gate(PICTURED, {"violation", "failed", "drill", "hostile"}))
def test_it_is_drawn_at_both_widths_light_and_dark(
    chromium: Page, files: dict[str, Path], name: str, tmp_path: Path
) -> None:
    kept = os.environ.get("ACKORD_PICTURES")
    into = Path(kept or tmp_path)
    into.mkdir(parents=True, exist_ok=True)
    chromium.open(files[name])
    chromium.wait_for("document.documentElement.dataset.ready === 'yes'")
    chromium.drawn()
    for width, dark in ((1400, False), (1400, True), (420, True), (420, False)):
        chromium.look(width, dark=dark)
        assert chromium.run("return document.documentElement.scrollWidth") <= width, "nothing sticks out"
        chromium.wait_for(f"[...document.querySelectorAll('.chart svg')].every(svg => svg.clientWidth <= {width})")
        picture = into / f"{name}-{width}-{'dark' if dark else 'light'}.png"
        chromium.picture(picture, width=width, tallest=9_000 if kept else 1_500)
        assert picture.stat().st_size > 10_000
    assert chromium.problems() == []
    assert chromium.requests() == []


@pytest.mark.parametrize(("name", "dark"), [("unsafe", False), ("wide", True)])
def test_axe_finds_no_barrier(chromium: Page, files: dict[str, Path], name: str, dark: bool) -> None:
    chromium.open(files[name], dark=dark)
    chromium.drawn()
    assert chromium.barriers() == []


def test_a_mark_leads_to_its_exchange_and_opens_what_was_said(chromium: Page, files: dict[str, Path]) -> None:
    chromium.open(files["violation"])
    chromium.run("document.querySelector('.lanes a[aria-label*=\"broke the guarantee\"]').dispatchEvent("
                 "new MouseEvent('click', {bubbles: true}))")  # fmt: skip
    chromium.wait_for("document.querySelector('.item:target details.raw')?.open")
    told = chromium.run("return document.querySelector('.item:target').innerText")
    assert "order not found" in told
    assert "broke the guarantee" in told
    assert "HTTP 404" in told
    assert "order number: A-1" in told


def test_all_of_it_is_reached_by_the_keyboard(chromium: Page, files: dict[str, Path]) -> None:
    from selenium.webdriver.common.keys import Keys

    chromium.open(files["violation"])
    reached = []
    for _ in range(14):
        chromium.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(chromium.run("return document.activeElement.textContent.trim().slice(0, 40)"))
    assert reached[0] == "To the results"
    assert {"Guarantees", "Not judged", "What was broken", "Environment"} <= set(reached)
    chromium.run("document.querySelector('details.order:not([open]) > summary').focus()")
    chromium.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert chromium.run("return document.activeElement.parentElement.open")


def test_a_chart_follows_the_colour_scheme(chromium: Page, files: dict[str, Path]) -> None:
    ink = "document.querySelector('#chart-0 .xtick text').style.fill"
    colours = []
    for dark in (False, True):
        chromium.open(files["violation"], dark=dark)
        chromium.drawn()
        colours.append(chromium.run(f"return {ink}"))
    assert colours[0] != colours[1]
    light = [{"name": "prefers-color-scheme", "value": "light"}]
    chromium.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": light})
    chromium.wait_for(f"{ink} === '{colours[0]}'")


def test_a_chart_that_is_drawn_as_the_colour_scheme_changes_hides_no_change(
    chromium: Page, files: dict[str, Path]
) -> None:
    """A list of media that is read after a change and before the next frame is told of no change, so that charts that
    were drawn would keep their colours.
    """
    chromium.open(files["violation"])
    chromium.drawn()
    counting = (
        "window.readings = 0; const matches = Object.getOwnPropertyDescriptor(MediaQueryList.prototype, 'matches').get;"
        "Object.defineProperty(MediaQueryList.prototype, 'matches', { get() {"
        "if (this.media.includes('color-scheme')) readings++; return matches.call(this); } })"
    )
    script = chromium.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": counting})
    try:
        chromium.open(files["violation"], dark=True)
        chromium.drawn()
        assert chromium.run("return readings") == 1
    finally:
        chromium.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def test_it_prints_what_is_folded_but_no_raw_exchange(chromium: Page, files: dict[str, Path]) -> None:
    chromium.open(files["violation"], dark=True)
    chromium.run("window.dispatchEvent(new Event('beforeprint'))")
    assert chromium.run("return document.querySelectorAll('details:not(.raw):not([open])').length") == 0
    assert chromium.run("return document.querySelectorAll('details.raw[open]').length") == 0
    assert chromium.run("return document.querySelectorAll('.chart .main-svg').length") > 0
    chromium.run("window.dispatchEvent(new Event('afterprint'))")
    assert chromium.run("return document.querySelectorAll('details.order:not([open])').length") > 0
    made = chromium.driver.execute_cdp_cmd("Page.printToPDF", {})
    assert len(made["data"]) > 50_000


def test_hostile_text_does_nothing_and_is_seen(chromium: Page, files: dict[str, Path]) -> None:
    chromium.open(files["hostile"])
    chromium.drawn()
    assert chromium.run("return document.querySelectorAll('img, iframe, object, link, base').length") == 0
    assert chromium.run("return document.querySelectorAll('script').length") == 3
    text = chromium.run("return document.body.innerText")
    for seen in ("<script>alert(1)</script>", "\\x1b[31m", "\\u202e", "\\u200b", "\\x00"):
        assert seen in text
    drawn = chromium.run("return [...document.querySelectorAll('.chart')].map(chart => chart.textContent).join()")
    assert "</title></svg>" in drawn, "a chart shows it as text, too"
    assert chromium.problems() == []
    assert chromium.requests() == []
