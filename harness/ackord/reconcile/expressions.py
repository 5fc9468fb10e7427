"""Defines the reconciliation as Ibis expressions, the same ones for every engine.

The lines of an order number become one row, and order numbers stand once among the orders (``given_twice``). So the
full outer join of the two sides multiplies neither. Amounts are integers of minor units, and are added up as decimals
of 38 places, which no sum of 64-bit integers exceeds.

    orders  account, order_no, state (place in ``ORDER_STATES``), amount_minor, currency, refunded_minor, fee_minor
            (expected, or null), created_day, day (on which the statement is to have it, or null)
    lines   account, order_no, kind, amount_minor, currency, fee_minor, day, booked_day (or null)
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from ..contract.base.extras import library
from .classes import ORDER_STATES, OrderState, ReconcileClass

__all__ = [
    "BACK_KINDS",
    "KINDS",
    "LINE_TYPES",
    "ORDER_TYPES",
    "Range",
    "class_line_totals",
    "class_order_totals",
    "classified",
    "given_twice",
    "line_totals",
    "order_totals",
    "with_several_lines",
]

BACK_KINDS = ("return", "refund")
KINDS = ("payout", *BACK_KINDS)
"""The kinds that are about orders. Lines of other kinds, such as fees and transfers, are only added up."""
ORDER_TYPES = {
    "account": "string", "order_no": "string", "state": "int8", "amount_minor": "int64", "currency": "string",
    "refunded_minor": "int64", "fee_minor": "int64", "created_day": "date", "day": "date",
}  # fmt: skip
LINE_TYPES = {
    "account": "string", "order_no": "string", "kind": "string", "amount_minor": "int64", "currency": "string",
    "fee_minor": "int64", "day": "date", "booked_day": "date",
}  # fmt: skip
_SUM = "decimal(38, 0)"
_OPEN, _PAID, _UNPAID, _RETURNED = range(len(ORDER_STATES))
assert ORDER_STATES[_UNPAID] is OrderState.UNPAID


class Range(NamedTuple):
    """The days that are compared, both included; ``None``: all."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: Any) -> Any:
        """Return whether a column of days lies in it; a day that is not known does."""
        if self.first is None or self.last is None:
            return library("ibis").literal(1, "int8")
        return (day.isnull() | day.between(self.first, self.last)).cast("int8")


def given_twice(orders: Any, *, by_account: bool) -> Any:
    """Return the first order number that stands twice, as ``account`` (the greatest) and ``order_no``; else no row."""
    counted = orders.group_by(_key(by_account=by_account)).aggregate(
        orders=orders.count(), **({} if by_account else {"account": orders.account.max()})
    )
    return counted.filter(counted.orders > 1).select("account", "order_no").order_by(["account", "order_no"]).limit(1)


def _key(*, by_account: bool) -> list[str]:
    return ["account", "order_no"] if by_account else ["order_no"]


def with_several_lines(lines: Any, *, by_account: bool) -> Any:
    """Return the order numbers that have several lines, as ``account`` (if ``by_account``) and ``order_no``."""
    key = _key(by_account=by_account)
    about = _about_numbers(lines)
    counted = about.group_by(key).aggregate(lines=about.count())
    return counted.filter(counted.lines > 1).select(*key)


def _about_numbers(lines: Any) -> Any:
    return lines.filter(lines.kind.isin(KINDS) & (lines.order_no != ""))


def classified(orders: Any, lines: Any, several: Any, days: Range, *, by_account: bool) -> Any:
    """Return a row for each order number, and for each line about an order that has none, with its class.

    ``several``: what ``with_several_lines`` finds. ``by_account``: order numbers belong to accounts. Otherwise orders
    have no accounts, and take those of their lines.
    Order numbers must stand once among the orders.
    """
    ibis = library("ibis")
    moved = _by_number(_of_lines(_about_numbers(lines), days), several, by_account=by_account)
    known = orders.select(
        "order_no", "state", expected_fee_minor=orders.fee_minor, ordered_minor=orders.amount_minor,
        refunded_minor=orders.refunded_minor, ordered_currency=orders.currency, due_day=orders.day,
        order_inside=days.holds(orders.created_day), order_account=orders.account,
    )  # fmt: skip
    same = [known.order_no == moved.order_no, *([known.order_account == moved.account] if by_account else [])]
    both = known.outer_join(moved, same, rname="line_{name}")
    both = both.mutate(
        order_no=both.order_no.coalesce(both.line_order_no), account=both.account.coalesce(both.order_account, ""),
        order_account=both.order_account.fill_null("") if by_account else ibis.literal(""),
        orders=both.state.notnull().cast("int64"), order_inside=both.order_inside.fill_null(0),
        line_inside=both.line_inside.fill_null(0), paid_lines=both.paid_lines.fill_null(0).cast("int64"),
        back_lines=both.back_lines.fill_null(0).cast("int64"),
    )  # fmt: skip
    unnamed = lines.filter(lines.kind.isin(KINDS) & (lines.order_no == ""))
    return ibis.union(_shown(_with_class(_with_net(both))), _shown(_lone(_of_lines(unnamed, days))))


