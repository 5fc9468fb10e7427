"""Defines the reconciliation as Ibis expressions, the same ones for every engine.

Orders and lines become rows of one relation, which is grouped by order number once. That is a full outer join of the
two sides in which neither can be multiplied by the other: several lines of an order are summed, and a second order of
the same number shows as a count of two. Amounts are integers of minor units, and are added up as decimals of 38 places,
which no sum of 64-bit integers exceeds.

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
    "line_totals",
    "order_totals",
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


def classified(orders: Any, lines: Any, days: Range, *, by_account: bool) -> Any:
    """Return a row for each order number, and for each line about an order that has none, with its class.

    ``by_account``: order numbers belong to accounts. Otherwise orders have no accounts, and take those of their lines.
    The column ``orders`` counts orders of the same number: more than one is an error of the orders.
    """
    ibis = library("ibis")
    about = lines.filter(lines.kind.isin(KINDS))
    named = about.filter(about.order_no != "")
    key = ["account", "order_no"] if by_account else ["order_no"]
    rows = ibis.union(_of_orders(orders, days), _of_lines(named, days))
    grouped = rows.group_by(key).aggregate(**_facts(rows, days, by_account=by_account))
    if days.first is None:  # what is the same everywhere need not be grouped
        grouped = grouped.mutate(order_inside=ibis.literal(1, "int8"), line_inside=ibis.literal(1, "int8"))
    account = grouped.account.fill_null("")
    grouped = grouped.mutate(account=account, order_account=account if by_account else ibis.literal(""))
    grouped = _with_class(_with_net(grouped))
    alone = about.filter(about.order_no == "")
    return ibis.union(_shown(grouped), _shown(_lone(alone, days)))


def _of_orders(o: Any, days: Range) -> Any:
    ibis = library("ibis")
    no, none = ibis.null("int64"), ibis.null("string")
    return o.select(
        account=o.account, order_no=o.order_no, is_order=ibis.literal(1, "int8"), state=o.state.cast("int8"),
        ordered=o.amount_minor, refunded=o.refunded_minor, expected_fee=o.fee_minor, ordered_currency=o.currency,
        due_day=o.day, order_inside=days.holds(o.created_day), is_paid=ibis.null("int8"), is_back=ibis.null("int8"),
        paid=no, back=no, fee=no, currency=none, line_account=none, day=ibis.null("date"),
        off_day=ibis.literal(0, "int8"), line_inside=ibis.literal(0, "int8"),
    )  # fmt: skip


def _of_lines(n: Any, days: Range) -> Any:
    ibis = library("ibis")
    no, none, out, one = ibis.null("int64"), ibis.null("date"), n.kind == "payout", ibis.literal(1, "int8")
    return n.select(
        account=n.account, order_no=n.order_no, is_order=ibis.null("int8"), state=ibis.null("int8"), ordered=no,
        refunded=no, expected_fee=no, ordered_currency=ibis.null("string"), due_day=none,
        order_inside=ibis.literal(0, "int8"), is_paid=out.ifelse(one, None), is_back=out.ifelse(None, one),
        paid=out.ifelse(n.amount_minor, None), back=out.ifelse(None, n.amount_minor), fee=n.fee_minor,
        currency=n.currency, line_account=n.account, day=out.ifelse(n.day, none),
        off_day=(n.booked_day.notnull() & (n.booked_day != n.day)).cast("int8"), line_inside=days.holds(n.day),
    )  # fmt: skip


def _facts(r: Any, days: Range, *, by_account: bool) -> dict[str, Any]:
    facts = {
        "orders": r.is_order.count(), "state": r.state.max(), "ordered_minor": r.ordered.max(),
        "refunded_minor": r.refunded.max(), "expected_fee_minor": r.expected_fee.max(),
        "ordered_currency": r.ordered_currency.max(), "due_day": r.due_day.max(),
        "paid_lines": r.is_paid.count(), "back_lines": r.is_back.count(), "paid_minor": _sum(r.paid),
        "back_minor": _sum(r.back), "fee_minor": _sum(r.fee), "currency": r.currency.max(),
        "least_currency": r.currency.min(), "day": r.day.min(), "off_day": r.off_day.max(),
    }  # fmt: skip
    if days.first is not None:
        facts |= {"order_inside": r.order_inside.max(), "line_inside": r.line_inside.max()}
    if not by_account:
        facts |= {"account": r.line_account.max(), "least_account": r.line_account.min()}
    return facts


def _sum(column: Any) -> Any:
    """Add up exactly. DuckDB adds 64-bit integers up as 128-bit ones, and would write those as floating point."""
    return column.cast(_SUM).sum()


def _with_net(g: Any) -> Any:
    ibis = library("ibis")
    sums = ("ordered_minor", "refunded_minor", "paid_minor", "back_minor")
    # The sums of one order number are to fit into 64 bits: an engine raises an error for those that do not.
    whole = {name: g[name].cast("int64").fill_null(0) for name in sums}
    g = g.mutate(**whole, fee_minor=g.fee_minor.cast("int64"))
    due = ibis.cases(
        ((g.orders == 0) | g.state.isin([_UNPAID, _RETURNED]), ibis.literal(0, "int64")),
        else_=g.ordered_minor - g.refunded_minor,
    )
    mixed = (g.currency != g.least_currency).fill_null(False)
    if "least_account" in g.columns:
        mixed = mixed | (g.account != g.least_account).fill_null(False)
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
        ((g.currency != g.least_currency) | (g.currency != g.ordered_currency), c.CURRENCY_DIFFERS),
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


def _lone(lines: Any, days: Range) -> Any:
    """Return lines about an order that name none, one a row."""
    ibis = library("ibis")
    n = _of_lines(lines, days)
    c, zero = ReconcileClass, ibis.literal(0, "int64")
    paid, back = n.paid.fill_null(0), n.back.fill_null(0)
    return n.select(
        n.account, n.order_no, order_account=ibis.literal(""),
        orders=ibis.literal(0, "int64"), state=n.state, ordered_minor=zero, refunded_minor=zero,
        due_minor=zero, ordered_currency=n.ordered_currency, paid_minor=paid, back_minor=back, net_minor=paid - back,
        currency=n.currency, paid_lines=n.is_paid.fill_null(0), back_lines=n.is_back.fill_null(0),
        expected_fee_minor=n.expected_fee, fee_minor=n.fee, due_day=n.due_day, day=n.day, mixed=ibis.literal(False),
        **{"class": (n.line_inside == 1).ifelse(c.PHANTOM.value, c.OUTSIDE.value)},
    )  # fmt: skip


_SHOWN = (
    "class", "account", "order_account", "order_no", "state", "orders", "ordered_minor", "refunded_minor", "due_minor",
    "ordered_currency", "paid_lines", "paid_minor", "back_lines", "back_minor", "net_minor", "currency",
    "expected_fee_minor", "fee_minor", "due_day", "day", "mixed",
)  # fmt: skip


def _shown(g: Any) -> Any:
    whole = {name for name in _SHOWN if name.endswith(("_minor", "_lines"))} | {"orders"}
    columns = {name: g[name].cast("int64") if name in whole else g[name] for name in _SHOWN}
    return g.select(**columns)


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
