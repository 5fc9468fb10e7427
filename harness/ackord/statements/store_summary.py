"""Summarises a store for people: partitions with their versions, and totals by account and kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ..core.money import Money
from .store_views import open_store

__all__ = ["StoreSummary", "summary_of"]

_MOST_SHOWN = 200
"""Rows of a table in text; JSON has all."""


class StoreSummary(NamedTuple):
    """What is in a store."""

    partitions: list[dict[str, Any]]
    """One a version."""
    totals: list[dict[str, Any]]
    """Of the newest versions, by account, kind, direction and currency; amounts in minor units."""

    def document(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return self._asdict()

    def text(self) -> str:
        """Return it as two tables."""
        rows = [
            [
                p["account"], p["day"], p["partition"], f"{p['version']}{'' if p['is_current'] else ' (old)'}",
                f"{p['rows']:,}", f"+{p['added']:,} -{p['removed']:,}", p["landed_at"],
            ]
            for p in self.partitions
        ]  # fmt: skip
        totals = [
            [
                t["account"], t["kind"], t["direction"], f"{t['rows']:,}", str(Money(t["amount_minor"], t["currency"])),
                str(Money(t["fee_minor"], t["currency"])),
            ]
            for t in self.totals
        ]  # fmt: skip
        heads = ["account", "day", "partition", "version", "lines", "changed", "landed"]
        return "\n".join(
            [
                *_table(heads, rows), "",
                *_table(["account", "kind", "direction", "lines", "amount", "fees"], totals),
            ]
        )  # fmt: skip


def summary_of(folder: Path) -> StoreSummary:
    """Read a store. Raises ``FileError`` for a folder without one."""
    connection = open_store(folder)
    try:
        partitions = _rows(
            connection,
            "SELECT account, day::VARCHAR AS day, partition, version, is_current, rows, added, removed, digest, "
            "landed_at FROM partitions ORDER BY account, day, partition, version",
        )
        totals = _rows(
            connection,
            "SELECT account, kind, direction, currency, sum(rows)::BIGINT AS rows, sum(amount_minor)::BIGINT AS "
            "amount_minor, sum(fee_minor)::BIGINT AS fee_minor FROM sums WHERE is_current GROUP BY ALL ORDER BY ALL",
        )
    finally:
        connection.close()
    return StoreSummary(partitions, totals)


def _rows(connection: Any, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    shown = [head, *rows[:_MOST_SHOWN]]
    widths = [max(len(row[n]) for row in shown) for n in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown]
    return [*lines, f"... and {len(rows) - _MOST_SHOWN:,} more (--json)"] if len(rows) > _MOST_SHOWN else lines
