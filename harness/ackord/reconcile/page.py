"""Writes a reconciliation as one HTML page without scripts, for people who keep the books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..masking import mask
from ..report.html.markup import safe
from .classes import DIFFERENCES, ORDER_STATES, ReconcileClass
from .exports import Exported
from .reconciliation import Reconciliation
from .summary import class_figures, conclusion, currency_proof, money_text

__all__ = ["page_of"]

_MOST_TOTALS = 200
_MOST_LATE = 100
_STYLE = """
:root { --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa; --bad: #b3001b;
  --good: #1a7f37; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e6e8ea; --soft: #a3adb8; --line: #3a424b; --card: #1c2126; --bad: #ff7b86;
    --good: #7ccf80; }
}
body { margin: 0 auto; padding: 1.2rem 1rem 3rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif; }
h1 { font-size: 1.5rem; margin: .2rem 0; } h2 { font-size: 1.15rem; margin: 1.6rem 0 .4rem; }
p { margin: .3rem 0; max-width: 60rem; overflow-wrap: anywhere; } .soft { color: var(--soft); }
.bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .4rem 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; } th { background: var(--card); } .n { text-align: right; white-space: nowrap; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; } thead { display: table-header-group; }
  tr, h2 { break-inside: avoid; break-after: auto; } h2 { break-after: avoid; } .wide { overflow: visible; }
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page_of(result: Reconciliation, exported: Exported, *, orders: str, statement: str) -> bytes:
    """Return the page. ``orders``, ``statement``: where the sides came from."""
    parts = [
        f"<h1>Reconciliation</h1><p>{safe(orders)} against {safe(statement)}</p>",
        f'<p class="{"good" if result.exit_code == 0 else "bad"}">{safe(conclusion(result))}</p>',
        _late(result),
        _totals(result),
        _classes(result),
        *(_rows(result, group) for group in DIFFERENCES if result.numbers.get(group)),
        _files(exported),
    ]
    head = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Reconciliation</title>'
        f"<style>{_STYLE}</style></head><body><main>\n"
    )
    return (head + mask("\n".join(parts)) + "\n</main></body></html>\n").encode("utf-8", "backslashreplace")


def _late(result: Reconciliation) -> str:
    if not result.is_store:
        return '<p class="soft">The statement is a file: whether all of it is there is not known.</p>'
    if not result.late:
        return ""
    names = ", ".join(safe(name) for name in result.late_shown[:_MOST_LATE])
    more = f" and {result.late - _MOST_LATE:,} more" if result.late > _MOST_LATE else ""
    return f'<p class="bad">Late: {names}{more}.</p><p>What is missing may stand in them.</p>'


def _totals(result: Reconciliation) -> str:
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for order in result.orders:
        sums[(order.account, order.currency, "orders", "ordered")] = [order.orders, order.ordered_minor]
        if order.refunded_minor:
            sums[(order.account, order.currency, "orders", "refunded")] = [0, order.refunded_minor]
    for line in result.lines:
        sums[(line.account, line.currency, "statement", line.kind)] = [line.lines, line.amount_minor]
    rows = [
        [safe(account), side, safe(kind), f"{count:,}" if count else "", safe(money_text(amount, currency))]
        for (account, currency, side, kind), (count, amount) in sorted(sums.items())
    ]
    proofs = "".join(
        f"<p>{orders:,} orders of {safe(money_text(ordered, currency))}, and {lines:,} lines about orders of "
        f"{safe(money_text(moved, currency))} net: the classes below add up to both.</p>"
        for currency, orders, ordered, lines, moved in currency_proof(result)
    )
    heads = ["account", "side", "kind", "count", "amount"]
    return f"<h2>Totals</h2>{proofs}{_table(heads, rows, (3, 4), _MOST_TOTALS, 'totals.csv')}"


def _classes(result: Reconciliation) -> str:
    rows = [
        [
            safe(one.group.words), safe(one.group.meaning), f"{one.orders:,}",
            safe(money_text(one.ordered_minor, one.currency)), f"{one.lines:,}",
            safe(money_text(one.moved_minor, one.currency)),
        ]
        for one in class_figures(result)
    ]  # fmt: skip
    heads = ["class", "meaning", "orders", "ordered", "lines", "net in the statement"]
    return f"<h2>Classes</h2>{_table(heads, rows, (2, 3, 4, 5), len(rows), '')}"


def _rows(result: Reconciliation, group: ReconcileClass) -> str:
    found = [row for row in result.rows if row["class"] == group.value]
    rows = [_cells(row) for row in found]
    count = result.numbers[group]
    heads = ["account", "order number", "status", "expected", "in the statement", "lines", "fees", "day"]
    said = f"<p>{safe(group.meaning)}. " + (
        f"The first {len(rows):,} of {count:,}; all are in {group}.csv.</p>" if count > len(rows) else "</p>"
    )
    return (
        f"<h2>{safe(group.words).capitalize()}: {count:,}</h2>{said}{_table(heads, rows, (3, 4, 5, 6), len(rows), '')}"
    )


def _cells(row: dict[str, Any]) -> list[str]:
    currency, lines = row["currency"] or "", row["paid_lines"] + row["back_lines"]
    due = money_text(row["due_minor"], row["ordered_currency"]) if row["orders"] else ""
    moved = "several currencies or accounts" if row["mixed"] else money_text(row["net_minor"], currency)
    fees = "" if row["fee_minor"] is None else money_text(row["fee_minor"], currency)
    if row["expected_fee_minor"] is not None:
        fees += f" (expected {money_text(row['expected_fee_minor'], row['ordered_currency'])})"
    day = str(row["day"] or "") + (f" (expected {row['due_day']})" if row["due_day"] is not None else "")
    return [
        safe(row["account"]), safe(row["order_no"] or "none"),
        "" if row["state"] is None else str(ORDER_STATES[row["state"]]), safe(due), safe(moved) if lines else "none",
        f"{lines:,}", safe(fees), safe(day.strip()),
    ]  # fmt: skip


def _files(exported: Exported) -> str:
    names = ", ".join(safe(path.name) for path in exported.files)
    escaped = (
        f" {exported.escaped_cells:,} cells of the CSV files begin like a formula: they have an apostrophe in front."
        if exported.escaped_cells
        else ""
    )
    return f'<h2>Files</h2><p class="soft">Beside this page: {names}.{escaped}</p>'


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Iterable[int], most: int, rest: str) -> str:
    """Return a table; its cells are escaped already."""
    right = set(numbers)

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f"<{tag}{' class=n' if n in right else ''}>{cell}</{tag}>" for n, cell in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows[:most])
    more = f'<p class="soft">and {len(rows) - most:,} more in {rest}</p>' if len(rows) > most else ""
    head = f"<thead><tr>{cells('th', heads)}</tr></thead>"
    return f'<div class="wide"><table>{head}<tbody>{body}</tbody></table></div>{more}'
