"""Writes a reconciliation for a terminal of 80 columns, and gathers the figures that people read first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..core.money import Money
from ..report.format import count, printable
from .classes import ReconcileClass
from .expressions import KINDS
from .reconciliation import Reconciliation

__all__ = [
    "AccountFigures",
    "ClassFigures",
    "SideFigure",
    "account_figures",
    "class_figures",
    "conclusion",
    "currency_proof",
    "money_text",
    "side_figures",
    "summary_text",
]

_WIDTH = 80
_MOST_LATE = 10
_MOST_KINDS = 5


class ClassFigures(NamedTuple):
    """One class in one currency."""

    group: ReconcileClass
    currency: str
    orders: int
    ordered_minor: int
    lines: int
    moved_minor: int
    """What went out less what came back."""


class SideFigure(NamedTuple):
    """What a figure of a side is."""

    words: str
    is_money: bool
    """It is an amount, otherwise a number."""


class AccountFigures(NamedTuple):
    """One account in one currency."""

    orders: int = 0
    ordered_minor: int = 0
    lines: int = 0
    """About orders."""
    moved_minor: int = 0
    """What went out less what came back."""


def money_text(minor: int, currency: str) -> str:
    """Return an amount for people, with thousands apart; minor units for what is no currency."""
    try:
        major = Money(minor, currency).major()
    except ValueError:
        return f"{minor:,} minor units"
    whole, point, fraction = major.lstrip("-").partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}{point}{fraction} {currency}"


def class_figures(result: Reconciliation) -> list[ClassFigures]:
    """Return the classes that have orders or lines, by precedence and currency."""
    found: dict[tuple[str, str], list[int]] = {}
    for order in result.order_classes:
        sums = found.setdefault((order.group, order.currency), [0, 0, 0, 0])
        sums[0] += order.orders
        sums[1] += order.ordered_minor
    for line in result.line_classes:
        sums = found.setdefault((line.group, line.currency), [0, 0, 0, 0])
        sums[2] += line.lines
        sums[3] += line.amount_minor if line.kind == "paid" else -line.amount_minor
    places = list(ReconcileClass)
    return sorted(
        (ClassFigures(ReconcileClass(group), currency, *sums) for (group, currency), sums in found.items()),
        key=lambda one: (places.index(one.group), one.currency),
    )


def currency_proof(result: Reconciliation) -> list[tuple[str, int, int, int, int]]:
    """Return for each currency: its orders, what they add up to, its lines about orders, what these add up to net."""
    found: dict[str, list[int]] = {}
    for one in class_figures(result):
        sums = found.setdefault(one.currency, [0, 0, 0, 0])
        for n, value in enumerate((one.orders, one.ordered_minor, one.lines, one.moved_minor)):
            sums[n] += value
    return [(currency, sums[0], sums[1], sums[2], sums[3]) for currency, sums in sorted(found.items())]


def side_figures(result: Reconciliation) -> dict[tuple[str, SideFigure], int]:
    """Return what both sides add up to: by currency and figure, in the order in which they are read."""
    found: dict[tuple[str, SideFigure], int] = {}

    def add(currency: str, words: str, value: int, *, is_money: bool = True) -> None:
        key = (currency, SideFigure(words, is_money))
        found[key] = found.get(key, 0) + value

    for order in result.orders:
        add(order.currency, "orders", order.orders, is_money=False)
        add(order.currency, "ordered", order.ordered_minor)
    for order in result.orders:
        if order.refunded_minor:
            add(order.currency, "refunded by the merchant's knowledge", order.refunded_minor)
    about = [line for line in result.lines if line.kind in KINDS]
    for line in about:
        add(line.currency, "lines about orders", line.lines, is_money=False)
    for line in sorted(about, key=lambda one: KINDS.index(one.kind)):
        add(line.currency, f"{line.kind}s in the statement", line.amount_minor)
    for line in about:
        add(line.currency, "net in the statement", line.amount_minor if line.kind == KINDS[0] else -line.amount_minor)
    for line in result.lines:
        if line.kind not in KINDS:
            add(line.currency, f"other lines: {line.kind}", line.amount_minor)
    return found


def account_figures(result: Reconciliation) -> dict[tuple[str, str], AccountFigures]:
    """Return what both sides add up to by account and currency."""
    found: dict[tuple[str, str], AccountFigures] = {}
    for order in result.orders:
        one = found.get((order.account, order.currency), AccountFigures())
        found[order.account, order.currency] = one._replace(
            orders=one.orders + order.orders, ordered_minor=one.ordered_minor + order.ordered_minor
        )
    for line in result.lines:
        if line.kind in KINDS:
            moved = line.amount_minor if line.kind == KINDS[0] else -line.amount_minor
            one = found.get((line.account, line.currency), AccountFigures())
            found[line.account, line.currency] = one._replace(
                lines=one.lines + line.lines, moved_minor=one.moved_minor + moved
            )
    return found


def conclusion(result: Reconciliation) -> str:
    """Return the outcome in one sentence."""
    if result.late:
        return (
            f"Not conclusive: {count(result.late, 'partition')} of the statement "
            f"{'has' if result.late == 1 else 'have'} not landed; {count(result.differences, 'difference')} so far."
        )
    if not result.compared:
        return "Not conclusive: there was no order and no line to compare."
    if result.differences:
        return f"{count(result.differences, 'difference')} among {count(result.compared, 'order number')}."
    if result.compared == 1:
        return "The only order number agrees."
    return f"All {result.compared:,} order numbers agree."


def summary_text(result: Reconciliation, *, where: str = "", escaped_cells: int = 0) -> str:
    """Return the outcome, the classes, the proof, what is late, and where the files are."""
    rows = [["class", "numbers", "ordered", "statement, net"]]
    shown: set[ReconcileClass] = set()
    for one in class_figures(result):
        first = "" if one.group in shown else one.group.words
        numbers = "" if one.group in shown else f"{result.numbers.get(one.group, 0):,}"
        shown.add(one.group)
        rows.append(
            [first, numbers, money_text(one.ordered_minor, one.currency), money_text(one.moved_minor, one.currency)]
        )
    lines = [conclusion(result), "", *_columns(rows), ""]
    for currency, orders, ordered, lines_count, moved in currency_proof(result):
        lines.append(
            f"proof: {count(orders, 'order')}, {money_text(ordered, currency)}; {count(lines_count, 'line')}, "
            f"{money_text(moved, currency)}: classes = sides"
        )
    lines += _not_compared(result)
    if not result.is_store:
        lines.append("The statement is a file: whether all of it is there is not known.")
    lines += [f"late: {printable(name)}" for name in result.late_shown[:_MOST_LATE]]
    if result.late > _MOST_LATE:
        lines.append(f"late: and {result.late - _MOST_LATE:,} more")
    if escaped_cells:
        lines.append(
            f"{escaped_cells:,} cells of the CSV files begin like a formula: they have an apostrophe in front."
        )
    if where:
        lines.append(f"Report: {where}")
    return "\n".join(line for text in lines for line in _wrapped(text))


def _not_compared(result: Reconciliation) -> list[str]:
    """Return the lines of other kinds, which move no money of an order: a word that nobody explained is one."""
    found: dict[tuple[str, str], list[int]] = {}
    for line in result.lines:
        if line.kind not in KINDS:
            sums = found.setdefault((line.kind, line.currency), [0, 0])
            sums[0] += line.lines
            sums[1] += line.amount_minor
    told = [
        f"not compared: {count(lines, 'line')} of the kind {printable(kind) or '(empty)'}, "
        f"{money_text(minor, currency)}"
        for (kind, currency), (lines, minor) in sorted(found.items())
    ]
    more = [f"not compared: and {count(len(told) - _MOST_KINDS, 'kind')} more"] if len(told) > _MOST_KINDS else []
    hint = f"--statement-kinds WORD={KINDS[0]} says that such a line moves an order's money."
    return [*told[:_MOST_KINDS], *more, *([hint] if told else [])]


def _columns(rows: Iterable[list[str]]) -> list[str]:
    table = list(rows)
    widths = [max(len(row[n]) for row in table) for n in range(4)]
    return [
        f"{row[0].ljust(widths[0])}  {row[1].rjust(widths[1])}  {row[2].rjust(widths[2])}  {row[3].rjust(widths[3])}"
        for row in table
    ]


def _wrapped(line: str) -> list[str]:
    """Return a line of words in lines of 80 columns; a table's line stays one."""
    found = [""]
    if "  " in line or len(line) <= _WIDTH:
        return [line]
    for word in line.split(" "):
        if found[-1] and len(found[-1]) + 1 + len(word) > _WIDTH:
            found.append(f"  {word}")
        else:
            found[-1] += f" {word}" if found[-1] else word
    return found
