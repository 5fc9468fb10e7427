"""A store is joined as it stands, in the contract's zone, and what of it is late is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ackord.errors import FileError, UsageError
from ackord.reconcile.columns import TableForm
from ackord.reconcile.expressions import Range
from ackord.reconcile.inputs import ReconcileOptions
from ackord.statements.lines import PartitionKey
from ackord.statements.store import StatementStore
from tests.unit.reconcile.support import SmallLine, SmallOrder, counted, outcome, written
from tests.unit.statements.support import DAY, key, landed, line


def store_of(folder: Path) -> Path:
    store = StatementStore(folder / "store", "small")
    landed(store, [line(1), line(2, 50, kind="return", direction="in"), line(3, kind="Fee")], key("main"))
    landed(store, [line(4)], PartitionKey("main", DAY + timedelta(days=2)))
    store.close()
    return folder / "store"


def test_a_store_with_a_day_that_is_late(tmp_path: Path) -> None:
    orders = [SmallOrder("main", "N-1"), SmallOrder("other", "N-9")]
    options = replace(written(tmp_path, orders, []), statement=store_of(tmp_path))
    result = outcome(options)
    late = [f"main/{DAY + timedelta(days=1)}/all"] + [f"other/{DAY + timedelta(days=n)}/all" for n in range(3)]
    assert (list(result.late_shown), result.exit_code) == (late, 3)
    one_day = replace(options, days=Range(DAY, DAY), accounts=("main",))
    result = outcome(one_day)
    assert (result.late, result.exit_code) == (0, 1)
    # The line of N-4 stands on the day after the next, was booked on this one, and nobody ordered it.
    assert counted(result) == {"matched": 1, "outside": 1, "phantom": 1}
    assert outcome(replace(one_day, parts=("BASIC",))).late == 1


def test_a_store_of_another_provider(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="holds statements of small"):
        outcome(replace(written(tmp_path, [], []), statement=store_of(tmp_path), provider="acme"))


def test_accounts_need_accounts_on_both_sides(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("order_no,amount,currency\nN-1,100,EUR\n")
    options = ReconcileOptions(str(tmp_path / "o.csv"), store_of(tmp_path), accounts=("main",))
    with pytest.raises(UsageError, match="one side has no accounts"):
        outcome(options)
    assert counted(outcome(replace(options, accounts=()))) == {"matched": 1, "phantom": 2}


def test_journals_whose_requests_name_no_currency(tmp_path: Path) -> None:
    journal = Path(__file__).parents[2] / "golden/held.jsonl"
    options = replace(written(tmp_path, [], []), orders=str(journal))
    with pytest.raises(FileError, match="names no currency"):
        outcome(options)
    result = outcome(replace(options, order_form=TableForm(currency="EUR")))
    assert {one.currency for one in result.orders} == {"EUR"} and counted(result) == {"missing": 1}


def test_orders_that_are_nowhere(tmp_path: Path) -> None:
    options = written(tmp_path, [], [SmallLine("a", "N")])
    with pytest.raises(FileError, match="there is no such file"):
        outcome(replace(options, orders=str(tmp_path / "none.jsonl")))
    with pytest.raises(UsageError, match="--query is for a database"):
        outcome(replace(options, query="SELECT 1"))
