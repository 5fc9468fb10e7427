"""States what the movements of an emulated statement add up to, as the contract's ``totals`` ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..base.body_parsing import UnwritableBody
from ..spec.statement_checks import TotalName, TotalPattern, TotalPlace
from .domain_responses import ProviderMovement

__all__ = ["stated_totals", "with_totals"]


def stated_totals(
    names: Sequence[TotalName], movements: Sequence[ProviderMovement], written: Callable[[int], object]
) -> dict[TotalName, str]:
    """Return the text of each total; ``written`` writes an amount in minor units as the statement does."""
    out = [movement.amount for movement in movements if movement.kind == "payout"]
    back = [movement.amount for movement in movements if movement.kind != "payout"]
    net = sum(back) - sum(out)
    counts = {"rows": len(movements), "rows_out": len(out), "rows_in": len(back)}
    amounts = {
        "amount": sum(out) + sum(back), "amount_out": sum(out), "amount_in": sum(back), "net": net, "fee": 0,
        "opening": 0, "closing": net,
    }  # fmt: skip
    return {name: str(counts[name]) if name in counts else str(written(amounts[name])) for name in names}


def with_totals(
    table: bytes, totals: dict[TotalName, str], places: dict[TotalName, TotalPlace], delimiter: str, encoding: str
) -> bytes:
    """Return a table whose last two rows are the names of the totals and the totals.

    Raises ``UnwritableBody`` for totals that a regular expression finds: nothing says how such a row is written.
    """
    names = list(places.values())
    if any(isinstance(place, TotalPattern) for place in names):
        raise UnwritableBody("a total that a regular expression finds cannot be written: name its cell instead")
    rows = [delimiter.join(map(str, names)), delimiter.join(totals[name] for name in places)]
    more = "".join(f"{row}\r\n" for row in rows).encode(encoding)
    return table + (more.removeprefix(more[:2]) if encoding == "utf-16" else more)  # one byte order mark is enough
