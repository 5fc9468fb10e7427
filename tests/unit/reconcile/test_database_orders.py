"""A database that cannot be reached, and a query that is missing, are clear errors without the password."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ackord.errors import EnvironmentFailed, UsageError
from ackord.reconcile.database_orders import is_database, write_query


def test_addresses() -> None:
    assert is_database("postgresql://u@h/d") and not is_database("orders.csv")


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, and not listening
        address = f"postgresql://me:hunter2secret@127.0.0.1:{held.getsockname()[1]}/orders"
        with pytest.raises(EnvironmentFailed, match="cannot be reached") as caught:
            write_query(address, "SELECT 1", tmp_path / "o.parquet")
    assert "hunter2secret" not in str(caught.value)


def test_no_query(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--query is missing"):
        write_query("postgresql://u@h/d", "", tmp_path / "o.parquet")
