"""Orders and movements in PostgreSQL: the statements over the tables of ``ackord.providers.service.tables``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ...contract.emulate.domain_responses import ProviderMovement, ProviderOrder, ReceivedOrder
from ..postgres.connection_pool import UNREACHABLE_ERRORS, ConnectionPool
from ..postgres.read_model import READ_MODEL
from .provider_store import BEFORE, KeyRule, ReadLane, StatedWindow, StatementTotals
from .refund_store import RefundStore

__all__ = ["OrderStore"]

ORDER_LANE_SIZE = 40
READ_LANE_SIZE = 6
CHANNEL_LANE_SIZE = 4
# Per node and on the primary 40 + 6 + 4, and 6 more for a read model; both nodes, what the supervisor needs and three
# reserved ones stay below max_connections (140).

_ORDER = "provider_id, account, order_no, amount, currency, payee, status, node"

_INSERT = f"""
INSERT INTO orders ({_ORDER}) VALUES ($1, $2, $3, $4, $5, $6, 'ACCEPTED', $7)
"""
# The conflict's update gives the winner's row in the same round trip, waits for a copy that is being committed, and,
# being a write itself, is only answered when everything before it has reached whatever the session's synchronous_commit
# asks for.
_PLACE = f"""{_INSERT}
ON CONFLICT (account, order_no) DO UPDATE SET deliveries = orders.deliveries + 1
RETURNING {_ORDER}, xmax = 0 AS created
"""
_PLACE_ANYBODYS = _PLACE.replace("(account, order_no) DO", "(order_no) DO")
_APPEND = f"{_INSERT} RETURNING {_ORDER}"


def _claim(now: str) -> str:
    """A key's update waits for a copy that is being committed, as above. Key and order are committed together."""
    return f"""
WITH claim AS (
  INSERT INTO keys VALUES (CASE WHEN $10 THEN $2 ELSE '' END, $3, $8, $1, {now})
  ON CONFLICT (account, order_no, payload) DO UPDATE SET
    provider_id = CASE WHEN keys.taken_at < {now} - make_interval(secs => $9)
      THEN excluded.provider_id ELSE keys.provider_id END,
    taken_at = CASE WHEN keys.taken_at < {now} - make_interval(secs => $9) THEN {now} ELSE keys.taken_at END
  RETURNING provider_id
), stored AS (
  INSERT INTO orders ({_ORDER}) SELECT $1, $2, $3, $4, $5, $6, 'ACCEPTED', $7 FROM claim WHERE claim.provider_id = $1
)
SELECT provider_id FROM claim
"""


_CLAIM = _claim("(clock_timestamp() + make_interval(secs => $11))")
_CLAIM_AT = _claim("to_timestamp($11)")
_FIND = f"SELECT {_ORDER} FROM orders WHERE account = $1 AND order_no = $2 ORDER BY id LIMIT 1"
_FIND_ANYBODYS = f"SELECT {_ORDER} FROM orders WHERE order_no = $1 ORDER BY id LIMIT 1"
_IDENTIFIED = f"SELECT {_ORDER} FROM orders WHERE provider_id = $1"
_ADVANCE = "UPDATE orders SET status = $2 WHERE provider_id = $1 AND status = ANY($3) RETURNING 1"
_MOVE = """
WITH head AS (
  UPDATE ledger_head SET last = last + 1
  WHERE NOT EXISTS (SELECT 1 FROM movements WHERE provider_id = $3 AND kind = $5)
  RETURNING last
)
INSERT INTO movements (id, account, order_no, provider_id, amount, kind)
SELECT last, $1, $2, $3, $4, $5 FROM head
ON CONFLICT DO NOTHING
"""

# All that are missing at once, in the order in which they were given.
_MOVE_AGAIN = """
WITH missing AS (
  SELECT given.*, row_number() OVER (ORDER BY n) AS nth, count(*) OVER () AS all_of_them
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY
    AS given (account, order_no, provider_id, amount, kind, n)
  WHERE NOT EXISTS (SELECT 1 FROM movements m WHERE m.provider_id = given.provider_id AND m.kind = given.kind)
), head AS (
  UPDATE ledger_head SET last = last + (SELECT count(*) FROM missing) RETURNING last
)
INSERT INTO movements (id, account, order_no, provider_id, amount, kind)
SELECT last - all_of_them + nth, account, order_no, provider_id, amount, kind FROM missing, head
ON CONFLICT DO NOTHING
RETURNING 1
"""


