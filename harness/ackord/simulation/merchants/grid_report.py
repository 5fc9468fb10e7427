"""Writes a simulation of policies as JSON and as Markdown, and draws its tables for a terminal.

Counts are per million orders, with bounds of 95 % confidence. A cell in which nothing was counted says how many there
may be all the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ... import __version__
from ...core.clock import MS, SECOND
from ...core.share_interval import CountedShare
from .cell import CellTally
from .grid import PolicyGrid
from .scenario_faults import edge_fault_names

__all__ = ["COUNTS", "never_hit", "per_million", "print_grid", "settling_times", "to_json", "to_markdown", "to_text"]

COUNTS = {
    "paid_twice": "double payments",
    "wrongly_failed": "wrongly failed",
    "stuck": "stuck",
    "unpaid": "taken for paid, not paid",
    "lowered": "status lowered",
}
"""What is counted of each cell, in words."""
VERSION = 1
_MILLION = 1_000_000
_QUANTILES = (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999))
_COLUMN = 12
"""Characters of a policy's column in a terminal."""


def to_json(grid: PolicyGrid) -> dict[str, Any]:
    """The simulation for machines. Shares are per million, times in milliseconds."""
    return {
        "ackord": "simulation",
        "version": VERSION,
        "tool_version": __version__,
        "provider": grid.model.name,
        "contract": grid.contract,
        "assumed": list(grid.model.assumed),
        "seed": grid.seed,
        "outage_ms": grid.outage_ns // MS,
        "never_hit": [{"profile": profile, "fault": fault} for profile, fault in never_hit(grid)],
        "policies": [p.model_dump(mode="json") for p in grid.policies],
        "cells": [_cell_json(cell) for policy in grid.policies for cell in grid.of_policy(policy.name)],
    }


def _cell_json(cell: CellTally) -> dict[str, Any]:
    data: dict[str, Any] = {
        "policy": cell.policy,
        "profile": cell.profile,
        "orders_count": cell.orders,
        "calls_per_order": round(cell.calls_each, 3),
        "not_simulated": list(cell.not_simulated),
        "faults_fired_count": dict(sorted(cell.fired.items())),
    }
    for name in COUNTS:
        share = cell.share(name)
        data[name] = {
            "count": getattr(cell, name),
            "per_million": round(share.share * _MILLION, 1),
            "low_per_million": round(share.low * _MILLION, 1),
            "high_per_million": round(share.high * _MILLION, 1),
        }
    settled = [(name, cell.quantile_ns(q)) for name, q in _QUANTILES]
    data["settles_ms"] = {name: None if ns is None else round(ns / MS, 1) for name, ns in settled}
    return data


def per_million(share: CountedShare) -> str:
    """``560,000 (541,000-579,000)``; for nothing, the most that there may be: ``0 (at most 300)``."""
    if share.share == 0:
        return f"0 (at most {_rounded(share.high)})"
    return f"{_rounded(share.share)} ({_rounded(share.low)}-{_rounded(share.high)})"


def _rounded(share: float) -> str:
    """Three digits are more than a sample says."""
    value = share * _MILLION
    digits = max(0, len(str(int(value))) - 3)
    return f"{round(value, -digits):,.0f}"


def _time(ns: int | None) -> str:
    if ns is None:
        return "never"
    if ns < SECOND:
        return f"{ns / MS:.0f} ms"
    if ns < 120 * SECOND:
        return f"{ns / SECOND:.1f} s"
    return f"{ns / SECOND / 60:.0f} min" if ns < 2 * 3600 * SECOND else f"{ns / SECOND / 3600:.1f} h"


def settling_times(cell: CellTally) -> str:
    """``58 ms / 4.3 s / 28 s``: half, 99 % and 99.9 % of the orders that settled did so within these."""
    return " / ".join(_time(cell.quantile_ns(q)) for _, q in _QUANTILES)


