"""Refunds in PostgreSQL: the table, and the function that takes one.

The rules that keep money safe stand here, in SQL: one row for an account's refund number (a unique index), and never
more than the order's amount in sum (the order's row is locked while a refund of it is taken). The money itself is
booked by the bank channel, as a movement of the refund's identifier.
"""

from __future__ import annotations

from ...contract.emulate.domain_responses import ProviderRefund
from .order_store import OrderStore

__all__ = ["REFUND_COLUMNS", "REFUND_TABLES", "RefundStore"]

REFUND_COLUMNS = "refund_id, refund_no, order_id, account, order_no, amount, currency, node"
REFUND_TABLES = f"""
CREATE TABLE refunds (
  refund_id text PRIMARY KEY,
  refund_no text NOT NULL,
  order_id text NOT NULL,
  account text NOT NULL,
  order_no text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  node text NOT NULL
);
CREATE UNIQUE INDEX refunds_number ON refunds (account, refund_no) WHERE refund_no <> '';
CREATE INDEX refunds_order ON refunds (order_id);
CREATE FUNCTION take_refund(refund refunds) RETURNS SETOF refunds LANGUAGE plpgsql AS $$
DECLARE
  known orders%ROWTYPE;
BEGIN
  SELECT * INTO known FROM orders WHERE provider_id = refund.order_id FOR UPDATE;
  IF refund.refund_no <> '' THEN
    RETURN QUERY SELECT * FROM refunds r WHERE r.account = refund.account AND r.refund_no = refund.refund_no;
    IF FOUND THEN RETURN; END IF;
  END IF;
  IF known.status = 'PAID' AND refund.amount + coalesce(
    (SELECT sum(r.amount) FROM refunds r WHERE r.order_id = refund.order_id), 0) <= known.amount
  THEN
    RETURN QUERY INSERT INTO refunds SELECT refund.* ON CONFLICT DO NOTHING RETURNING {REFUND_COLUMNS};
  END IF;
END $$;
"""
_TAKE = f"SELECT {REFUND_COLUMNS} FROM take_refund(ROW($1, $2, $3, $4, $5, $6, $7, $8)::refunds)"
_UNPAID = f"""
SELECT {REFUND_COLUMNS} FROM refunds WHERE node = $1
AND NOT EXISTS (SELECT 1 FROM movements WHERE provider_id = refund_id AND kind = 'refund') ORDER BY refund_id
"""


class RefundStore:
    """Read and write refunds for one node, on the primary."""

    def __init__(self, orders: OrderStore) -> None:
        self.orders = orders

    async def take(self, refund: ProviderRefund) -> ProviderRefund | None:
        """Store a refund unless its number is taken, and commit; return the one that stands. ``None``: the order was
        not paid, or less of it is left.
        """
        row = await self.orders.orders.row(_TAKE, *refund)
        return None if row is None else ProviderRefund(*row)

    async def unpaid(self, node: str) -> list[ProviderRefund]:
        """Return the refunds of this node whose money was not moved yet."""
        return [ProviderRefund(*row) for row in await self.orders.primary.rows(_UNPAID, node)]
