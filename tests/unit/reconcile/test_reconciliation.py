"""Planted differences are found, each in its class, and none is invented; the classes add up to both sides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ackord.errors import AckordError, FileError, UsageError
from ackord.reconcile.classes import DIFFERENCES, ReconcileClass
from ackord.reconcile.reconciliation import Reconciliation, _prove
from tests.unit.reconcile.support import DAY, NEXT_DAY, SmallLine, SmallOrder, counted, outcome, written

EACH = 20


def planted(count: int) -> tuple[list[SmallOrder], list[SmallLine]]:
    """``count`` orders, of which ``EACH`` are wrong in each way; returns and refunds among the right ones."""
    orders = [SmallOrder(f"a{n % 7}", f"N{n}", amount_minor=100 + n, fee_minor=3, day=DAY) for n in range(count)]
    lines = [SmallLine(o.account, o.order_no, amount_minor=o.amount_minor, fee_minor=3, booked_day=DAY) for o in orders]
    wrong = iter(range(0, count, max(1, count // (EACH * 11))))
    for n in (next(wrong) for _ in range(EACH)):
        orders[n] = orders[n]._replace(state=3)
        lines.append(lines[n]._replace(kind="return", fee_minor=None))
        at = next(wrong)
        orders[at] = orders[at]._replace(refunded_minor=40)
        lines.append(lines[at]._replace(kind="refund", amount_minor=40, fee_minor=None))
    gone = set()
    for _ in range(EACH):
        lines[n] = lines[n := next(wrong)]._replace(amount_minor=lines[n].amount_minor + 1)
        lines[n] = lines[n := next(wrong)]._replace(currency="USD")
        lines[n] = lines[n := next(wrong)]._replace(fee_minor=4)
        lines[n] = lines[n := next(wrong)]._replace(day=NEXT_DAY, booked_day=NEXT_DAY)
        lines.append(lines[next(wrong)])
        orders[n] = orders[n := next(wrong)]._replace(state=2)
        gone.add(next(wrong))
        orders[n] = orders[n := next(wrong)]._replace(order_no=f"other {n}", state=0)
    return orders, [line for n, line in enumerate(lines) if n not in gone]


@pytest.mark.parametrize("count", [2_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_twenty_of_each_class_are_found_and_none_is_invented(tmp_path: Path, count: int) -> None:
    orders, lines = planted(count)
    result = outcome(written(tmp_path, orders, lines))
    different = {str(group): EACH for group in DIFFERENCES}
    assert counted(result) == {**different, "unsettled": EACH, "matched": count - EACH * len(DIFFERENCES)}
    assert result.exit_code == 1 and result.differences == EACH * len(DIFFERENCES)
    assert sum(one.ordered_minor for one in result.order_classes) == sum(o.amount_minor for o in orders)
    assert sum(one.lines for one in result.line_classes) == len(lines)
    assert sum(one.amount_minor for one in result.lines) == sum(line.amount_minor for line in lines)


def test_what_agrees_is_exit_0_and_nothing_is_never_a_pass(tmp_path: Path) -> None:
    order, line = SmallOrder("a", "N"), SmallLine("a", "N")
    assert outcome(written(tmp_path, [order], [line])).exit_code == 0
    assert outcome(written(tmp_path, [], [])).exit_code == 3
    assert counted(outcome(written(tmp_path, [order], []))) == {"missing": 1}
    assert counted(outcome(written(tmp_path, [], [line]))) == {"phantom": 1}


def test_a_payment_that_came_back_and_was_made_again_is_no_duplicate(tmp_path: Path) -> None:
    out, back = SmallLine("a", "N"), SmallLine("a", "N", "return")
    assert counted(outcome(written(tmp_path, [SmallOrder("a", "N")], [out, back, out]))) == {"matched": 1}
    assert counted(outcome(written(tmp_path, [SmallOrder("a", "N")], [out, out]))) == {"duplicated": 1}
    halves = [out._replace(amount_minor=50)] * 2
    assert counted(outcome(written(tmp_path, [SmallOrder("a", "N")], halves))) == {"matched": 1}


def test_an_order_number_that_stands_twice_is_an_error(tmp_path: Path) -> None:
    options = written(tmp_path, [SmallOrder("a", "N"), SmallOrder("a", "N"), SmallOrder("b", "N")], [])
    with pytest.raises(FileError, match=r"o\.parquet: the order number 'N' stands twice: rows 1, 2"):
        outcome(options)
    table = tmp_path / "o.csv"
    table.write_text('order_no,amount,currency,note\nA,1,EUR,"two\nlines"\nB,1,EUR,\nA,2,EUR,\n')
    with pytest.raises(FileError, match=r"o\.csv:5: the order number 'A' stands twice: lines 2, 5"):
        outcome(replace(options, orders=str(table)))


def test_one_number_of_more_than_64_bits_is_an_error(tmp_path: Path) -> None:
    line = SmallLine("a", "N", amount_minor=2**63 - 1)
    with pytest.raises(UsageError, match="64-bit"):
        outcome(written(tmp_path, [SmallOrder("a", "N")], [line, line]))


def test_classes_that_do_not_add_up_are_no_result(tmp_path: Path) -> None:
    result = outcome(written(tmp_path, [SmallOrder("a", "N")], [SmallLine("a", "N")]))
    short: Reconciliation = replace(result, line_classes=())
    with pytest.raises(AckordError, match="do not add up to the lines of a/EUR/paid"):
        _prove(short)


def test_late_partitions_are_not_conclusive(tmp_path: Path) -> None:
    result = outcome(written(tmp_path, [SmallOrder("a", "N")], [SmallLine("a", "N")]))
    assert replace(result, late=1).exit_code == 3
    assert replace(result, numbers={ReconcileClass.OUTSIDE: 5}).exit_code == 3
