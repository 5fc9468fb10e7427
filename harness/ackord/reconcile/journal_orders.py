"""Reads the orders of recorded runs: what the merchant sent, and what the answers told it of the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..contract.base.extras import library
from ..core.history import OrderHistory
from ..core.operation import Observation
from ..core.payment_state import MONEY_MOVED, NO_MONEY, PaymentState
from ..errors import FileError
from ..record.journal import read_journal
from .classes import ORDER_STATES, OrderState
from .expressions import ORDER_TYPES

__all__ = ["journals_of", "order_row", "write_journal_orders"]

_GIVEN_BACK = frozenset({Observation.ACK, Observation.DUPLICATE})


def journals_of(path: Path) -> list[Path]:
    """Return the journals that a path means: a ``.jsonl`` file, or all of a run's folder. Raises ``FileError``."""
    if path.is_file():
        return [path]
    found = sorted(path.rglob("journal.jsonl"))
    if not found:
        raise FileError(path, None, "there is no journal in it", expected="a folder of a run, with journal.jsonl files")
    return found


def order_row(order: OrderHistory) -> tuple[Any, ...] | None:
    """Return an order as ``ORDER_TYPES`` name its columns; ``None`` for a number that was never submitted."""
    sent = next((x for x in order.submits if x.sent_amount_minor is not None), None)
    if sent is None:
        return None
    state = order.answers.states[-1].state if order.answers.states else PaymentState.UNKNOWN
    known = OrderState.OPEN
    if state is PaymentState.RETURNED:
        known = OrderState.RETURNED
    elif state in MONEY_MOVED:
        known = OrderState.PAID
    elif state in NO_MONEY:
        known = OrderState.UNPAID
    given_back = {
        x.refund_no: x.sent_amount_minor or 0 for x in order.refunds if x.refund_no and x.observation in _GIVEN_BACK
    }
    return (
        order.account, order.number, ORDER_STATES.index(known), sent.sent_amount_minor, sent.sent_currency,
        sum(given_back.values()), None, None, None,
    )  # fmt: skip


def write_journal_orders(paths: Sequence[Path], target: Path) -> None:
    """Write the orders of all journals as one Parquet file of ``ORDER_TYPES``.

    Raises ``FileError`` for an order number that stands in two journals under one account, ``JournalError``.
    """
    pa, parquet = library("pyarrow"), library("pyarrow.parquet")
    types = {"string": pa.string(), "int8": pa.int8(), "int64": pa.int64(), "date": pa.date32()}
    schema = pa.schema([(name, types[kind]) for name, kind in ORDER_TYPES.items()])
    seen: dict[tuple[str, str], Path] = {}
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for path in paths:
            rows = list(_rows(path, seen))
            columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
            arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _rows(path: Path, seen: dict[tuple[str, str], Path]) -> Iterator[tuple[Any, ...]]:
    for order in read_journal(path).orders:
        row = order_row(order)
        if row is None:
            continue
        if (before := seen.setdefault((order.account, order.number), path)) is not path:
            raise FileError(
                path, None, f"the order number {order.number!r} stands in {before}, too", expected="each order once",
                mend="give journals of different runs, each once",
            )  # fmt: skip
        yield row
