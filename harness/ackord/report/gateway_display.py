"""Shows a standing gateway: a live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..core.clock import SECOND
from .format import count, printable
from .gateway_tally import GatewayTally, SeenExchange, SeenFault

__all__ = ["GatewayDisplay"]

_REFRESHES_PER_S = 4


class GatewayDisplay:
    """A context manager. ``take`` is called in any thread."""

    def __init__(self, console: Console, tally: GatewayTally, head: str, now_ns: Callable[[], int]) -> None:
        """``head``: what stands above the live view."""
        self._console = console
        self._tally = tally
        self._head = head
        self._began_ns = now_ns()
        self._live: Live | None = None
        if console.is_terminal:
            self._live = Live(
                get_renderable=self.render, console=console, refresh_per_second=_REFRESHES_PER_S, transient=True
            )

    def __enter__(self) -> GatewayDisplay:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def take(self, event: Mapping[str, Any]) -> None:
        """Take an event of the chaos process."""
        seen = self._tally.take(event)
        if seen is None or self._live is not None:
            return
        at = f"{self._since(seen.at_ns)} " if isinstance(seen, SeenExchange | SeenFault) else ""
        self._console.print(Text(f"{at}{printable(str(seen).rstrip())}"), soft_wrap=True)

    def _since(self, at_ns: int) -> str:
        """Seconds since the gateway stood."""
        return f"{(at_ns - self._began_ns) / SECOND:9.3f}"

    def render(self) -> Group:
        """Return the live view."""
        now = self._tally.snapshot()
        parts: list[Table | Text] = [Text(self._head, style="bold"), Text()]
        outcomes = _table("operation", "what the provider answered")
        for operation, found in sorted(now.outcomes.items()):
            ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
            outcomes.add_row(operation, printable(", ".join(f"{n} x {outcome}" for outcome, n in ranked)))
        parts += [Text(count(now.requests, "request")), outcomes, Text()]
        if now.faults:
            faults = ", ".join(f"{n} x {fault}" for fault, n in sorted(now.faults.items()))
            by_order = _table("order", "faults that hit it")
            for order, hits in reversed(list(now.orders.items())):
                by_order.add_row(printable(order), ", ".join(f"{n} x {fault}" for fault, n in sorted(hits.items())))
            parts += [Text(f"faults: {faults}"), by_order, Text()]
        last = _table("s", "operation", "order", "request", "provider's answer", "under")
        for x in reversed(now.exchanges):
            cells = (self._since(x.at_ns), x.operation, x.order, x.request, x.outcome, ", ".join(x.faults))
            last.add_row(*map(printable, cells))
        parts += [last, *(Text(printable(said), style="yellow") for said in now.refused), Text("Ctrl-C ends it.")]
        return Group(*parts)

    def summary(self) -> str:
        """Return one line about all that passed."""
        now = self._tally.snapshot()
        hits = ", ".join(f"{n} x {fault}" for fault, n in sorted(now.faults.items())) or "no fault had an effect"
        return f"{count(now.requests, 'request')}; {hits}"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
