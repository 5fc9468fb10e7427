"""Writes the table of merchants' policies under chaos profiles into docs/EVIDENCE.md: ``python -m tests.policies_table``.

It plays 10,000 orders a cell, with one seed, so it gives the same table each time; ``test_policies_table`` plays some of
the cells again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ackord.core.clock import SECOND, RealClock
from ackord.run.policy_simulation import SimulationOptions, SimulationPlan, plan_simulation
from ackord.simulation.merchants.cell import CellTally
from ackord.simulation.merchants.grid import PolicyGrid
from ackord.simulation.merchants.grid_report import per_million, settling_times

__all__ = ["BEGIN", "END", "EVIDENCE", "ORDERS", "cell_text", "plan", "table"]

EVIDENCE = Path(__file__).parents[1] / "docs" / "EVIDENCE.md"
BEGIN, END = "<!-- policies -->\n", "<!-- /policies -->\n"
ORDERS, MOST_ORDERS, SEED = 10_000, 100_000, 1


def plan(policies: tuple[str, ...] = ("all",), profiles: tuple[str, ...] = ("all",)) -> SimulationPlan:
    return plan_simulation(
        SimulationOptions(policies=policies, profiles=profiles, orders=ORDERS, most_orders=MOST_ORDERS, seed=SEED)
    )


def cell_text(cell: CellTally) -> str:
    """Double payments per million orders with bounds; ``0`` means what the text over the table says."""
    return per_million(cell.share("paid_twice")) if cell.paid_twice else "0"


def table(grid: PolicyGrid) -> str:
    """The tables as Markdown: profiles by policies, then each policy as a whole."""
    unsafe = [p.name for p in grid.policies if any(cell.paid_twice for cell in grid.of_policy(p.name))]
    lines = ["| profile | " + " | ".join(unsafe) + " |", "|---" * (len(unsafe) + 1) + "|"]
    for profile in grid.profiles:
        cells = [grid.cells[name, profile.name] for name in unsafe]
        lines.append(f"| {profile.name} | " + " | ".join(cell_text(cell) for cell in cells) + " |")
    lines += [
        "",
        "| policy | double payments per million, worst profile | stuck per million, worst | settles p50 / p99 / p99.9, "
        "slowest | calls an order, most |",
        "|---|---|---|---|---|",
    ]
    for policy in grid.policies:
        cells = grid.of_policy(policy.name)
        twice = max(cells, key=lambda cell: cell.share("paid_twice"))
        stuck = max(cells, key=lambda cell: cell.share("stuck"))
        slowest = max(cells, key=lambda cell: cell.quantile_ns(0.99) or 0)
        lines.append(
            f"| {policy.name} | {per_million(twice.share('paid_twice'))}{_under(twice, twice.paid_twice)} "
            f"| {per_million(stuck.share('stuck'))}{_under(stuck, stuck.stuck)} "
            f"| {settling_times(slowest)}{_under(slowest, 1)} | {max(cell.calls_each for cell in cells):.1f} |"
        )
    return "\n".join(lines) + "\n"


def _under(cell: CellTally, count: int) -> str:
    return f", {cell.profile}" if count else ""


def main() -> None:
    clock, made = RealClock(), plan()
    began_ns = clock.now_ns()
    grid = made.play(lambda cell: print(cell.policy, cell.profile, cell.orders, cell.paid_twice, file=sys.stderr))
    took_s = (clock.now_ns() - began_ns) / SECOND
    text = EVIDENCE.read_text()
    head, _, rest = text.partition(BEGIN)
    EVIDENCE.write_text(f"{head}{BEGIN}{table(grid)}{END}{rest.partition(END)[2]}")
    orders = sum(cell.orders for cell in grid.cells.values())
    print(f"{len(grid.cells)} cells, {orders:,} orders in {took_s:.0f} s; wrote {EVIDENCE.name}")


if __name__ == "__main__":
    main()
