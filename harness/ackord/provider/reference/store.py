"""Orders and movements in PostgreSQL: the tables, the statements, and lanes of connections to primary and standby.

The rules that keep money safe stand here, in SQL, and not in the service's memory: one row for an account's order number (a unique index),
statuses that only go up (``UPDATE ... WHERE status = ANY(...)``), one movement of a kind for a provider id (a unique key), and movement ids in the order of
their commits (a counter row, locked until the commit), so that a reader's cursor never skips one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg

__all__ = ["BEFORE", "Lane", "Movement", "Order", "Store", "schema"]

ORDER_LANE_SIZE = 40
READ_LANE_SIZE = 6
CHANNEL_LANE_SIZE = 4
# Per node and on the primary 40 + 6 + 4; both nodes, the supervisor's three and three reserved ones stay below max_connections (120).

BEFORE: dict[str, tuple[str, ...]] = {
    "PROCESSING": ("ACCEPTED",),
    "PAID": ("ACCEPTED", "PROCESSING"),
    "DECLINED": ("ACCEPTED", "PROCESSING"),
    "FAILED": ("ACCEPTED", "PROCESSING"),
    "CANCELLED": ("ACCEPTED",),
    "RETURNED": ("ACCEPTED", "PROCESSING", "PAID"),
}
"""What a status may follow; ACCEPTED is where an order starts."""


class Order(NamedTuple):
    provider_id: str
    account: str
    order_no: str
    amount: int
    currency: str
    payee: str
    status: str
    node: str
    """The node that took it, which also sees it through."""


class Movement(NamedTuple):
    id: int
    account: str
    order_no: str
    provider_id: str
    amount: int
    kind: str


_ORDER = "provider_id, account, order_no, amount, currency, payee, status, node"

_INSERT = f"""
INSERT INTO orders ({_ORDER}) VALUES ($1, $2, $3, $4, $5, $6, 'ACCEPTED', $7)
"""
# The conflict's update gives the winner's row in the same round trip, waits for a copy that is being committed, and, being a write itself,
# is only answered when everything before it has reached whatever the session's synchronous_commit asks for.
_PLACE = f"""{_INSERT}
ON CONFLICT (account, order_no) DO UPDATE SET deliveries = orders.deliveries + 1
RETURNING {_ORDER}, xmax = 0 AS created
"""
_APPEND = f"{_INSERT} RETURNING {_ORDER}"
_FIND = f"SELECT {_ORDER} FROM orders WHERE account = $1 AND order_no = $2 ORDER BY id LIMIT 1"
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


def schema(*, unique_orders: bool) -> str:
    """The tables. A provider without ``unique_orders`` must find duplicates by other means."""
    return f"""
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY,
  provider_id text PRIMARY KEY,
  account text NOT NULL,
  order_no text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  payee text NOT NULL,
  status text NOT NULL,
  node text NOT NULL,
  deliveries int NOT NULL DEFAULT 1
) WITH (fillfactor = 50);
CREATE {"UNIQUE" if unique_orders else ""} INDEX orders_number ON orders (account, order_no);
CREATE TABLE movements (
  id bigint PRIMARY KEY,
  account text NOT NULL,
  order_no text NOT NULL,
  provider_id text NOT NULL,
  amount bigint NOT NULL,
  kind text NOT NULL,
  UNIQUE (provider_id, kind)
);
CREATE TABLE ledger_head (last bigint NOT NULL);
INSERT INTO ledger_head VALUES (0);
CREATE TABLE probe (n bigint NOT NULL, written_at timestamptz NOT NULL);
INSERT INTO probe VALUES (0, now());
"""


class Lane:
    """Connections to one server, opened as needed up to ``size`` and kept; callers beyond that wait their turn.

    Smaller than ``asyncpg``'s pool on purpose: that one resets a session on every release, which costs a round trip and serves no one here.
    """

    def __init__(self, arguments: dict[str, Any], size: int, *, commit: str = "local", name: str = "") -> None:
        settings = {"synchronous_commit": commit, "application_name": f"ackord-{name}"}
        self._arguments = {**arguments, "server_settings": settings}
        self._room = size
        self._free: list[asyncpg.Connection[asyncpg.Record]] = []
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def warm(self, connections: int) -> None:
        taken = await asyncio.gather(*(self._take() for _ in range(connections)))
        for connection in taken:
            self._give_back(connection)

    async def row(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        connection = await self._take()
        try:
            return await connection.fetchrow(sql, *arguments)
        finally:
            self._give_back(connection)

    async def rows(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await self._take()
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            self._give_back(connection)

    async def _take(self) -> asyncpg.Connection[asyncpg.Record]:
        while True:
            if self._free:
                return self._free.pop()
            if self._room > 0:
                self._room -= 1
                try:
                    return await asyncpg.connect(**self._arguments)
                except BaseException:
                    self._room += 1
                    self._wake()
                    raise
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()
                raise

    def _give_back(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        if connection.is_closed():
            self._room += 1
        else:
            self._free.append(connection)
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def close(self) -> None:
        for connection in self._free:
            with contextlib.suppress(Exception):
                await connection.close(timeout=1)


class Store:
    """One node's view of the database."""

    def __init__(
        self, primary: dict[str, Any], standby: dict[str, Any], *, node: str, order_commit: str = "local"
    ) -> None:
        """``order_commit`` is the ``synchronous_commit`` of what is acknowledged to merchants: ``local`` or ``remote_apply``."""
        self.orders = Lane(primary, ORDER_LANE_SIZE, commit=order_commit, name=f"{node}-orders")
        self.primary = Lane(primary, READ_LANE_SIZE, name=f"{node}-primary")
        self.channel = Lane(primary, CHANNEL_LANE_SIZE, name=f"{node}-channel")
        self.standby = Lane(standby, READ_LANE_SIZE, name=f"{node}-standby")

    async def open(self) -> None:
        await asyncio.gather(self.orders.warm(3), self.primary.warm(2), self.channel.warm(2), self.standby.warm(2))

    async def place(self, order: Order) -> tuple[Order, bool]:
        """Insert it unless its number is taken; return the row that stands, and whether it is this one."""
        row = await self.orders.row(_PLACE, *order[:6], order.node)
        assert row is not None
        *fields, created = row
        return Order(*fields), created

    async def append(self, order: Order) -> Order:
        """Insert it whatever there is (only without a unique index)."""
        row = await self.orders.row(_APPEND, *order[:6], order.node)
        assert row is not None
        return Order(*row)

    async def find(self, lane: Lane, account: str, order_no: str) -> Order | None:
        row = await lane.row(_FIND, account, order_no)
        return None if row is None else Order(*row)

    async def advance(self, provider_id: str, status: str, before: Sequence[str] | None = None) -> bool:
        """Write a status if it may follow the present one; return whether it was written."""
        allowed = BEFORE[status] if before is None else before
        return await self.channel.row(_ADVANCE, provider_id, status, allowed) is not None

    async def of_node(self, node: str, statuses: Sequence[str]) -> list[Order]:
        rows = await self.primary.rows(
            f"SELECT {_ORDER} FROM orders WHERE node = $1 AND status = ANY($2) ORDER BY id", node, statuses
        )
        return [Order(*row) for row in rows]

    async def move(self, order: Order, kind: str) -> None:
        """Record that money moved, once for a provider id and kind."""
        await self.channel.row(_MOVE, order.account, order.order_no, order.provider_id, order.amount, kind)

    async def moved(self, provider_id: str, kind: str) -> bool:
        sql = "SELECT 1 FROM movements WHERE provider_id = $1 AND kind = $2"
        return await self.channel.row(sql, provider_id, kind) is not None

    async def movements(self, account: str | None, after: int, limit: int) -> list[Movement]:
        """From the primary, by id; ``None`` stands for all accounts."""
        sql = "SELECT id, account, order_no, provider_id, amount, kind FROM movements WHERE id > $1 AND ($2::text IS NULL OR account = $2) ORDER BY id LIMIT $3"
        return [Movement(*row) for row in await self.primary.rows(sql, after, account, limit)]

    async def totals(self, account: str) -> tuple[int, int]:
        """What was paid out of an account and what came back, in minor units."""
        sql = "SELECT coalesce(sum(amount) FILTER (WHERE kind = 'payout'), 0)::bigint, coalesce(sum(amount) FILTER (WHERE kind = 'return'), 0)::bigint FROM movements WHERE account = $1"
        row = await self.primary.row(sql, account)
        assert row is not None
        return row[0], row[1]
