"""Refunds in PostgreSQL: the statements. The money itself is booked by the bank channel, as a movement of the refund's
identifier.
"""

from __future__ import annotations

from ...contract.emulate.domain_responses import ProviderRefund
from ..postgres.connection_pool import ConnectionPool
from .tables import REFUND_COLUMNS

__all__ = ["RefundStore"]

_TAKE = f"SELECT {REFUND_COLUMNS} FROM take_refund(ROW($1, $2, $3, $4, $5, $6, $7, $8)::refunds)"
_UNPAID = f"""
SELECT {REFUND_COLUMNS} FROM refunds WHERE node = $1
AND NOT EXISTS (SELECT 1 FROM movements WHERE provider_id = refund_id AND kind = 'refund') ORDER BY refund_id
"""
_INSERT = "INSERT INTO refunds VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING refund_id"
_GIVEN_BACK = "SELECT coalesce(sum(amount), 0)::bigint FROM refunds WHERE order_id = $1"


class RefundStore:
    """Read and write refunds for one node, on the primary: the ``RefundRecords`` over PostgreSQL."""

    def __init__(self, orders: ConnectionPool, primary: ConnectionPool) -> None:
        """``orders``: the connections by which what is acknowledged is committed."""
        self._orders, self._primary = orders, primary

    async def take(self, refund: ProviderRefund) -> ProviderRefund | None:
        row = await self._orders.row(_TAKE, *refund)
        return None if row is None else ProviderRefund(*row)

    async def unpaid(self, node: str) -> list[ProviderRefund]:
        return [ProviderRefund(*row) for row in await self._primary.rows(_UNPAID, node)]

    async def add(self, refund: ProviderRefund) -> bool:
        return await self._orders.row(_INSERT, *refund) is not None

    async def given_back(self, order_id: str) -> int:
        row = await self._primary.row(_GIVEN_BACK, order_id)
        assert row is not None
        return int(row[0])