# A refund's movement has the refund's identifier in the table, and shows the order's.
_ORDER_ID = "coalesce(r.order_id, m.provider_id)"
_MOVED = f"""m.id, m.account, m.order_no, {_ORDER_ID}, m.amount, m.kind, {{at}},
coalesce((SELECT min(currency) FROM orders o WHERE o.provider_id = {_ORDER_ID}), ''), coalesce(r.refund_no, '')
FROM movements m LEFT JOIN refunds r ON m.kind = 'refund' AND r.refund_id = m.provider_id"""


_AT = "floor(extract(epoch FROM m.moved_at))::bigint"
# One statement of SQL is one moment of the database: lines and totals belong together.
_PAGE = f"""
WITH stated (id, account, order_no, provider_id, amount, kind, at_s, currency, refund_no) AS (
  SELECT {_MOVED.format(at=_AT)}
  WHERE m.account = $1 AND m.moved_at >= to_timestamp($2) AND m.moved_at < to_timestamp($3)
)
SELECT totals.*, page.* FROM (
  SELECT count(*) AS lines,
    coalesce(sum(amount) FILTER (WHERE kind = 'payout'), 0)::bigint AS paid_out,
    coalesce(sum(amount) FILTER (WHERE kind <> 'payout'), 0)::bigint AS came_back
  FROM stated
) totals LEFT JOIN (
  SELECT * FROM stated WHERE id > $4 ORDER BY id {{order}} LIMIT $5 OFFSET $6
) page ON true ORDER BY page.id {{order}}
"""
_OLDER = """
SELECT 1 FROM orders WHERE account = $1 AND order_no = $2
AND taken_at < clock_timestamp() - make_interval(secs => $3) LIMIT 1
"""
_TELL = """
INSERT INTO registry VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (account, order_no) DO UPDATE SET told = greatest(registry.told, excluded.told)
"""
_TOLD = """SELECT provider_id, account, order_no, amount, currency, payee, '', node, told FROM registry
WHERE account = $1 AND order_no = $2"""
_CACHE = "INSERT INTO status_cache VALUES ($1, $2) ON CONFLICT (provider_id) DO UPDATE SET status = excluded.status"


