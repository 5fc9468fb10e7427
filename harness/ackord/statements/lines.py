"""Defines the lines of a statement, the partitions that they land in, and what a partition adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, NamedTuple

from ..contract.base.extras import library

__all__ = ["COLUMNS", "WHOLE", "PartitionKey", "PartitionSums", "RunningSums", "StatementLine", "arrow_schema"]

WHOLE = "all"
"""The partition of an account's day that is not split by kind."""


class StatementLine(NamedTuple):
    """One line as it was read; what partition it stands in, the store knows."""

    line_id: str | None
    """The provider's identifier of the line; ``None`` where the statement gives none."""
    order_no: str
    """The merchant's order number; empty for a line that belongs to no order."""
    provider_id: str
    """The provider's identifier of the order; empty if the line has none."""
    kind: str
    """``payout``, ``return`` or ``refund``, or the provider's own word for what is none of them."""
    direction: Literal["out", "in", ""]
    """Where the money went, seen from the account; empty if the line does not say."""
    amount_minor: int
    """Minor units of ``currency`` (ISO 4217), never negative."""
    currency: str
    fee_minor: int | None
    """What the provider kept for it, in minor units; negative if a fee was given back; ``None`` if no place says."""
    status: str
    """The provider's word; empty if the line has none."""
    booked_us: int | None
    """When it was booked, in microseconds since 1970 (UTC)."""
    raw: str
    """The text of the line as the provider wrote it."""
    account: str = ""
    """Whose it is in the provider's words; empty if the line does not say. The store knows it by the partition."""
    refund_no: str = ""
    """The number of the refund that it belongs to; empty if the line has none. It is not stored."""


class PartitionKey(NamedTuple):
    """What lands together: one account's lines of one day and, where a statement is split so, of one kind."""

    account: str
    day: date
    partition: str = WHOLE

    def __str__(self) -> str:
        return f"{self.account}/{self.day.isoformat()}/{self.partition}"


class PartitionSums(NamedTuple):
    """What the lines of a partition, or of a kind in it, add up to, in minor units of one currency."""

    kind: str
    direction: str
    currency: str
    rows: int
    amount_minor: int
    fee_minor: int


COLUMNS = (
    "account", "day", "partition", "version", "position", "line_id", "order_no", "provider_id", "kind", "direction",
    "amount_minor", "currency", "fee_minor", "status", "booked_at", "raw",
)  # fmt: skip
"""The columns of a line in the store, in their order: types are in ``arrow_schema``."""


def arrow_schema() -> Any:
    """Return the Arrow schema of the store's Parquet files."""
    pa = library("pyarrow")
    types = {
        "day": pa.date32(), "version": pa.int32(), "position": pa.int64(), "amount_minor": pa.int64(),
        "fee_minor": pa.int64(), "booked_at": pa.timestamp("us", tz="UTC"),
    }  # fmt: skip
    nullable = {"line_id", "fee_minor", "booked_at"}
    return pa.schema([pa.field(name, types.get(name, pa.string()), nullable=name in nullable) for name in COLUMNS])


class RunningSums:
    """Adds up lines by kind, direction and currency."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str], list[int]] = {}

    def add(self, lines: Iterable[StatementLine]) -> None:
        sums = self._sums
        for line in lines:
            key = (line.kind, line.direction, line.currency)
            found = sums.get(key)
            if found is None:
                found = sums[key] = [0, 0, 0]
            found[0] += 1
            found[1] += line.amount_minor
            if line.fee_minor is not None:
                found[2] += line.fee_minor

    def sums(self) -> tuple[PartitionSums, ...]:
        """Return them in the order of kinds, directions and currencies."""
        return tuple(PartitionSums(*key, *values) for key, values in sorted(self._sums.items()))
