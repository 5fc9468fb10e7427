"""Draws a simulation of policies as a heat map, by matplotlib (the extra ``plots``)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...errors import UsageError
from .grid import PolicyGrid

__all__ = ["FORMATS", "draw_heat_map", "require_matplotlib"]

FORMATS = ("svg", "png")
_MILLION = 1_000_000


def draw_heat_map(grid: PolicyGrid, folder: Path, name: str = "simulation") -> list[Path]:
    """Write ``simulation.svg`` and ``simulation.png`` into the folder; return their paths.

    The colour is the logarithm of double payments per million orders; each field names the number. The same grid gives
    the same bytes. Raises ``UsageError`` if matplotlib is not installed.
    """
    require_matplotlib()
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "ackord"
    from matplotlib.figure import Figure

    policies, profiles = [p.name for p in grid.policies], [p.name for p in grid.profiles]
    figure = Figure(figsize=(3.2 + 0.72 * len(profiles), 2.2 + 0.36 * len(policies)), layout="constrained")
    axes = figure.subplots()
    _fill(axes, grid)
    axes.set_xticks(range(len(profiles)), profiles, rotation=45, ha="right")
    axes.set_yticks(range(len(policies)), policies)
    axes.set_title(f"Double payments per million orders: {grid.model.name}", loc="left", fontsize=11)
    paths = []
    for form in FORMATS:
        paths.append(folder / f"{name}.{form}")
        figure.savefig(paths[-1], dpi=144, metadata={"Date": None} if form == "svg" else None)
    return paths


def require_matplotlib() -> None:
    """Raise ``UsageError`` if matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise UsageError("the heat map needs matplotlib.\n  mend: pip install 'ackord[plots]', or leave out --out")


def _fill(axes: Any, grid: PolicyGrid) -> None:
    from matplotlib.colors import LogNorm

    shares = [[cell.share("paid_twice").share * _MILLION for cell in grid.of_policy(p.name)] for p in grid.policies]
    # Nothing is drawn as nothing: a logarithm has no zero.
    masked: Any = [[value or float("nan") for value in row] for row in shares]
    axes.set_facecolor("#eef4ee")
    axes.imshow(masked, norm=LogNorm(1, _MILLION), cmap="YlOrRd", aspect="auto")
    for y, row in enumerate(shares):
        for x, value in enumerate(row):
            dark = value > _MILLION / 30
            axes.text(
                x, y, f"{value:,.0f}" if value else "0", ha="center", va="center", fontsize=7,
                color="white" if dark else "#333333",
            )  # fmt: skip
    axes.set_xticks([x - 0.5 for x in range(1, len(grid.profiles))], minor=True)
    axes.set_yticks([y - 0.5 for y in range(1, len(grid.policies))], minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
