"""A real headless Chromium, for tests: Debian's, driven by Selenium (a CI run must have it)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from ..waiting import until

__all__ = ["Page", "browser"]

_AXE = Path(__file__).parents[2] / ".tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"


class Page:
    """One tab of the browser."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, path: Path, *, width: int = 1400, height: int = 900, dark: bool = False) -> None:
        """Show a file in a window of that size and colour scheme."""
        self.look(width, height, dark=dark)
        self.driver.get(path.resolve().as_uri())

    def look(self, width: int, height: int = 900, *, dark: bool) -> None:
        """Change the window's size and the colour scheme."""
        self.resize(width, height)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        until(lambda: self.run(f"return Boolean({condition})"), condition)

    def drawn(self) -> None:
        """Open what is folded, but for raw exchanges and all runs but the first two, and wait for the charts in it."""
        self.run(
            "document.querySelectorAll('details:not(.raw, .run)').forEach(d => { d.open = true });"
            "[...document.querySelectorAll('details.run')].forEach((d, i) => { d.open = i < 2 })"
        )
        places = self.run("return document.querySelectorAll('.chart').length")
        for i in range(min(places, 2)):
            self.run(f"document.getElementById('chart-{i}').scrollIntoView()")
            self.wait_for(f"document.querySelector('#chart-{i} .main-svg')")

    def problems(self) -> list[str]:
        """What the console told since the last look: errors and warnings, refusals of the content policy too."""
        told: list[dict[str, Any]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in told]

    def requests(self) -> list[str]:
        """Addresses that the page asked for since the last look, but for files and data in itself."""
        told: list[dict[str, Any]] = self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        messages = [json.loads(entry["message"])["message"] for entry in told]
        sent = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if not url.startswith(("file:", "data:"))]

    def barriers(self) -> list[str]:
        """What axe finds that keeps people from the page: rule, and where."""
        self.run(_AXE.read_text(encoding="utf-8"))
        found: list[str] = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run().then(r => done(r.violations.flatMap("
            "v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ': ' + n.html.slice(0, 120)))))"
        )
        return found

    def picture(self, path: Path, *, width: int, tallest: int = 6_000) -> None:
        """Write the whole page as a PNG, at most ``tallest`` pixels high."""
        self.resize(width, min(tallest, self.run("return document.documentElement.scrollHeight")))
        self.run("window.scrollTo(0, 0)")
        self.driver.save_screenshot(str(path))


@contextmanager
def browser() -> Iterator[Page]:
    """Start one, and end it. Without it a test fails under ``CI=true`` and is skipped elsewhere."""
    chromium, driver_program = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver_program is None or not _AXE.exists():
        missing = "Chromium, its driver or axe-core is not here; .ci/chromium.sh installs them"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-background-networking", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(driver_program))
    try:
        yield Page(driver)
    finally:
        driver.quit()
