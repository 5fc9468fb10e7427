"""A chaos process and its edges, as the live tests of the gateway use them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from ackord.chaos.chaos_process import ChaosProcess
from ackord.host.run_dir import RunDir

from .peers import Merchant, Provider

Json = dict[str, Any]
names = (f"edge-{n}" for n in itertools.count())


class Process:
    """A chaos process with all that it told; ``on_event`` is called with each event instead of keeping it."""

    def __init__(self, run: RunDir, on_event: Callable[[Json], None] | None = None) -> None:
        self.events: list[Json] = []
        self.chaos = ChaosProcess.start(run, on_event or self.events.append)


class Edge:
    """An open edge in front of providers, and what was told of it."""

    def __init__(self, process: Process, default_node: str | None = None, /, **nodes: Provider) -> None:
        self._process = process
        self.name = next(names)
        self.chaos = process.chaos
        upstreams = {node: ("127.0.0.1", provider.port) for node, provider in nodes.items()}
        opened = self.chaos.open_edge(
            self.name, upstreams, default_node=default_node, hold_timeout_ms=15_000, record_body_bytes=1000
        )
        self.port = opened.port

    def rules(self, *rules: Json, seed: int = 1) -> None:
        self.chaos.set_rules(self.name, seed, list(rules))

    def fault(self, fault: str, match: Json | None = None, **params: Any) -> None:
        self.rules({"fault": fault, "share": 1, "match": match or {}, "params": params})

    def merchant(self) -> Merchant:
        return Merchant(self.port)

    def ask(self, method: str, path: str, body: bytes = b"", **ackord: str | int) -> Any:
        with self.merchant() as merchant:
            return merchant.ask(method, path, body, **ackord)

    def exchanges(self) -> list[Json]:
        """Records of all exchanges so far, by the merchant's operation, or the number of the arrival, and copy."""
        assert self.chaos.drain(self.name)
        mine = [e for e in self._process.events if e["event"] == "exchange" and e["edge"] == self.name]
        return sorted(mine, key=lambda e: (abs(e["op"]), e["copy"]))

    def exchange(self) -> Json:
        (only,) = self.exchanges()
        return only

    def effects(self) -> list[Json]:
        """All that fired so far: ``fault``, ``op``, ``at_ns``, ``detail``."""
        self.chaos.drain(self.name)
        return [e for e in self._process.events if e["event"] == "fired" and e["edge"] == self.name]

    def fired(self) -> list[tuple[str, int]]:
        return [(e["fault"], e["op"]) for e in self.effects()]

    def has_fired(self, fault: str) -> bool:
        """Whether it is told already, without waiting for what is in flight."""
        told = list(self._process.events)
        return any(e["event"] == "fired" and e["edge"] == self.name and e["fault"] == fault for e in told)


def resets(merchant: Merchant) -> bool:
    with pytest.raises(ConnectionError):
        merchant.answer()
    return True
