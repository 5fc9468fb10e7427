"""Writes a reconciliation as one HTML page without scripts, for people who keep the books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..masking import mask
from ..report.html.markup import safe
from .classes import DIFFERENCES, ORDER_STATES, ReconcileClass
from .exports import Exported
from .reconciliation import Reconciliation
from .summary import account_figures, class_figures, conclusion, currency_proof, money_text, side_figures

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
.wide { overflow-x: auto; } a { color: inherit; }
table { border-collapse: collapse; margin: .4rem 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top; }
thead th { background: var(--card); white-space: nowrap; } tfoot td, tfoot th { font-weight: 600; }
tbody th { font-weight: inherit; } td.n, th.n { text-align: right; white-space: nowrap; }
td.t, tbody th { min-width: 6rem; overflow-wrap: anywhere; } td.w { min-width: 16rem; }
@media screen and (max-width: 44rem) {
  table, tbody, tfoot, tr, td, tbody th, tfoot th { display: block; } thead { display: none; }
  tr { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .3rem .7rem; }
  td, th, td.w, td.t { border: 0; padding: .12rem 0; min-width: 0; } tbody th, tfoot th { font-weight: 600; }
  td { display: flex; justify-content: space-between; gap: 1rem; text-align: right; } td:empty { display: none; }
  td::before { content: attr(data-is); color: var(--soft); text-align: left; white-space: nowrap; }
  td.w { display: block; text-align: left; } td.w::before { content: none; }
}
@media print {
  @page { margin: 14mm; } body { max-width: none; padding: 0; font-size: 9.5pt; } a { text-decoration: none; }
  thead { display: table-header-group; } tfoot { display: table-row-group; } tr { break-inside: avoid; }
  h2 { break-after: avoid; } .wide { overflow: visible; } th, td { padding: .12rem .45rem; } td.w { min-width: 0; }
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
        _accounts(result),
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
    """Return both sides by currency, a line a figure."""
    sides = side_figures(result)
    currencies = sorted({currency for currency, _ in sides})
    rows = []
    for name in dict.fromkeys(name for _, name in sides):
        figures = [sides.get((currency, name)) for currency in currencies]
        amounts = [
            "" if figure is None else safe(money_text(figure, currency)) if name.is_money else f"{figure:,}"
            for figure, currency in zip(figures, currencies, strict=True)
        ]
        rows.append([safe(name.words), *amounts])
    table = _table(["", *map(safe, currencies)], rows, numbers=range(1, len(currencies) + 1), titled=True)
    return f"<h2>Totals</h2>{table}<p>The classes below add up to both sides.</p>"


def _classes(result: Reconciliation) -> str:
    rows, foot = [], []
    shown: set[ReconcileClass] = set()
    for one in class_figures(result):
        name = safe(one.group.words)
        if one.group in DIFFERENCES:
            name = f'<a href="#{one.group}">{name}</a>'
        action = "" if one.group in shown else safe(one.group.action)
        shown.add(one.group)
        rows.append([name, action, *_figures(one.orders, one.ordered_minor, one.lines, one.moved_minor, one.currency)])
    for currency, orders, ordered, lines, moved in currency_proof(result):
        foot.append(["all", "", *_figures(orders, ordered, lines, moved, currency)])
    heads = ["class", "what to do", "orders", "ordered", "lines", "net in the statement"]
    return f"<h2>Classes</h2>{_table(heads, rows, foot, numbers=(2, 3, 4, 5), words=(1,), titled=True)}"


def _figures(orders: int, ordered: int, lines: int, moved: int, currency: str) -> list[str]:
    return [
        f"{orders:,}" if orders else "", safe(money_text(ordered, currency)) if orders else "",
        f"{lines:,}" if lines else "", safe(money_text(moved, currency)) if lines else "",
    ]  # fmt: skip


def _rows(result: Reconciliation, group: ReconcileClass) -> str:
    rows = [_cells(row) for row in result.rows if row["class"] == group.value]
    count = result.numbers[group]
    heads = ["order number", "account", "status", "expected", "in the statement", "difference", "lines", "fees", "day"]
    used = [n for n in range(len(heads)) if n == 0 or any(row[n] for row in rows)]
    said = f"{safe(group.meaning).capitalize()}. <strong>{safe(group.action)}</strong>"
    if count > len(rows):
        said += f" The first {len(rows):,} of {count:,}; all are in {group}.csv."
    table = _table(
        [heads[n] for n in used], [[row[n] for n in used] for row in rows],
        numbers=[at for at, n in enumerate(used) if n >= 3], words=(), titled=True,
    )  # fmt: skip
    return f'<h2 id="{group}">{safe(group.words).capitalize()}: {count:,}</h2><p>{said}</p>{table}'


def _accounts(result: Reconciliation) -> str:
    """Return both sides of each account; nothing where there is one."""
    figures = account_figures(result)
    if len({account for account, _ in figures}) < 2:
        return ""
    rows = [
        [safe(account or "none"), *_figures(one.orders, one.ordered_minor, one.lines, one.moved_minor, currency)]
        for (account, currency), one in sorted(figures.items())
    ]
    heads = ["account", "orders", "ordered", "lines about orders", "net in the statement"]
    more = ""
    if len(rows) > _MOST_TOTALS:
        more = f'<p class="soft">and {len(rows) - _MOST_TOTALS:,} more in totals.csv</p>'
    return f"<h2>Accounts</h2>{_table(heads, rows[:_MOST_TOTALS], numbers=(1, 2, 3, 4), titled=True)}{more}"


def _cells(row: dict[str, Any]) -> list[str]:
    currency, lines = row["currency"] or "", row["paid_lines"] + row["back_lines"]
    due = money_text(row["due_minor"], row["ordered_currency"]) if row["orders"] else ""
    moved = "several currencies or accounts" if row["mixed"] else money_text(row["net_minor"], currency)
    same = not row["mixed"] and (not row["orders"] or row["currency"] == row["ordered_currency"])
    more_minor = row["net_minor"] - row["due_minor"] if lines and same else 0
    differs = money_text(more_minor, currency) if more_minor else ""
    fees = "" if row["fee_minor"] is None else money_text(row["fee_minor"], currency)
    if row["expected_fee_minor"] is not None:
        fees += f" (expected {money_text(row['expected_fee_minor'], row['ordered_currency'])})"
    day = str(row["day"] or "") + (f" (expected {row['due_day']})" if row["due_day"] is not None else "")
    return [
        safe(row["order_no"] or "none"), safe(row["account"]),
        "" if row["state"] is None else str(ORDER_STATES[row["state"]]), safe(due), safe(moved) if lines else "none",
        safe(differs), f"{lines:,}", safe(fees), safe(day.strip()),
    ]  # fmt: skip


def _files(exported: Exported) -> str:
    names = ", ".join(safe(path.name) for path in exported.files)
    escaped = (
        f" {exported.escaped_cells:,} cells of the CSV files begin like a formula: they have an apostrophe in front."
        if exported.escaped_cells
        else ""
    )
    return f'<h2>Files</h2><p class="soft">Beside this page: {names}.{escaped}</p>'


def _table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    foot: Sequence[Sequence[str]] = (),
    *,
    numbers: Iterable[int],
    words: Iterable[int] = (),
    titled: bool = False,
) -> str:
    """Return a table; its cells are escaped already.

    ``numbers`` and ``words``: the columns of figures, and of sentences. ``titled``: the first column names the row. A
    narrow screen shows each row as a card, with the heads beside the cells.
    """
    kinds = {**dict.fromkeys(words, "w"), **dict.fromkeys(numbers, "n")}

    def line(row: Sequence[str]) -> str:
        cells = []
        for n, cell in enumerate(row):
            if titled and n == 0:
                cells.append(f'<th scope="row">{cell}</th>')
            else:
                cells.append(f'<td class={kinds.get(n, "t")} data-is="{heads[n]}">{cell}</td>')
        return f"<tr>{''.join(cells)}</tr>"

    top = "".join(
        f'<th scope="col"{" class=n" if kinds.get(n) == "n" else ""}>{head}</th>' for n, head in enumerate(heads)
    )
    end = f"<tfoot>{''.join(map(line, foot))}</tfoot>" if foot else ""
    body = f"<tbody>{''.join(map(line, rows))}</tbody>"
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead>{body}{end}</table></div>'