def _of_lines(n: Any, days: Range) -> Any:
    """Return the lines in the columns of ``_by_number``, with what one line adds to each."""
    ibis = library("ibis")
    out, no = n.kind == "payout", ibis.literal(0, "int64")
    return n.select(
        "account", "order_no", paid_lines=out.ifelse(1, 0).cast("int32"), back_lines=out.ifelse(0, 1).cast("int32"),
        paid_minor=out.ifelse(n.amount_minor, no), back_minor=out.ifelse(no, n.amount_minor), fee_minor=n.fee_minor,
        currency=n.currency, currencies_differ=ibis.literal(False), accounts_differ=ibis.literal(False),
        day=out.ifelse(n.day, ibis.null("date")), line_inside=days.holds(n.day),
        off_day=(n.booked_day.notnull() & (n.booked_day != n.day)).fill_null(False).cast("int8"),
    )  # fmt: skip


def _by_number(lines: Any, several: Any, *, by_account: bool) -> Any:
    """Return one row an order number.

    Most numbers have one line, which is that row already. To count lines takes an engine a fraction of what it takes to
    add up everything that is known of them, so only lines of numbers that have several are grouped.
    """
    ibis = library("ibis")
    key = _key(by_account=by_account)
    r = lines.semi_join(several, key)
    facts = {name: _sum(r[name]) for name in ("paid_lines", "back_lines", "paid_minor", "back_minor", "fee_minor")}
    facts |= {name: r[name].max() for name in ("currency", "off_day", "line_inside")}
    facts |= {"currencies_differ": r.currency.max() != r.currency.min(), "day": r.day.min()}
    facts |= {"accounts_differ": r.account.max() != r.account.min()}
    if not by_account:
        facts["account"] = r.account.max()
    # The sums of one order number are to fit into 64 bits: an engine raises an error for those that do not.
    grouped = r.group_by(key).aggregate(**facts).cast(dict(lines.schema()))
    return ibis.union(lines.anti_join(several, key), grouped.select(*lines.columns))


def _sum(column: Any) -> Any:
    """Add up exactly. DuckDB adds 64-bit integers up as 128-bit ones, and would write those as floating point."""
    return column.cast(_SUM).sum()


def _with_net(g: Any) -> Any:
    ibis = library("ibis")
    g = g.mutate(
        **{name: g[name].fill_null(0) for name in ("ordered_minor", "refunded_minor", "paid_minor", "back_minor")}
    )
    due = ibis.cases(
        ((g.orders == 0) | g.state.isin([_UNPAID, _RETURNED]), ibis.literal(0, "int64")),
        else_=g.ordered_minor - g.refunded_minor,
    )
    mixed = (g.currencies_differ | g.accounts_differ).fill_null(False)
    return g.mutate(net_minor=g.paid_minor - g.back_minor, due_minor=due, mixed=mixed)


def _with_class(g: Any) -> Any:
    """Return the rows with the first class whose condition holds; see ``classes``."""
    c = ReconcileClass
    many_paid, came_back = g.paid_lines > 1, g.back_lines > 0
    most = (g.state == _UNPAID).ifelse(g.ordered_minor, g.due_minor)
    returned = (g.state == _PAID) & came_back & (g.net_minor == 0) & (g.due_minor != 0)
    not_returned = (g.state == _RETURNED) & ~came_back
    paid_all_the_same = (g.state == _UNPAID) & (g.net_minor != 0)
    conditions = (
        ((g.order_inside == 0) & (g.line_inside == 0), c.OUTSIDE),
        (g.orders == 0, c.PHANTOM),
        ((g.paid_lines + g.back_lines == 0) & g.state.isin([_PAID, _RETURNED]), c.MISSING),
        (g.paid_lines + g.back_lines == 0, c.UNSETTLED),
        (g.currencies_differ | (g.currency != g.ordered_currency), c.CURRENCY_DIFFERS),
        ((many_paid & (g.net_minor > most)) | ((g.back_lines > 1) & (g.net_minor < 0)), c.DUPLICATED),
        (returned | not_returned | paid_all_the_same, c.STATUS_DIFFERS),
        (g.net_minor != g.due_minor, c.AMOUNT_DIFFERS),
        ((g.expected_fee_minor != g.fee_minor.fill_null(0)).fill_null(False), c.FEE_DIFFERS),
        (_on_wrong_day(g), c.WRONG_DAY),
    )
    branches = [(condition, found.value) for condition, found in conditions]
    return g.mutate(**{"class": library("ibis").cases(*branches, else_=c.MATCHED.value)})


