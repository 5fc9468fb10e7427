"""Describes the measured landing window: what a merchant may conclude from it, with which confidence."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..core.landing import LandingWindow
from ..core.result import CampaignResult
from .campaign_summary import labelled, weakest_bound, worst_buffer
from .format import count, in_ms, milliseconds

__all__ = ["landing_sentences", "landing_windows", "print_landing"]


def landing_windows(result: CampaignResult) -> dict[str, LandingWindow]:
    """Map each profile to its landing window, where there is one."""
    return {label: p.landing for label, p in labelled(result) if p.landing is not None}


def print_landing(console: Console, result: CampaignResult) -> None:
    """Print quantiles for the profiles under which an order was missed, and sentences for the rest."""
    windows = landing_windows(result)
    if not windows:
        return
    console.print(
        Text(
            "Landing window in milliseconds: from the acknowledgement until the order is visible for good", style="bold"
        )
    )
    late = {label: w for label, w in windows.items() if w.seen_missing}
    if late:
        console.print(_quantiles(late))
    for sentence in landing_sentences(windows):
        console.print(Text(sentence))
    console.print()


def _quantiles(windows: Mapping[str, LandingWindow]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 2), header_style="bold")
    table.add_column("profile", overflow="fold")
    for head in ("orders", "missed", "p50", "p90", "p99", "bound", "latest", "buffer"):
        table.add_column(head, justify="right", no_wrap=True)
    for label, w in windows.items():
        table.add_row(
            Text(label),
            f"{w.orders:,}",
            f"{w.seen_missing:,}",
            *(_or_dash(ns) for ns in (w.p50_ns, w.p90_ns, w.p99_ns, w.p99_upper_ns, w.max_ns)),
            "-" if w.recommended_buffer_ms is None else f"{w.recommended_buffer_ms:,}",
        )
    return table


def landing_sentences(windows: Mapping[str, LandingWindow]) -> list[str]:
    """Return what the numbers mean, with their confidence."""
    said = []
    late = [w for w in windows.values() if w.seen_missing]
    if late:
        said.append(_upper_bound(late))
        said.append(_buffer(late))
    weakest = weakest_bound(windows.values())
    if weakest is not None:
        where = "all other profiles" if late else "all profiles"
        asked = count(weakest.asked_at_once, "order")
        said.append(
            f"Under {where} no order was missed. The weakest evidence for that, {asked} asked for at once, gives "
            "95 % confidence that "
            f"at least {_floor_percent(weakest.visible_at_once_share or 0.0)} of all orders are visible at once."
        )
    return said


def _buffer(late: list[LandingWindow]) -> str:
    lost, not_asked = sum(w.never_shown for w in late), sum(w.not_asked_again for w in late)
    if lost:
        return (
            f"Recommended merchant buffer: none is enough, {count(lost, 'order was', 'orders were')} still not found "
            "at the end, after every fault was healed. Never take not-found for a failure; resubmit under the same "
            "number."
        )
    buffer_ms = worst_buffer(late)
    if buffer_ms is None:
        return (
            f"Recommended merchant buffer: not known, because {count(not_asked, 'order was', 'orders were')} not found "
            "and not asked for again before the run ended."
        )
    proven = all(w.p99_upper_ns is not None for w in late)
    least = "" if proven else "at least "
    why = "" if proven else ", the shortest that fits all that was seen"
    return (
        f"Recommended merchant buffer: {least}{buffer_ms:,} ms{why}. Ignore not-found for that long after the "
        "acknowledgement, and ask again."
    )


def _upper_bound(late: list[LandingWindow]) -> str:
    bounds = [w.p99_upper_ns for w in late if w.p99_upper_ns is not None]
    if len(bounds) == len(late):
        return (
            "Bound: with 95 % confidence, 99 % of all orders land within that time; the longest is "
            f"{milliseconds(max(bounds))}."
        )
    needed = max(w.p99_orders_needed for w in late)
    where = "where it is missing, there" if bounds else "there"
    return (
        f"Bound of p99: {where} were too few orders, or some were not seen again; it takes {needed:,} to "
        "state it with 95 % confidence."
    )


def _or_dash(ns: int | None) -> str:
    return "-" if ns is None else in_ms(ns)


def _floor_percent(share: float) -> str:
    """Round down: a bound must not claim more than was proven."""
    return f"{int(share * 10_000) / 100:.2f} %"
