from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ackord import masking
from ackord.core.event import Event
from ackord.errors import FileError
from ackord.report import REPORTS
from ackord.report.html import page as under_test
from ackord.report.html.page import FILE_NAME, render, to_html, write

from ..build import VISIBLE, campaign, history, missing, profile, submit
from .pages import ALL, broke, failed, hostile, passed, run, violated

OUT = Path("out")
VOID = {"meta", "br"}
URLS = re.compile(r"(?:src|href|action|data|poster)\s*=\s*[\"'](?!#)|url\(|@import|https?:", re.IGNORECASE)


class Seen(HTMLParser):
    """Which tags and attributes a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of 5 MB."""
    monkeypatch.setattr(under_test, "chart_library", lambda: "window.Plotly = undefined")


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(masking, "_secrets", {})
    masking.hide("canary-4711-secret")
    yield "canary-4711-secret"


@pytest.mark.parametrize("name", ALL)
def test_every_page_is_well_formed_and_needs_nothing_else(name: str) -> None:
    text = to_html(ALL[name](), OUT)
    seen = Seen(text)
    assert seen.open == []
    assert not URLS.search(re.sub(r"(?s)<script>.*?</script>", "", text).replace(" data-", " "))
    assert not [a for _, attrs in seen.tags for a in attrs if a.startswith("on") or a in ("src", "style")]
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    leads = {(attrs["href"] or "")[1:] for tag, attrs in seen.tags if tag == "a"}
    assert leads <= set(ids)


def test_only_its_own_scripts_may_run() -> None:
    text = to_html(violated(), OUT)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "script-src 'unsafe" not in policy[1]
    assert "unsafe-eval" not in policy[1]
    scripts = re.findall(r"(?s)<script>(.*?)</script>", text)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert re.findall(r"'sha256-([^']+)'", policy[1]) == digests
    assert len(digests) == 2
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_the_verdict_comes_first() -> None:
    text = to_html(violated(), OUT)
    places = [text.index(part) for part in ("<h1>", 'id="matrix"', 'id="not-judged"', 'id="findings"', 'id="landing"',
                                            'id="counts"', 'id="runs"', 'id="environment"')]  # fmt: skip
    assert places == sorted(places)


def test_contents_lead_to_the_sections_that_there_are() -> None:
    assert 'href="#findings"' in to_html(violated(), OUT)
    assert 'href="#findings"' not in to_html(passed(), OUT)
    assert 'href="#landing"' not in to_html(failed(), OUT)


def test_the_library_is_in_it_only_where_there_is_a_chart() -> None:
    assert "window.Plotly" in to_html(violated(), OUT)
    assert "window.Plotly = undefined" not in to_html(failed(), OUT)
    without = to_html(violated(), OUT, charts=False)
    assert "window.Plotly = undefined" not in without
    assert 'id="figures">[]</script>' in without


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "chart_library", lambda: "")
    text = to_html(violated(), OUT)
    assert "the package plotly is not installed" in text
    assert 'class="chart"' not in text


def test_without_charts_it_is_the_same_with_every_library(monkeypatch: pytest.MonkeyPatch) -> None:
    one = render(violated(), OUT, charts=False)
    monkeypatch.setattr(under_test, "chart_library", lambda: "another version")
    assert render(violated(), OUT, charts=False) == one
    assert b"This page has tables in place of charts" in one


def test_the_figures_are_data() -> None:
    (data,) = re.findall(r'(?s)<script type="application/json" id="figures">(.*?)</script>', to_html(hostile(), OUT))
    assert json.loads(data)


def test_hostile_text_is_only_text() -> None:
    text = to_html(hostile(), OUT)
    assert [tag for tag, _ in Seen(text).tags].count("script") == 3
    assert "img" not in {tag for tag, _ in Seen(text).tags}
    for forbidden in ("\x00", "\x1b", "\u202e", "\u200b", "\ud800"):
        assert forbidden not in text
    assert render(hostile(), OUT).decode()


def test_no_secret_is_in_it(secret: str) -> None:
    spelled = (secret, base64.b64encode(secret.encode()).decode(), secret.encode().hex(), secret.replace("-", "%2D"))
    said = " ".join(spelled)
    text = render(campaign(profile("a", broke(VISIBLE, summary=said), history=run(2, text=said))), OUT)
    assert b"***" in text
    for spelling in spelled:
        assert spelling.encode() not in text


def test_a_secret_that_is_in_a_script_does_not_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_secrets", {})
    masking.hide("Plotly")
    assert "window.Plotly = undefined" in render(violated(), OUT).decode()


def test_a_run_of_a_hundred_thousand_events_makes_no_larger_page() -> None:
    def size(orders: int) -> int:
        events: list[Event] = []
        for i in range(orders):
            events += submit(2 * i + 1, i * 0.5, i * 0.5 + 1, order=f"A-{i + 1}")
            events += missing(2 * i + 2, i * 0.5 + 2, i * 0.5 + 3, order=f"A-{i + 1}")
        p = profile("a", broke(VISIBLE, orders=1, violations=orders), history=history(events))
        return len(to_html(campaign(p), OUT))

    assert size(4_000) < 1.3 * size(1_000)


def test_the_file_is_written_and_named(tmp_path: Path) -> None:
    path = write(hostile(), tmp_path)
    assert path == tmp_path / FILE_NAME
    assert path.read_bytes().startswith(b"<!doctype html>")
    assert REPORTS.get("html").file == "report.html"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"report\.html"):
        write(campaign(), tmp_path / "file")
