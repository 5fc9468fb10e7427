"""The provider in containers, for tests: one set of them for a module, or an engine alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ackord.chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine
from ackord.errors import EnvironmentFailed
from ackord.host.child_process import ChildProcess
from ackord.host.run_dir import RunDir
from ackord.providers.containers.docker_engine import DockerEngine
from ackord.providers.containers.docker_settings import DockerSettings

from .. import waiting

LINK = "replication"
PATIENCE_S = 60.0
"""How long a test waits for what must happen; never how long something takes."""


def until(holds: Callable[[], object], what: str, limit_s: float = PATIENCE_S) -> None:
    """As everywhere, with the patience that containers need."""
    waiting.until(holds, what, limit_s)


@pytest.fixture(scope="session")
def images() -> None:
    """An engine that answers, with the images: here these tests run or fail, elsewhere they may be left out."""
    try:
        DockerEngine("probe", DockerSettings.read()).check_images()
    except EnvironmentFailed as error:
        why = f'{error}\nThese tests need Docker\'s engine and its images. On Debian, as root: eval "$(.ci/docker.sh)"'
        if os.environ.get("CI") == "true":
            pytest.fail(why, pytrace=False)
        pytest.skip(why)


class Containers:
    """The provider, and a merchant's view of it."""

    def __init__(self, run: RunDir) -> None:
        self.run = run
        self.events: list[dict[str, Any]] = []
        self.child = ChildProcess.start(
            "ackord.providers.containers", run=run, name="containers", on_event=self.events.append
        )
        self.http = httpx.Client(timeout=20, trust_env=False)
        self._numbers = iter(range(1, 1 << 30))

    def start(self, **arguments: Any) -> dict[str, Any]:
        self.started = self.child.call("start", timeout_s=240, seed=7, run_dir=str(self.run.path), **arguments)
        self.links = ToxiproxyEngine.connect(self.started["link"]["admin"], self.run)
        self.links.adopt(LINK, self.started["link"]["proxy"])
        return self.started

    def close(self) -> None:
        self.http.close()
        self.child.stop(timeout_s=60)
        log = (self.run.path / "containers.log").read_text()
        assert "Traceback" not in log, log
        left = DockerEngine("probe", DockerSettings.read()).left_of(self.run.path.name)
        assert left == [], log

    def call(self, do: str, **arguments: Any) -> dict[str, Any]:
        return self.child.call(do, timeout_s=120, **arguments)

    def reset_as(self, flaw: str | None = None) -> dict[str, Any]:
        self.links.set_cut(LINK, False)
        self.links.set_toxics(LINK, [])
        return self.call("reset_as", flaw=flaw, seed=7)

    def number(self) -> str:
        return f"container-{next(self._numbers):04d}"

    def submit(self, node: str, number: str, **how: Any) -> httpx.Response:
        order = {"order_no": number, "amount": 100, "currency": "EUR", "payee": "payee-1"}
        return self._ask("POST", node, "/v1/orders", json=order, **how)

    def query(self, node: str, number: str, **how: Any) -> httpx.Response:
        return self._ask("GET", node, f"/v1/orders/{number}", **how)

    def _ask(self, method: str, node: str, path: str, **how: Any) -> httpx.Response:
        url = f"http://127.0.0.1:{self.started['nodes'][node]}{path}"
        return self.http.request(method, url, headers={"Authorization": "Bearer sk_main"}, **how)

    def longest_probe_ms(self) -> float:
        """The largest lag that a probe measured between the primary and the standby."""
        return max((e["probe_lag_ns"] for e in list(self.events) if "probe_lag_ns" in e), default=0) / 1e6


@pytest.fixture(scope="module")
def running(images: None) -> Iterator[Containers]:
    with RunDir.create() as run:
        containers = Containers(run)
        try:
            containers.start()
            yield containers
        finally:
            containers.close()


@pytest.fixture
def containers(running: Containers) -> Containers:
    """As new: correct, empty, healed."""
    running.call("sample", every_ms=0)
    running.reset_as()
    running.events.clear()
    return running


def background(function: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread
