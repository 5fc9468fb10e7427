"""How large the HTML report of a large run is, how long it takes to write, and how soon a real Chromium paints it.

    python -m tests.benchmarks.report                     100,000 events, and a tenth of it
    python -m tests.benchmarks.report --events 1000000    another size

It exits with 1 where the page of 100,000 events is larger than 10 MB, or its first paint comes later than 2 s.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from ackord.core.landing import estimate
from ackord.core.result import ProfileResult, campaign_of
from ackord.guarantees import load_guarantee_plugins
from ackord.guarantees.judge import judge
from ackord.report.html.page import render

from ..live.browser import Page, browser
from .judging import Generator

MOST_BYTES = 10_000_000
LATEST_MS = 2_000
OPENINGS = 5


def page_of(events: int) -> tuple[bytes, float]:
    """A page of so many events, in which a share of the answers is wrong, and the seconds that making it took."""
    history = Generator(seed=1, faulty_share=0.02).history(events)
    verdict = judge(history)
    result = ProfileResult(
        "storm", verdict, history, estimate(history), "journal.jsonl", events // 4, 0, "ackord certify"
    )
    began = time.perf_counter()
    page = render(campaign_of([result], "out"), Path("out"))
    return page, time.perf_counter() - began


def paints(tab: Page, path: Path) -> tuple[float, float]:
    """Milliseconds from the begin of the load: the first paint with content, and the end of the scripts. Medians."""
    firsts, ends = [], []
    for _ in range(OPENINGS):
        tab.open(path)
        first = "performance.getEntriesByName('first-contentful-paint')[0]"
        tab.wait_for(f"{first} && performance.timing.loadEventEnd")
        firsts.append(tab.run(f"return {first}.startTime"))
        ends.append(tab.run("return performance.getEntriesByType('navigation')[0].loadEventEnd"))
    assert tab.problems() == []
    return statistics.median(firsts), statistics.median(ends)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    events = parser.parse_args().events
    load_guarantee_plugins()
    short = 0
    print("| events | file, MB | written in, s | first paint, ms | loaded, ms |")
    print("|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder, browser() as tab:
        for n in (events // 10, events):
            page, seconds = page_of(n)
            path = Path(folder) / f"{n}.html"
            path.write_bytes(page)
            first, end = paints(tab, path)
            print(f"| {n:,} | {len(page) / 1e6:.2f} | {seconds:.2f} | {first:,.0f} | {end:,.0f} |")
            short |= n == 100_000 and (len(page) > MOST_BYTES or first > LATEST_MS)
    return int(short)


if __name__ == "__main__":
    raise SystemExit(main())