def _on_wrong_day(g: Any) -> Any:
    other_range = (g.order_inside != g.line_inside) & (g.paid_lines + g.back_lines > 0)
    return (g.off_day == 1) | other_range | ((g.day != g.due_day).fill_null(False))


def _lone(n: Any) -> Any:
    """Return lines about an order that name none, one a row."""
    ibis = library("ibis")
    zero, no = ibis.literal(0, "int64"), ibis.null("int64")
    return n.mutate(
        paid_lines=n.paid_lines.cast("int64"), back_lines=n.back_lines.cast("int64"),
        order_account=ibis.literal(""), orders=zero, state=ibis.null("int8"), ordered_minor=zero, refunded_minor=zero,
        due_minor=zero, ordered_currency=ibis.null("string"), net_minor=n.paid_minor - n.back_minor,
        expected_fee_minor=no, due_day=ibis.null("date"), mixed=ibis.literal(False),
        **{"class": (n.line_inside == 1).ifelse(ReconcileClass.PHANTOM.value, ReconcileClass.OUTSIDE.value)},
    )  # fmt: skip


_SHOWN = (
    "class", "account", "order_account", "order_no", "state", "orders", "ordered_minor", "refunded_minor", "due_minor",
    "ordered_currency", "paid_lines", "paid_minor", "back_lines", "back_minor", "net_minor", "currency",
    "expected_fee_minor", "fee_minor", "due_day", "day", "mixed",
)  # fmt: skip


def _shown(g: Any) -> Any:
    return g.select(*_SHOWN)


def order_totals(orders: Any) -> Any:
    """Return what the orders add up to, by account and currency."""
    return orders.group_by(["account", "currency"]).aggregate(
        orders=orders.count(), ordered_minor=_sum(orders.amount_minor), refunded_minor=_sum(orders.refunded_minor)
    )


def line_totals(lines: Any) -> Any:
    """Return what the lines of all kinds add up to, by account, currency and kind."""
    return lines.group_by(["account", "currency", "kind"]).aggregate(
        lines=lines.count(), amount_minor=_sum(lines.amount_minor), fee_minor=_sum(lines.fee_minor)
    )


def class_order_totals(found: Any) -> Any:
    """Return what the orders of each class add up to, by account and currency."""
    f = found.filter(found.orders > 0)
    f = f.select(
        "class", "orders", "ordered_minor", "refunded_minor", account=f.order_account, currency=f.ordered_currency
    )
    return f.group_by(["class", "account", "currency"]).aggregate(
        orders=_sum(f.orders), ordered_minor=_sum(f.ordered_minor), refunded_minor=_sum(f.refunded_minor)
    )


def class_line_totals(found: Any, lines: Any, *, by_account: bool) -> Any:
    """Return what the lines of each class add up to, by account, currency and whether they went out or came back.

    An order whose lines are of several currencies or accounts has no sum of its own: its lines are added up one by one.
    """
    ibis = library("ibis")
    key = ["account", "order_no"] if by_account else ["order_no"]
    parts = []
    for way in ("paid", "back"):
        count, amount = found[f"{way}_lines"], found[f"{way}_minor"]
        f = found.filter(~found.mixed & (count > 0))
        parts.append(f.select("class", "account", "currency", way=ibis.literal(way), lines=count, amount_minor=amount))
    mixed = found.filter(found.mixed).select("class", *key)
    joined = lines.filter(lines.kind.isin(KINDS) & (lines.order_no != "")).inner_join(mixed, key)
    way = joined.kind.isin(BACK_KINDS).ifelse("back", "paid")
    one = ibis.literal(1, "int64")
    parts.append(joined.select("class", "account", "currency", way=way, lines=one, amount_minor=joined.amount_minor))
    rows = ibis.union(*parts)
    return rows.group_by(["class", "account", "currency", "way"]).aggregate(
        lines=_sum(rows.lines), amount_minor=_sum(rows.amount_minor)
    )