def to_markdown(grid: PolicyGrid) -> str:
    """One table of double payments (profiles by policies), and one of all figures."""
    names = [p.name for p in grid.policies]
    lines = [
        "Double payments per million orders:",
        "",
        "| profile | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for profile in grid.profiles:
        cells = [grid.cells[name, profile.name] for name in names]
        lines.append(f"| {profile.name} | " + " | ".join(_brief(cell, "paid_twice") for cell in cells) + " |")
    lines += [
        "",
        "All figures:",
        "",
        "| policy | profile | orders | double payments | wrongly failed | stuck | settles in p50 / p99 / p99.9 "
        "| calls an order |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for policy in grid.policies:
        for cell in grid.of_policy(policy.name):
            counted = " | ".join(per_million(cell.share(name)) for name in ("paid_twice", "wrongly_failed", "stuck"))
            lines.append(
                f"| {cell.policy} | {cell.profile} | {cell.orders:,} | {counted} | {settling_times(cell)} "
                f"| {cell.calls_each:.1f} |"
            )
    return "\n".join(lines) + "\n"


def _brief(cell: CellTally, name: str) -> str:
    share = cell.share(name)
    return "0" if share.share == 0 else f"**{_rounded(share.share)}**"


def print_grid(console: Console, grid: PolicyGrid, *, details: bool = False) -> None:
    """Print the double payments by profile and policy, as many policies side by side as fit and without those that made
    none, then each policy's worst figures; with ``details`` every cell.
    """
    console.print(f"[bold]{grid.model.name}[/bold], faults healed after {_time(grid.outage_ns)}, seed {grid.seed}")
    for assumption in grid.model.assumed:
        console.print(f"  assumed: {assumption}")
    left = {(p.name, name) for p in grid.profiles for name in grid.cells[grid.policies[0].name, p.name].not_simulated}
    for profile, fault in sorted(left):
        console.print(f"  not simulated: {fault}, of the profile {profile}")
    for profile_name, fault in never_hit(grid):
        console.print(f"  never hit an order: {fault}, of the profile {profile_name}")
    room = max(1, (console.width - 22) // (_COLUMN + 3))
    policies = [p.name for p in grid.policies]
    unsafe = [name for name in policies if any(cell.paid_twice for cell in grid.of_policy(name))]
    if unsafe:
        console.print("\ndouble payments per million orders")
    for first in range(0, len(unsafe), room):
        console.print(_matrix(grid, unsafe[first : first + room]))
    if safe := [name for name in policies if name not in unsafe]:
        cells = [cell for name in safe for cell in grid.of_policy(name)]
        most = max(cell.share("paid_twice").high for cell in cells)
        console.print(f"no double payment under any profile (at most {_rounded(most)} per million): {', '.join(safe)}")
    console.print("\neach policy's worst profile")
    console.print(_worst_of_each(grid))
    if details:
        for policy in policies:
            console.print(_details(grid.of_policy(policy)))


def never_hit(grid: PolicyGrid) -> list[tuple[str, str]]:
    """Profiles and their faults of the edge that hit no order of any policy: nothing was shown of these."""
    found = []
    for profile in grid.profiles:
        fired = {name for policy in grid.policies for name in grid.cells[policy.name, profile.name].fired}
        found += [(profile.name, name) for name in edge_fault_names(profile) if name not in fired]
    return found


def _matrix(grid: PolicyGrid, policies: Sequence[str]) -> Table:
    table = Table()
    table.add_column("profile", no_wrap=True)
    for name in policies:
        table.add_column(_folded(name), justify="right", width=_COLUMN)
    for profile in grid.profiles:
        shares = [grid.cells[name, profile.name].share("paid_twice") for name in policies]
        cells = [Text("0", "green") if s.share == 0 else Text(_rounded(s.share), "bold red") for s in shares]
        table.add_row(profile.name, *cells)
    return table


def _folded(name: str) -> str:
    """Break a name at hyphens, so that it fits a narrow column."""
    lines = [""]
    for part in name.split("-"):
        if lines[-1] and len(lines[-1]) + len(part) + 1 > _COLUMN:
            lines.append("")
        lines[-1] += ("-" if lines[-1] else "") + part
    return "-\n".join(lines)


def _worst_of_each(grid: PolicyGrid) -> Table:
    table = Table()
    table.add_column("policy", no_wrap=True)
    for title in ("double payments per million", "stuck", "settles p99", "calls"):
        table.add_column(title, justify="right")
    for policy in grid.policies:
        cells = grid.of_policy(policy.name)
        twice = max(cells, key=lambda cell: (cell.share("paid_twice").share, cell.share("paid_twice").high))
        stuck = max(cells, key=lambda cell: cell.share("stuck").share)
        slowest = max(cells, key=lambda cell: cell.quantile_ns(0.99) or 0)
        told = per_million(twice.share("paid_twice"))
        table.add_row(
            policy.name,
            f"{told} under {twice.profile}" if twice.paid_twice else told,
            _rounded(stuck.share("stuck").share),
            _time(slowest.quantile_ns(0.99)),
            f"{max(cell.calls_each for cell in cells):.1f}",
        )
    return table


def _details(cells: Sequence[CellTally]) -> Table:
    table = Table(title=cells[0].policy, title_justify="left")
    table.add_column("profile", no_wrap=True)
    for title in ("orders", "double payments", "wrongly failed", "stuck", "settles p50 / p99 / p99.9", "calls"):
        table.add_column(title, justify="right")
    for cell in cells:
        counted = [per_million(cell.share(name)) for name in ("paid_twice", "wrongly_failed", "stuck")]
        table.add_row(cell.profile, f"{cell.orders:,}", *counted, settling_times(cell), f"{cell.calls_each:.1f}")
    return table


def to_text(grid: PolicyGrid) -> str:
    """``to_json`` as a file's text."""
    return json.dumps(to_json(grid), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