class OrderStore:
    """Read and write the database for one node: the ``ProviderStore`` over PostgreSQL."""

    unreachable: tuple[type[BaseException], ...] = UNREACHABLE_ERRORS

    def __init__(
        self,
        primary: dict[str, Any],
        standby: dict[str, Any],
        *,
        node: str,
        durability: str,
        order_commit: str = "",
        scoped: bool = True,
    ) -> None:
        """``durability`` is the ``synchronous_commit`` of all writes; ``order_commit`` that of what is acknowledged to
        merchants, if it has its own.

        ``scoped``: each account has its own order numbers; else a number is one number, whoever says it.
        """
        self._order_commit = order_commit
        self._scoped = scoped
        self.orders = ConnectionPool(primary, ORDER_LANE_SIZE, commit=order_commit or durability, name=f"{node}-orders")
        self.primary = ConnectionPool(primary, READ_LANE_SIZE, commit=durability, name=f"{node}-primary")
        self.channel = ConnectionPool(primary, CHANNEL_LANE_SIZE, commit=durability, name=f"{node}-channel")
        self.standby = ConnectionPool(standby, READ_LANE_SIZE, name=f"{node}-standby")
        self.read_model = ConnectionPool(_read_model(primary), READ_LANE_SIZE, name=f"{node}-read-model")
        """Only for variants that have a read model; opened when it is read first."""
        self._lanes = {
            ReadLane.PRIMARY: self.primary,
            ReadLane.STANDBY: self.standby,
            ReadLane.READ_MODEL: self.read_model,
        }
        self.refunds = RefundStore(self.orders, self.primary)

    async def open(self) -> None:
        await asyncio.gather(self.orders.warm(3), self.primary.warm(2), self.channel.warm(2), self.standby.warm(2))

    async def durability(self, mode: str) -> dict[str, str]:
        """Set ``synchronous_commit`` of all writes, except where the variant has its own; return the server's view."""
        self.orders.renew(commit=self._order_commit or mode)
        self.primary.renew(commit=mode)
        self.channel.renew(commit=mode)
        orders, channel = await asyncio.gather(self.orders.commits(), self.channel.commits())
        return {"orders": orders, "channel": channel}

    async def move_to(self, primary: dict[str, Any], standby: dict[str, Any]) -> None:
        """Use other servers from now on; return when they can be reached."""
        for lane in (self.orders, self.primary, self.channel):
            lane.renew(primary)
        self.standby.renew(standby)
        self.read_model.renew(_read_model(primary))
        await self.open()

    async def place(self, order: ProviderOrder) -> tuple[ProviderOrder, bool]:
        """Insert an order unless its number is taken; return the row that stands, and whether it is this one."""
        row = await self.orders.row(_PLACE if self._scoped else _PLACE_ANYBODYS, *order[:6], order.node)
        assert row is not None
        *fields, created = row
        return ProviderOrder(*fields), created

    async def append(self, order: ProviderOrder) -> ProviderOrder:
        """Insert an order whatever exists (only without a unique index)."""
        row = await self.orders.row(_APPEND, *order[:6], order.node)
        assert row is not None
        return ProviderOrder(*row)

    async def claim(self, order: ProviderOrder, rule: KeyRule) -> tuple[ProviderOrder, bool]:
        """Insert an order as ``place`` does, where a number stands for an order by ``rule`` alone (no unique index)."""
        payload_counts, retention_ns, ahead_s, at_s = rule
        payload = f"{order.amount} {order.currency} {order.payee}" if payload_counts else ""
        retention_s = None if retention_ns is None else retention_ns / 1e9
        arguments = (*order[:6], order.node, payload, retention_s, self._scoped)
        if at_s is None:
            claimed = await self.orders.row(_CLAIM, *arguments, float(ahead_s))
        else:
            claimed = await self.orders.row(_CLAIM_AT, *arguments, at_s)
        assert claimed is not None
        if claimed[0] == order.provider_id:
            return order, True
        standing = await self.identified(claimed[0])
        assert standing is not None
        return standing, False

    async def find(self, lane: ReadLane, account: str, order_no: str) -> ProviderOrder | None:
        pool = self._lanes[lane]
        row = await (pool.row(_FIND, account, order_no) if self._scoped else pool.row(_FIND_ANYBODYS, order_no))
        return None if row is None else ProviderOrder(*row)

    async def identified(self, provider_id: str) -> ProviderOrder | None:
        """Return the order with this provider id, read on the primary."""
        row = await self.primary.row(_IDENTIFIED, provider_id)
        return None if row is None else ProviderOrder(*row)

    async def advance(self, provider_id: str, status: str, before: Sequence[str] | None = None) -> bool:
        """Write a status if it may follow the present one; return whether it was written."""
        allowed = BEFORE[status] if before is None else before
        return await self.channel.row(_ADVANCE, provider_id, status, allowed) is not None

    async def of_node(self, node: str, statuses: Sequence[str]) -> list[ProviderOrder]:
        rows = await self.primary.rows(
            f"SELECT {_ORDER} FROM orders WHERE node = $1 AND status = ANY($2) ORDER BY id", node, statuses
        )
        return [ProviderOrder(*row) for row in rows]

    async def move(self, order: ProviderOrder, kind: str) -> None:
        """Record that money moved, once for a provider id and kind."""
        await self.channel.row(_MOVE, order.account, order.order_no, order.provider_id, order.amount, kind)

    async def move_again(self, booked: Sequence[tuple[ProviderOrder, str]]) -> int:
        """Record movements that may have been recorded before; return how many of them had been lost."""
        columns = [
            [getattr(order, name) for order, _ in booked] for name in ("account", "order_no", "provider_id", "amount")
        ]
        return len(await self.channel.rows(_MOVE_AGAIN, *columns, [kind for _, kind in booked]))

    async def moved(self, provider_id: str, kind: str) -> bool:
        sql = "SELECT 1 FROM movements WHERE provider_id = $1 AND kind = $2"
        return await self.channel.row(sql, provider_id, kind) is not None

    async def movements(
        self, account: str | None, after: int, limit: int, skip: int = 0, of: tuple[str, str] = ("", "")
    ) -> list[ProviderMovement]:
        """Return movements from the primary, by id, without the first ``skip``; ``None`` means all accounts.

        ``of``: an order's number and provider id, to be given where only its movements are wanted.
        """
        sql = f"""SELECT {_MOVED.format(at="0::bigint")}
WHERE m.id > $1 AND ($2::text IS NULL OR m.account = $2) AND ($5::text = '' OR m.order_no = $5)
AND ($6::text = '' OR {_ORDER_ID} = $6) ORDER BY m.id LIMIT $3 OFFSET $4"""
        rows = await self.primary.rows(sql, after, account, limit, skip, *of)
        return [ProviderMovement(*row) for row in rows]

    async def stated(
        self, account: str, from_s: int, to_s: int, after: int, limit: int, skip: int = 0
    ) -> list[ProviderMovement]:
        """Return an account's movements from ``from_s`` to before ``to_s``, by id, without the first ``skip``.

        They are read on the primary.
        """
        sql = f"""SELECT {_MOVED.format(at=_AT)}
WHERE m.account = $1 AND m.moved_at >= to_timestamp($2) AND m.moved_at < to_timestamp($3) AND m.id > $4
ORDER BY m.id LIMIT $5 OFFSET $6"""
        return [
            ProviderMovement(*row) for row in await self.primary.rows(sql, account, from_s, to_s, after, limit, skip)
        ]

    async def statement_page(
        self, lane: ReadLane, window: StatedWindow, *, after: int, limit: int, skip: int = 0, newest_first: bool = False
    ) -> tuple[list[ProviderMovement], StatementTotals]:
        sql = _PAGE.format(order="DESC" if newest_first else "ASC")
        rows = await self._lanes[lane].rows(sql, *window, after, limit, skip)
        totals = StatementTotals(*rows[0][:3])
        return [ProviderMovement(*row[3:]) for row in rows if row[3] is not None], totals

    async def totals(self, account: str) -> tuple[int, int]:
        """Return what was paid out of an account and what came back, in minor units."""
        sql = """SELECT coalesce(sum(amount) FILTER (WHERE kind = 'payout'), 0)::bigint,
       coalesce(sum(amount) FILTER (WHERE kind <> 'payout'), 0)::bigint
FROM movements WHERE account = $1"""
        row = await self.primary.row(sql, account)
        assert row is not None
        return row[0], row[1]

    # What only flaws and their cures ask for.

    async def owner_of(self, order_no: str) -> str | None:
        row = await self.primary.row("SELECT account FROM orders WHERE order_no = $1 ORDER BY id LIMIT 1", order_no)
        return None if row is None else str(row[0])

    async def is_older(self, account: str, order_no: str, age_ms: int) -> bool:
        return await self.primary.row(_OLDER, account, order_no, age_ms / 1000) is not None

    async def change(self, provider_id: str, submission: ReceivedOrder) -> None:
        sql = "UPDATE orders SET amount = $2, currency = $3, payee = $4 WHERE provider_id = $1"
        await self.orders.row(sql, provider_id, *submission[1:])

    async def tell(self, order: ProviderOrder, level: int) -> None:
        await self.orders.row(_TELL, order.account, order.order_no, order.provider_id, *order[3:6], level, order.node)

    async def told(self, account: str, order_no: str) -> tuple[ProviderOrder, int] | None:
        row = await self.primary.row(_TOLD, account, order_no)
        return None if row is None else (ProviderOrder(*row[:8]), row[8])

    async def cache_status(self, provider_id: str, status: str) -> None:
        await self.channel.row(_CACHE, provider_id, status)

    async def cached_status(self, provider_id: str) -> str | None:
        row = await self.primary.row("SELECT status FROM status_cache WHERE provider_id = $1", provider_id)
        return None if row is None else str(row[0])


def _read_model(primary: dict[str, Any]) -> dict[str, Any]:
    return {**primary, "database": READ_MODEL}
